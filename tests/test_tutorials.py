"""Tutorials run from top to bottom, without a warning, and print what they show.

Every ``python`` block of a page runs in one namespace, in an empty folder. What it prints must be
shown in a ``text`` block right below it: words and whole numbers exactly, white space aside, and
numbers with decimals to within ``LAST_DIGITS`` units of the last digit shown, so that another
machine may round otherwise but another model may not go unnoticed. Decimals in the prose of a
tutorial must stand in some block, digit for digit.

After a change that is meant to change them, bring the outputs of the pages up to date with

    python tests/test_tutorials.py

and read the prose again.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import tempfile
import warnings
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[1] / "docs"
TUTORIALS = sorted((DOCS / "tutorials").glob("*.md"))
#: Guides that are held to the same.
GUIDES = ("fidelities", "imputation", "links", "values")
PAGES = [*TUTORIALS, *(DOCS / f"{name}.md" for name in GUIDES)]
LAST_DIGITS = 2

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_EXAMPLE = re.compile(
    r"^```python\n(?P<code>.*?)^```$(?:\n+^```text\n(?P<shown>.*?)^```$)?", re.DOTALL | re.MULTILINE
)
_NUMBER = re.compile(r"(?<![\w.])[-−]?\d+(?:\.\d+)?(?![\w.]*\d)")


class DriftError(AssertionError):
    """A page does not show what its code prints."""


def run(code: str, names: dict[str, object], where: str) -> str:
    """Run a block and return what it printed."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, where, "exec"), names)
    return printed.getvalue()


def outputs(page: str, name: str = "page") -> list[tuple[re.Match[str], str]]:
    """Run all python blocks of a page; return each with what it printed."""
    names: dict[str, object] = {"__name__": "__tutorial__"}
    # Tracebacks should name the line of the page.
    return [
        (
            example,
            run("\n" * page[: example.start("code")].count("\n") + example["code"], names, name),
        )
        for example in _EXAMPLE.finditer(page)
    ]


def same(shown: str, printed: str) -> bool:
    """Tell whether a text block shows what was printed."""
    if " ".join(_NUMBER.sub("#", shown).split()) != " ".join(_NUMBER.sub("#", printed).split()):
        return False
    for told, found in zip(_NUMBER.findall(shown), _NUMBER.findall(printed), strict=True):
        decimals = len(told.partition(".")[2])
        unit = 10.0**-decimals if decimals else 0.0
        if len(found.partition(".")[2]) != decimals:
            return False
        if abs(float(told) - float(found)) > (LAST_DIGITS + 0.01) * unit:
            return False
    return True


def check(page: str, name: str = "page", *, with_prose: bool = True) -> None:
    """Run a page and compare; also look for text blocks and decimals that nothing stands behind."""
    examples = list(_EXAMPLE.finditer(page))
    shown = [example["shown"] for example in examples if example["shown"] is not None]
    if len(shown) != len(re.findall(r"^```text$", page, re.MULTILINE)):
        raise DriftError("a text block does not follow a python block")
    for example, printed in outputs(page, name):
        if not same(example["shown"] or "", printed):
            line = page[: example.start()].count("\n") + 1
            raise DriftError(
                f"the block in line {line} shows\n{example['shown']}\nand prints\n{printed}"
            )
    if not with_prose:
        return
    blocks = " ".join(found[2] for found in _BLOCK.finditer(page))
    known = {number.lstrip("-−") for number in _NUMBER.findall(blocks)}
    for number in _NUMBER.findall(_BLOCK.sub("", page)):
        if "." in number and number.lstrip("-−") not in known:
            raise DriftError(f"{number} is told, but printed nowhere")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_it_runs_and_prints_what_it_shows(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pymatgen")
    monkeypatch.chdir(tmp_path)
    page = path.read_text(encoding="utf-8")
    assert any(example["shown"] for example in _EXAMPLE.finditer(page))
    check(page, path.name, with_prose=path in TUTORIALS)


def test_there_are_tutorials() -> None:
    assert "fidelities" in [path.stem for path in TUTORIALS]


def _page(code: str, shown: str, prose: str = "") -> str:
    return f"# A page\n\n```python\n{code}\n```\n\n```text\n{shown}\n```\n\n{prose}\n"


class TestDriftIsFound:
    """The tests of the test: a page that no longer tells the truth must fail."""

    def test_not_where_nothing_drifted(self) -> None:
        check(_page("print('error', 0.12345678, 'eV')".replace("45678", "5"), "error   0.1235 eV"))
        check(_page("print('error', 0.12)", "error 0.12", "It is 0.12."))
        check(_page("print('error', 0.12)", "error 0.14"))  # the last digit

    @pytest.mark.parametrize(
        "shown", ["error 0.15", "errors 0.12", "error", "error 0.12 eV", "0.12"]
    )
    def test_in_what_is_printed(self, shown: str) -> None:
        with pytest.raises(DriftError):
            check(_page("print('error', 0.12)", shown))

    @pytest.mark.parametrize("shown", ["13 rows", "12.0 rows", "-12 rows"])
    def test_in_whole_numbers(self, shown: str) -> None:
        with pytest.raises(DriftError):
            check(_page("print(12, 'rows')", shown))

    def test_in_signs(self) -> None:
        with pytest.raises(DriftError):
            check(_page("print(-1.25)", "1.25"))

    def test_in_prose(self) -> None:
        with pytest.raises(DriftError, match=r"0\.13 is told"):
            check(_page("print('error', 0.12)", "error 0.12", "It is 0.13."))

    def test_in_code(self) -> None:
        with pytest.raises(NameError):
            check(_page("print(nothing)", "0.12"))

    def test_where_output_is_not_shown(self) -> None:
        with pytest.raises(DriftError):
            check("```python\nprint(1)\n```\n")

    def test_where_nothing_stands_behind_output(self) -> None:
        with pytest.raises(DriftError, match="does not follow"):
            check("Some words.\n\n```text\n0.12\n```\n")


def bring_up_to_date(path: Path) -> None:
    """Rewrite the outputs that a page shows."""
    page = path.read_text(encoding="utf-8")
    parts, end = [], 0
    for example, printed in outputs(page, path.name):
        parts += [page[end : example.start()], f"```python\n{example['code']}```"]
        if printed:
            lines = "".join(line.rstrip() + "\n" for line in printed.splitlines())
            parts.append(f"\n\n```text\n{lines}```")
        end = example.end()
    path.write_text("".join([*parts, page[end:]]), encoding="utf-8")


if __name__ == "__main__":
    warnings.simplefilter("error")
    with tempfile.TemporaryDirectory() as empty:
        os.chdir(empty)
        for path in PAGES:
            bring_up_to_date(path)
        os.chdir(DOCS)
