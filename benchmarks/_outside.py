"""Peers that live in an environment of their own (make_peers.sh), as methods to compare."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from _splits import say
from hokan.evaluation import METHODS, Method
from hokan.evaluation.peers import descriptor_matrix, usual_transforms
from hokan.graph import StandardisedTransform
from hokan.model import CellPrediction
from hokan.table import PropertyTable

FOLDER = Path(__file__).resolve().parent
INTERPRETER = FOLDER / ".venv-peers" / "bin" / "python"


def run_peer(
    script: str, values: NDArray[np.float64], descriptors: NDArray[np.float64], seed: int = 0
) -> dict[str, NDArray[np.float64]]:
    """Let a script of the folder peers fill a standardised table; return what it wrote."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "input.npz"), Path(folder, "output.npz")
        np.savez(source, values=values, descriptors=descriptors, seed=seed)
        command = [str(INTERPRETER), str(FOLDER / "peers" / script), str(source), str(target)]
        subprocess.run(command, check=True)
        with np.load(target) as found:
            return dict(found)


def standardised(
    table: PropertyTable,
) -> tuple[NDArray[np.float64], tuple[StandardisedTransform, ...]]:
    """Return values on the customary scales, with mean 0 and variance 1, and these scales."""
    transforms = tuple(
        StandardisedTransform.fit(transform, column)
        for transform, column in zip(usual_transforms(table), table.values.T, strict=True)
    )
    columns = [t.forward(column) for t, column in zip(transforms, table.values.T, strict=True)]
    return np.column_stack(columns), transforms


def gpytorch_icm(
    table: PropertyTable,
    targets: NDArray[np.bool_],
    *,
    random_state: int = 0,
    level: float = 0.9,
) -> CellPrediction:
    """Fill a table with GPyTorch's intrinsic coregionalisation model; see peers/icm.py."""
    values, transforms = standardised(table)
    found = run_peer("icm.py", values, descriptor_matrix(table), random_state)
    reach = norm.ppf(0.5 + 0.5 * level) * found["std"]
    ends = [found["mean"], found["mean"] - reach, found["mean"] + reach]
    median, lower, upper = (
        np.column_stack([t.inverse(column) for t, column in zip(transforms, end.T, strict=True)])
        for end in ends
    )
    return CellPrediction(median, np.full(median.shape, np.nan), lower, upper, level)


def available_methods() -> dict[str, Method]:
    """Return every method that can be compared here, saying so where the peers are missing."""
    if not INTERPRETER.exists():
        say("no benchmarks/.venv-peers (sh benchmarks/make_peers.sh makes it): without GPyTorch")
        return dict(METHODS)
    return {**METHODS, "gpytorch icm": gpytorch_icm}
