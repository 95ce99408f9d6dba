"""The layout of the house: what may import what, what loads when, and how long a file may be."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"

#: Imports run downward only: an entry may import those above it.
FOLDERS = (
    "errors",
    "parallel",
    "table",
    "descriptors",
    "graph",
    "gp",
    "inference",
    "sampling",
    "model",
    "estimators",
    "imputation",
    "evaluation",
    "acquisition",
    "plots",
    "report",
    "store",
    "datasets",
    "cli",
    "app",
)
RANK = {folder: rank for rank, folder in enumerate(FOLDERS)}

#: Entries that need less than their place would allow, and shall keep it so.
NEEDS_ONLY = {
    "table": {"errors"},
    "descriptors": {"errors"},
    "graph": {"errors"},
    "gp": {"errors", "descriptors"},
    "inference": {"errors", "descriptors", "gp"},
    "sampling": {"errors", "descriptors", "graph", "gp", "inference"},
    "plots": {"errors", "table", "graph"},
    "datasets": {"errors", "table", "descriptors", "graph"},
}

#: Imported where they are used, inside functions, so that nothing waits for them or requires them.
HEAVY = {"plotly", "pyarrow", "chemicals", "pymatgen", "matminer", "torch", "matplotlib"}

MOST_LINES = 500
MANY_LINES = 300
#: At most this share of the files may be longer than MANY_LINES.
SHARE_OF_LONG_FILES = 0.1


@dataclass(frozen=True)
class Import:
    """One imported module, and where."""

    importer: str
    imported: str
    line: int
    at_top: bool
    for_types_only: bool

    def __str__(self) -> str:
        return f"{self.importer}, line {self.line}, imports {self.imported}"


def module_name(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def read_modules(root: Path) -> dict[str, ast.Module]:
    files = sorted((root / "hokan").rglob("*.py"))
    return {
        module_name(path, root): ast.parse(path.read_text(encoding="utf-8"), str(path))
        for path in files
    }


def imports_of(name: str, tree: ast.Module, modules: Mapping[str, object]) -> Iterator[Import]:
    """Every import of a module: at the top, in functions, and for type checking alone.

    ``from package import module`` counts as an import of the module where there is one.
    """
    functions = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    inside, types_only = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, functions):
            inside |= {id(child) for child in ast.walk(node)}
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            types_only |= {id(child) for part in node.body for child in ast.walk(part)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            source = "." * node.level + (node.module or "")
            full = [f"{source}.{alias.name}" for alias in node.names]
            found = [one if one in modules else source for one in full]
        else:
            continue
        for imported in found:
            yield Import(
                name, imported, node.lineno, id(node) not in inside, id(node) in types_only
            )


def all_imports(modules: Mapping[str, ast.Module]) -> list[Import]:
    return [found for name, tree in modules.items() for found in imports_of(name, tree, modules)]


def folder_of(module: str) -> str | None:
    """First part of a module name below ``hokan``; None for the package itself."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else None


def upward_imports(imports: list[Import]) -> list[Import]:
    """Imports of an entry that stands below the importer's own, or that its row forbids."""
    found = []
    for item in imports:
        if item.imported.split(".")[0] != "hokan":
            continue
        importer, imported = folder_of(item.importer), folder_of(item.imported)
        # The package itself is a table of contents: it may point anywhere, and all know its name.
        if importer is None or imported is None or importer == imported:
            continue
        allowed = RANK[imported] < RANK[importer]
        if importer in NEEDS_ONLY:
            allowed = allowed and imported in NEEDS_ONLY[importer]
        if not allowed:
            found.append(item)
    return found


def cycle_among(imports: list[Import]) -> list[str]:
    """Names of modules that need each other when they run, or ``[]``."""
    needs: dict[str, set[str]] = {}
    for item in imports:
        if not item.for_types_only and item.imported != item.importer:
            needs.setdefault(item.importer, set()).add(item.imported)
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


MODULES = read_modules(SOURCE)
IMPORTS = all_imports(MODULES)
#: Lines of each file.
LENGTHS = {
    path.relative_to(SOURCE): path.read_text(encoding="utf-8").count("\n")
    for path in sorted((SOURCE / "hokan").rglob("*.py"))
}


BLOCKED_IMPORTS = """
import importlib, sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in BLOCKED:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Block())
for name in NAMES:
    importlib.import_module(name)
"""


def imports_without(
    blocked: Iterable[str], names: Iterable[str]
) -> subprocess.CompletedProcess[str]:
    """Import modules in a fresh interpreter, as if some packages were not installed."""
    code = f"BLOCKED, NAMES = {sorted(blocked)}, {sorted(names)}\n{BLOCKED_IMPORTS}"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


class TestImports:
    def test_the_whole_house_was_read(self) -> None:
        assert len(MODULES) > 80
        assert len(IMPORTS) > 300
        assert any(not item.at_top for item in IMPORTS)

    def test_every_entry_has_its_place(self) -> None:
        folders = {folder_of(name) for name in MODULES} - {None}
        assert folders <= set(FOLDERS), f"without a place in the order: {folders - set(FOLDERS)}"

    def test_they_run_downward_only(self) -> None:
        wrong = upward_imports(IMPORTS)
        assert not wrong, "\n".join(map(str, wrong))

    def test_modules_do_not_need_each_other(self) -> None:
        cycle = cycle_among(IMPORTS)
        assert not cycle, " needs ".join(cycle)

    def test_they_are_absolute(self) -> None:
        relative = [item for item in IMPORTS if item.imported.startswith(".")]
        assert not relative, "\n".join(map(str, relative))

    def test_none_brings_everything(self) -> None:
        stars = [
            f"{name}, line {node.lineno}"
            for name, tree in MODULES.items()
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.names[0].name == "*"
        ]
        assert not stars

    def test_modules_that_are_imported_exist(self) -> None:
        """A misspelt import inside a function would be found by users only."""
        missing = [
            item
            for item in IMPORTS
            if item.imported.startswith("hokan.") and item.imported not in MODULES
        ]
        assert not missing, "\n".join(map(str, missing))


