"""Values and measurement errors of a table on the scale the model works on."""

from __future__ import annotations

import numpy as np

from hokan.gp.kernels import FloatArray
from hokan.graph import StandardisedTransform
from hokan.table import PropertyTable


def standardise_column(
    table: PropertyTable, column: int, transform: StandardisedTransform
) -> tuple[FloatArray, FloatArray]:
    """Return values and noise variances of one property in standardised transformed units.

    Measurement errors pass through the slope of the transform (first order).
    """
    raw, error = table.values[:, column], table.measurement_error[:, column]
    transform.check(raw, table.property_names[column], table.source)
    values = transform.forward(raw)
    known = np.isfinite(raw)
    noise = np.zeros(len(raw))
    noise[known] = (error[known] * transform.derivative(raw[known])) ** 2
    return values, noise
