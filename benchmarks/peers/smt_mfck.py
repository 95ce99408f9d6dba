"""SMT's multi-fidelity cokriging: the joint covariance of all levels (Kennedy & O'Hagan 2000).

Run by the interpreter of benchmarks/.venv-peers, not hokan's:

    python benchmarks/peers/smt_mfck.py INPUT.npz OUTPUT.npz

Input and output are those of smt_levels.py. The settings are those of the example of SMT's manual:
all inverse squared lengthscales start at 0.5 and stay between 0.01 and 100, a squared-exponential
correlation, no noise; ten starts and COBYLA are SMT's default.
"""

from __future__ import annotations

import sys

from smt.applications.mfck import MFCK
from smt_levels import fit_levels

SETTINGS = {
    "theta0": [0.5],
    "theta_bounds": [1e-2, 100],
    "corr": "squar_exp",
    "eval_noise": False,
}

if __name__ == "__main__":
    fit_levels(MFCK, SETTINGS, *sys.argv[1:3])
