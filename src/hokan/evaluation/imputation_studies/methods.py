"""Ways to fill a table with holes, by name, each giving completed tables as arrays.

Every method has the signature of :class:`ImputationMethod` and sees the same: the known values, the
compositions and descriptors, and the scale on which to work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hokan.errors import HokanError
from hokan.evaluation import peers
from hokan.graph import Identity, Log, PropertyGraph, Transform
from hokan.graph.wording import did_you_mean
from hokan.imputation.chained_imputer import LOG_WHERE_POSITIVE, RAW, ChainedImputer
from hokan.imputation.imputations import Imputations
from hokan.imputation.multiple_imputer import MultipleImputer
from hokan.table import PropertyTable

FloatArray = NDArray[np.float64]

#: These fill nothing: the table before holes were made, and the rows that they left whole.
NO_HOLES, COMPLETE_CASES = "no holes", "complete cases"
#: Principal components of compositions that chained equations regress on.
MOST_COMPONENTS = 10


class ImputationMethod(Protocol):
    """Fills a table with holes, once or many times."""

    def __call__(
        self,
        table: PropertyTable,
        transforms: Sequence[Transform],
        *,
        n_imputations: int,
        random_state: int,
    ) -> FloatArray:
        """Fill a table.

        Parameters
        ----------
        table : PropertyTable
            Of n rows and p properties.
        transforms : sequence of Transform
            On which scale to model each property.
        n_imputations : int
            How many completed tables; a method that fills once returns one.
        random_state : int
            Seed.

        Returns
        -------
        ndarray of shape (m, n, p)
            Completed tables on the raw scale.
        """


def mean_filling(
    table: PropertyTable,
    transforms: Sequence[Transform],
    *,
    n_imputations: int,
    random_state: int,
) -> FloatArray:
    """Fill every hole with the mean of what is known of the property, on its scale."""
    filled = table.values.copy()
    for column, transform in enumerate(transforms):
        known = table.values[table.observed[:, column], column]
        mean = transform.inverse(np.array([transform.forward(known).mean()]))
        filled[~table.observed[:, column], column] = mean[0]
    return filled[None]


def iterative_imputer(
    table: PropertyTable,
    transforms: Sequence[Transform],
    *,
    n_imputations: int,
    random_state: int,
) -> FloatArray:
    """Fill once with scikit-learn's ``IterativeImputer``, as its users run it."""
    found = peers.iterative_imputer(
        table, ~table.observed, random_state=random_state, transforms=transforms, fractions=False
    )
    return np.where(table.observed, table.values, found.median)[None]


def chained_equations(
    table: PropertyTable,
    transforms: Sequence[Transform],
    *,
    n_imputations: int,
    random_state: int,
    method: str,
) -> FloatArray:
    """Fill many times by chained equations; see :class:`hokan.ChainedImputer`.

    Compositions predict through ten principal components at most, and one for ten rows: more would
    let regressions of small tables fit anything.
    """
    on_raw_scale = all(isinstance(transform, Identity) for transform in transforms)
    imputer = ChainedImputer(
        method,
        scale=RAW if on_raw_scale else LOG_WHERE_POSITIVE,
        n_components=min(MOST_COMPONENTS, table.n_rows // 10),
        n_imputations=n_imputations,
        random_state=random_state,
    )
    return completed_values(table, imputer.fit(table).impute())


def joint_model(
    table: PropertyTable,
    transforms: Sequence[Transform],
    *,
    n_imputations: int,
    random_state: int,
    engine: str,
    sample_parameters: bool = False,
) -> FloatArray:
    """Fill many times with hokan's joint model; see :class:`hokan.MultipleImputer`."""
    imputer = MultipleImputer(
        graph_on(table, transforms),
        engine=engine,
        sample_parameters=sample_parameters,
        n_imputations=n_imputations,
        random_state=random_state,
    )
    return completed_values(table, imputer.fit(table).impute())


#: The methods that can be compared by name. What fills nothing has no function.
IMPUTATION_METHODS: Mapping[str, ImputationMethod | None] = MappingProxyType(
    {
        NO_HOLES: None,
        COMPLETE_CASES: None,
        "mean": mean_filling,
        "iterative imputer": iterative_imputer,
        "chained linear": partial(chained_equations, method="bayesian linear"),
        "chained matching": partial(chained_equations, method="predictive mean matching"),
        "chained forest": partial(chained_equations, method="forest"),
        "chained Gaussian process": partial(chained_equations, method="gaussian process"),
        "hokan": partial(joint_model, engine="exact"),
        "hokan sampling": partial(joint_model, engine="sampling", sample_parameters=True),
    }
)
#: Those that take seconds.
QUICK_METHODS = (
    NO_HOLES,
    COMPLETE_CASES,
    "mean",
    "iterative imputer",
    "chained linear",
    "chained matching",
    "hokan",
)


def chosen_methods(
    methods: Sequence[str] | Mapping[str, ImputationMethod | None],
) -> Mapping[str, ImputationMethod | None]:
    """Return methods by name.

    Raises
    ------
    HokanError
        If there is none, or one is not known.
    """
    if not methods:
        raise HokanError("name at least one method to study")
    if isinstance(methods, Mapping):
        return methods
    for name in methods:
        if name not in IMPUTATION_METHODS:
            raise HokanError(
                f"no method {name!r} to fill holes{did_you_mean(name, IMPUTATION_METHODS)}; there "
                f"are {', '.join(map(repr, IMPUTATION_METHODS))}"
            )
    return {name: IMPUTATION_METHODS[name] for name in methods}


def graph_on(table: PropertyTable, transforms: Sequence[Transform]) -> PropertyGraph:
    """Return the graph used when none is given, each property on a scale that is said."""
    scales = {
        name: "log" if isinstance(transform, Log) else "identity"
        for name, transform in zip(table.property_names, transforms, strict=True)
    }
    learned = PropertyGraph.learned(table.property_names, table.observed.sum(axis=0))
    return PropertyGraph(
        tuple(replace(member, transform=scales[member.name]) for member in learned)
    )


def completed_values(table: PropertyTable, imputations: Imputations) -> FloatArray:
    """Return the properties of completed tables, shape (m, n, p)."""
    values = np.repeat(table.values[None], len(imputations), axis=0)
    for column, name in enumerate(table.property_names):
        if name in imputations.columns:
            imputed = imputations.columns[name]
            values[:, imputed.rows, column] = imputed.values
    return values
