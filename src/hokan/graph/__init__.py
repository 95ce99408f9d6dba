"""How properties depend on each other: properties, transforms, graphs and their files."""

from hokan.graph.formula import Formula
from hokan.graph.laws import LAWS, Law, find_law
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
    "LAWS",
    "Floored",
    "Formula",
    "Identity",
    "Law",
    "Log",
    "Logit",
    "Property",
    "PropertyGraph",
    "StandardisedTransform",
    "Transform",
    "find_law",
    "get_transform",
]
