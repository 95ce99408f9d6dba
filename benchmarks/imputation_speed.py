"""Time of 20 imputed tables of 1000 rows and 5 properties with nonlinear links, 30 % holes.

    python benchmarks/imputation_speed.py           # all of it
    python benchmarks/imputation_speed.py hokan     # or one part: hokan, growth, ridge, …

What hokan takes (everything: descriptors, choice of links, learning, drawing until draws are
reliable) and what IterativeImputer of scikit-learn takes, on one core, with the same properties and
descriptors (composition statistics and element fractions, standardised):

- ridge: BayesianRidge, 10 rounds, sample_posterior=True, one seed for each of 20 draws,
  skip_complete=True, which leaves out regressions for columns without holes;
- default: the same with skip_complete=False, as it is unless one asks. It gives tables of the same
  kind and takes so much longer that only --default-draws of the 20 are made; draws are independent
  runs of equal work, and the time of 20 is told in proportion;
- process: GaussianProcessRegressor (a constant times a Gaussian kernel of one lengthscale, plus
  noise) fitted again, hyperparameters included, for each property in each round, with
  skip_complete=True. One draw at each of --sizes rows for the growth, then all draws of all rows;
- process-default: the same with skip_complete=False, which fits a Gaussian process to each
  descriptor as well, over all rows. One draw at each of --default-sizes rows; a power of the number
  of rows is fitted to the times and extended to 1000 rows and 20 draws, which nobody waits for.

Each run is a process of its own, which tells its own peak memory. Error: root mean square of the
mean of the draws minus the truth, over hidden cells, each property in units of its standard
deviation. Coverage: share of hidden cells inside the 90 % interval of the draws, by Weibull's
quantiles: the interval from the smallest to the largest of 20 exchangeable draws holds the next
with probability 19/21 = 0.905, so that the usual quantiles would be too narrow by construction.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import RegressorMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
from sklearn.impute import IterativeImputer
from sklearn.linear_model import BayesianRidge
from threadpoolctl import threadpool_limits

from _splits import parser, say
from hokan import HierarchicalRegressor
from hokan.datasets import load_inorganics
from hokan.descriptors import parse_formula
from hokan.estimators.results import describe_fit
from hokan.evaluation.peers import descriptor_matrix
from hokan.graph import Property, PropertyGraph
from hokan.model.options import ModelOptions
from hokan.model.preparation import prepare
from hokan.sampling.energy import Energy
from hokan.sampling.hamiltonian import Reference, SplitHamiltonian
from hokan.sampling.setting import Setting
from hokan.table import PropertyTable

FloatArray = NDArray[np.float64]

ROWS = 1000
DRAWS = 20
ROUNDS = 10
HOLES = 0.3
LEVEL = 0.9
SIZES = (100, 200, 400, 800)
DEFAULT_SIZES = (50, 100, 200)
GROWTH_SIZES = (250, 500, 1000, 2000, 4000)
#: Standard deviation of what a property has by itself: from descriptors, and of the material.
OWN, NOISE = 0.5, 0.3


@dataclass(frozen=True)
class NonlinearTable:
    """A table with holes, the truth behind it, and how its properties depend on each other.

    Attributes
    ----------
    frame : DataFrame
        Column ``formula`` and five properties, NaN where hidden.
    truth : DataFrame
        The five properties, without holes.
    graph : PropertyGraph
        True parents; transforms are the identity.
    """

    frame: pd.DataFrame
    truth: pd.DataFrame
    graph: PropertyGraph

    @property
    def table(self) -> PropertyTable:
        """The frame as hokan reads it."""
        return PropertyTable.from_frame(self.frame)

    @property
    def hidden(self) -> NDArray[np.bool_]:
        """Which cells are holes, of shape (rows, 5)."""
        return self.frame[list(self.truth)].isna().to_numpy()


def nonlinear_table(n_rows: int, seed: int = 0, *, link: str = "auto") -> NonlinearTable:
    """Return five properties of real compositions, linked by curves, with holes at random.

    Each property is what its parents give, plus a smooth function of the composition's descriptors
    (standard deviation 0.5), plus noise of the material (0.3): a parabola of one parent, a curve
    that saturates, the product of two parents, and a bend that is flat on one side.

    Parameters
    ----------
    n_rows : int
        Formulas are those of the embedded inorganic compounds; beyond their number (2379), formulas
        of two or three of their elements at random.
    seed : int
        The same seed gives the same table.
    link : str
        Kind of all links, for the graph.
    """
    rng = np.random.default_rng(seed)
    formulas = draw_formulas(n_rows, rng)
    described = descriptor_matrix(
        PropertyTable.from_frame(pd.DataFrame({"formula": formulas}), allow_empty_properties=True)
    )

    def own(spread: float, noise: float) -> FloatArray:
        directions = rng.standard_normal((described.shape[1], 3)) / np.sqrt(described.shape[1])
        smooth = np.tanh(described @ directions).sum(axis=1)
        smooth = (smooth - smooth.mean()) / smooth.std()
        return np.asarray(spread * smooth + noise * rng.standard_normal(n_rows))

    base = own(0.8, 0.6)
    parabola = 0.7 * (base**2 - 1.0) + own(OWN, NOISE)
    saturating = 1.2 * np.tanh(1.5 * parabola) + own(OWN, NOISE)
    product = 0.9 * base * saturating + own(OWN, NOISE)
    bend = 0.8 * np.logaddexp(0.0, 2.0 * product) - 0.5 * saturating + own(OWN, NOISE)
    truth = pd.DataFrame(
        {
            "base": base,
            "parabola": parabola,
            "saturating": saturating,
            "product": product,
            "bend": bend,
        }
    )
    holes = np.zeros(truth.size, dtype=bool)
    holes[rng.choice(truth.size, round(HOLES * truth.size), replace=False)] = True
    frame = truth.mask(holes.reshape(truth.shape))
    frame.insert(0, "formula", formulas)
    parents = {
        "base": (),
        "parabola": ("base",),
        "saturating": ("parabola",),
        "product": ("base", "saturating"),
        "bend": ("saturating", "product"),
    }
    members = tuple(
        Property(name, transform="identity", floor="none", parents=above, link=link)
        for name, above in parents.items()
    )
    return NonlinearTable(frame, truth, PropertyGraph(members))


def draw_formulas(n_rows: int, rng: np.random.Generator) -> list[str]:
    """Return formulas of the embedded compounds, each once, then formulas at random."""
    known = load_inorganics()["formula"].drop_duplicates().to_numpy()
    chosen = rng.permutation(known)[:n_rows].tolist()
    elements = sorted({symbol for formula in known for symbol in parse_formula(formula)})
    taken = set(chosen)
    while len(chosen) < n_rows:
        parts = rng.choice(elements, rng.integers(2, 4), replace=False)
        formula = "".join(f"{part}{rng.integers(1, 5)}" for part in parts)
        if formula not in taken:
            taken.add(formula)
            chosen.append(formula)
    return chosen


# --- methods: each returns draws of all cells, of shape (draws, rows, 5) --------------------------


def hokan_draws(problem: NonlinearTable, n_draws: int, seed: int) -> FloatArray:
    """Impute with hokan: descriptors, choice of links, learning and drawing, all of it."""
    estimator = HierarchicalRegressor(problem.graph, engine="sampling", random_state=seed)
    estimator.fit(problem.frame)
    say(f"hokan: {describe_fit(estimator.model_)}")
    names = list(problem.truth)
    return np.array([table[names].to_numpy() for table in estimator.sample(n_draws)])


def seconds_per_kick(n_rows: int, seed: int) -> float:
    """Return the processor time of one step of four chains: one energy and its gradient."""
    problem = nonlinear_table(n_rows, seed, link="smooth")
    prepared = prepare(problem.table, problem.graph, ModelOptions(engine="sampling"))
    random_state = np.random.default_rng(seed)
    setting = Setting.of(prepared.cells, prepared.layout, prepared.plan, random_state)
    hierarchy = setting.hierarchy
    parameters = [node.unpack(node.prior_mean) for node in hierarchy.nodes]
    with threadpool_limits(1):
        energy = Energy(hierarchy, setting.likelihoods(), parameters)
        centre = np.zeros(energy.size)
        reference = Reference.of_precision(centre, energy.curvature(centre))
        states = 0.1 * random_state.standard_normal((energy.size, 4))
        chains = SplitHamiltonian(energy.value_and_gradient, reference, states, 10, random_state)
        chains.turn()
        start = time.process_time()
        chains.turn()
        return (time.process_time() - start) / 10


def imputer_draws(
    problem: NonlinearTable,
    n_draws: int,
    seed: int,
    regression: Callable[[], RegressorMixin],
    skip_complete: bool,
) -> FloatArray:
    """Impute with scikit-learn's IterativeImputer, one seed a draw."""
    properties = problem.frame[list(problem.truth)].to_numpy(dtype=np.float64)
    mean, spread = np.nanmean(properties, axis=0), np.nanstd(properties, axis=0)
    matrix = np.hstack([(properties - mean) / spread, descriptor_matrix(problem.table)])
    draws = np.empty((n_draws, *properties.shape))
    for number in range(n_draws):
        imputer = IterativeImputer(
            regression(),
            max_iter=ROUNDS,
            tol=0.0,
            sample_posterior=True,
            skip_complete=skip_complete,
            random_state=seed + number,
        )
        start = time.process_time()
        completed = imputer.fit_transform(matrix)[:, : properties.shape[1]]
        draws[number] = mean + spread * completed
        say(f"  draw {number + 1} of {n_draws}: {time.process_time() - start:.1f} s of processor")
    return draws


