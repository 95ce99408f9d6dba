"""Which kernels describe a table's materials."""

from __future__ import annotations

from hokan.descriptors.features import MaterialFeatures
from hokan.gp.kernels import (
    ConstantKernel,
    ElementSimilarityKernel,
    Kernel,
    LaplacianKernel,
    LinearKernel,
    MaternKernel,
)

#: Up to so many descriptors of the user's own, each gets its own lengthscale.
_MOST_LENGTHSCALES = 10


def choose_kernels(features: MaterialFeatures) -> tuple[Kernel, ...]:
    """Return the kernels that fit what is known of the materials.

    A composition gives many rough descriptors: a Laplacian kernel with one lengthscale, straight
    lines, and contributions of elements. A few numbers of the user's own are taken as smooth
    coordinates: a Matern kernel with a lengthscale for each, and straight lines. With neither,
    the properties carry the model alone.
    """
    if features.has_composition:
        return (LaplacianKernel(), LinearKernel(), ElementSimilarityKernel(), ConstantKernel())
    if features.n_descriptors > _MOST_LENGTHSCALES:
        return (LaplacianKernel(), LinearKernel(), ConstantKernel())
    if features.n_descriptors:
        return (MaternKernel(features.n_descriptors), LinearKernel(), ConstantKernel())
    return (ConstantKernel(),)
