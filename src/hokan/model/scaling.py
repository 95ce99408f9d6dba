"""Values, limits and measurement errors of a table on the scale the model works on."""

from __future__ import annotations

import numpy as np

from hokan.descriptors.features import MaterialFeatures
from hokan.graph import PropertyGraph, StandardisedTransform
from hokan.inference.cells import Cells, Limits
from hokan.table import PropertyTable


def standardised_cells(
    table: PropertyTable,
    graph: PropertyGraph,
    transforms: tuple[StandardisedTransform, ...],
    features: MaterialFeatures,
) -> Cells:
    """Return the cells of a table as inference takes them.

    Properties of the graph that the table lacks are holes everywhere. Measurement errors pass
    through the slope of the transform (first order); the table's own go before those of the graph.
    A value at its floor becomes a limit.
    """
    shape = (table.n_rows, len(graph))
    values, noise = np.full(shape, np.nan), np.zeros(shape)
    side = np.zeros(shape, dtype=np.int8)
    for j, (declared, transform) in enumerate(zip(graph, transforms, strict=True)):
        if declared.name not in table.property_names:
            continue
        column = table.property_names.index(declared.name)
        raw = table.values[:, column]
        transform.check(raw, declared.name, table.source)
        values[:, j] = transform.forward(raw)
        error = table.measurement_error[:, column]
        if not isinstance(declared.measurement_error, str):
            error = np.where(error > 0, error, declared.measurement_error)
        known = np.isfinite(raw)
        noise[known, j] = (error[known] * transform.derivative(raw[known])) ** 2
        side[known, j] = -1 * transform.at_floor(raw[known])
    here = side != 0
    limits = Limits(side, np.where(here, values, 0.0), np.where(here, noise, 0.0))
    return Cells(values, noise, features, limits if here.any() else None)
