"""SMT's models of several fidelities, which live in an environment of their own (make_peers.sh)."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from _outside import FOLDER, INTERPRETER

FloatArray = NDArray[np.float64]
#: One level: points of shape (n, d) and their values.
Level = tuple[FloatArray, FloatArray]


@dataclass(frozen=True)
class SmtPrediction:
    """What SMT says of the highest level, and how long its fit took, in seconds."""

    mean: FloatArray
    std: FloatArray
    fit_wall: float
    fit_processor: float


def run_smt(
    script: str, levels: Sequence[Level], wanted: FloatArray, **options: Any
) -> SmtPrediction:
    """Let a script of the folder peers fit some levels, lowest first, and predict the highest."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "input.npz"), Path(folder, "output.npz")
        arrays = {"wanted": wanted, "options": np.array(json.dumps(options))}
        for number, (points, values) in enumerate(levels):
            arrays |= {f"points_{number}": points, f"values_{number}": values}
        np.savez(source, **arrays)
        command = [str(INTERPRETER), str(FOLDER / "peers" / script), str(source), str(target)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        with np.load(target) as found:
            return SmtPrediction(
                found["mean"], found["std"], float(found["fit_wall"]), float(found["fit_processor"])
            )