class TestTheChecksThemselves:
    """They find what they look for."""

    @staticmethod
    def read(tmp_path: Path, **files: str) -> dict[str, ast.Module]:
        for name, text in files.items():
            path = tmp_path / "hokan" / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return read_modules(tmp_path)

    @pytest.mark.parametrize(
        "text",
        [
            "import hokan.cli.main",
            "from hokan.cli import main",
            "def f():\n    from hokan.model import options",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import hokan.estimators",
            "try:\n    import hokan.plots\nexcept ImportError:\n    pass",
        ],
    )
    def test_an_import_upward_is_found_wherever_it_hides(self, tmp_path: Path, text: str) -> None:
        modules = self.read(tmp_path, table__cells=text)
        assert len(upward_imports(all_imports(modules))) == 1

    def test_an_import_that_the_order_allows_and_the_row_forbids_is_found(
        self, tmp_path: Path
    ) -> None:
        modules = self.read(tmp_path, datasets__crc="from hokan.evaluation import split_rows")
        assert len(upward_imports(all_imports(modules))) == 1

    def test_a_cycle_is_found(self, tmp_path: Path) -> None:
        modules = self.read(
            tmp_path,
            table__a="from hokan.table import b",
            table__b="def f():\n    from hokan.table.c import g",
            table__c="import hokan.table.a",
        )
        cycle = cycle_among(all_imports(modules))
        assert set(cycle) == {"hokan.table.a", "hokan.table.b", "hokan.table.c"}

    def test_a_relative_import_is_found(self, tmp_path: Path) -> None:
        modules = self.read(tmp_path, table__a="from . import b")
        assert [item.imported for item in all_imports(modules)] == ["."]


class TestHeavyPackages:
    def test_they_are_imported_inside_functions(self) -> None:
        used = [item for item in IMPORTS if item.imported.split(".")[0] in HEAVY]
        assert used
        at_top = [item for item in used if item.at_top]
        assert not at_top, "\n".join(map(str, at_top))

    def test_every_module_loads_where_they_are_not_installed(self) -> None:
        done = imports_without(HEAVY, MODULES)
        assert done.returncode == 0, done.stderr

    def test_the_package_alone_loads_without_any_other(self) -> None:
        heavy = HEAVY | {"numpy", "scipy", "pandas", "sklearn", "typer", "rich"}
        done = imports_without(heavy, ["hokan", "hokan.errors"])
        assert done.returncode == 0, done.stderr

    def test_a_package_that_is_needed_would_be_missed(self) -> None:
        done = imports_without(["pandas"], ["hokan.table"])
        assert done.returncode != 0
        assert "pandas" in done.stderr


class TestNothingIsRunThatCameAsData:
    #: Modules that make programs of data, and built-in functions that do.
    MODULES = frozenset({"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"})
    BUILT_INS = frozenset({"eval", "exec", "compile", "__import__"})

    def test_no_such_module_is_imported(self) -> None:
        found = [item for item in IMPORTS if item.imported.split(".")[0] in self.MODULES]
        assert not found, "\n".join(map(str, found))

    def test_no_such_function_is_called(self) -> None:
        found = [
            f"{name}, line {node.lineno}: {node.id}"
            for name, tree in MODULES.items()
            for node in ast.walk(tree)
            if isinstance(node, ast.Name) and node.id in self.BUILT_INS
        ]
        assert not found

    def test_arrays_are_never_loaded_with_pickle(self) -> None:
        given = [
            (name, node.lineno, keyword.value)
            for name, tree in MODULES.items()
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            for keyword in node.keywords
            if keyword.arg == "allow_pickle"
        ]
        assert given
        for name, line, value in given:
            refused = isinstance(value, ast.Constant) and value.value is False
            assert refused, f"{name}, line {line}"


class TestFiles:
    def test_none_is_long(self) -> None:
        long = {str(path): lines for path, lines in LENGTHS.items() if lines > MOST_LINES}
        assert not long

    def test_most_are_short(self) -> None:
        many = [str(path) for path, lines in LENGTHS.items() if lines > MANY_LINES]
        assert len(many) <= SHARE_OF_LONG_FILES * len(LENGTHS), many

    def test_every_folder_of_code_is_a_package(self) -> None:
        folders = {path.parent for path in LENGTHS}
        without = [folder for folder in folders if folder / "__init__.py" not in LENGTHS]
        assert not without

    @pytest.mark.parametrize("name", sorted(MODULES))
    def test_each_says_what_it_is_for(self, name: str) -> None:
        text = ast.get_docstring(MODULES[name]) or ""
        assert len(text.split()) >= 3, f"{name} has no docstring: {text!r}"
        assert not re.search(r"\b(TODO|FIXME|XXX)\b", text)
