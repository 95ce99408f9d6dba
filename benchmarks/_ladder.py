"""Splits of a table of band gaps at several fidelities."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from hokan.descriptors import reduced_formula_key
from hokan.evaluation import Holdout, hide_property
from hokan.table import PropertyTable


@dataclass(frozen=True)
class LadderSplit:
    """What is known of a ladder, and what is held out at its top.

    Attributes
    ----------
    top : str
        The level that is wanted.
    n_top : int
        Rows in which it is known.
    shares : dict of str to float
        Of each lower level, the share of all rows in which it stays known; 1 leaves the holes that
        the file has.
    held_out_shares : dict of str to float
        The same for held-out rows, where it differs: the other rows then make up for it.
    n_held_out : int
        Rows in which the top is to be found again.
    """

    top: str
    n_top: int
    shares: dict[str, float]
    held_out_shares: dict[str, float] = field(default_factory=dict)
    n_held_out: int = 200

    def draw(self, frame: pd.DataFrame, seed: int) -> Holdout:
        """Draw rows and holes; materials of one composition are never on both sides."""
        rng = np.random.default_rng([seed, self.n_top])
        frame = frame.loc[frame[self.top].notna(), ["formula", *self.shares, self.top]]
        frame = frame.reset_index(drop=True)
        group = pd.factorize(pd.Series([reduced_formula_key(text) for text in frame["formula"]]))[0]
        shuffled = rng.permutation(group.max() + 1)[group]
        ranked = np.argsort(shuffled, kind="stable")
        held_out = shuffled <= shuffled[ranked[self.n_held_out - 1]]
        n_rows, n_held_out = len(frame), int(held_out.sum())
        others = rng.permutation(np.flatnonzero(~held_out))
        frame.loc[others[self.n_top :], self.top] = np.nan
        for name, share in self.shares.items():
            n_known_held_out = round(self.held_out_shares.get(name, share) * n_held_out)
            n_known_others = round(share * n_rows) - n_known_held_out
            for part, n_known in (
                (np.flatnonzero(held_out), n_known_held_out),
                (others, n_known_others),
            ):
                frame.loc[rng.permutation(part)[n_known:], name] = np.nan
        table = PropertyTable.from_frame(frame, source="ladder")
        return hide_property(table, self.top, held_out)


def hybrid_gap(n_top: int) -> LadderSplit:
    """Hybrid gap known for few, PBE for three quarters of all rows, half of the held-out ones."""
    return LadderSplit(
        "gap_hse06_eV", n_top, {"gap_pbe_eV": 0.75}, held_out_shares={"gap_pbe_eV": 0.5}
    )


def measured_gap() -> LadderSplit:
    """Experiment known for 30 rows, PBE for 80 %, HSE06 for 40 %, G0W0 as it comes."""
    return LadderSplit(
        "gap_expt_eV", 30, {"gap_pbe_eV": 0.8, "gap_hse06_eV": 0.4, "gap_g0w0_eV": 1.0}
    )


def read_ladder(folder: Path) -> pd.DataFrame:
    """Read the ladder table."""
    return pd.read_csv(folder / "band_gap_ladder.csv", keep_default_na=False, na_values=[""])
