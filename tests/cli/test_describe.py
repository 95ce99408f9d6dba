"""hokan describe: what a table holds."""

from __future__ import annotations

from collections.abc import Callable
from os import listdir
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


HALIDES = Path(__file__).with_name("halides.csv").read_text(encoding="utf-8")

#: Three levels of one quantity: nested but for two hybrid gaps and one measured one.
LADDER = """formula,gap_pbe,gap_expt,gap_hse
AlN,4.1,6.2,5.5
GaN,1.7,,3.0
InN,,0.7,0.6
ZnO,0.8,3.4,
ZnS,2.0,,
CdS,1.1,,
MgO,,,6.5
CdO,,,
"""


def section(told: str, heading: str) -> list[str]:
    """Return the lines below a heading, up to the next."""
    lines = told.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(heading))
    rest = lines[start + 1 :]
    return rest[: rest.index("")] if "" in rest else rest


def rows(told: str, heading: str) -> list[list[str]]:
    """Return the cells of the tables below a heading, that of the column names included."""
    return [line.split() for line in section(told, heading)]


@pytest.fixture
def ladder(folder: Path) -> str:
    (folder / "gaps.csv").write_text(LADDER, encoding="utf-8")
    (folder / "chain.toml").write_text(
        "[properties.gap_pbe]\n"
        '[properties.gap_hse]\nparents = ["gap_pbe"]\n'
        '[properties.gap_expt]\nparents = ["gap_hse"]\n',
        encoding="utf-8",
    )
    return "gaps.csv"


def test_known_and_missing_are_counted_for_each_property(halides: Path, run: Run) -> None:
    told = run("describe", halides).stdout
    known = {name: cells[:2] for name, *cells in rows(told, "Known and missing")}
    assert known["boiling_point_K"] == ["7", "3"]
    assert known["density_g_cm3"] == ["8", "2"]
    assert "5 rows complete, 0 rows with nothing known" in told
    assert "10 different compositions in 10 rows" in told


def test_every_column_is_accounted_for(halides: Path, run: Run) -> None:
    told = run("describe", halides).stdout
    for column, role in (
        ("id", "carried"),
        ("formula", "composition"),
        ("structure", "carried"),
        ("melting_point_K", "property"),
    ):
        assert any(line.split()[:2] == [column, role] for line in told.splitlines())


def test_the_graph_is_shown_and_checked(halides: Path, run: Run) -> None:
    Path("g.toml").write_text('[properties.melting_point_K]\ntransform = "log"\n', encoding="utf-8")
    told = run("describe", halides, "--graph", "g.toml").stdout
    assert "melting_point_K (log)" in told
    assert "Not in the graph, so left as they are: boiling_point_K, density_g_cm3" in told


def test_repeated_compositions_are_told(folder: Path, run: Run) -> None:
    Path("t.csv").write_text(HALIDES + "011,Na2Cl2,,1070,,\n", encoding="utf-8")
    told = run("describe", "t.csv").stdout
    assert "10 different compositions in 11 rows" in told
    assert "as different materials" in told
    assert "as repeated measurements" in run("describe", "t.csv", "--same-material").stdout


def test_a_table_without_descriptions_is_told_so(halides: Path, run: Run) -> None:
    told = run("describe", halides, "--ignore", "formula").stdout
    assert "the properties alone carry the model" in told


def test_with_quiet_the_exit_code_tells(halides: Path, run: Run) -> None:
    assert run("describe", halides, "--quiet").output == ""
    run("describe", "nothing_there.csv", "--quiet", code=2)


@pytest.mark.parametrize("name", ["[bold]strength[/]", ":smile:_K", "[link=http://x]y", "Härte"])
def test_names_are_shown_as_they_are_written(folder: Path, run: Run, name: str) -> None:
    text = HALIDES.replace("boiling_point_K", name)
    Path("t.csv").write_text(text, encoding="utf-8")
    assert name in run("describe", "t.csv").stdout


def test_terminal_codes_in_names_are_made_harmless(folder: Path, run: Run) -> None:
    Path("t.csv").write_text(HALIDES.replace("structure", "\x1b[2Jgone"), encoding="utf-8")
    told = run("describe", "t.csv").stdout
    assert "\x1b" not in told
    assert "\\x1b[2Jgone" in told


def test_nothing_is_written(halides: Path, run: Run) -> None:
    run("describe", halides)
    assert sorted(listdir(halides.parent)) == ["halides.csv"]


