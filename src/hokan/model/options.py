"""The choices a user may make about a fit; every default is meant to be left alone."""

from __future__ import annotations

from dataclasses import dataclass, field

from hokan.descriptors.space import SameComposition
from hokan.errors import HokanError
from hokan.inference.fitting import FitOptions
from hokan.sampling.fitting import SamplingOptions


@dataclass(frozen=True)
class ModelOptions:
    """How a table is modelled.

    Attributes
    ----------
    same_composition : {"separate", "same material"}
        Whether rows of equal composition are different materials (polymorphs) or measurements of
        one.
    weigh_descriptors : bool
        Whether to learn how much each descriptor matters before the fit.
    learn_noise : bool
        Whether to learn, per property, a measurement error beside the ones given. Always done when
        repeated compositions are one material, since its values differ.
    gross_errors : {"auto", "none"}
        Whether values may be found grossly wrong and given little weight, in properties whose graph
        leaves it open; "none": all values there are taken at their word.
    random_state : int
        Seed of everything random.
    fit : FitOptions
        How long and how hard to search for parameters, with the exact engine.
    engine : {"auto", "exact", "sampling"}
        How to infer. ``"auto"``: exactly where all links are straight lines, else by sampling;
        by sampling, too, where parameters are to be drawn.
    sampling : SamplingOptions
        How to draw, with the sampling engine.

    Raises
    ------
    HokanError
        The exact engine is asked to draw parameters.
    """

    same_composition: SameComposition = "separate"
    weigh_descriptors: bool = True
    learn_noise: bool = False
    gross_errors: str = "auto"
    random_state: int = 0
    fit: FitOptions = field(default_factory=FitOptions)
    engine: str = "auto"
    sampling: SamplingOptions = field(default_factory=SamplingOptions)

    def __post_init__(self) -> None:
        if self.engine == "exact" and self.sampling.sample_parameters:
            raise HokanError(
                "sample_parameters=True needs the sampling engine, found engine='exact'; leave one "
                "out (the exact engine averages over draws of the parameters by itself)"
            )

    @property
    def must_sample(self) -> bool:
        """Whether to sample even where all links are straight lines."""
        return self.engine == "sampling" or self.sampling.sample_parameters
