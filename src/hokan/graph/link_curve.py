"""One learned link as numbers to draw."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hokan.errors import HokanError

FloatArray = NDArray[np.float64]

#: What a panel says of each kind of link.
KINDS = {
    "linear": "straight line",
    "smooth": "smooth curve",
    "joint": "curve that varies with composition, here a typical one",
    "formula": "formula",
}


@dataclass(frozen=True, eq=False)
class LinkCurve:
    """What one link says, and the known values it was learned from.

    Parameters
    ----------
    parent, child : str
        Names of the properties.
    kind : {"linear", "smooth", "joint", "formula"}
    parent_values : ndarray of shape (g,)
        Values of the parent, raw scale, increasing.
    median, lower, upper : ndarray of shape (g,)
        The child there, raw scale, and the ends of the link's band; other parents and the
        descriptors held at typical values.
    data_parent, data_child : ndarray of shape (n,)
        Materials of which both are known, raw scale; n may be 0.
    data_less_others : ndarray of shape (n,), optional
        Of a child with several parents: its known values less what the other parents add beyond
        their mean, raw scale. Points are drawn there, as in a plot of partial residuals.
    parent_unit, child_unit : str, optional
    parent_log, child_log : bool
        Whether an axis is logarithmic; values must be positive then.
    note : str
        A short remark for the panel, such as the evidence for this kind of link.
    labels : tuple of n str, optional
        What the materials are called, shown when hovering.

    Raises
    ------
    HokanError
        If arrays do not fit together, are not finite, or cannot be drawn on their scale; or the
        kind is not known. The message names the link.
    """

    parent: str
    child: str
    kind: str
    parent_values: FloatArray
    median: FloatArray
    lower: FloatArray
    upper: FloatArray
    data_parent: FloatArray
    data_child: FloatArray
    parent_unit: str | None = None
    child_unit: str | None = None
    parent_log: bool = False
    child_log: bool = False
    note: str = ""
    labels: tuple[str, ...] = ()
    data_less_others: FloatArray | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise self._error(f"kind = {self.kind!r} is not known; choose from {', '.join(KINDS)}")
        for names, log in (
            (("parent_values", "data_parent"), self.parent_log),
            (("median", "lower", "upper", "data_child", "data_less_others"), self.child_log),
        ):
            for name in names:
                if getattr(self, name) is not None:
                    self._read(name, log)
        grid = self.parent_values
        if len(grid) < 2 or not (np.diff(grid) > 0).all():
            raise self._error("parent_values must be two or more increasing values")
        for name in ("median", "lower", "upper"):
            self._check_length(name, len(grid), "parent_values")
        self._check_length("data_child", len(self.data_parent), "data_parent")
        if self.data_less_others is not None:
            self._check_length("data_less_others", len(self.data_parent), "data_parent")
        object.__setattr__(self, "labels", tuple(self.labels))
        if self.labels:
            self._check_length("labels", len(self.data_parent), "data_parent")
        if not ((self.lower <= self.median) & (self.median <= self.upper)).all():
            raise self._error("the median must lie between lower and upper everywhere")

    @property
    def points(self) -> FloatArray:
        """Where the known values of the child are drawn, shape (n,)."""
        return self.data_child if self.data_less_others is None else self.data_less_others

    def _read(self, name: str, log: bool) -> None:
        values = np.array(getattr(self, name), dtype=np.float64)
        if values.ndim != 1 or not np.isfinite(values).all():
            raise self._error(f"{name} must be a row of finite numbers")
        if log and not (values > 0).all():
            raise self._error(f"{name} has values that are not positive, on a logarithmic axis")
        values.setflags(write=False)
        object.__setattr__(self, name, values)

    def _check_length(self, name: str, wanted: int, like: str) -> None:
        found = len(getattr(self, name))
        if found != wanted:
            raise self._error(f"{name} has {found} values, {like} has {wanted}")

    def _error(self, problem: str) -> HokanError:
        return HokanError(f"link from {self.parent!r} to {self.child!r}: {problem}")
