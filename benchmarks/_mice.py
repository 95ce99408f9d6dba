"""R mice as a peer: multiple imputation by chained equations, as its users run it."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

SCRIPT = Path(__file__).resolve().parent / "peers" / "mice_impute.R"
#: Packages of R that methods of mice need, of which one is enough.
FORESTS = ("ranger", "randomForest")


class MiceMissingError(RuntimeError):
    """R, mice or a package that a method of mice needs is not installed."""


@cache
def missing_for_mice(method: str = "pmm") -> str | None:
    """Say what keeps R mice from running with this method; None if nothing does."""
    if shutil.which("Rscript") is None:
        return "R is not installed (no Rscript on the path)"
    if not _has("mice"):
        return "R has no package mice: install.packages('mice')"
    if method == "rf" and not any(_has(package) for package in FORESTS):
        return f"method rf of mice needs one of the R packages {' and '.join(FORESTS)}"
    return None


def mice_impute(
    frame: pd.DataFrame, method: str, m: int, seed: int, maxit: int = 10
) -> NDArray[np.float64]:
    """Impute a table with R mice.

    Parameters
    ----------
    frame : DataFrame of shape (n, p)
        Numbers on the scale on which to impute, NaN for holes. Every column predicts all others;
        complete ones (principal components of descriptors, say) only predict.
    method : {"norm", "pmm", "rf"}
        Bayesian linear regression, predictive mean matching or forest.
    m, seed, maxit : int
        Number of completed tables, seed of R, number of rounds.

    Returns
    -------
    ndarray of shape (m, n, p)
        The completed tables.

    Raises
    ------
    MiceMissingError
        If R or what it needs is not installed; ask :func:`missing_for_mice` before long work.
    """
    missing = missing_for_mice(method)
    if missing is not None:
        raise MiceMissingError(missing)
    values = frame.to_numpy(dtype=np.float64)
    named = pd.DataFrame(values, columns=[f"x{number}" for number in range(values.shape[1])])
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "input.csv"), Path(folder, "output.csv")
        named.to_csv(source, index=False, float_format="%.17g", na_rep="NA")
        command = ["Rscript", "--vanilla", str(SCRIPT), str(source), str(target)]
        ran = subprocess.run(
            [*command, method, str(m), str(maxit), str(seed)],
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode:
            raise RuntimeError(f"R mice failed on {len(frame)} rows:\n{ran.stderr.strip()}")
        stacked = pd.read_csv(target)
    # mice leaves holes in columns that it drops from its equations (constant or collinear ones).
    return stacked[named.columns].to_numpy(dtype=np.float64).reshape(m, *values.shape)


def _has(package: str) -> bool:
    question = f"q(status = !requireNamespace('{package}', quietly = TRUE))"
    return subprocess.run(["Rscript", "-e", question], capture_output=True).returncode == 0
