"""``hokan predict``: fill the holes of new rows with a saved model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer

from hokan.cli.console import Screen
from hokan.cli.inputs import check_formulas, refuse_overwriting
from hokan.cli.options import FormulaOption, LevelOption, QuietOption
from hokan.cli.reports import count, show_reading
from hokan.cli.wording import duration, number
from hokan.errors import ModelFileError, TableError
from hokan.estimators import HierarchicalRegressor
from hokan.estimators.inputs import InputForm
from hokan.model.prediction import check_level
from hokan.store import load_model
from hokan.table import PropertyTable, check_table_writable, read_table, write_frame


def predict(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="File written by hokan fit.")],
    new: Annotated[
        Path,
        typer.Argument(
            metavar="NEW",
            help="CSV, TSV or Parquet file with new rows, described as the fitted ones were. What "
            "is known of their properties is used; property columns may be absent.",
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="OUT",
            help="File to write, CSV, TSV or Parquet: NEW with its holes filled, and columns "
            "P__std, P__lower and P__upper for each property P. Properties absent in NEW are added "
            "as columns.",
        ),
    ],
    formula: FormulaOption = None,
    level: LevelOption = 0.9,
    quiet: QuietOption = False,
) -> None:
    """Fill the holes of new rows with a saved model."""
    check_level(level)
    refuse_overwriting(output, model, new)
    check_table_writable(output)
    screen = Screen(quiet)
    estimator = _load(model)
    given = read_new_rows(estimator, new, formula)
    show_reading(screen, given)
    with screen.working("Predicting"):
        filled = estimator.fill(given, level=level)
    _show_predicted(screen, estimator, given, filled)
    write_frame(filled, output, like=given)
    screen.heading(
        f"Predicted {count(_n_predicted(estimator, filled), 'value')} in "
        f"{count(given.n_rows, 'row')}; {count(int(given.observed.sum()), 'known value')} "
        f"unchanged. Wrote {output} after {duration(screen.seconds)}."
    )


def read_new_rows(
    estimator: HierarchicalRegressor, path: Path, formula: str | None
) -> PropertyTable:
    """Read new rows as the training table was read.

    Parameters
    ----------
    estimator : HierarchicalRegressor
        Fitted.
    path : Path
        The new rows.
    formula : str or None
        Their composition column; by default that of the training table or, if there is none of
        this name, one found by name.

    Raises
    ------
    TableError, FormulaError
        The rows cannot be read, or are not described as those of the training table.
    """
    form = InputForm.of(estimator.table_).with_categories(estimator.model_.categories)
    # A first look, with nothing read as numbers, tells which columns there are.
    columns = [
        reading.name
        for reading in read_table(path, properties=(), allow_empty_properties=True).readings
    ]
    options = form.reading_options(columns)
    if form.composition is None and formula is not None:
        raise TableError(
            f"{path}: --formula cannot be used, since the model was fitted without compositions."
        )
    if formula is not None:
        options["composition"] = formula
    elif form.composition not in columns:
        options["composition"] = None
    table = read_table(path, **options)
    if form.composition is not None and table.compositions is None:
        raise TableError(
            f"{path}: the model describes materials by composition, and there is no column "
            f"{form.composition!r} here; name the column of formulas with --formula. The columns "
            f"are: {', '.join(map(repr, columns))}."
        )
    check_formulas(table)
    return table


def _load(path: Path) -> HierarchicalRegressor:
    model = load_model(path)
    if not isinstance(model, HierarchicalRegressor):
        raise ModelFileError(
            f"{path}: holds a model without its table, saved from Python as a "
            f"{type(model).__name__}; expected one written by hokan fit, or a saved "
            "HierarchicalRegressor"
        )
    return model


def _show_predicted(
    screen: Screen, estimator: HierarchicalRegressor, given: PropertyTable, filled: pd.DataFrame
) -> None:
    screen.heading("Predicted")
    rows = []
    for name in _predicted_names(estimator):
        spread = filled[f"{name}__std"].to_numpy(dtype=np.float64)
        predicted = spread[~np.isnan(spread)]
        rows.append(
            (
                name,
                estimator.table_.units[name] or "",
                str(given.n_rows - len(predicted)),
                str(len(predicted)),
                number(float(np.median(predicted)), 3) if len(predicted) else "-",
                "" if name in given.property_names else "column added",
            )
        )
    numbers = ("known", "predicted", "median standard deviation")
    screen.table(("property", "unit", *numbers, ""), rows, numbers=numbers)


def _n_predicted(estimator: HierarchicalRegressor, filled: pd.DataFrame) -> int:
    return sum(int(filled[f"{name}__std"].notna().sum()) for name in _predicted_names(estimator))


def _predicted_names(estimator: HierarchicalRegressor) -> list[str]:
    """Return the properties predicted, without what stands for categories."""
    return [name for name in estimator.graph_.names if name in estimator.table_.property_names]
