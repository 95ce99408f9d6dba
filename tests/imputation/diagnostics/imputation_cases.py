"""Imputations made by hand, of which it is known what is right and what is wrong with them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hokan.imputation import Imputations, ImputedColumn


def two_columns(
    n: int = 400, seed: int = 0, *, at_random: bool = True
) -> tuple[pd.DataFrame, np.ndarray]:
    """x complete; y = x + noise with a third of holes, likelier where x is high if not at random.

    Returns the table and the complete y.
    """
    random = np.random.default_rng(seed)
    x = random.normal(size=n)
    y = x + random.normal(size=n)
    probability = np.full(n, 0.33) if at_random else 1.0 / (1.0 + np.exp(0.8 - 1.5 * x))
    holes = random.uniform(size=n) < probability
    return pd.DataFrame({"x": x, "y": np.where(holes, np.nan, y)}), y


def imputed(frame: pd.DataFrame, draw, m: int = 10, trace=None, chains=None) -> Imputations:
    """Impute y with draw(random, x of the holes), m times."""
    random = np.random.default_rng(1)
    rows = np.flatnonzero(frame["y"].isna())
    x = frame["x"].to_numpy()[rows]
    values = np.array([draw(random, x) for _ in range(m)])
    return Imputations(
        frame,
        {"y": ImputedColumn(rows, values)},
        chains=np.arange(m) if chains is None else chains,
        draws=np.zeros(m, dtype=int),
        trace=trace,
    )


def rightly(random: np.random.Generator, x: np.ndarray) -> np.ndarray:
    """Draw from the true conditional distribution."""
    return x + random.normal(size=len(x))


def trace_of(means: np.ndarray, stds: np.ndarray, name: str = "y") -> pd.DataFrame:
    """The trace of one column, from arrays of shape (chains, steps)."""
    n_chains, n_steps = means.shape
    return pd.DataFrame(
        {
            "column": name,
            "chain": np.repeat(np.arange(n_chains), n_steps),
            "step": np.tile(np.arange(1, n_steps + 1), n_chains),
            "mean": means.ravel(),
            "std": stds.ravel(),
        }
    )
