"""A cross-validated score as an estimate with a variance."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hokan.errors import HokanError
from hokan.imputation.pooling.results import Estimates


def cross_validated_estimate(
    scores: npt.ArrayLike, *, test_share: float | None = None, name: str = "score"
) -> Estimates:
    """Return the mean score of the folds, with a variance that knows that folds are alike.

    Folds share training rows, so that the variance of the folds over their number is too small. The
    correction of Nadeau & Bengio (Mach. Learn. 52, 239 (2003)) is used: ``(1/J + n_test/n_train)
    s²`` for J folds, with J - 1 degrees of freedom. It is a rule of thumb: no unbiased estimate of
    this variance exists (Bengio & Grandvalet, J. Mach. Learn. Res. 5, 1089 (2004)).

    Use the same folds in every completed table, and know that a hole filled from the whole table
    has seen the test rows: the score is that of the model on completed rows.

    Parameters
    ----------
    scores : array_like of shape (J,)
        One per fold, as of ``sklearn.model_selection.cross_val_score``.
    test_share : float, optional
        Share of the rows that a fold tests on; ``1/J`` if not given, which holds for J-fold
        cross-validation without repetitions.
    name : str, optional
        What the score is called.

    Raises
    ------
    HokanError
        If there are fewer than 2 scores, or the share is not between 0 and 1.
    """
    values = np.asarray(scores, dtype=np.float64)
    if values.ndim != 1 or len(values) < 2:
        raise HokanError(f"expected the scores of 2 folds or more, found shape {values.shape}")
    n_folds = len(values)
    share = 1.0 / n_folds if test_share is None else float(test_share)
    if not 0.0 < share < 1.0:
        raise HokanError(f"test_share must be between 0 and 1, found {share:g}")
    variance = (1.0 / n_folds + share / (1.0 - share)) * values.var(ddof=1)
    return Estimates(float(values.mean()), float(variance), (name,), float(n_folds - 1))
