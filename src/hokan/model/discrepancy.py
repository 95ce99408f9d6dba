"""Which kernel components each property has a part of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hokan.gp.kernels import ConstantKernel, ElementSimilarityKernel, Kernel, LinearKernel
from hokan.graph import PropertyGraph

_ALLOWED: dict[str, tuple[type[Kernel], ...]] = {
    "gaussian process": (Kernel,),
    "linear": (LinearKernel, ElementSimilarityKernel, ConstantKernel),
    "none": (ConstantKernel,),
}


def component_mask(graph: PropertyGraph, kernels: tuple[Kernel, ...]) -> NDArray[np.bool_]:
    """Return which components each property's discrepancy is made of.

    Returns
    -------
    ndarray of shape (kernels + 1, p) of bool
        What belongs to the material, the last row, is a part of every property.
    """
    mask = np.ones((len(kernels) + 1, len(graph)), dtype=bool)
    for j, declared in enumerate(graph):
        allowed = _ALLOWED[declared.discrepancy]
        mask[:-1, j] = [isinstance(kernel, allowed) for kernel in kernels]
    return mask
