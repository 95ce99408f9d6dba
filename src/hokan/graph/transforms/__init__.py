"""Monotone transforms between the raw scale of a property and the scale it is modelled on.

All transforms increase, so quantiles on the modelled scale become quantiles on the raw scale by
:meth:`Transform.inverse` alone. Holes (NaN) pass through every function unchanged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hokan.errors import GraphError
from hokan.graph.transforms.base import FloatArray, Transform
from hokan.graph.transforms.floored import Floored
from hokan.graph.transforms.identity import Identity
from hokan.graph.transforms.log import Log
from hokan.graph.transforms.logit import Logit
from hokan.graph.transforms.standardised import StandardisedTransform

if TYPE_CHECKING:
    from hokan.graph.property import Property

__all__ = [
    "FloatArray",
    "Floored",
    "Identity",
    "Log",
    "Logit",
    "StandardisedTransform",
    "Transform",
    "get_transform",
]


def get_transform(declared: Property) -> Transform:
    """Return the transform a property asks for.

    Parameters
    ----------
    declared : Property
        With any transform but ``"auto"``, which is settled when a model is fitted.

    Returns
    -------
    Transform

    Raises
    ------
    GraphError
        If the transform is ``"auto"``, or the property is a category, which has no scale.
    """
    if declared.transform == "identity":
        return Identity() if isinstance(declared.floor, str) else Floored(declared.floor)
    if declared.transform == "log":
        return Log()
    if declared.transform == "logit" and declared.lower is not None and declared.upper is not None:
        return Logit(declared.lower, declared.upper)
    if declared.is_category:
        raise GraphError(f"property {declared.name!r} is a category: it has levels and no scale")
    raise GraphError(
        f'property {declared.name!r}: transform = "{declared.transform}" is chosen when a model is '
        'fitted; before that, name one: "identity", "log" or "logit"'
    )
