"""The scikit-learn face of the model."""

from hokan.estimators.hierarchical_regressor import HierarchicalRegressor
from hokan.estimators.inputs import InputForm

__all__ = ["HierarchicalRegressor", "InputForm"]