def gaussian_process() -> GaussianProcessRegressor:
    kernel = ConstantKernel(1.0) * RBF(15.0, (1.0, 1e3)) + WhiteKernel(0.3, (1e-3, 1e1))
    return GaussianProcessRegressor(kernel, normalize_y=True)


def ridge_draws(problem: NonlinearTable, n_draws: int, seed: int) -> FloatArray:
    return imputer_draws(problem, n_draws, seed, BayesianRidge, skip_complete=True)


def default_draws(problem: NonlinearTable, n_draws: int, seed: int) -> FloatArray:
    return imputer_draws(problem, n_draws, seed, BayesianRidge, skip_complete=False)


def process_draws(problem: NonlinearTable, n_draws: int, seed: int) -> FloatArray:
    return imputer_draws(problem, n_draws, seed, gaussian_process, skip_complete=True)


def process_default_draws(problem: NonlinearTable, n_draws: int, seed: int) -> FloatArray:
    return imputer_draws(problem, n_draws, seed, gaussian_process, skip_complete=False)


METHODS = {
    "hokan": hokan_draws,
    "ridge": ridge_draws,
    "default": default_draws,
    "process": process_draws,
    "process-default": process_default_draws,
}


# --- measuring ------------------------------------------------------------------------------------


def scores(problem: NonlinearTable, draws: FloatArray) -> dict[str, float | None]:
    """Return error and coverage on the hidden cells; none where draws are too few for an interval.

    The error of the mean of one or two draws would be mostly that of drawing.
    """
    if len(draws) < 2.0 / (1.0 - LEVEL) - 1.0:
        return {"error": None, "coverage": None}
    truth, hidden = problem.truth.to_numpy(), problem.hidden
    apart = (draws.mean(axis=0) - truth) / truth.std(axis=0)
    ends = [0.5 - 0.5 * LEVEL, 0.5 + 0.5 * LEVEL]
    low, high = np.quantile(draws, ends, axis=0, method="weibull")
    return {
        "error": float(np.sqrt(np.mean(apart[hidden] ** 2))),
        "coverage": float(((truth >= low) & (truth <= high))[hidden].mean()),
    }


