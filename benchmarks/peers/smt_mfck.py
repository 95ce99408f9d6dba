"""SMT's multi-fidelity cokriging: the joint covariance of all levels (Kennedy & O'Hagan 2000).

Run by the interpreter of benchmarks/.venv-peers, not hokan's:

    python benchmarks/peers/smt_mfck.py INPUT.npz OUTPUT.npz

Input and output are those of smt_mfk.py. The settings are those of the example of SMT's manual: all
inverse squared lengthscales start at 0.5 and stay between 0.01 and 100, a squared-exponential
correlation, no noise; ten starts and COBYLA are SMT's default.
"""

from __future__ import annotations

import json
import sys
import time
import warnings

import numpy as np
from smt.applications.mfck import MFCK


def main(source: str, target: str) -> None:
    warnings.simplefilter("ignore")
    with np.load(source) as data:
        n_levels = sum(name.startswith("points_") for name in data.files)
        points = [data[f"points_{level}"] for level in range(n_levels)]
        values = [data[f"values_{level}"] for level in range(n_levels)]
        wanted, options = data["wanted"], json.loads(str(data["options"]))
    start = time.perf_counter(), time.process_time()
    settings = {
        "theta0": [0.5] * wanted.shape[1],
        "theta_bounds": [1e-2, 100],
        "corr": "squar_exp",
        "eval_noise": False,
        **options,
    }
    model = MFCK(print_global=False, **settings)
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
