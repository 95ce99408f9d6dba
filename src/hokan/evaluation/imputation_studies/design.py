"""The parts of a study: each one method, on one table with holes, on one scale."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any

#: Properties that are positive on their logarithm, or all of them as they are.
SCALES = ("log", "raw")


@dataclass(frozen=True, order=True)
class Part:
    """One piece of work, which is done or not.

    Attributes
    ----------
    repeat : int
        Which draw of rows and holes, from 0.
    mechanism : str
        What makes the holes; see :func:`hokan.evaluation.ampute`.
    share : float
        Of known cells that become holes.
    n_rows, n_columns : int
        Size of the table.
    method : str
        Name of the method that fills it.
    scale : str
        On which it does so: one of :data:`SCALES`.
    """

    repeat: int
    mechanism: str
    share: float
    n_rows: int
    n_columns: int
    method: str
    scale: str

    @property
    def form(self) -> dict[str, Any]:
        """The part as JSON has it."""
        return asdict(self)


def all_parts(
    n_repeats: int,
    mechanisms: Sequence[str],
    shares: Sequence[float],
    n_rows: Sequence[int],
    n_columns: Sequence[int],
    methods: Mapping[str, object],
    scales: Sequence[str],
) -> Iterator[Part]:
    """Return every combination, one repeat after the other, so that early results are of all.

    A method that is None fills nothing, and has the first scale only.
    """
    for found in product(range(n_repeats), mechanisms, shares, n_rows, n_columns, methods, scales):
        part = Part(*found)
        if methods[part.method] is not None or part.scale == scales[0]:
            yield part
