"""How properties depend on each other: properties, transforms, graphs and their files."""

from hokan.graph.property import Property
from hokan.graph.property_graph import PropertyGraph
from hokan.graph.transforms import (
    Floored,
    Identity,
    Log,
    Logit,
    StandardisedTransform,
    Transform,
    get_transform,
)

__all__ = [
    "Floored",
    "Identity",
    "Log",
    "Logit",
    "Property",
    "PropertyGraph",
    "StandardisedTransform",
    "Transform",
    "get_transform",
]
