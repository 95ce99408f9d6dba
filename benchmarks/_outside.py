"""Peers that live in an environment of their own (make_peers.sh), as methods to compare."""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from _splits import say
from hokan.evaluation import METHODS, Method
from hokan.evaluation.peers import descriptor_matrix, iterative_imputer, usual_transforms
from hokan.graph import StandardisedTransform, Transform
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
    scales: Sequence[Transform] | None = None,
) -> tuple[NDArray[np.float64], tuple[StandardisedTransform, ...]]:
    """Return values with mean 0 and variance 1, on the customary scales or those given."""
    scales = usual_transforms(table) if scales is None else scales
    transforms = tuple(
        StandardisedTransform.fit(transform, column)
        for transform, column in zip(scales, table.values.T, strict=True)
    )
    columns = [t.forward(column) for t, column in zip(transforms, table.values.T, strict=True)]
    return np.column_stack(columns), transforms


def outside_method(
    script: str,
    table: PropertyTable,
    targets: NDArray[np.bool_],
    *,
    transforms: Sequence[Transform] | None = None,
    random_state: int = 0,
    level: float = 0.9,
) -> CellPrediction:
    """Fill a table with a script of the folder peers, which says what it does."""
    values, scales = standardised(table, transforms)
    found = run_peer(script, values, descriptor_matrix(table), random_state)
    reach = norm.ppf(0.5 + 0.5 * level) * found["std"]
    ends = [found["mean"], found["mean"] - reach, found["mean"] + reach]
    median, lower, upper = (
        np.column_stack([t.inverse(column) for t, column in zip(scales, end.T, strict=True)])
        for end in ends
    )
    return CellPrediction(median, np.full(median.shape, np.nan), lower, upper, level)


#: A linear method may do better without element fractions, which add up to one.
VARIANTS: dict[str, Method] = {
    "iterative imputer, no fractions": partial(iterative_imputer, fractions=False)
}
#: Methods by name, and their scripts. The first is run unless methods are chosen.
SCRIPTS = {
    "gpytorch icm": "icm.py",
    "matgpr multitask": "matgpr_multitask.py",
    "gpar": "gpar_chain.py",
}


def add_methods_option(arguments: argparse.ArgumentParser) -> None:
    """Let the user choose among hokan, the usual ways and the peers."""
    default = [*METHODS, *VARIANTS]
    if INTERPRETER.exists():
        default += list(SCRIPTS)[:1]
    else:
        say("no benchmarks/.venv-peers (sh benchmarks/make_peers.sh makes it): without GPyTorch")
    arguments.add_argument(
        "--methods", nargs="+", choices=[*METHODS, *VARIANTS, *SCRIPTS], default=default
    )


def chosen_methods(names: list[str]) -> dict[str, Method]:
    outside = {name: partial(outside_method, script) for name, script in SCRIPTS.items()}
    return {name: {**METHODS, **VARIANTS, **outside}[name] for name in names}
