"""From known parameters to a posterior; the fastest exact way is taken."""

from __future__ import annotations

from hokan.inference.cells import Cells
from hokan.inference.joint_posterior import JointPosterior
from hokan.inference.parameters import HierarchyParameters, ParameterLayout
from hokan.inference.recursive_posterior import RecursivePosterior


def condition(
    cells: Cells, layout: ParameterLayout, parameters: HierarchyParameters
) -> JointPosterior | RecursivePosterior:
    """Condition a model with known parameters on a table."""
    if cells.is_nested(layout.parent_mask, layout.learn_noise):
        return RecursivePosterior(cells, layout, parameters)
    return JointPosterior(cells, layout, parameters)
