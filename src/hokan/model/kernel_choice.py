"""Which kernels may describe a table's materials."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hokan.descriptors.features import MaterialFeatures
from hokan.gp.kernels import (
    ConstantKernel,
    ElementSimilarityKernel,
    Kernel,
    LaplacianKernel,
    LinearKernel,
    LogNormalPrior,
    MaternKernel,
    ProductMaternKernel,
    SquaredExponentialKernel,
)
from hokan.inference.parameters import MATERIAL_VARIANCE_PRIOR

#: Up to so many descriptors of the user's own, each gets its own lengthscale.
_MOST_LENGTHSCALES = 10
#: Few descriptors of the user's own may say all there is to know, or little: prior of the variance
#: that belongs to the material, wider than that of compositions (with which Forrester values with
#: a twentieth of noise were missed by 0.36 instead of 0.27, and 90 % intervals held 73 %).
FEW_COLUMNS_VARIANCE_PRIOR = LogNormalPrior(median=0.1, spread=1.5)
#: Where nothing describes a material, the properties alone carry the model, and what belongs to the
#: material may be most of it: a vague prior. With the usual one, pooled slopes from 30 rows were
#: off by 0.06 of 1 instead of 0.02 (benchmarks/pooled_coverage.py --rows 30).
NOTHING_DESCRIBED_VARIANCE_PRIOR = LogNormalPrior(median=0.5, spread=1.5)
# A smooth function without noise is close to a polynomial of a high degree: lengthscales far
# longer than the data, variances far larger than theirs, and a mean that may lie anywhere.
_FUNCTION_VARIANCE_PRIOR = LogNormalPrior(median=30.0, spread=3.0)
_FUNCTION_LENGTHSCALES = 6.0
_FUNCTION_LENGTHSCALE_SPREAD = 1.5
_FUNCTION_MEAN_VARIANCE = 100.0


@dataclass(frozen=True)
class KernelFamily:
    """Kernels to describe materials with.

    Attributes
    ----------
    description : str
        What it takes properties to be, in words.
    kernels : tuple of Kernel
        The components.
    component_mask : ndarray of shape (components + 1, p) of bool
        Which properties each component is a part of, as in
        :class:`~hokan.inference.parameters.ParameterLayout`.
    material_variance_prior : LogNormalPrior or None
        Of the variance that belongs to the material; ``None``: there is none.
    """

    description: str
    kernels: tuple[Kernel, ...]
    component_mask: NDArray[np.bool_]
    material_variance_prior: LogNormalPrior | None


def candidate_families(
    features: MaterialFeatures, n_properties: int = 1
) -> tuple[KernelFamily, ...]:
    """Return the families that fit what is known of the materials, the usual one first.

    A composition gives many rough descriptors: a Laplacian kernel with one lengthscale, straight
    lines, and contributions of elements. A few numbers of the user's own are taken as smooth
    coordinates: a Matern kernel with a lengthscale for each, and straight lines; or, for what is
    calculated from them, functions without any noise, each property with lengthscales of its own.
    With neither, the properties carry the model alone.
    """
    if features.has_composition:
        return (_usual(n_properties, LaplacianKernel(), LinearKernel(), ElementSimilarityKernel()),)
    if features.n_descriptors > _MOST_LENGTHSCALES:
        return (_usual(n_properties, LaplacianKernel(), LinearKernel()),)
    if features.n_descriptors:
        usual = _usual(
            n_properties,
            MaternKernel(features.n_descriptors),
            LinearKernel(),
            prior=FEW_COLUMNS_VARIANCE_PRIOR,
        )
        functions = (
            _functions(features.n_descriptors, n_properties, rough=rough) for rough in (True, False)
        )
        return (usual, *functions)
    return (_usual(n_properties, prior=NOTHING_DESCRIBED_VARIANCE_PRIOR),)


def _usual(
    n_properties: int, *kernels: Kernel, prior: LogNormalPrior = MATERIAL_VARIANCE_PRIOR
) -> KernelFamily:
    kernels += (ConstantKernel(),)
    mask = np.ones((len(kernels) + 1, n_properties), dtype=bool)
    return KernelFamily("more than functions of your columns", kernels, mask, prior)


def _functions(n_descriptors: int, n_properties: int, *, rough: bool) -> KernelFamily:
    """Return functions without noise: a smooth and perhaps a rougher part of each property.

    With both parts (a squared-exponential kernel and a product of Matern kernels), of which the fit
    decides through their variances, errors were lowest at most functions of benchmarks/analytic.py;
    the very smooth are better described by the first alone.
    """
    lengthscales = LogNormalPrior(
        _FUNCTION_LENGTHSCALES * float(np.sqrt(n_descriptors)), _FUNCTION_LENGTHSCALE_SPREAD
    )
    kinds = (SquaredExponentialKernel, ProductMaternKernel)[: 2 if rough else 1]
    own = tuple(
        kind(n_descriptors, _FUNCTION_VARIANCE_PRIOR, lengthscales)
        for kind in kinds
        for _ in range(n_properties)
    )
    shared = (LinearKernel(), ConstantKernel(_FUNCTION_MEAN_VARIANCE))
    mask = np.ones((len(own) + len(shared) + 1, n_properties), dtype=bool)
    mask[: len(own)] = np.tile(np.eye(n_properties, dtype=bool), (len(kinds), 1))
    description = f"{'' if rough else 'very '}smooth functions of your columns"
    return KernelFamily(description, own + shared, mask, None)
