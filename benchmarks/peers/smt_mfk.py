"""SMT's multi-fidelity kriging (recursive cokriging, Le Gratiet & Garnier 2014).

Run by the interpreter of benchmarks/.venv-peers, not hokan's:

    python benchmarks/peers/smt_mfk.py INPUT.npz OUTPUT.npz

The input holds ``points_0``, ``values_0``, ``points_1``, … from the lowest fidelity to the highest,
``wanted`` (points to predict at) and ``options`` (JSON, beyond the example of SMT's manual, which
starts all inverse squared lengthscales at 1 with a squared-exponential correlation); the output
``mean`` and ``std`` of the highest fidelity and the seconds of the fit. Ten starts are SMT's
default.
"""

from __future__ import annotations

import json
import sys
import time
import warnings

import numpy as np
from smt.applications.mfk import MFK


def main(source: str, target: str) -> None:
    warnings.simplefilter("ignore")
    with np.load(source) as data:
        n_levels = sum(name.startswith("points_") for name in data.files)
        points = [data[f"points_{level}"] for level in range(n_levels)]
        values = [data[f"values_{level}"] for level in range(n_levels)]
        wanted, options = data["wanted"], json.loads(str(data["options"]))
    start = time.perf_counter(), time.process_time()
    settings = {"theta0": [1.0] * wanted.shape[1], "corr": "squar_exp", **options}
    model = MFK(print_global=False, **settings)
    for level in range(n_levels - 1):
        model.set_training_values(points[level], values[level], name=level)
    model.set_training_values(points[-1], values[-1])
    model.train()
    wall, processor = time.perf_counter() - start[0], time.process_time() - start[1]
    mean, variance = model.predict_values(wanted), model.predict_variances(wanted)
    np.savez(
        target,
        mean=np.ravel(mean),
        std=np.sqrt(np.maximum(np.ravel(variance), 0.0)),
        fit_wall=wall,
        fit_processor=processor,
    )


if __name__ == "__main__":
    main(*sys.argv[1:3])