class TestLimitsAndCategories:
    @pytest.fixture
    def table(self, folder: Path) -> str:
        lines = ["formula,system,group,melting_point_K,gap_eV,gap_eV__lower"]
        for k in range(20):
            melting = "> 3000" if k in (3, 4) else str(900 + 7 * k)
            gap = ",2.5" if k == 5 else f"{k / 8},"
            system = ("cubic", "hexagonal", "n/a", "cubic", "")[k % 5]
            lines.append(f"Na{k + 1}Cl,{system},{(225, 194)[k % 2]},{melting},{gap}")
        lines = [line.replace(",hexagonal,", ",trigonal,") for line in lines[:3]] + lines[3:]
        lines += [f"K{k}Cl,hexagonal,225,{880 + k},3" for k in range(1, 8)]
        text = "\n".join(line + "," * (5 - line.count(",")) for line in lines)
        (folder / "t.csv").write_text(text + "\n", encoding="utf-8")
        return "t.csv"

    def test_they_are_counted(self, table: str, run: Run) -> None:
        told = run("describe", table).stdout
        assert "27 rows, 3 properties, 78 known values, 3 holes (3 of them with a limit)" in told
        assert "; 1 category" in told
        listed = {name: cells for name, *cells in rows(told, "Known and missing")}
        assert listed["property"][:6] == ["known", "missing", "share", "known", "limits", "lowest"]
        assert listed["melting_point_K"][:2] == ["25", "2"]
        assert listed["melting_point_K"][-4] == "2"
        assert listed["group"][-4] == "0"
        assert "known to lie above or below a number" in told

    def test_levels_are_listed_with_their_rows(self, table: str, run: Run) -> None:
        told = " ".join(run("describe", table).stdout.split())
        assert "cubic (8), hexagonal (10), trigonal (1)" in told
        assert "'n/a' taken as not known" in told

    def test_each_column_says_what_it_was_read_as(self, table: str, run: Run) -> None:
        told = " ".join(run("describe", table).stdout.split())
        assert "known in 25 of 27 rows, a limit in 2 more (2 at least)" in told
        assert "lower limit of 'gap_eV'; used in 1 row" in told
        assert "only 2 different whole numbers: if they are labels" in told

    def test_tables_without_them_do_not_mention_them(self, halides: Path, run: Run) -> None:
        told = run("describe", halides).stdout
        assert "limit" not in told
        assert "\ncategory " not in told


class TestPattern:
    def test_distinct_patterns_are_listed_with_their_rows(self, ladder: str, run: Run) -> None:
        told = run("describe", ladder).stdout
        assert "Pattern of holes: 7 distinct patterns" in told
        listed = rows(told, "Pattern of holes")
        assert ["2", "25", "%", "x..", "only", "gap_pbe"] in listed
        assert ["1", "12", "%", "xxx", "all"] in listed
        assert ["1", "12", "%", "xx.", "all", "but", "gap_hse"] in listed
        assert ["1", "12", "%", "...", "nothing"] in listed

    def test_a_nested_table_is_told_so_with_its_order(self, folder: Path, run: Run) -> None:
        text = "formula,b,a\nLiF,1,2\nNaF,,3\nKF,,4\nLiCl,2,6\n"
        Path("nested.csv").write_text(text, encoding="utf-8")
        told = run("describe", "nested.csv").stdout
        assert "Monotone (nested)" in told
        assert "in the order a → b" in told
        assert "It would cost nothing here" in told
        told = run("describe", "nested.csv", "--order", "b,a").stdout
        assert (
            "In the order given with --order, 2 of 6 known values (33 %) would be dropped" in told
        )
        assert "In the best order, a → b, all 6 known values can stay." in told

    def test_many_patterns_are_counted_where_they_are_not_listed(
        self, folder: Path, run: Run
    ) -> None:
        signs = [f"{number:05b}" for number in range(32)]
        lines = [
            ",".join(str(k + 1.5 * j) if s == "1" else "" for j, s in enumerate(row))
            for k, row in enumerate([*signs, "11111", "11111"])
        ]
        Path("t.csv").write_text("a,b,c,d,e\n" + "\n".join(lines) + "\n", encoding="utf-8")
        told = run("describe", "t.csv").stdout
        listed = rows(told, "Pattern of holes: 32 distinct patterns")
        assert ["3", "9", "%", "xxxxx", "all"] in listed
        assert sum(len(line) > 3 and set(line[3]) <= {"x", "."} for line in listed) == 10
        assert "and 22 more patterns in 22 rows" in told

    def test_a_table_without_holes_or_with_one_property_has_none(
        self, halides: Path, run: Run
    ) -> None:
        told = run("describe", halides, "--ignore", "boiling_point_K,density_g_cm3").stdout
        assert "Pattern of holes" not in told
        Path("full.csv").write_text("a,b\n1,2\n2,3\n4,4\n", encoding="utf-8")
        assert "Pattern of holes" not in run("describe", "full.csv").stdout


class TestPairs:
    def test_few_properties_have_a_matrix(self, ladder: str, run: Run) -> None:
        told = run("describe", ladder).stdout
        assert rows(told, "Known together")[2:] == [
            ["1", "gap_pbe", "5"],
            ["2", "gap_expt", "2", "3"],
            ["3", "gap_hse", "2", "2", "4"],
        ]
        assert "Never known" not in told

    def test_of_many_the_extremes_are_told(self, folder: Path, run: Run) -> None:
        names = [f"p{j}" for j in range(13)]
        lines = [
            ",".join(str(i * (j + 1)) if (i + j) % 3 or j < 2 else "" for j in range(13))
            for i in range(30)
        ]
        text = ",".join(names) + "\n" + "\n".join(lines) + "\n"
        Path("t.csv").write_text(text, encoding="utf-8")
        listed = rows(run("describe", "t.csv").stdout, "Known together")
        assert ["p0", "p1", "30"] in listed
        assert ["p2", "p3", "10"] in listed
        assert len([line for line in listed if len(line) == 3 and line[2].isdigit()]) == 10

    def test_properties_never_known_in_one_row_are_named(self, folder: Path, run: Run) -> None:
        text = "formula,a,b,c\nLiF,1,,5\nNaF,2,,6\nKF,,3,\nLiCl,,4,\n"
        Path("t.csv").write_text(text, encoding="utf-8")
        told = run("describe", "t.csv").stdout
        assert "Never known in one row: a and b; b and c." in told


