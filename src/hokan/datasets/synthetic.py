"""Tables drawn from the model itself, so that what a fit should find is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import cholesky, solve_triangular
from scipy.spatial.distance import pdist, squareform

from hokan.errors import GraphError, TableError
from hokan.graph import PropertyGraph, get_transform
from hokan.table import PropertyTable

FloatArray = NDArray[np.float64]

# Added to the diagonal of the Laplacian kernel, for materials that (nearly) coincide.
_JITTER = 1e-10
# Fewer values than this say nothing about scale and location of a property.
_FEWEST_OBSERVED = 2


@dataclass(frozen=True)
class SyntheticHierarchy:
    """A table with holes and the truth it was drawn from; p properties of n materials.

    Attributes
    ----------
    table : PropertyTable
        What a user would have: values with holes (and with measurement error, given in columns
        ``P__error``, if there is one) and descriptor columns ``x1`` … ``xd``.
    graph : PropertyGraph
        The true dependencies and transforms; the columns of the table are in its order.
    complete : ndarray of shape (n, p)
        All values on the raw scale, without measurement error.
    transformed : ndarray of shape (n, p)
        The same on the transformed scale, not standardised: z in
        :func:`make_hierarchy`.
    links : ndarray of shape (p, p)
        B: the coefficient of parent k of property j at [j, k], on the transformed scale, not
        standardised. A model that standardises with scales s finds B_jk s_k / s_j.
    function_variances : ndarray of shape (p,)
        Variance of f_j, transformed scale.
    noise_variances : ndarray of shape (p,)
        Variance of e_j, transformed scale.
    lengthscale : float
        Of the Laplacian kernel.
    """

    table: PropertyTable
    graph: PropertyGraph
    complete: FloatArray
    transformed: FloatArray
    links: FloatArray
    function_variances: FloatArray
    noise_variances: FloatArray
    lengthscale: float


def make_hierarchy(
    n_rows: int,
    graph: PropertyGraph | int = 3,
    *,
    missing: float = 0.3,
    pattern: Literal["random", "monotone"] = "random",
    n_descriptors: int = 5,
    link_coefficients: ArrayLike | None = None,
    function_variance: float | Sequence[float] = 1.0,
    noise: float | Sequence[float] = 0.3,
    lengthscale: float = 1.0,
    measurement_error: float = 0.0,
    random_state: int | np.random.Generator | None = None,
) -> SyntheticHierarchy:
    """Draw a table of properties that depend on each other through known linear links.

    For each row, z = B z + f + e on the transformed scale of each property: f_j is a Gaussian
    process over the descriptors with the Laplacian kernel exp(−‖x − x'‖₁ / (d ℓ)), e_j Gaussian and
    independent from row to row. Descriptors are independent standard normal. The raw value is the
    inverse of the property's transform at z.

    Parameters
    ----------
    n_rows : int
        Number of materials n.
    graph : PropertyGraph or int
        The dependencies, in any order of properties; transform ``"auto"`` is read as
        ``"identity"``, prior means are not used. A number p stands for properties ``property_1`` …
        ``property_p``, each linked to all before it.
    missing : float in [0, 1)
        With ``pattern="random"``, the fraction of each column that is removed, rows drawn at
        random. With ``pattern="monotone"``, the fraction of its predecessor's rows each property
        loses, in topological order, the first being complete: wherever a property is known, so are
        all before it. At least two values of each are kept.
    pattern : {"random", "monotone"}
    n_descriptors : int
        d; 0 for a table of properties alone, then without f.
    link_coefficients : array_like of shape (p, p), optional
        B, zero where there is no link. None: each link of a property with q parents has a random
        sign and a size between 0.5/√q and 1/√q.
    function_variance : float or sequence of p floats
        Variance of each f_j.
    noise : float or sequence of p floats
        Standard deviation of each e_j.
    lengthscale : float
        ℓ.
    measurement_error : float
        Typical standard deviation τ of an error of measurement on the transformed scale, which
        reaches the table but neither the truth nor other properties. Each value has its own,
        between τ/2 and 3τ/2; the table tells it on the raw scale (to first order, by the
        derivative of the transform at the measured value).
    random_state : int, numpy Generator or None
        The same seed gives the same table; the truth does not depend on ``missing``, ``pattern``
        and ``measurement_error``.

    Returns
    -------
    SyntheticHierarchy

    Raises
    ------
    GraphError
        If the coefficients do not fit the graph.
    TableError
        If a size, fraction or variance is out of range, or leaves a property without variation.
    """
    _check(n_rows, missing, pattern, n_descriptors, lengthscale, measurement_error)
    graph = _read_graph(graph)
    p = len(graph)
    rng = np.random.default_rng(random_state)

    links = _draw_links(graph, rng)
    if link_coefficients is not None:
        links = _read_links(graph, link_coefficients)
    function_variances = _one_for_each(function_variance, p, "function_variance")
    if n_descriptors == 0:
        function_variances = np.zeros(p)
    noise_variances = _one_for_each(noise, p, "noise") ** 2

    descriptors = rng.standard_normal((n_rows, n_descriptors))
    functions = _correlate(rng.standard_normal((n_rows, p)), descriptors, lengthscale)
    own = functions * np.sqrt(function_variances)
    own += rng.standard_normal((n_rows, p)) * np.sqrt(noise_variances)
    # z = B z + own for each row; B is strictly lower triangular in topological order.
    order = list(graph.order)
    transformed = np.empty((n_rows, p))
    transformed[:, order] = solve_triangular(
        np.eye(p) - links[np.ix_(order, order)], own[:, order].T, lower=True, unit_diagonal=True
    ).T

    error = measurement_error * rng.uniform(0.5, 1.5, (n_rows, p))
    measured = transformed + error * rng.standard_normal((n_rows, p))
    observed = _draw_pattern(n_rows, graph, missing, pattern, rng)

    transforms = [get_transform(member) for member in graph]
    columns: dict[str, FloatArray] = {}
    properties = zip(graph.names, transforms, strict=True)
    for j, (name, transform) in enumerate(properties):
        raw = transform.inverse(measured[:, j])
        columns[name] = np.where(observed[:, j], raw, np.nan)
        if measurement_error > 0:
            raw_error = error[:, j] / transform.derivative(raw)
            columns[f"{name}__error"] = np.where(observed[:, j], raw_error, np.nan)
    descriptor_names = [f"x{number}" for number in range(1, n_descriptors + 1)]
    for name, values in zip(descriptor_names, descriptors.T, strict=True):
        if name in columns:
            raise GraphError(f"property {name!r} has the name of a descriptor; call it otherwise")
        columns[name] = values

    return SyntheticHierarchy(
        table=PropertyTable.from_frame(
            pd.DataFrame(columns),
            descriptors=descriptor_names,
            properties=graph.names,
            source="the synthetic table",
        ),
        graph=graph,
        complete=np.column_stack(
            [transform.inverse(z) for transform, z in zip(transforms, transformed.T, strict=True)]
        ),
        transformed=transformed,
        links=links,
        function_variances=function_variances,
        noise_variances=noise_variances,
        lengthscale=lengthscale,
    )


def _check(
    n_rows: int,
    missing: float,
    pattern: str,
    n_descriptors: int,
    lengthscale: float,
    measurement_error: float,
) -> None:
    if n_rows < _FEWEST_OBSERVED:
        raise TableError(f"n_rows must be at least {_FEWEST_OBSERVED}, found {n_rows}")
    if not 0 <= missing < 1:
        raise TableError(f"missing must be a fraction from 0 to below 1, found {missing}")
    if pattern not in ("random", "monotone"):
        raise TableError(f'pattern must be "random" or "monotone", found {pattern!r}')
    if n_descriptors < 0:
        raise TableError(f"n_descriptors cannot be negative, found {n_descriptors}")
    if not 0 < lengthscale < np.inf:
        raise TableError(f"lengthscale must be positive and finite, found {lengthscale}")
    if not 0 <= measurement_error < np.inf:
        raise TableError(f"measurement_error must be 0 or positive, found {measurement_error}")


def _read_graph(graph: PropertyGraph | int) -> PropertyGraph:
    if not isinstance(graph, PropertyGraph):
        names = (f"property_{number}" for number in range(1, graph + 1))
        return PropertyGraph.ladder(*names, transform="identity", all_below=True)
    return PropertyGraph(
        tuple(
            replace(member, transform="identity") if member.transform == "auto" else member
            for member in graph
        )
    )


def _draw_links(graph: PropertyGraph, rng: np.random.Generator) -> FloatArray:
    mask = graph.parent_mask()
    sizes = rng.uniform(0.5, 1.0, mask.shape) * rng.choice([-1.0, 1.0], mask.shape)
    # With many parents each acts less, so that children do not outgrow them.
    return np.where(mask, sizes / np.sqrt(np.maximum(mask.sum(axis=1, keepdims=True), 1)), 0.0)


def _read_links(graph: PropertyGraph, coefficients: ArrayLike) -> FloatArray:
    links = np.array(coefficients, dtype=np.float64)
    p = len(graph)
    if links.shape != (p, p) or not np.isfinite(links).all():
        raise GraphError(
            f"link_coefficients must be a ({p}, {p}) array of finite numbers for {p} properties, "
            f"found shape {links.shape}"
        )
    for j, k in np.argwhere((links != 0) & ~graph.parent_mask()):
        raise GraphError(
            f"link_coefficients has {links[j, k]:g} at [{j}, {k}], but in the graph "
            f"{graph.names[k]!r} is not a parent of {graph.names[j]!r}"
        )
    return links


def _one_for_each(values: float | Sequence[float], p: int, name: str) -> FloatArray:
    given = np.asarray(values, dtype=np.float64)
    if given.ndim > 1 or given.size not in (1, p):
        raise TableError(f"{name} must be one number or {p}, found shape {given.shape}")
    if not (np.isfinite(given) & (given >= 0)).all():
        raise TableError(f"{name} must be 0 or positive, found {values}")
    return np.broadcast_to(given, (p,)).copy()


def _correlate(independent: FloatArray, descriptors: FloatArray, lengthscale: float) -> FloatArray:
    """Turn independent columns into draws of a Gaussian process over the descriptors."""
    n, d = descriptors.shape
    if d == 0:
        return np.zeros_like(independent)
    distance = squareform(pdist(descriptors, "cityblock"))
    kernel = np.exp(-distance / (d * lengthscale)) + _JITTER * np.eye(n)
    return np.asarray(cholesky(kernel, lower=True) @ independent)


def _draw_pattern(
    n: int,
    graph: PropertyGraph,
    missing: float,
    pattern: Literal["random", "monotone"],
    rng: np.random.Generator,
) -> NDArray[np.bool_]:
    observed = np.zeros((n, len(graph)), dtype=np.bool_)
    rows = rng.permutation(n)
    for position, j in enumerate(graph.order):
        if pattern == "monotone":
            kept = n * (1 - missing) ** position
        else:
            rows = rng.permutation(n)
            kept = n * (1 - missing)
        observed[rows[: max(round(kept), _FEWEST_OBSERVED)], j] = True
    return observed
