"""Gaussian-process parts: kernels, factorisations in place, and a search for parameters."""
