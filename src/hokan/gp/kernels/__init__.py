"""Covariances between materials, one idea a file."""

from hokan.gp.kernels.base import FloatArray, Kernel, LogNormalPrior
from hokan.gp.kernels.inner_products import ConstantKernel, ElementSimilarityKernel, LinearKernel
from hokan.gp.kernels.laplacian import LaplacianKernel
from hokan.gp.kernels.matern import MaternKernel
from hokan.gp.kernels.product_matern import ProductMaternKernel
from hokan.gp.kernels.squared_exponential import SquaredExponentialKernel

__all__ = [
    "ConstantKernel",
    "ElementSimilarityKernel",
    "FloatArray",
    "Kernel",
    "LaplacianKernel",
    "LinearKernel",
    "LogNormalPrior",
    "MaternKernel",
    "ProductMaternKernel",
    "SquaredExponentialKernel",
]
