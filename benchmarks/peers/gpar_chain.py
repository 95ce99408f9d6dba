"""GPAR: each property a Gaussian process on descriptors and the properties before it.

Run by the interpreter of benchmarks/.venv-peers; input and output as of icm.py. Requeima et al.,
"The Gaussian Process Autoregressive Regression Model", AISTATS 2019. Properties are taken from most
to least observed; kernels are exponentiated quadratic on all descriptors with one lengthscale and
linear in the properties before. GPAR fills holes among the earlier properties with predictive means
(``impute=True``); at prediction it samples them, so it cannot use a later property to predict an
earlier one.
"""

from __future__ import annotations

import sys
import time
import warnings

import numpy as np
import torch
from gpar import GPARRegressor


def main(source: str, target: str) -> None:
    warnings.simplefilter("ignore")
    data = np.load(source)
    values, descriptors = data["values"], data["descriptors"]
    np.random.seed(int(data["seed"]))  # noqa: NPY002 (what GPAR draws from)
    torch.manual_seed(int(data["seed"]))
    order = np.argsort(np.isnan(values).sum(axis=0), kind="stable")
    start = time.perf_counter(), time.process_time()
    inputs = descriptors / np.sqrt(descriptors.shape[1])
    model = GPARRegressor(
        scale=1.0, scale_tie=True, linear=True, nonlinear=False, impute=True, noise=0.1
    )
    model.fit(inputs, values[:, order])
    wall, processor = time.perf_counter() - start[0], time.process_time() - start[1]
    samples = np.array(model.sample(inputs, posterior=True, num_samples=50))
    mean, std = np.empty(values.shape), np.empty(values.shape)
    mean[:, order], std[:, order] = samples.mean(axis=0), samples.std(axis=0)
    np.savez(target, mean=mean, std=std, fit_wall=wall, fit_processor=processor)


if __name__ == "__main__":
    main(*sys.argv[1:3])
