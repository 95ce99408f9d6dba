"""One function that makes holes: how many, and by which mechanism."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from hokan.errors import TableError
from hokan.evaluation.amputation.blocks import blocks
from hokan.evaluation.amputation.compositions import BoolArray, Compositions
from hokan.evaluation.amputation.nested import nested
from hokan.evaluation.amputation.scored import TAILS, by_chance, by_others, by_own_value
from hokan.evaluation.holdout import Holdout, hide_cells
from hokan.graph.wording import did_you_mean
from hokan.table import PropertyTable

Mechanism = Literal["MCAR", "MAR", "MNAR", "monotone", "block"]
#: Names of the mechanisms.
MECHANISMS: tuple[Mechanism, ...] = get_args(Mechanism)
_STEEPEST = 100.0


def ampute(
    table: PropertyTable | pd.DataFrame | npt.ArrayLike,
    share: float = 0.3,
    mechanism: Mechanism = "MCAR",
    *,
    random_state: int | Sequence[int],
    properties: Iterable[str] | None = None,
    strength: float = 2.0,
    tail: Literal["right", "left", "tail", "mid"] = "right",
    n_sources: int = 3,
) -> Holdout:
    """Make holes in known cells, as many as asked for and by a known mechanism.

    Of each property, the values of all rows of equal composition are hidden or left together, since
    one would give away the other. Holes that the table has stay, and are no part of the share.

    Parameters
    ----------
    table : PropertyTable, DataFrame or array_like of shape (n, p)
        Where to make holes. Columns of an array are called ``x0``, ``x1``, …
    share : float
        Of the known cells of the chosen properties, between 0 and 1. With the first three
        mechanisms each property loses this share of its values, to within one cell (more exactly,
        the cells of one composition); with the others, all of them together do (blocks to within
        what one composition loses).
    mechanism : {"MCAR", "MAR", "MNAR", "monotone", "block"}
        Why a cell is hidden:

        - ``"MCAR"``: by chance;
        - ``"MAR"``: more often where other values of its row, which stay in view, are large;
        - ``"MNAR"``: more often where it is large itself;
        - ``"monotone"``: by chance, but nested: a row that knows a property knows all before it
          (see :attr:`hokan.table.MissingPattern.is_monotone`, which holds for these properties);
        - ``"block"``: as where the table was put together from sources, of which each lacks some
          columns altogether, and one lacks none.
    random_state : int or sequence of int
        Seed. The same seed makes the same holes.
    properties : iterable of str, optional
        Where to make holes; by default in all. Others stay as they are.
    strength : float
        For MAR and MNAR: by how much the log odds of a hole rise when the score (of other values,
        or of its own) rises by one standard deviation. 0 is chance.
    tail : {"right", "left", "tail", "mid"}
        For MAR and MNAR: whether holes are where the score is large, small, far from its mean, or
        near it. Scores are of ranks, so that they do not depend on the scale of a property.
    n_sources : int
        For blocks: how many sources lack something.

    Returns
    -------
    Holdout
        The table with holes, which cells are new ones, and their true values.

    Raises
    ------
    TableError
        If an argument is out of range, a property is not there, or the share cannot be met so that
        each property keeps at least two values.

    Notes
    -----
    After ``ampute`` of R mice: Schouten, Lugtig & Vink, J. Stat. Comput. Simul. 88, 2909 (2018).

    Examples
    --------
    >>> import numpy as np
    >>> from hokan.evaluation import ampute
    >>> values = np.random.default_rng(0).normal(size=(100, 3))
    >>> holdout = ampute(values, 0.2, "MAR", random_state=0)
    >>> holdout.hidden.sum(axis=0).tolist()
    [20, 20, 20]
    """
    table = _as_table(table)
    columns = _columns(table, properties)
    _check(share, mechanism, strength, tail, n_sources)
    compositions = Compositions.of(table, columns)
    rng = np.random.default_rng(random_state)
    hidden = _drawn(compositions, share, mechanism, rng, strength, tail, n_sources)
    return hide_cells(table, compositions.cells(hidden))


def _drawn(
    compositions: Compositions,
    share: float,
    mechanism: str,
    rng: np.random.Generator,
    strength: float,
    tail: str,
    n_sources: int,
) -> BoolArray:
    if mechanism == "monotone":
        return nested(compositions, share, rng)
    if mechanism == "block":
        return blocks(compositions, share, n_sources, rng)
    targets = compositions.targets(share)
    if mechanism == "MAR":
        return by_others(compositions, targets, rng, share=share, strength=strength, tail=tail)
    if mechanism == "MNAR":
        return by_own_value(compositions, targets, rng, strength=strength, tail=tail)
    return by_chance(compositions, targets, rng)


def _as_table(table: PropertyTable | pd.DataFrame | npt.ArrayLike) -> PropertyTable:
    if isinstance(table, PropertyTable):
        return table
    if isinstance(table, pd.DataFrame):
        return PropertyTable.from_frame(table)
    values = np.asarray(table, dtype=np.float64)
    if values.ndim != 2:
        raise TableError(
            "expected a table, or an array of rows and columns, to make holes in; found an array "
            f"of {values.ndim} dimensions."
        )
    names = [f"x{column}" for column in range(values.shape[1])]
    return PropertyTable.from_frame(pd.DataFrame(values, columns=names))


def _columns(table: PropertyTable, properties: Iterable[str] | None) -> list[int]:
    if isinstance(properties, str):
        properties = (properties,)
    names = table.property_names if properties is None else tuple(dict.fromkeys(properties))
    for name in names:
        if name not in table.property_names:
            raise TableError(
                f"{table.source}: no property {name!r} to make holes in"
                f"{did_you_mean(name, table.property_names)}; there are "
                f"{', '.join(map(repr, table.property_names))}."
            )
    if not names:
        raise TableError(f"{table.source}: name at least one property to make holes in.")
    return sorted(table.property_names.index(name) for name in names)


def _check(share: float, mechanism: str, strength: float, tail: str, n_sources: int) -> None:
    if mechanism not in MECHANISMS:
        raise TableError(
            f"the mechanism that makes holes must be one of {', '.join(MECHANISMS)}; found "
            f"{mechanism!r}{did_you_mean(mechanism, MECHANISMS)}."
        )
    if not 0.0 < share < 1.0:
        raise TableError(f"the share of cells to hide must be between 0 and 1, found {share!r}.")
    if not 0.0 <= strength <= _STEEPEST:
        raise TableError(
            f"the strength of a mechanism must be between 0 and {_STEEPEST:g}, found {strength!r}."
        )
    if tail not in TAILS:
        raise TableError(f"tail must be one of {', '.join(TAILS)}; found {tail!r}.")
    if n_sources < 1:
        raise TableError(f"there must be at least 1 source that lacks something, found {n_sources}")
