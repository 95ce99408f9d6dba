"""What the documentation says is so: code runs, figures hold, names and links lead somewhere."""

from __future__ import annotations

import importlib
import inspect
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

import hokan
from hokan.cli.main import app
from hokan.gp.kernels import (
    ConstantKernel,
    ElementSimilarityKernel,
    LaplacianKernel,
    LinearKernel,
    LogNormalPrior,
    MaternKernel,
)
from hokan.graph import Property, PropertyGraph
from hokan.inference.convergence import LARGEST_R_HAT, SMALLEST_SIZE
from hokan.inference.fitting import FitOptions
from hokan.inference.parameters import MATERIAL_VARIANCE_PRIOR, NOISE_VARIANCE_PRIOR
from hokan.model.hierarchy_model import MOST_CELLS
from hokan.model.hierarchy_priors import (
    FORMULA_LINK_SPREAD,
    RELATIVE_LINK_SPREAD,
    RELATIVE_VARIANCE_PRIOR,
    link_spreads,
)
from hokan.sampling.links import N_SINES, Link
from hokan.table import PropertyTable

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


README = read("README.md")
PROJECT = tomllib.loads(read("pyproject.toml"))["project"]


def block(language: str, text: str = README) -> str:
    found = re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    assert len(found) == 1
    return found[0]


