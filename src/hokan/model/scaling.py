"""Values, limits and measurement errors of a table on the scale the model works on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hokan.descriptors.features import MaterialFeatures
from hokan.errors import TableError
from hokan.gp.kernels import FloatArray
from hokan.graph import PropertyGraph, StandardisedTransform
from hokan.inference.cells import Cells, DoubtfulValues, Limits
from hokan.inference.gross_errors import USUAL_SHARE
from hokan.table import PropertyTable

#: Of fewer known values, a rare one cannot be told from a wrong one: of 30 measured band gaps, the
#: wide ones of fluorides were taken for wrong, and the error of others rose by 3 %.
FEWEST_FOR_DOUBTS = 50


def standardised_cells(
    table: PropertyTable,
    graph: PropertyGraph,
    transforms: tuple[StandardisedTransform, ...],
    features: MaterialFeatures,
) -> Cells:
    """Return the cells of a table as inference takes them.

    Properties of the graph that the table lacks are holes everywhere. Measurement errors pass
    through the slope of the transform (first order); the table's own go before those of the graph.
    A value at its floor becomes a limit, beside the limits of the table. Other values may be wrong,
    as the graph says.

    Raises
    ------
    TableError
        A value or limit lies where the scale of its property has no place for it.
    """
    shape = (table.n_rows, len(graph))
    values, noise = np.full(shape, np.nan), np.zeros(shape)
    lower, upper = np.full(shape, -np.inf), np.full(shape, np.inf)
    for j, (declared, transform) in enumerate(zip(graph, transforms, strict=True)):
        if declared.name not in table.property_names:
            continue
        column = table.property_names.index(declared.name)
        raw = table.values[:, column]
        transform.check(raw, declared.name, table.source)
        values[:, j] = transform.forward(raw)
        upper[:, j] = np.where(transform.at_floor(raw), values[:, j], np.inf)
        below, above = table.lower_limits[:, column], table.upper_limits[:, column]
        ends = _transformed_limits(below, above, transform, declared.name, table.source)
        lower[:, j] = np.maximum(lower[:, j], ends[0])
        upper[:, j] = np.minimum(upper[:, j], ends[1])
        # What stands for a limit until it has a site.
        standing = np.where(np.isfinite(lower[:, j]), lower[:, j], upper[:, j])
        limited = np.isfinite(standing)
        values[limited, j] = standing[limited]
        error = table.measurement_error[:, column]
        if not isinstance(declared.measurement_error, str):
            error = np.where(error > 0, error, declared.measurement_error)
        known = np.isfinite(values[:, j])
        where = np.where(limited, transform.inverse(standing), raw)[known]
        noise[known, j] = (error[known] * transform.derivative(where)) ** 2
    limits = Limits(lower, upper, noise)
    here = limits.here
    limits = Limits(lower, upper, np.where(here, noise, 0.0))
    doubts = _doubts(graph, np.where(here, np.nan, values), noise)
    return Cells(values, noise, features, limits if here.any() else None, doubts)


def _doubts(graph: PropertyGraph, values: FloatArray, noise: FloatArray) -> DoubtfulValues | None:
    """Return which values may be wrong; ``None`` where the graph says that none is."""
    declared = [member.gross_errors for member in graph]
    learned = np.array([share == "auto" for share in declared])
    given = [0.0 if isinstance(share, str) else share for share in declared]
    share = np.where(learned, USUAL_SHARE, given)
    if not share.any():
        return None
    suspect = np.zeros(values.shape, dtype=bool)
    return DoubtfulValues(values, noise, suspect, share, learned)


def without_learned_doubts(cells: Cells, fewer_than: int | None = None) -> Cells:
    """Return cells in which values may only be wrong where the graph gives the share of these.

    With a number: so it is for properties with fewer known values alone.
    """
    doubts = cells.doubts
    if doubts is None:
        return cells
    few = np.isfinite(doubts.values).sum(axis=0) < (np.inf if fewer_than is None else fewer_than)
    share = np.where(doubts.learned & few, 0.0, doubts.share)
    return replace(cells, doubts=replace(doubts, share=share) if share.any() else None)


def _transformed_limits(
    lower: FloatArray,
    upper: FloatArray,
    transform: StandardisedTransform,
    column: str,
    source: str,
) -> tuple[FloatArray, FloatArray]:
    """Return limits on the scale of the model, -inf and inf where there is none.

    A limit that every value of the scale keeps (at least 0, on a logarithmic one) says nothing; one
    that no value keeps is refused.
    """
    ends = []
    for raw, infinite in ((lower, -np.inf), (upper, np.inf)):
        end = np.full(raw.shape, infinite)
        for row in np.flatnonzero(np.isfinite(raw)):
            if infinite < 0 and transform.at_floor(raw[row]):
                continue
            if transform.is_allowed(raw[row]):
                end[row] = transform.forward(raw[row])
            elif not _kept_by_all(float(raw[row]), infinite, transform):
                sign = "at least" if infinite < 0 else "at most"
                raise TableError(
                    f"{source}, row {row + 1}, column {column!r}: the limit ({sign} "
                    f"{raw[row]:.15g}) leaves no value on the {transform.transform.name} scale of "
                    f"the property, which holds {transform.domain}; correct the limit, or set "
                    'transform = "identity" and floor = "none" in a graph'
                )
        ends.append(end)
    return ends[0], ends[1]


def _kept_by_all(limit: float, infinite: float, transform: StandardisedTransform) -> bool:
    """Whether a limit outside the domain of a scale lies beyond all of its values."""
    middle = float(transform.inverse(0.0))
    return limit < middle if infinite < 0 else limit > middle
