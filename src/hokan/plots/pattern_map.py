"""Rows grouped by what they know, drawn as bands: the left part of the picture of holes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hokan.plots.theme import BLUE, INK, ORANGE, PALE, SKY, plotly_objects
from hokan.table import MissingPattern

#: Patterns with a band of their own; the rest share one.
MOST_BANDS = 24
#: In pixels, so that the label of a band fits beside it.
_LEAST_HEIGHT = 16
_LEAST_HEIGHT_OF_OTHERS = 38
_BETWEEN_BANDS = 2
_BETWEEN_COLUMNS = 0.08
#: Counts above more columns than this are written upright.
_MOST_COUNTS_ACROSS = 12

#: What a cell can be, in the order of the legend, with its colour.
_KINDS = {
    "known": BLUE,
    "known, behind a hole": ORANGE,
    "known, not in the order": SKY,
    "hole": PALE,
}
_KNOWN, _BEHIND, _APART, _HOLE = _KINDS


@dataclass(frozen=True)
class Band:
    """Rows that know the same, or all rows of the rarest patterns.

    Attributes
    ----------
    known : np.ndarray of shape (m, p)
        The patterns, True where a property is known.
    counts : np.ndarray of shape (m,)
        Rows of each.
    """

    known: NDArray[np.bool_]
    counts: NDArray[np.int64]

    @property
    def n_rows(self) -> int:
        """Rows of the band."""
        return int(self.counts.sum())

    @property
    def label(self) -> str:
        """What stands beside the band."""
        rows = f"{self.n_rows} row{'s' * (self.n_rows != 1)}"
        others = len(self.counts)
        return rows if others == 1 else f"{rows} in {others}<br>other patterns"

    def parts(self, n_ordered: int) -> list[dict[str, int]]:
        """Return, for each column, how many rows are of which kind; none where that is 0."""
        kept = np.logical_and.accumulate(self.known[:, :n_ordered], axis=1)
        found = []
        for column, known in enumerate(self.known.T):
            n_known = int(self.counts @ known)
            kinds = {_HOLE: self.n_rows - n_known}
            if column < n_ordered:
                kinds[_KNOWN] = int(self.counts @ kept[:, column])
                kinds[_BEHIND] = n_known - kinds[_KNOWN]
            else:
                kinds[_APART] = n_known
            found.append({kind: kinds[kind] for kind in _KINDS if kinds.get(kind)})
        return found


@dataclass
class _Rectangles:
    """Bars of one kind: where they stand, how high they are, what is told when hovering."""

    x: list[int] = field(default_factory=list)
    base: list[float] = field(default_factory=list)
    height: list[float] = field(default_factory=list)
    text: list[str] = field(default_factory=list)


def bands_of(pattern: MissingPattern) -> list[Band]:
    """Return a band for each of the most frequent patterns, and one for all others."""
    known, counts = pattern.patterns, pattern.counts
    # A single one left over is no more room than all of the rest.
    alone = len(counts) if len(counts) <= MOST_BANDS + 1 else MOST_BANDS
    bands = [Band(known[k : k + 1], counts[k : k + 1]) for k in range(alone)]
    if alone < len(counts):
        bands.append(Band(known[alone:], counts[alone:]))
    return bands


def least_height(bands: Sequence[Band]) -> int:
    """Return the pixels that bands need for their labels."""
    return int(_least_heights(bands).sum())


def _least_heights(bands: Sequence[Band]) -> NDArray[np.float64]:
    return np.array(
        [_LEAST_HEIGHT if len(b.counts) == 1 else _LEAST_HEIGHT_OF_OTHERS for b in bands],
        dtype=np.float64,
    )


def heights(bands: Sequence[Band], total: float) -> NDArray[np.float64]:
    """Return heights in proportion to rows, but none too low for its label, that fill a total."""
    rows = np.array([band.n_rows for band in bands], dtype=np.float64)
    least = _least_heights(bands)
    found = least.copy()
    free = np.ones(len(bands), dtype=np.bool_)
    while free.any():
        left = total - found[~free].sum()
        shared = left * rows / rows[free].sum()
        too_low = free & (shared < least)
        if not too_low.any():
            found[free] = shared[free]
            break
        free &= ~too_low
    return found


def map_traces(
    bands: Sequence[Band], names: Sequence[str], n_ordered: int, band_heights: NDArray[np.float64]
) -> Iterator[Any]:
    """Return the bars of the map, one trace for each kind of cell.

    Parameters
    ----------
    bands : sequence of Band
    names : sequence of str
        Of the columns, safe for Plotly.
    n_ordered : int
        So many columns, from the left, are judged for nesting.
    band_heights : array of float
        In pixels; bands are stacked from 0 on.
    """
    drawn = {kind: _Rectangles() for kind in _KINDS}
    tops = np.concatenate([[0.0], np.cumsum(band_heights)])
    for band, top, full_height in zip(bands, tops, band_heights, strict=False):
        height = full_height - _BETWEEN_BANDS
        for column, parts in enumerate(band.parts(n_ordered)):
            base = top
            for kind, n in parts.items():
                rectangles = drawn[kind]
                rectangles.x.append(column)
                rectangles.base.append(float(base))
                rectangles.height.append(float(height * n / band.n_rows))
                rectangles.text.append(f"{names[column]}<br>{kind} in {n} of {band.n_rows} rows")
                base += rectangles.height[-1]
    for kind, rectangles in drawn.items():
        if rectangles.x:
            yield plotly_objects().Bar(
                x=rectangles.x,
                base=rectangles.base,
                y=rectangles.height,
                width=1.0 - _BETWEEN_COLUMNS,
                name=kind,
                marker={"color": _KINDS[kind], "line": {"width": 0}},
                customdata=rectangles.text,
                hovertemplate="%{customdata}<extra></extra>",
            )


def height_of_counts(counts: Iterable[int]) -> int:
    """Return the pixels that :func:`add_counts` needs above the columns."""
    counts = list(counts)
    return 7 * len(str(max(counts))) + 6 if len(counts) > _MOST_COUNTS_ACROSS else 16


def add_counts(figure: Any, counts: Sequence[int], **axes: str) -> None:
    """Write above each column how many values are known."""
    for column, known in enumerate(counts):
        figure.add_annotation(
            x=column,
            y=0,
            text=str(known),
            textangle=-90 if len(counts) > _MOST_COUNTS_ACROSS else 0,
            showarrow=False,
            yanchor="bottom",
            yshift=2,
            font={"size": 11, "color": INK},
            **axes,
        )