def run_here(method: str, n_rows: int, n_draws: int, seed: int) -> None:
    """Impute in this process; print seconds, peak memory and scores as JSON."""
    # A hyperparameter at its bound is the imputer's affair, and said hundreds of times.
    warnings.simplefilter("ignore", ConvergenceWarning)
    problem = nonlinear_table(n_rows, seed)
    with threadpool_limits(1):
        start = time.perf_counter(), time.process_time()
        draws = METHODS[method](problem, n_draws, seed)
        wall, processor = time.perf_counter() - start[0], time.process_time() - start[1]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak *= 1 if sys.platform == "darwin" else 1024
    told = {"wall": wall, "processor": processor, "megabytes": 1e-6 * peak}
    print(json.dumps(told | scores(problem, draws)))


def run_apart(method: str, n_rows: int, n_draws: int, seed: int) -> dict[str, float]:
    """Impute in a process of its own; return what it told, and print it."""
    say(f"{method}: {n_rows} rows, {n_draws} draw(s)")
    command = [sys.executable, __file__, method, "--here"]
    command += ["--rows", str(n_rows), "--draws", str(n_draws), "--seed", str(seed)]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    found = json.loads(output.splitlines()[-1])
    scored = ""
    if found["error"] is not None:
        scored = f", error {found['error']:.3f}, coverage {found['coverage']:.3f}"
    print(
        f"{method:15s} {n_rows:5d} rows, {n_draws:2d} draw(s): {found['wall']:8.1f} s "
        f"(processor {found['processor']:.1f} s), peak memory {found['megabytes']:.0f} MB"
        f"{scored}",
        flush=True,
    )
    return dict(found)


