"""Bad input: one clear message with file, row and column, exit code 2, nothing left behind."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from os import listdir
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


HALIDES = Path(__file__).with_name("halides.csv").read_text(encoding="utf-8")


LINES = HALIDES.splitlines()


def with_line(number: int, line: str) -> str:
    """Return the halides with one data row (counted from 1) replaced."""
    changed = [*LINES]
    changed[number] = line
    return "\n".join(changed) + "\n"


def graph_of(*properties: str, transform: str = "auto") -> str:
    return "\n".join(f'[properties.{name}]\ntransform = "{transform}"' for name in properties)


#: Name, table, graph or None, what the message must contain.
BAD_TABLES: list[tuple[str, str | bytes, str | None, list[str]]] = [
    ("empty file", "", None, ["t.csv", "empty"]),
    ("no rows", LINES[0] + "\n", None, ["t.csv", "no rows"]),
    ("binary file", b"\x89PNG\r\n\x1a\n\x00\xff\xfe", None, ["t.csv"]),
    ("ragged line", with_line(3, "003,KF,rocksalt,1131,1775,2.48,9,9"), None, ["t.csv"]),
    (
        "formula that cannot be parsed",
        with_line(4, "004,Li(Cl,rocksalt,883,,2.07"),
        None,
        ["t.csv", "row 4", "'formula'", "Li(Cl"],
    ),
    (
        "unknown element",
        with_line(5, "005,NaXx,rocksalt,1075.2,1738,2.17"),
        None,
        ["t.csv", "row 5", "'formula'", "Xx"],
    ),
    (
        "formula missing",
        with_line(6, "006,,rocksalt,1044,,1.988"),
        None,
        ["t.csv", "row 6", "'formula'"],
    ),
    (
        "decimal comma",
        with_line(2, '002,NaF,rocksalt,"12,5",1977,'),
        None,
        ["t.csv", "row 2", "'melting_point_K'", "'12,5'"],
    ),
    (
        "text for a hole",
        with_line(2, "002,NaF,rocksalt,1269,n/a,"),
        None,
        ["t.csv", "row 2", "'boiling_point_K'", "'n/a'"],
    ),
    (
        "bound with a unit",
        with_line(8, "008,NaBr,rocksalt,> 3000 K,1663,3.20"),
        None,
        ["t.csv", "row 8", "'melting_point_K'", "'> 3000 K'", "put [K] in the column name"],
    ),
    (
        "infinite value",
        with_line(9, "009,KBr,rocksalt,1007,inf,2.74"),
        None,
        ["t.csv", "row 9", "'boiling_point_K'", "inf"],
    ),
    (
        "not positive under a log",
        with_line(7, "007,CsCl,caesium chloride,919,-1570,3.99"),
        graph_of("boiling_point_K", transform="log"),
        ["t.csv", "row 7", "'boiling_point_K'", "-1570"],
    ),
    (
        "duplicate names",
        HALIDES.replace("boiling_point_K", "melting_point_K"),
        None,
        ["t.csv", "columns 4 and 5", "'melting_point_K'"],
    ),
    (
        "no observation",
        "\n".join([LINES[0] + ",hardness", *(line + "," for line in LINES[1:])]) + "\n",
        None,
        ["t.csv", "'hardness'", "no known value", "--ignore hardness"],
    ),
    (
        "single value",
        "\n".join([LINES[0] + ",hardness", LINES[1] + ",3", *(line + "," for line in LINES[2:])])
        + "\n",
        None,
        ["t.csv", "'hardness'", "single known value", "row 1"],
    ),
    (
        "graph names what the table lacks",
        HALIDES,
        graph_of("melting_point_K", "hardnes"),
        ["t.csv", "'hardnes'", "graph"],
    ),
    ("graph is no TOML", HALIDES, "[properties.a\n", ["g.toml", "line 1"]),
    (
        "graph with a cycle",
        HALIDES,
        '[properties.melting_point_K]\nparents = ["boiling_point_K"]\n'
        '[properties.boiling_point_K]\nparents = ["melting_point_K"]\n',
        ["g.toml", "cycle", "melting_point_K → boiling_point_K"],
    ),
]


def assert_one_message(error: str, *parts: str) -> None:
    assert error.startswith("error: ")
    assert "Traceback" not in error
    for part in parts:
        assert part.casefold() in error.casefold()


@pytest.mark.parametrize("command", ["fill", "fit"])
@pytest.mark.parametrize(
    ("table", "graph", "parts"), [case[1:] for case in BAD_TABLES], ids=[c[0] for c in BAD_TABLES]
)
def test_a_bad_table_or_graph_is_explained_and_nothing_written(
    folder: Path,
    run: Run,
    command: str,
    table: str | bytes,
    graph: str | None,
    parts: list[str],
) -> None:
    Path("t.csv").write_bytes(table if isinstance(table, bytes) else table.encode())
    arguments = [command, "t.csv", "-o", "out.csv"]
    if graph is not None:
        Path("g.toml").write_text(graph, encoding="utf-8")
        arguments += ["--graph", "g.toml"]
    before = sorted(listdir(folder))
    result = run(*arguments, code=2)
    assert_one_message(result.stderr, *parts)
    assert sorted(listdir(folder)) == before


@pytest.mark.parametrize(
    ("table", "graph", "parts"),
    [case[1:] for case in BAD_TABLES if "under a log" not in case[0]],
    ids=[case[0] for case in BAD_TABLES if "under a log" not in case[0]],
)
def test_describe_finds_the_same_faults(
    folder: Path,
    run: Run,
    table: str | bytes,
    graph: str | None,
    parts: list[str],
) -> None:
    Path("t.csv").write_bytes(table if isinstance(table, bytes) else table.encode())
    Path("g.toml").write_text(graph or graph_of("melting_point_K"), encoding="utf-8")
    arguments = ["--graph", "g.toml"] if graph is not None else []
    assert_one_message(run("describe", "t.csv", *arguments, code=2).stderr, *parts)


def test_several_bad_cells_are_listed_together(folder: Path, run: Run) -> None:
    table = HALIDES.replace("1121.4", "n/a").replace("1977", "12,5".join('""'))
    Path("t.csv").write_text(table, encoding="utf-8")
    error = run("fill", "t.csv", "-o", "out.csv", code=2).stderr
    assert_one_message(error, "2 cells", "\n  row 1", "\n  row 2")


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("missing.csv", "missing.csv"),
        (".", ""),
        ("table.xlsx", "CSV"),
        ("name\nwith\x1b[31mcodes.csv", "\\x1b[31m"),
    ],
)
def test_a_table_that_cannot_be_read(folder: Path, run: Run, path: str, part: str) -> None:
    assert_one_message(run("fill", path, "-o", "out.csv", code=2).stderr, part)
    assert sorted(listdir(folder)) == []


@pytest.mark.parametrize(
    ("output", "part"),
    [
        ("no_such_folder/out.csv", "no folder"),
        (".", "is a folder"),
        ("out.xlsx", "spreadsheet"),
        ("out.docx", ".csv"),
        ("halides.csv", "input"),
        ("./../{folder}/halides.csv", "input"),
    ],
)
def test_an_output_that_cannot_be_written_is_refused_before_the_work(
    halides: Path,
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    output: str,
    part: str,
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("the table was fitted")

    monkeypatch.setattr("hokan.model.HierarchyModel.from_table", never)
    before = halides.read_bytes()
    output = output.format(folder=halides.parent.name)
    assert_one_message(run("fill", halides, "-o", output, code=2).stderr, part)
    assert sorted(listdir(halides.parent)) == ["halides.csv"]
    assert halides.read_bytes() == before


def test_a_write_protected_folder(halides: Path, run: Run) -> None:
    locked = halides.parent / "locked"
    locked.mkdir()
    locked.chmod(0o555)
    try:
        if os.access(locked, os.W_OK):
            pytest.skip("this user may write everywhere")
        error = run("fill", halides, "-o", locked / "out.csv", code=2).stderr
    finally:
        locked.chmod(0o755)
    assert_one_message(error, "cannot be written")


def test_an_older_result_survives_a_failure(
    halides: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = Path("filled.csv")
    output.write_text("older result\n", encoding="utf-8")

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("hokan.table.atomic.os.replace", full_disk)
    error = run("fill", halides, "-o", output, code=2).stderr
    assert_one_message(error, "filled.csv", "No space left on device")
    assert output.read_text(encoding="utf-8") == "older result\n"
    assert sorted(listdir(halides.parent)) == ["filled.csv", "halides.csv"]


@pytest.mark.parametrize("level", ["0", "1", "-0.5", "90", "nan"])
def test_a_level_outside_zero_and_one(halides: Path, run: Run, level: str) -> None:
    error = run("fill", halides, "-o", "out.csv", "--level", level, code=2).stderr
    assert_one_message(error, "level must lie between 0 and 1")


def test_links_that_the_exact_engine_cannot_do(halides: Path, run: Run, tmp_path: Path) -> None:
    graph = tmp_path / "graph.toml"
    graph.write_text(
        "[properties.melting_point_K]\n"
        "[properties.boiling_point_K]\n"
        'parents = ["melting_point_K"]\nlink = "smooth"\n'
    )
    arguments = ("fill", halides, "-o", "out.csv", "--graph", graph, "--engine", "exact")
    error = run(*arguments, code=2).stderr
    assert_one_message(error, "boiling_point_K", 'link = "smooth"', "sampling engine")


@pytest.mark.parametrize("engine", ["auto", "exact"])
def test_the_engines_that_exist_agree(halides: Path, run: Run, engine: str) -> None:
    run("fill", halides, "-o", f"{engine}.csv", "--engine", engine)
    run("fill", halides, "-o", "default.csv")
    assert Path(f"{engine}.csv").read_bytes() == Path("default.csv").read_bytes()


@pytest.mark.parametrize("option", ["--formula", "--descriptors", "--ignore"])
def test_columns_that_are_not_there_are_named_with_those_perhaps_meant(
    halides: Path, run: Run, option: str
) -> None:
    error = run("fill", halides, "-o", "out.csv", option, "densty_g_cm3", code=2).stderr
    assert_one_message(error, "'densty_g_cm3'", "Did you mean 'density_g_cm3'?")


@pytest.fixture
def model(halides: Path, run: Run) -> Path:
    run("fit", halides, "-o", "m.hokan")
    return Path("m.hokan")


def predict_error(run: Run, model: str | Path) -> str:
    Path("new.csv").write_text("formula\nRbCl\n", encoding="utf-8")
    error: str = run("predict", model, "new.csv", "-o", "out.csv", code=2).stderr
    assert not Path("out.csv").exists()
    return error


@pytest.mark.parametrize("keep", [0, 10, 1000])
def test_a_damaged_model_file(model: Path, run: Run, keep: int) -> None:
    model.write_bytes(model.read_bytes()[:keep])
    assert_one_message(predict_error(run, model), "m.hokan")


def test_a_model_file_that_is_something_else(halides: Path, run: Run) -> None:
    assert_one_message(predict_error(run, halides), "halides.csv")


def test_no_model_file(folder: Path, run: Run) -> None:
    assert_one_message(predict_error(run, "missing.hokan"), "missing.hokan")


def test_a_model_from_a_newer_version(model: Path, run: Run) -> None:
    with zipfile.ZipFile(model) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    head = json.loads(contents["model.json"])
    head["format_version"] += 1
    contents["model.json"] = json.dumps(head).encode()
    with zipfile.ZipFile(model, "w") as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    assert_one_message(predict_error(run, model), "m.hokan", "newer")
