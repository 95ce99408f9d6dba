"""What the scripts that run SMT's models share: levels in, a fit, the highest level out.

The input holds ``points_0``, ``values_0``, ``points_1``, … from the lowest fidelity to the highest,
``wanted`` (points to predict at) and ``options`` (JSON, beyond the settings of the script); the
output ``mean`` and ``std`` of the highest fidelity and the seconds of the fit.
"""

from __future__ import annotations

import json
import time
import warnings
from typing import Any

import numpy as np


def fit_levels(kind: type, settings: dict[str, Any], source: str, target: str) -> None:
    """Fit a model of SMT to the levels of a file and write its predictions to another.

    The one number of the setting ``theta0`` holds for every dimension of the points.
    """
    warnings.simplefilter("ignore")
    with np.load(source) as data:
        n_levels = sum(name.startswith("points_") for name in data.files)
        points = [data[f"points_{level}"] for level in range(n_levels)]
        values = [data[f"values_{level}"] for level in range(n_levels)]
        wanted, options = data["wanted"], json.loads(str(data["options"]))
    start = time.perf_counter(), time.process_time()
    theta0 = settings["theta0"] * wanted.shape[1]
    model = kind(print_global=False, **{**settings, "theta0": theta0, **options})
    for level in range(n_levels - 1):
        model.set_training_values(points[level], values[level], name=level)
    model.set_training_values(points[-1], values[-1])
    model.train()
    wall, processor = time.perf_counter() - start[0], time.process_time() - start[1]
    mean, variance = model.predict_values(wanted), model.predict_variances(wanted)
    np.savez(
        target,
        mean=np.ravel(mean),
        std=np.sqrt(np.maximum(np.ravel(variance), 0.0)),
        fit_wall=wall,
        fit_processor=processor,
    )
