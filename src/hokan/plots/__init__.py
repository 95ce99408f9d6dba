"""Pictures (they need the package plotly): what is known, how far to trust it, who does better."""

from __future__ import annotations

from hokan.graph.link_curve import LinkCurve
from hokan.plots.comparison import comparison
from hokan.plots.fill_overview import fill_overview
from hokan.plots.imputation_densities import imputation_densities
from hokan.plots.imputation_traces import imputation_traces
from hokan.plots.learning_curve import learning_curves
from hokan.plots.links import links
from hokan.plots.missing_pattern import missing_pattern
from hokan.plots.overimputation import overimputation_plot
from hokan.plots.parity import parity
from hokan.plots.propensity import propensity_plot
from hokan.plots.summary import summary
from hokan.plots.writing import write_html, write_pictures

__all__ = [
    "LinkCurve",
    "comparison",
    "fill_overview",
    "imputation_densities",
    "imputation_traces",
    "learning_curves",
    "links",
    "missing_pattern",
    "overimputation_plot",
    "parity",
    "propensity_plot",
    "summary",
    "write_html",
    "write_pictures",
]
