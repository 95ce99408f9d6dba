"""GPyTorch's multitask Gaussian process with an intrinsic coregionalisation model.

Run by the interpreter of benchmarks/.venv-peers, not hokan's:

    python benchmarks/peers/icm.py INPUT.npz OUTPUT.npz

The input holds ``values`` (n, p), standardised, NaN for holes, ``descriptors`` (n, d) and ``seed``;
the output ``mean`` and ``std`` (n, p) of every cell, and the seconds of the fit. One value is one
data point with its property as task ("Hadamard" multitask regression of the GPyTorch manual): a
Matern-5/2 kernel on the descriptors with one lengthscale, times a free task covariance (IndexKernel
of full rank), noise common to all tasks, Adam with step 0.1 for 100 iterations, Cholesky factors at
every size.
"""

from __future__ import annotations

import sys
import time
import warnings

import gpytorch
import numpy as np
import torch

ITERATIONS = 100
STEP = 0.1


class Coregionalised(gpytorch.models.ExactGP):
    """One kernel on materials, times a covariance of properties."""

    def __init__(self, inputs, targets, likelihood, n_tasks: int, lengthscale: float) -> None:
        super().__init__(inputs, targets, likelihood)
        self.mean_module = gpytorch.means.ConstantMean()
        self.covar_module = gpytorch.kernels.MaternKernel(nu=2.5)
        self.covar_module.lengthscale = lengthscale
        self.task_covar_module = gpytorch.kernels.IndexKernel(num_tasks=n_tasks, rank=n_tasks)

    def forward(self, x, task):
        """Return the prior of cells."""
        covariance = self.covar_module(x).mul(self.task_covar_module(task))
        return gpytorch.distributions.MultivariateNormal(self.mean_module(x), covariance)


def main(source: str, target: str) -> None:
    data = np.load(source)
    values, descriptors = data["values"], data["descriptors"]
    warnings.simplefilter("ignore")  # linear_operator's notes to itself
    torch.manual_seed(int(data["seed"]))
    torch.set_default_dtype(torch.float64)
    start = time.perf_counter(), time.process_time()
    rows, columns = np.nonzero(~np.isnan(values))
    x = torch.as_tensor(descriptors[rows])
    task = torch.as_tensor(columns[:, None])
    y = torch.as_tensor(values[rows, columns])
    # The usual start: a typical distance between materials.
    lengthscale = float(torch.pdist(torch.as_tensor(descriptors)).median())

    likelihood = gpytorch.likelihoods.GaussianLikelihood()
    model = Coregionalised((x, task), y, likelihood, values.shape[1], lengthscale)
    objective = gpytorch.mlls.ExactMarginalLogLikelihood(likelihood, model)
    optimiser = torch.optim.Adam(model.parameters(), lr=STEP)
    with gpytorch.settings.max_cholesky_size(10**6):
        model.train()
        for iteration in range(ITERATIONS):
            optimiser.zero_grad()
            loss = -objective(model(x, task), y, [x, task])
            loss.backward()
            optimiser.step()
            if iteration % 20 == 0:
                print(f"  icm: iteration {iteration}, {loss.item():.4f}", file=sys.stderr)
        wall, processor = time.perf_counter() - start[0], time.process_time() - start[1]
        model.eval()
        mean, std = np.full(values.shape, np.nan), np.full(values.shape, np.nan)
        everywhere = torch.as_tensor(descriptors)
        with torch.no_grad():
            for k in range(values.shape[1]):
                here = torch.full((len(values), 1), k)
                found = likelihood(model(everywhere, here), [everywhere, here])
                mean[:, k], std[:, k] = found.mean.numpy(), found.stddev.numpy()
    np.savez(target, mean=mean, std=std, fit_wall=wall, fit_processor=processor)


if __name__ == "__main__":
    main(*sys.argv[1:3])