def table_rows(text: str, after: str) -> list[list[str]]:
    """Cells of the Markdown table that follows a text, without its two header lines."""
    lines = iter(text[text.index(after) :].splitlines())
    rows = []
    for line in lines:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
        elif rows:
            break
    assert len(rows) > 2
    return rows[2:]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the table of the README and what its commands made of it."""
    path = tmp_path_factory.mktemp("readme")
    (path / "salts.csv").write_text(block("csv"), encoding="utf-8")
    commands = block("sh").splitlines()
    assert len(commands) == 2
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(path)
        for command in commands:
            program, *arguments = shlex.split(command)
            assert program == "hokan"
            done = CliRunner().invoke(app, arguments)
            assert done.exit_code == 0, done.output
    return path


class TestFirstResult:
    def test_the_command_fills_every_hole_and_changes_nothing_else(self, folder: Path) -> None:
        given = pd.read_csv(folder / "salts.csv", dtype=str)
        filled = pd.read_csv(folder / "filled.csv", dtype=str)
        known = given.notna()
        assert filled[given.columns].notna().all(axis=None)
        assert filled[given.columns].where(known).equals(given)
        assert int((~known).sum().sum()) == 6

    def test_the_figures_are_those_that_come_out(self, folder: Path) -> None:
        """Room is left for the last digits of another machine, not for another model."""
        filled = pd.read_csv(folder / "filled.csv").set_index("formula")
        rows = table_rows(README, "| hole |")
        assert len(rows) == 6
        right, agree = [], True
        for hole, told, told_interval, handbook in rows:
            formula, name, unit = re.fullmatch(r"(\w+), (.+) \((.+)\)", hole).groups()  # type: ignore[union-attr]
            column = f"{name.replace(' ', '_')}_{unit.replace('/', '_').replace('³', '3')}"
            found = filled.loc[formula]
            values = [found[column], found[f"{column}__lower"], found[f"{column}__upper"]]
            said = [float(text) for text in (told, *told_interval.split(" to "))]
            agree &= values == pytest.approx(said, abs=0.15 * found[f"{column}__std"])
            median, lower, upper = (f"{value:.{0 if value > 100 else 2}f}" for value in values)
            right.append(f"| {hole} | {median} | {lower} to {upper} | {handbook} |")
        assert agree, "README.md should say:\n" + "\n".join(right)

    def test_the_truth_lies_in_the_intervals(self) -> None:
        rows = [row for row in table_rows(README, "| hole |") if row[3] != "not given"]
        assert len(rows) == 5
        for _, _, interval, handbook in rows:
            lower, upper = map(float, interval.split(" to "))
            assert lower <= float(handbook) <= upper

    def test_the_handbook_says_so(self) -> None:
        pytest.importorskip("chemicals")
        from hokan.datasets import load_inorganics
        from hokan.descriptors import reduced_formula_key

        inorganics = load_inorganics()
        place = {reduced_formula_key(text): row for row, text in enumerate(inorganics["formula"])}
        table = pd.read_csv(ROOT / "README.md", skiprows=_line_of("formula,"), nrows=11)
        compared = 0
        for row in table.to_dict("records"):
            source = inorganics.iloc[place[reduced_formula_key(row.pop("formula"))]]
            for name, value in row.items():
                if pd.notna(value):
                    assert source[name] == pytest.approx(value, rel=2e-3)
                    compared += 1
        assert compared == 27

    def test_python_says_the_same(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(folder)
        names: dict[str, object] = {}
        exec(compile(block("python"), "README.md", "exec"), names)
        filled, medians, std = names["filled"], names["medians"], names["std"]
        assert isinstance(filled, pd.DataFrame)
        assert isinstance(medians, pd.DataFrame)
        assert isinstance(std, pd.DataFrame)
        pd.testing.assert_frame_equal(filled, pd.read_csv("filled.csv"), check_dtype=False)
        assert medians["melting_point_K"].tolist() == [997.0]
        assert std["melting_point_K"].tolist() == [0.0]
        handbook = {"boiling_point_K": 1663.15, "density_g_cm3": 2.76}
        for name, value in handbook.items():
            assert abs(medians[name].iloc[0] - value) < 3 * std[name].iloc[0]


def _line_of(start: str) -> int:
    return next(i for i, line in enumerate(README.splitlines()) if line.startswith(start))


class TestReadme:
    @pytest.mark.parametrize("target", ["demo", "test"])
    def test_make_knows_its_commands(self, target: str) -> None:
        assert re.search(rf"^    make {target}\b", README, re.MULTILINE)
        assert re.search(rf"^{target}:", read("Makefile"), re.MULTILINE)

    def test_the_extras_it_installs_exist(self) -> None:
        found = re.search(r'pip install "\.\[(.+)\]"', README)
        assert found
        assert set(found[1].split(",")) == set(PROJECT["optional-dependencies"]) - {"all", "test"}

    def test_its_limits_are_those_of_the_code(self) -> None:
        assert f"At most {MOST_CELLS:,} known values".replace(",", " ") in README
        assert f"more than {FitOptions().most_cells} known values" in README

    def test_the_oldest_python_is_the_one_required(self) -> None:
        oldest = PROJECT["requires-python"].removeprefix(">=")
        assert f"Python {oldest} or newer" in README


def links(page: Path) -> Iterator[str]:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z]+:", target):
            yield target


class TestLinks:
    @pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
    def test_they_lead_to_files(self, page: Path) -> None:
        broken = [t for t in links(page) if not (page.parent / t.split("#")[0]).resolve().exists()]
        assert not broken

    def test_there_are_some(self) -> None:
        assert len(list(links(ROOT / "README.md"))) > 10

    def test_the_index_names_every_page(self) -> None:
        docs = ROOT / "docs"
        named = {(docs / target).resolve() for target in links(docs / "index.md")}
        pages = {page.resolve() for page in docs.rglob("*.md")} - {(docs / "index.md").resolve()}
        assert pages <= named

    def test_contributing_names_every_folder(self) -> None:
        source = ROOT / "src" / "hokan"
        folders = {path.parent.name for path in source.glob("*/__init__.py")}
        listed = [
            row[0].strip("`") for row in table_rows(read("CONTRIBUTING.md"), "| `src/hokan/`")
        ]
        assert {name.rstrip("/") for name in listed if name.endswith("/")} == folders


class TestDependencies:
    def test_each_is_told_and_no_other(self) -> None:
        text = read("docs/dependencies.md")
        extras = PROJECT["optional-dependencies"]
        optional = [need for name in ("datasets", "parquet", "plots") for need in extras[name]]
        parts = {
            "## Always needed": PROJECT["dependencies"],
            "## Optional": optional,
            "## For tests": extras["test"],
        }
        for heading, needs in parts.items():
            told = {
                name
                for row in table_rows(text, heading)
                for name in re.findall(r"`([\w-]+)`", row[0])
            }
            needed = {re.split(r"[<>=\[]", need)[0] for need in needs} - {"hokan"}
            assert told == needed, heading


class TestNotation:
    TEXT = read("docs/notation.md")
    SYMBOLS = tuple(table_rows(TEXT, "## Symbols"))

    @pytest.mark.parametrize("row", SYMBOLS, ids=lambda row: row[3])
    def test_the_code_has_each_name(self, row: list[str]) -> None:
        module = importlib.import_module(f"hokan.{row[4].strip('`')}")
        names = re.findall(r"`([\w.]+)`", row[3])
        assert names
        for name in names:
            owner_name, attribute = name.split(".")
            owner = getattr(module, owner_name)
            assert (
                hasattr(owner, attribute)
                or attribute in getattr(owner, "__dataclass_fields__", {})
                or f"self.{attribute} = " in inspect.getsource(owner)
            ), name

    def test_the_priors_are_those_of_the_code(self) -> None:
        rows = dict(table_rows(self.TEXT, "| parameter | prior |"))
        links_prior = rows.pop("B_jk")
        assert "standard deviation 1 / √(number of parents of j)" in links_prior
        learned = PropertyGraph(
            tuple(
                Property(name, transform="identity", parents=tuple("abcde"[:place]))
                for place, name in enumerate("abcde")
            )
        )
        values = {name: [1.0, 2.0] for name in learned.names}
        table = PropertyTable.from_frame(pd.DataFrame(values), properties=learned.names)
        assert link_spreads(learned, table)[4] == pytest.approx(0.5)
        relatives_prior = rows.pop("B_jk between relatives")
        assert f"standard deviation {RELATIVE_LINK_SPREAD} / √(number of" in relatives_prior
        power_law_prior = rows.pop("B_jk of a formula that is a product of powers")
        assert f"standard deviation {FORMULA_LINK_SPREAD}" in power_law_prior
        assert MaternKernel(9).hyperparameter_priors == (LogNormalPrior(3.0, 1.0),) * 9
        assert rows.pop("ℓ of the Matérn, for d descriptors") == "median √d, spread 1"
        assert ConstantKernel().variance_prior is None
        told = {
            "q of Laplacian, Matérn": {
                LaplacianKernel().variance_prior,
                MaternKernel(2).variance_prior,
            },
            "q of linear, element similarity": {
                LinearKernel().variance_prior,
                ElementSimilarityKernel().variance_prior,
            },
            "σ²": {MATERIAL_VARIANCE_PRIOR},
            "σ² of a property with a relative among its parents": {RELATIVE_VARIANCE_PRIOR},
            "τ², where learned": {NOISE_VARIANCE_PRIOR},
            "ℓ of the Laplacian": set(LaplacianKernel().hyperparameter_priors),
        }
        assert set(rows) == set(told)
        for label, priors in told.items():
            (prior,) = priors
            assert prior is not None
            assert rows[label] == f"median {prior.median:g}, spread {prior.spread:g}", label

    def test_the_priors_of_curves_are_those_of_the_code(self) -> None:
        text = " ".join(self.TEXT.split())
        size, length, chemistry = Link(0, "joint", 0.0, 1.0).hyperparameter_priors
        assert size == chemistry
        assert f"joint slopes median {size.median:g}, spread {size.spread:g}" in text
        assert f"ℓ median {length.median:g}, spread {length.spread:g}. Directions" in text
        assert f"{N_SINES} sines" in text
        assert f"R-hat below {LARGEST_R_HAT:g}" in text
        assert f"sample size at least {SMALLEST_SIZE:g}," in text


class TestCitationAndChangelog:
    def test_the_citation_file_has_what_the_format_asks_for(self) -> None:
        cited = YAML(typ="safe").load(ROOT / "CITATION.cff")
        assert cited["cff-version"] == "1.2.0"
        assert {"message", "title", "authors"} <= set(cited)
        assert len(cited["references"]) == 5
        for reference in cited["references"]:
            assert {"type", "title", "authors"} <= set(reference)
            family = reference["authors"][0]["family-names"]
            assert family in README, f"{family} is not cited in the README"
        assert cited["license"] == PROJECT["license"]

    def test_both_are_about_this_version(self) -> None:
        cited = YAML(typ="safe").load(ROOT / "CITATION.cff")
        newest = re.search(r"^## \[(.+?)\]", read("CHANGELOG.md"), re.MULTILINE)
        assert newest
        assert str(cited["version"]) == newest[1] == hokan.__version__
