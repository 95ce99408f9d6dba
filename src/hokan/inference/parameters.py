"""The unknowns of the joint model, and their flat form for an optimiser."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hokan.gp.kernels import FloatArray, Kernel, LogNormalPrior

#: Prior of the variance that belongs to the material (what descriptors cannot see). Tighter than
#: the others: from few values, a most probable variance near zero is common and makes intervals
#: too narrow (with spread 1.5, 90 % intervals of melting points held 86 % instead of 89 %).
MATERIAL_VARIANCE_PRIOR = LogNormalPrior(median=0.1, spread=0.7)
#: Prior of the variance of measurement errors, where it is learned.
NOISE_VARIANCE_PRIOR = LogNormalPrior(median=0.01, spread=1.5)
#: Variances and lengthscales stay inside this factor of one: far beyond what data can tell apart
#: in standardised units, and small enough for the covariance to stay well conditioned.
_LOG_BOUND = 13.0
#: The variance that belongs to the material may be smaller: a function of the descriptors and
#: nothing else has none. This is about the least that keeps the covariance of a smooth function
#: positive definite in double precision.
NEGLIGIBLE_VARIANCE = 1e-12


@dataclass(frozen=True)
class HierarchyParameters:
    """Everything that is learned, in standardised transformed units.

    Attributes
    ----------
    links : ndarray of shape (p, p)
        ``links[j, k]`` is the coefficient of parent k in property j; zero where there is no link.
    variances : ndarray of shape (components + 1, p)
        Variance of each kernel component in each property, zero where the property has no part of
        it; the last row is the variance that belongs to the material itself.
    noise_variances : ndarray of shape (p,)
        Variance of the measurement error that every value of a property has besides the one given
        for it; zero where it is not learned.
    log_hyperparameters : ndarray of shape (h,)
        Logarithms of lengthscales, kernel after kernel.
    """

    links: FloatArray
    variances: FloatArray
    noise_variances: FloatArray
    log_hyperparameters: FloatArray

    @property
    def mixing(self) -> FloatArray:
        """``A = (I - B)^-1``: how the parts of each property reach all others, shape (p, p)."""
        return np.asarray(np.linalg.inv(np.eye(len(self.links)) - self.links), dtype=np.float64)

    def component_weights(self) -> FloatArray:
        """``W_c = A diag(q_c) A^T`` of each component, shape (components + 1, p, p)."""
        mixing = self.mixing
        return np.asarray(np.einsum("jm,cm,km->cjk", mixing, self.variances, mixing))


@dataclass(frozen=True)
class LogParameters:
    """Parameters as the optimiser moves them, or derivatives with respect to them."""

    links: FloatArray
    log_variances: FloatArray
    log_noise_variances: FloatArray
    log_hyperparameters: FloatArray


class ParameterLayout:
    """Where each unknown stands in the optimiser's vector, and its prior.

    The vector holds the links of the graph, then log variances of the components that are free,
    log variances of measurement errors that are learned, and log hyperparameters.

    Parameters
    ----------
    parent_mask : ndarray of shape (p, p) of bool
        ``[j, k]`` true where k is a parent of j.
    kernels : sequence of Kernel
        The components.
    link_means, link_spreads : ndarray of shape (p, p)
        Mean and standard deviation of the normal prior of each link.
    learn_noise : ndarray of shape (p,) of bool, optional
        Properties whose measurement error is learned; by default none.
    component_mask : ndarray of shape (components + 1, p) of bool, optional
        ``[c, j]`` true where component c (the last row: what belongs to the material) is a part of
        property j; elsewhere its variance is exactly zero. By default every component is a part of
        every property.
    material_variance_prior : LogNormalPrior, tuple of LogNormalPrior, or None
        Prior of the variance that belongs to the material; ``None`` fixes it at next to nothing:
        properties are functions of the descriptors.

    Attributes
    ----------
    free : ndarray of shape (components + 1, p) of bool
        Variances that are learned: neither masked nor fixed at 1 by their kernel.
    """

    def __init__(
        self,
        parent_mask: NDArray[np.bool_],
        kernels: tuple[Kernel, ...],
        link_means: FloatArray,
        link_spreads: FloatArray,
        learn_noise: NDArray[np.bool_] | None = None,
        component_mask: NDArray[np.bool_] | None = None,
        material_variance_prior: LogNormalPrior
        | tuple[LogNormalPrior, ...]
        | None = MATERIAL_VARIANCE_PRIOR,
    ) -> None:
        self.parent_mask = parent_mask
        self.kernels = kernels
        self.n_properties = len(parent_mask)
        self.link_means = link_means
        self.link_spreads = link_spreads
        self.learn_noise = (
            np.zeros(self.n_properties, dtype=bool) if learn_noise is None else learn_noise
        )
        self.component_mask = (
            np.ones((len(kernels) + 1, self.n_properties), dtype=bool)
            if component_mask is None
            else component_mask
        )
        self.material_variance_prior = material_variance_prior
        p = self.n_properties
        priors = [(kernel.variance_prior,) * p for kernel in kernels]
        priors.append(
            material_variance_prior
            if isinstance(material_variance_prior, tuple)
            else (material_variance_prior,) * p
        )
        learned = np.array([[prior is not None for prior in row] for row in priors])
        self.free = self.component_mask & learned
        hyperparameter_priors = [p for kernel in kernels for p in kernel.hyperparameter_priors]
        self.n_links = int(parent_mask.sum())
        self.n_variances = int(self.free.sum())
        self.n_hyperparameters = len(hyperparameter_priors)
        per_property = [
            prior
            for row, free in zip(priors, self.free, strict=True)
            for prior, is_free in zip(row, free, strict=True)
            if prior is not None and is_free
        ]
        noises = [NOISE_VARIANCE_PRIOR] * int(self.learn_noise.sum())
        logs = per_property + noises + hyperparameter_priors
        self.prior_mean = np.concatenate([link_means[parent_mask], [p.log_mean for p in logs]])
        self.prior_spread = np.concatenate([link_spreads[parent_mask], [p.spread for p in logs]])

    def __len__(self) -> int:
        return len(self.prior_mean)

    @property
    def bounds(self) -> list[tuple[float | None, float | None]]:
        """Bounds for the optimiser: none on links, wide ones on logarithms."""
        return [
            (None, None) if np.isinf(upper) else (float(lower), float(upper))
            for lower, upper in zip(*self.bound_arrays, strict=True)
        ]

    @property
    def bound_arrays(self) -> tuple[FloatArray, FloatArray]:
        """The same bounds as two arrays, infinite where there is none."""
        upper = np.full(len(self), _LOG_BOUND)
        upper[: self.n_links] = np.inf
        lower = -upper
        stop = self.n_links + self.n_variances
        lower[stop - int(self.free[-1].sum()) : stop] = np.log(NEGLIGIBLE_VARIANCE)
        return lower, upper

    def unpack(self, vector: FloatArray) -> HierarchyParameters:
        """Return the parameters that a vector stands for."""
        links = np.zeros((self.n_properties, self.n_properties))
        links[self.parent_mask] = vector[: self.n_links]
        variances = self.component_mask.astype(np.float64)
        variances[-1] *= NEGLIGIBLE_VARIANCE
        variances[self.free] = np.exp(vector[self.n_links : self.n_links + self.n_variances])
        noise = np.zeros(self.n_properties)
        rest = vector[self.n_links + self.n_variances :]
        n_noises = int(self.learn_noise.sum())
        noise[self.learn_noise] = np.exp(rest[:n_noises])
        return HierarchyParameters(links, variances, noise, rest[n_noises:])

    def pack(self, parameters: HierarchyParameters) -> FloatArray:
        """Return the vector of some parameters."""
        variances, noise = parameters.variances, parameters.noise_variances
        return self.arrange(
            LogParameters(
                parameters.links,
                np.log(variances, out=np.zeros_like(variances), where=self.free),
                np.log(noise, out=np.zeros_like(noise), where=self.learn_noise),
                parameters.log_hyperparameters,
            )
        )

    def arrange(self, parts: LogParameters) -> FloatArray:
        """Arrange parameters, or derivatives, as the vector is; fixed entries are left out."""
        return np.concatenate(
            [
                parts.links[self.parent_mask],
                parts.log_variances[self.free],
                parts.log_noise_variances[self.learn_noise],
                parts.log_hyperparameters,
            ]
        )

    def of_property(self, j: int) -> ParameterLayout:
        """Return the layout of one property by itself: no links, no learned measurement error."""
        alone = np.zeros((1, 1))
        prior = self.material_variance_prior
        return ParameterLayout(
            alone.astype(bool),
            self.kernels,
            alone,
            alone + 1.0,
            component_mask=self.component_mask[:, [j]],
            material_variance_prior=prior[j] if isinstance(prior, tuple) else prior,
        )

    def hyperparameter_slices(self) -> list[slice]:
        """Where each kernel's hyperparameters stand among all of them."""
        stops = np.cumsum([len(kernel.hyperparameter_priors) for kernel in self.kernels])
        return [
            slice(int(stop) - len(kernel.hyperparameter_priors), int(stop))
            for kernel, stop in zip(self.kernels, stops, strict=True)
        ]

    def negative_log_prior(self, vector: FloatArray) -> tuple[float, FloatArray]:
        """Return ``-log p(vector)`` with its normalising constant, and its gradient."""
        residual = (vector - self.prior_mean) / self.prior_spread
        constant = np.log(self.prior_spread).sum() + 0.5 * len(vector) * np.log(2.0 * np.pi)
        return float(0.5 * residual @ residual + constant), residual / self.prior_spread