def extrapolate(method: str, sizes: list[int], rows: int, draws: int, seed: int) -> None:
    """Time one draw at several sizes, fit a power of the number of rows, and extend it."""
    sizes = sorted(set(sizes))
    seconds = [run_apart(method, size, 1, seed)["processor"] for size in sizes]
    if len(sizes) < 2:
        return
    exponent, constant = np.polyfit(np.log(sizes), np.log(seconds), 1)
    last = np.log(seconds[-1] / seconds[-2]) / np.log(sizes[-1] / sizes[-2])
    at_end = np.exp(constant) * rows**exponent
    from_last = seconds[-1] * (rows / sizes[-1]) ** last
    print(
        f"{method}: processor time of one draw grows as rows^{exponent:.2f} "
        f"(between the last two sizes: {last:.2f}). Extended to {rows} rows: "
        f"{at_end:.0f} s a draw, {draws * at_end:.0f} s for {draws} draws "
        f"(from the last two sizes: {draws * from_last:.0f} s)"
    )


def tell_growth(sizes: list[int], seed: int) -> None:
    """Print how the time of a step of hokan's chains grows with the rows."""
    seconds = [seconds_per_kick(size, seed) for size in sizes]
    for size, took in zip(sizes, seconds, strict=True):
        print(f"growth          {size:5d} rows: {1e3 * took:8.2f} ms for a step of four chains")
    exponent = np.polyfit(np.log(sizes), np.log(seconds), 1)[0]
    print(f"growth: a step takes rows^{exponent:.2f}")


def main() -> None:
    arguments = parser(__doc__)
    arguments.add_argument("part", nargs="?", choices=("all", "growth", *METHODS), default="all")
    arguments.add_argument("--rows", type=int, default=ROWS)
    arguments.add_argument("--draws", type=int, default=DRAWS)
    arguments.add_argument("--default-draws", type=int, default=2)
    arguments.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    arguments.add_argument("--default-sizes", type=int, nargs="+", default=list(DEFAULT_SIZES))
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--here", action="store_true", help="one run, in this process")
    chosen = arguments.parse_args()
    if chosen.here:
        run_here(chosen.part, chosen.rows, chosen.draws, chosen.seed)
        return
    if chosen.part in ("all", "hokan"):
        run_apart("hokan", chosen.rows, chosen.draws, chosen.seed)
    if chosen.part in ("all", "growth"):
        tell_growth(list(GROWTH_SIZES), chosen.seed)
    if chosen.part in ("all", "ridge"):
        run_apart("ridge", chosen.rows, chosen.draws, chosen.seed)
    if chosen.part in ("all", "default"):
        found = run_apart("default", chosen.rows, chosen.default_draws, chosen.seed)
        whole = chosen.draws / chosen.default_draws
        print(
            f"default: in proportion, {chosen.draws} draws: {whole * found['wall']:.0f} s "
            f"(processor {whole * found['processor']:.0f} s)"
        )
    for part, sizes in (("process", chosen.sizes), ("process-default", chosen.default_sizes)):
        if chosen.part in ("all", part):
            extrapolate(part, sizes, chosen.rows, chosen.draws, chosen.seed)
        if part == "process" and chosen.part in ("all", part):
            run_apart(part, chosen.rows, chosen.draws, chosen.seed)


if __name__ == "__main__":
    main()
