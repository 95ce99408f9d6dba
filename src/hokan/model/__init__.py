"""A table and a graph become a fitted model that predicts on the raw scale."""

from hokan.model.hierarchy_model import HierarchyModel, LeaveOneOut
from hokan.model.learned import learned_constants, learned_deviations, learned_links
from hokan.model.link_curves import link_curves
from hokan.model.options import ModelOptions
from hokan.model.prediction import CellPrediction, in_columns

__all__ = [
    "CellPrediction",
    "HierarchyModel",
    "LeaveOneOut",
    "ModelOptions",
    "in_columns",
    "learned_constants",
    "learned_deviations",
    "learned_links",
    "link_curves",
]
