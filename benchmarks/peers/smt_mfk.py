"""SMT's multi-fidelity kriging (recursive cokriging, Le Gratiet & Garnier 2014).

Run by the interpreter of benchmarks/.venv-peers, not hokan's:

    python benchmarks/peers/smt_mfk.py INPUT.npz OUTPUT.npz

Input and output are those of smt_levels.py. The settings are those of the example of SMT's manual:
all inverse squared lengthscales start at 1, a squared-exponential correlation; ten starts are SMT's
default.
"""

from __future__ import annotations

import sys

from smt.applications.mfk import MFK
from smt_levels import fit_levels

SETTINGS = {"theta0": [1.0], "corr": "squar_exp"}

if __name__ == "__main__":
    fit_levels(MFK, SETTINGS, *sys.argv[1:3])
