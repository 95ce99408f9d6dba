"""Telling the user which values look wrong."""

from __future__ import annotations

import numpy as np

from hokan.gp.kernels import FloatArray

#: Values more probably wrong than right are named, this many rows of each property.
_WRONG = 0.5
_MOST_ROWS = 12


def notes_on_suspicious_values(
    names: tuple[str, ...], probability: FloatArray | None
) -> tuple[str, ...]:
    """Return a sentence for each property with values that look wrong.

    Parameters
    ----------
    names : tuple of str
        Of the p properties.
    probability : ndarray of shape (n, p), or None
        That each value is grossly wrong; NaN where there is none.
    """
    if probability is None:
        return ()
    notes = []
    for j, name in enumerate(names):
        chances = np.where(np.isnan(probability[:, j]), 0.0, probability[:, j])
        rows = np.flatnonzero(chances > _WRONG)
        if not len(rows):
            continue
        worst = np.sort(rows[np.argsort(-chances[rows], kind="stable")][:_MOST_ROWS])
        listed = ", ".join(str(row + 1) for row in worst)
        rest = f" and {len(rows) - len(worst)} more" if len(rows) > len(worst) else ""
        if len(rows) == 1:
            told = f"1 value looks wrong and is given little weight: row {listed}"
        else:
            told = f"{len(rows)} values look wrong and are given little weight: rows {listed}{rest}"
        notes.append(f'{name}: {told}. gross_errors = "none" in a graph undoes this.')
    return tuple(notes)
