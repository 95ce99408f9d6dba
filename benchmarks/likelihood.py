"""Cost of one likelihood evaluation, and of a whole fit beside other packages' fits.

Run from the root of the repository, on a machine with nothing else to do:

    python benchmarks/likelihood.py             # both parts
    python benchmarks/likelihood.py evaluation  # or one of them
    python benchmarks/likelihood.py fit

Evaluation: the joint negative log marginal likelihood with its gradient for 2000 observed cells of
5 properties (900 synthetic materials, holes at random, every property linked to all before it),
against LAPACK's dpotrf and dpotri on a matrix of that size, the least that any exact method must
do. Both are timed in turn in one process, and ratios are taken pair by pair. Processor time, that
of all threads together, is the steadier measure where other programs run.

Fit: a synthetic table of 900 materials and 7 properties with 2100 observed cells, from the table to
a model ready to predict. Each package fits the same table in a fresh process, which tells its own
peak memory. scikit-learn's IterativeImputer(BayesianRidge) gets the same descriptors and is run
as it is by default and with skip_complete=True, which leaves out regressions for the descriptors,
columns without holes. GPyTorch's coregionalisation model is peers/icm.py.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time

import numpy as np
import pandas as pd
from scipy.linalg import lapack

from _outside import INTERPRETER, run_peer, standardised
from _splits import parser, say
from hokan.datasets import load_inorganics
from hokan.evaluation.peers import descriptor_matrix, iterative_imputer
from hokan.graph import PropertyGraph
from hokan.inference.joint import JointLikelihood
from hokan.model import HierarchyModel, ModelOptions
from hokan.model.preparation import prepare
from hokan.table import PropertyTable

REPETITIONS = 15
FITS = ("hokan", "imputer, skip_complete=True", "imputer, as by default", "gpytorch icm")


def synthetic_table(n_rows: int, n_properties: int, n_cells: int, seed: int = 0) -> PropertyTable:
    """Return linked properties of real compositions, with holes at random.

    Properties are smooth functions of the composition's statistics plus the property before it plus
    noise of the material, all of unit order. Every row keeps at least one cell.
    """
    rng = np.random.default_rng(seed)
    formulas = load_inorganics()["formula"].drop_duplicates()
    chosen = formulas.iloc[rng.choice(len(formulas), n_rows, replace=False)].tolist()
    described = descriptor_matrix(
        PropertyTable.from_frame(pd.DataFrame({"formula": chosen}), allow_empty_properties=True)
    )
    values = np.empty((n_rows, n_properties))
    for j in range(n_properties):
        direction = rng.standard_normal((described.shape[1], 3)) / np.sqrt(described.shape[1])
        smooth = np.tanh(described @ direction).sum(axis=1)
        before = 0.8 * values[:, j - 1] if j else 0.0
        values[:, j] = before + smooth + 0.3 * rng.standard_normal(n_rows)
    keep = np.zeros(values.shape, dtype=bool)
    keep[np.arange(n_rows), rng.integers(n_properties, size=n_rows)] = True
    free = np.flatnonzero(~keep)
    keep.flat[rng.choice(free, n_cells - n_rows, replace=False)] = True
    values[~keep] = np.nan
    columns = {f"property_{j + 1}": column for j, column in enumerate(values.T)}
    return PropertyTable.from_frame(pd.DataFrame({"formula": chosen} | columns))


def measure_evaluation(repetitions: int) -> None:
    table = synthetic_table(n_rows=900, n_properties=5, n_cells=2000)
    counts = table.observed.sum(axis=0)
    graph = PropertyGraph.learned(table.property_names, counts)
    options = ModelOptions(weigh_descriptors=False)
    prepared = prepare(table, graph, options)
    likelihood = JointLikelihood(prepared.cells, prepared.layout)
    parameters = prepared.layout.unpack(prepared.layout.prior_mean)
    n = prepared.cells.n_observed

    noise = np.random.default_rng(0).standard_normal((n, n))
    matrix = np.asfortranarray(noise @ noise.T / n + np.eye(n))

    def floor() -> tuple[float, float]:
        """Time the factor and the inverse, not the making of the matrix."""
        work = matrix.copy(order="F")
        start = now()
        factor, _ = lapack.dpotrf(work, lower=1, clean=0, overwrite_a=1)
        lapack.dpotri(factor, lower=1, overwrite_c=1)
        return since(start)

    def evaluation() -> tuple[float, float]:
        start = now()
        likelihood.value_and_gradient(parameters)
        return since(start)

    floor(), evaluation()
    times = np.array([(floor(), evaluation()) for _ in range(repetitions)])
    print(f"one evaluation with gradient, N = {n}, {table.n_properties} properties, ", end="")
    print(f"{repetitions} repetitions in turn, {blas_threads()} BLAS thread(s)")
    for kind, label in enumerate(("wall clock", "processor time")):
        floors, evaluations = times[:, :, kind].T
        ratios = evaluations / floors
        print(
            f"  {label:15s}"
            f"dpotrf + dpotri min {1e3 * floors.min():.0f} ms, "
            f"median {1e3 * np.median(floors):.0f}; "
            f"evaluation min {1e3 * evaluations.min():.0f} ms, "
            f"median {1e3 * np.median(evaluations):.0f}; "
            f"ratio min {ratios.min():.2f}, median {np.median(ratios):.2f}, "
            f"of minima {evaluations.min() / floors.min():.2f}"
        )


def now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def since(start: tuple[float, float]) -> tuple[float, float]:
    return time.perf_counter() - start[0], time.process_time() - start[1]


def measure_fits() -> None:
    print("\nfit of 900 materials x 7 properties, 2100 observed cells, ", end="")
    print(f"{blas_threads()} BLAS thread(s)")
    for name in FITS:
        if name == "gpytorch icm" and not INTERPRETER.exists():
            print(f"  {name}: not run, make its environment with benchmarks/make_peers.sh")
            continue
        say(f"fit: {name}")
        command = [sys.executable, __file__, "one-fit", "--fit", name]
        output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        found = json.loads(output.splitlines()[-1])
        print(
            f"  {name:30s} {found['seconds']:7.1f} s (processor {found['processor']:.1f} s), "
            f"peak memory {found['megabytes']:.0f} MB"
        )


def one_fit(name: str) -> None:
    """Fit in this process and print seconds and peak memory as JSON."""
    table = synthetic_table(n_rows=900, n_properties=7, n_cells=2100)
    start, own = now(), resource.RUSAGE_SELF
    if name == "hokan":
        HierarchyModel.from_table(table)
    elif name == "imputer, skip_complete=True":
        iterative_imputer(table, ~table.observed)
    elif name == "imputer, as by default":
        iterative_imputer(table, ~table.observed, skip_complete=False)
    seconds, processor_seconds = since(start)
    if name == "gpytorch icm":
        values, _ = standardised(table)
        found = run_peer("icm.py", values, descriptor_matrix(table))
        seconds, processor_seconds = (float(found[key]) for key in ("fit_wall", "fit_processor"))
        own = resource.RUSAGE_CHILDREN
    kilobytes = resource.getrusage(own).ru_maxrss * (1 / 1024 if sys.platform == "darwin" else 1)
    result = {"seconds": seconds, "processor": processor_seconds, "megabytes": 1.024e-3 * kilobytes}
    print(json.dumps(result))


def blas_threads() -> str:
    return os.environ.get("OPENBLAS_NUM_THREADS", "all")


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument(
        "part", nargs="?", choices=("both", "evaluation", "fit", "one-fit"), default="both"
    )
    arguments.add_argument("--repetitions", type=int, default=REPETITIONS)
    arguments.add_argument("--fit", choices=FITS, help="for one-fit: which")
    options = arguments.parse_args()
    if options.part == "one-fit":
        one_fit(options.fit or "hokan")
        return
    if options.part in ("both", "evaluation"):
        measure_evaluation(options.repetitions)
    if options.part in ("both", "fit"):
        measure_fits()


if __name__ == "__main__":
    main()
