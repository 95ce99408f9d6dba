"""What users hand to an estimator, as tables: whole tables with holes, or arrays X and y."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_array, check_consistent_length, validate_data

from hokan.errors import HokanError, TableError
from hokan.gp.kernels import FloatArray
from hokan.graph import PropertyGraph
from hokan.model.categories import ModelledCategory
from hokan.table import PropertyTable
from hokan.table.columns import COMPOSITION_NAMES, FILL_SUFFIXES, column_names, decide_roles
from hokan.table.options import ReadingOptions


@dataclass(frozen=True)
class InputForm:
    """The form in which the training data came, which later rows must have too.

    Attributes
    ----------
    targets_apart : bool
        Whether data came as arrays X and y rather than as one table.
    flat_targets : bool
        Whether y had one dimension, as predictions then have.
    composition : str or None
        The composition column.
    descriptors, properties : tuple of str
        Columns in these roles.
    ignored : tuple of str
        Columns left out on request.
    categories : tuple of (str, tuple of str)
        Categories of the model, and their levels.
    """

    targets_apart: bool
    flat_targets: bool
    composition: str | None
    descriptors: tuple[str, ...]
    properties: tuple[str, ...]
    ignored: tuple[str, ...]
    categories: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @classmethod
    def of(
        cls, table: PropertyTable, *, targets_apart: bool = False, flat_targets: bool = False
    ) -> InputForm:
        """Return the form of a training table."""
        return cls(
            targets_apart,
            flat_targets,
            table.composition_column,
            table.columns_with_role("descriptor"),
            table.property_names,
            table.columns_with_role("ignored"),
        )

    def with_categories(self, categories: Iterable[ModelledCategory]) -> InputForm:
        """Return the form of rows that have these categories, and no others."""
        return replace(self, categories=tuple((known.name, known.levels) for known in categories))

    def reading_options(self, columns: Iterable[str]) -> dict[str, Any]:
        """Return the options by which a table of new rows is read as the training table was.

        Parameters
        ----------
        columns : iterable of str
            The columns of the new table.
        """
        there = tuple(columns)
        # Error bars of an earlier fill are found by their names again.
        bars = {name + suffix for name in self.properties for suffix in FILL_SUFFIXES}
        ignore = [name for name in self.ignored if name in there and name not in bars]
        if self.composition is None:
            ignore += [
                name
                for name in there
                if name.strip().casefold() in COMPOSITION_NAMES
                and name not in (*ignore, *self.descriptors, *self.properties)
            ]
        return {
            "composition": self.composition,
            "descriptors": self.descriptors,
            "ignore": tuple(ignore),
            "properties": self.properties,
            "categories": dict(self.categories),
            "allow_empty_properties": True,
        }

    def read_rows(self, rows: object, *, add_missing: bool = False) -> PropertyTable:
        """Read rows that came as one table.

        Parameters
        ----------
        rows : DataFrame or PropertyTable
        add_missing : bool
            Whether a table already read needs all properties and categories too. Those that a
            DataFrame lacks are always appended, as columns of holes.
        """
        form, source = self, "the table"
        if isinstance(rows, PropertyTable):
            if not add_missing or self._has_all(rows):
                return rows
            frame, source = rows.frame, rows.source
            # Its columns may have been read in other roles than those of the training table.
            form = replace(
                InputForm.of(rows),
                properties=tuple(dict.fromkeys([*rows.property_names, *self.properties])),
                categories=self.categories,
            )
        elif isinstance(rows, pd.DataFrame):
            frame = rows
        else:
            raise TableError(
                "expected a pandas DataFrame or a PropertyTable, as in fit; found "
                f"{type(rows).__name__}"
            )
        names = column_names(frame, source)
        absent: dict[str, Any] = {name: np.nan for name in form.properties if name not in names}
        absent |= {name: None for name, _ in form.categories if name not in names}
        frame, names = frame.assign(**absent), (*names, *absent)
        return PropertyTable.from_frame(frame, source=source, **form.reading_options(names))

    def _has_all(self, rows: PropertyTable) -> bool:
        """Whether a table has all properties, and all categories with their levels in order."""
        levels = rows.category_levels
        return set(self.properties) <= set(rows.property_names) and all(
            levels.get(name) == known for name, known in self.categories
        )


def categories_to_read(given: Any, graph: PropertyGraph | None) -> Any:
    """Return the categories as given, or else those that the graph names."""
    if given is not None or graph is None:
        return given
    return [member.name for member in graph if member.is_category] or None


def read_training_table(
    table: PropertyTable | pd.DataFrame, options: dict[str, Any]
) -> PropertyTable:
    """Read the table that a model is fitted to.

    Parameters
    ----------
    table : DataFrame or PropertyTable
    options : dict
        Keyword arguments of :meth:`PropertyTable.from_frame`; a table already read takes none.
    """
    if isinstance(table, pd.DataFrame):
        return PropertyTable.from_frame(table, **options)
    given = sorted(name for name, value in options.items() if value is not None and len(value))
    if given:
        raise TableError(
            f"{table.source}: the table has been read already, so {', '.join(given)} cannot be "
            "given to the estimator; give them to read_table or PropertyTable.from_frame"
        )
    return table


def table_of_arrays(
    estimator: Any, X: object, y: object, options: dict[str, Any]
) -> tuple[PropertyTable, InputForm]:
    """Make one table of descriptors X and partly missing targets y.

    Sets ``n_features_in_`` and, where columns have names, ``feature_names_in_`` of the estimator.

    Returns
    -------
    table : PropertyTable
    form : InputForm
    """
    targets, names, flat = _read_targets(y)
    X = _with_length(X)
    check_consistent_length(X, targets)
    frame = _descriptor_frame(estimator, X, options, reset=True)
    taken = [name for name in names if name in frame.columns]
    if taken:
        raise TableError(
            f"{', '.join(map(repr, taken))} is the name of a column of X and of a target; rename "
            "one of the two"
        )
    reading = _descriptor_options(frame, options)
    joined = pd.concat([frame, pd.DataFrame(targets, columns=names, index=frame.index)], axis=1)
    table = PropertyTable.from_frame(
        joined,
        properties=names,
        categories=(),
        source="X and y",
        allow_empty_properties=True,
        **reading,
    )
    return table, InputForm.of(table, targets_apart=True, flat_targets=flat)


def rows_of_array(estimator: Any, X: object, form: InputForm) -> PropertyTable:
    """Make a table of new rows X, without known targets."""
    options = {"composition": form.composition, "ignore": form.ignored, "descriptors": ()}
    frame = _descriptor_frame(estimator, X, options, reset=False)
    return PropertyTable.from_frame(
        frame,
        composition=form.composition,
        descriptors=form.descriptors,
        ignore=form.ignored,
        properties=(),
        categories=(),
        source="X",
        allow_empty_properties=True,
    )


def _read_targets(y: object) -> tuple[FloatArray, list[str], bool]:
    """Return targets of shape (n, p), their names, and whether they came as shape (n,)."""
    values = check_array(
        y, dtype=np.float64, ensure_2d=False, ensure_all_finite="allow-nan", input_name="y"
    )
    flat = values.ndim == 1
    values = values.reshape(len(values), -1)
    if isinstance(y, pd.DataFrame):
        names = list(column_names(y, "y"))
    elif isinstance(y, pd.Series) and isinstance(y.name, str):
        names = [y.name]
    else:
        names = [f"y{number}" for number in range(values.shape[1])]
    for name, column in zip(names, values.T, strict=True):
        if np.isnan(column).all():
            raise TableError(
                f"y, column {name!r}: contains NaN only; y may be missing in part, but at least "
                "one value of each target must be known"
            )
    return values, names, flat


def _with_length(X: object) -> Any:
    # Lists of lists are turned into arrays once; sparse matrices are refused later, by name.
    return np.asarray(X) if isinstance(X, list | tuple) else X


def _descriptor_frame(
    estimator: Any, X: Any, options: dict[str, Any], *, reset: bool
) -> pd.DataFrame:
    """Return X as a frame with names for columns, checked as scikit-learn does."""
    if isinstance(X, pd.DataFrame) and _holds_more_than_numbers(X, options):
        validate_data(estimator, X, reset=reset, skip_check_array=True)
        if reset and len(X) < 2:
            raise TableError(f"X: expected at least 2 rows (samples), found n_samples = {len(X)}")
        return X.set_axis(column_names(X, "X"), axis=1)
    array = validate_data(
        estimator, X, reset=reset, dtype=np.float64, ensure_min_samples=2 if reset else 1
    )
    names = getattr(estimator, "feature_names_in_", None)
    if names is None:
        names = [f"x{number}" for number in range(array.shape[1])]
    index = X.index if isinstance(X, pd.DataFrame) else None
    return pd.DataFrame(array, columns=list(names), index=index)


def _holds_more_than_numbers(X: pd.DataFrame, options: dict[str, Any]) -> bool:
    reading = _checked(X, options)
    roles = decide_roles(X, column_names(X, "X"), reading, "X")
    return any(decision.role in ("composition", "ignored") for decision in roles.values())


def _checked(X: pd.DataFrame, options: dict[str, Any]) -> ReadingOptions:
    names = column_names(X, "X")
    reading = ReadingOptions.build(
        composition=options["composition"],
        descriptors=(),
        ignore=options["ignore"],
        properties=None,
        units=None,
        allow_empty_properties=True,
    )
    reading.check(names, "X")
    return reading


def _descriptor_options(frame: pd.DataFrame, options: dict[str, Any]) -> dict[str, Any]:
    """Return how the columns of X are read: all of them describe, unless some are named."""
    if options.get("properties") is not None:
        raise HokanError(
            "properties names columns of one table with holes; when X and y are given apart, the "
            "targets are the properties. Remove it, or fit one table without y"
        )
    if options.get("categories") is not None:
        raise HokanError(
            "categories names columns of one table with holes; when X and y are given apart, there "
            "are none. Remove it, or fit one table without y"
        )
    reading = _checked(frame, options)
    roles = decide_roles(frame, tuple(frame.columns), reading, "X")
    composition = next((n for n, d in roles.items() if d.role == "composition"), None)
    rest = [name for name in frame.columns if name not in (composition, *reading.ignore)]
    named = ReadingOptions.build(
        composition=None,
        descriptors=options["descriptors"],
        ignore=(),
        properties=None,
        units=None,
        allow_empty_properties=True,
    )
    named.check(tuple(frame.columns), "X")
    return {
        "composition": composition,
        "descriptors": named.descriptors or tuple(rest),
        "ignore": reading.ignore,
    }