class TestFlux:
    def test_is_told_for_each_property_and_explained(self, ladder: str, run: Run) -> None:
        told = run("describe", ladder).stdout
        # 12 cells are known, 12 are holes. Where gap_pbe has a hole, 2 + 1 + 0 values are known;
        # where it is known, there are 0 + 1 + 1 + 2 + 2 holes.
        by_name = {name: cells for name, *cells in rows(told, "Influx and outflux") if cells}
        assert by_name["gap_pbe"] == ["62", "%", "25", "%", "50", "%"]
        assert by_name["gap_expt"] == ["38", "%", "42", "%", "17", "%"]
        assert "Influx: of all known values" in told


class TestNesting:
    def test_the_best_order_is_judged_where_none_is_given(self, ladder: str, run: Run) -> None:
        told = run("describe", ladder).stdout
        assert "In the best order of the properties, 4 of 12 known values (33 %)" in told
        listed = [line for line in rows(told, "What nesting would cost") if "gap" in line[0]]
        assert listed == [
            ["gap_pbe", "5", "5", "0", "0", "%"],
            ["gap_hse", "4", "2", "2", "50", "%"],
            ["gap_expt", "3", "1", "2", "67", "%"],
        ]

    def test_the_order_of_a_chain_is_judged(self, ladder: str, run: Run) -> None:
        told = run("describe", ladder, "--graph", "chain.toml").stdout
        assert "In the order of chain.toml, 4 of 12 known values (33 %) would be dropped" in told
        assert "No other order drops fewer." in told

    def test_a_graph_that_is_no_chain_has_no_order(self, ladder: str, run: Run) -> None:
        Path("fork.toml").write_text(
            "[properties.gap_pbe]\n"
            '[properties.gap_hse]\nparents = ["gap_pbe"]\n'
            '[properties.gap_expt]\nparents = ["gap_pbe"]\n',
            encoding="utf-8",
        )
        told = run("describe", ladder, "--graph", "fork.toml").stdout
        assert "In the best order of the properties" in told

    def test_an_order_on_the_command_line_goes_before_the_graph(
        self, ladder: str, run: Run
    ) -> None:
        order = "gap_hse,gap_pbe"
        told = run("describe", ladder, "--graph", "chain.toml", "--order", order).stdout
        assert "In the order given with --order (2 of 3 properties), 3 of 9 known" in told
        assert "In the best order, gap_pbe → gap_hse, 2 of 9 known values" in told

    @pytest.mark.parametrize(
        ("order", "message"),
        [
            ("gap_pbe,gap_hs", "Did you mean 'gap_hse'"),
            ("gap_pbe,gap_pbe", "names 'gap_pbe' twice"),
            ("formula,gap_pbe", "'formula', which is no property"),
            (",", "at least one property"),
        ],
    )
    def test_an_order_that_makes_no_sense_is_refused_before_anything_is_told(
        self, ladder: str, run: Run, order: str, message: str
    ) -> None:
        done = run("describe", ladder, "--order", order, code=2)
        assert done.stdout == ""
        assert "gaps.csv" in done.stderr
        assert message in done.stderr


class TestPicture:
    def test_it_is_written_where_asked(self, ladder: str, run: Run) -> None:
        told = run("describe", ladder, "--picture", "gaps.html").stdout
        assert "Wrote gaps.html" in told
        page = Path("gaps.html").read_text(encoding="utf-8")
        assert page.startswith("<!DOCTYPE html>")
        assert "<title>gaps.csv: which values are known</title>" in page
        assert "4 of 12 known values stand behind a hole" in page

    def test_quietly_too(self, ladder: str, run: Run) -> None:
        assert run("describe", ladder, "--picture", "gaps.html", "--quiet").output == ""
        assert Path("gaps.html").exists()

    @pytest.mark.parametrize(
        ("picture", "message"),
        [
            ("gaps.png", "end the name in .html"),
            ("nowhere/gaps.html", "no folder"),
            ("gaps.html", "is one of the input files"),
        ],
    )
    def test_what_cannot_be_written_is_refused_before_anything_is_told(
        self, ladder: str, run: Run, picture: str, message: str
    ) -> None:
        Path("gaps.html").write_text(LADDER, encoding="utf-8")
        table = "gaps.html" if picture == "gaps.html" else ladder
        done = run("describe", table, "--picture", picture, code=2)
        assert done.stdout == ""
        assert message in done.stderr
        assert Path("gaps.html").read_text(encoding="utf-8") == LADDER
