"""What one property adds to its parents, in materials that the chains did not visit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hokan.descriptors.features import MaterialFeatures
from hokan.gp.kernels import FloatArray
from hokan.inference.gaussian_draws import draw_gaussian
from hokan.sampling.node import Node, NodeParameters


@dataclass(frozen=True)
class NodeConditional:
    """A node given what the chains say of the training materials.

    Attributes
    ----------
    node : Node
    parameters : NodeParameters
    features : MaterialFeatures
        Of the m training materials where the node takes part.
    precision : ndarray of shape (m, m)
        Inverse of ``A_j``.
    forces : ndarray of shape (m, s)
        ``A_j^-1 r`` of the residuals of every draw.
    """

    node: Node
    parameters: NodeParameters
    features: MaterialFeatures
    precision: FloatArray
    forces: FloatArray

    def own_part(self, features: MaterialFeatures) -> tuple[FloatArray, FloatArray]:
        """Return means (n, s) and variance (n,) of ``f + e`` of other materials."""
        cross = self.node.covariance_between(self.parameters, features, self.features)
        variance = self.node.prior_variance(self.parameters, features)
        variance -= np.einsum("ij,ij->i", cross @ self.precision, cross)
        return cross @ self.forces, np.maximum(variance, 1e-10)

    def draw_jointly(
        self, features: MaterialFeatures, random_state: np.random.Generator
    ) -> FloatArray:
        """Draw ``f + e`` of other materials, shape (n, s): the joint distribution of all."""
        cross = self.node.covariance_between(self.parameters, features, self.features)
        covariance = self.node.covariance_between(self.parameters, features, features)
        np.einsum("ii->i", covariance)[:] += self.parameters.process.variances[-1, 0]
        covariance -= cross @ self.precision @ cross.T
        zeros = np.zeros(len(features))
        around = draw_gaussian(zeros, covariance, self.forces.shape[1], random_state)
        return np.asarray(cross @ self.forces + around.T)

    def left_out_variance(self, tables: FloatArray, directions: FloatArray) -> FloatArray:
        """Return what the reduced rank of joint links leaves out, (n, s), at tables (p, n, s).

        Far from every training material the directions fade, and with them the variance of the
        slope that depends on the material: what is missing is added, independent for each material
        (Quinonero-Candela and Rasmussen, JMLR 6, 2005, section 6).
        """
        missing = np.maximum(1.0 - np.einsum("nm,nm->n", directions, directions), 0.0)
        variance = np.zeros(tables.shape[1:])
        for link, logs in zip(self.node.links, self.parameters.links, strict=True):
            if link.depends_on_material:
                squares = tables[link.parents[0]] ** 2
                variance += np.exp(logs[2]) * missing[:, None] * squares
        return variance
