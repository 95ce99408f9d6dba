"""How the chains of the sampling engine went, column by column."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hokan.model import HierarchyModel
from hokan.sampling.posterior import SampledPosterior


def trace_of_draws(model: HierarchyModel, seed: int) -> pd.DataFrame | None:
    """Return mean and spread of the holes of every column, draw by draw.

    Parameters
    ----------
    model : HierarchyModel
    seed : int
        For cells that the chains need not visit.

    Returns
    -------
    DataFrame or None
        Columns ``column``, ``chain``, ``step``, ``mean`` and ``std``, in standardised transformed
        units; a line for each column with holes, chain and draw. None after the exact engine, whose
        draws are independent: there is nothing to converge.
    """
    posterior = model.posterior
    if not isinstance(posterior, SampledPosterior):
        return None
    holes = ~posterior.cells.observed
    draws = posterior.training_draws(np.random.default_rng([seed, 7]), jointly=False)
    n_chains = posterior.convergence.n_chains
    per_chain = len(draws) // n_chains
    utilities = {name for category in model.categories for name in category.utilities}
    parts = []
    for j, name in enumerate(model.graph.names):
        if name in utilities or not holes[:, j].any():
            continue
        here = draws[:, holes[:, j], j]
        parts.append(
            pd.DataFrame(
                {
                    "column": name,
                    "chain": np.repeat(np.arange(n_chains), per_chain),
                    "step": np.tile(np.arange(per_chain), n_chains),
                    "mean": here.mean(axis=1),
                    "std": here.std(axis=1),
                }
            )
        )
    if not parts:
        return None
    return pd.concat(parts, ignore_index=True)
