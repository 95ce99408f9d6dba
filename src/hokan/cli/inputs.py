"""From what was typed to tables, graphs and fitted models."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hokan.cli.console import OnEvaluation
from hokan.cli.options import Engine
from hokan.descriptors.space import raw_descriptors
from hokan.errors import HokanError, OutputError
from hokan.estimators import HierarchicalRegressor
from hokan.graph import PropertyGraph
from hokan.table import PropertyTable, read_table


@dataclass(frozen=True)
class Request:
    """What to learn from, as typed.

    Attributes
    ----------
    table, graph : Path
        Files; no graph: learned.
    formula : str or None
        Composition column.
    descriptors, ignore : sequence of str or None
        Names of columns separated by commas; the option may be given several times.
    engine : Engine
        How to compute.
    seed : int
        Of everything random.
    same_material : bool
        Whether rows of equal composition are one material.
    """

    table: Path
    graph: Path | None = None
    formula: str | None = None
    descriptors: Sequence[str] | None = None
    ignore: Sequence[str] | None = None
    engine: Engine = Engine.AUTO
    seed: int = 0
    same_material: bool = False

    def read(self) -> tuple[PropertyTable, PropertyGraph | None]:
        """Read table and graph, and refuse here what a fit would refuse later.

        Raises
        ------
        HokanError
            Naming file, row and column.
        """
        graph = None if self.graph is None else PropertyGraph.from_toml(self.graph)
        table = read_table(
            self.table,
            composition=self.formula,
            descriptors=split_names(self.descriptors),
            ignore=split_names(self.ignore),
            categories=_categories_of(graph),
        )
        check_formulas(table)
        if graph is not None:
            columns = (*table.property_names, *table.category_names)
            graph.check_against(columns, source=table.source)
        return table, graph

    def fit(
        self, table: PropertyTable, graph: PropertyGraph | None, progress: OnEvaluation
    ) -> HierarchicalRegressor:
        """Fit the joint model."""
        estimator = HierarchicalRegressor(
            graph,
            same_composition="same material" if self.same_material else "separate",
            engine=self.engine.value,
            random_state=self.seed,
            progress=progress,
        )
        return estimator.fit(table)


def _categories_of(graph: PropertyGraph | None) -> list[str] | None:
    """Return the columns that a graph says are categories; None: those that look like it."""
    members = graph or ()
    return [member.name for member in members if member.is_category] or None


def split_names(given: Sequence[str] | None) -> tuple[str, ...]:
    """Split names of columns at commas.

    A name that holds a comma is put in double quotes, as in a CSV file.

    Examples
    --------
    >>> split_names(['a,b', '"c, d"'])
    ('a', 'b', 'c, d')
    """
    names = [name.strip() for row in csv.reader(given or (), skipinitialspace=True) for name in row]
    return tuple(name for name in names if name)


def typed_numbers(text: str, option: str, example: str) -> tuple[float, ...]:
    """Return numbers separated by commas, as they were typed for an option."""
    numbers = []
    for part in text.split(","):
        try:
            numbers.append(float(part))
        except ValueError:
            raise HokanError(
                f"{option}: expected numbers separated by commas, as in {option} {example}; "
                f"found {part.strip()!r}"
            ) from None
    return tuple(numbers)


def typed_whole_numbers(text: str, option: str, example: str) -> tuple[int, ...]:
    """Return whole numbers separated by commas, as they were typed for an option."""
    numbers = typed_numbers(text, option, example)
    for number, part in zip(numbers, text.split(","), strict=True):
        if not number.is_integer():
            raise HokanError(
                f"{option}: expected whole numbers, as in {option} {example}; found "
                f"{part.strip()!r}"
            )
    return tuple(map(int, numbers))


def check_formulas(table: PropertyTable) -> None:
    """Refuse a formula that cannot be read, with row and column and the place in it."""
    raw_descriptors(table.compositions, None, table.n_rows, table.source, table.composition_column)


def refuse_overwriting(output: Path, *inputs: Path | None) -> None:
    """Refuse an output that is one of the inputs: what was known could not be told any more."""
    for path in inputs:
        if path is None:
            continue
        try:
            same = output.samefile(path)
        except (OSError, ValueError):
            continue  # one of them does not exist; whoever opens it says so
        if same:
            raise OutputError(
                f"{output}: is one of the input files and would be overwritten; give another name"
            )
