"""The ELBO that a Gaussian over the latent space gives an image, and its KL to the posterior."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from latentlab.core.cells import log_prior, steps
from latentlab.core.evidence import Evidence, log_sum
from latentlab.core.exponential import Decoder
from latentlab.core.normal import Gaussian
from latentlab.core.objective import gauss_hermite

__all__ = ["Elbo", "Gaussian", "elbo", "kl_to_posterior"]

Floats = npt.NDArray[np.float64]

POINTS = 20
# Of the 20² nodes those with a smaller weight, the corners, are left out: they would add 1e-10 of
# log p(x|z) there.
_LEAST_WEIGHT = 1e-12
# The lattice around q, in σ; and in nats how much less mass than the fullest cell one may have that
# need not be looked at anew.
_LATTICE = np.linspace(-6, 6, 25)
_DEPTH = 16.0


@dataclass(frozen=True)
class Elbo:
    """Of one image, nats: E_q[log p(x|z)] − KL(q ‖ p(z))."""

    log_likelihood: float
    kl: float

    @property
    def value(self) -> float:
        """The ELBO."""
        return self.log_likelihood - self.kl


def elbo(decoder: Decoder, x: Tensor, q: Gaussian) -> Elbo:
    """The ELBO of x (1, D): its expectation by Gauss–Hermite quadrature, 20 nodes an axis; its KL
    in closed form."""
    eps, weights = _nodes(len(q.mean))
    z = q.mean + eps @ np.linalg.cholesky(q.covariance).T
    return Elbo(float(decoder.log_likelihood(x, z)[0] @ weights), q.kl_to_prior())


def kl_to_posterior(decoder: Decoder, x: Tensor, q: Gaussian, evidence: Evidence) -> float:
    """KL(q ‖ p(z|x)) in nats, on a grid refined around q as well as around the posterior.

    Around q it is a lattice ½ σ wide, on which q sums to 1; around the posterior it has the cells
    of the evidence. These are decoded away from their centres, and p(z|x) is normalised by what
    they sum to, so neither log p(x) nor an ELBO enters. Raises ArithmeticError where q does not
    sum to 1 within 1e-4.
    """
    eps = steps(len(q.mean), _LATTICE)
    eps = eps[(eps**2).sum(axis=1) <= _LATTICE[-1] ** 2]
    factor = np.linalg.cholesky(q.covariance)
    z = q.mean + eps @ factor.T
    spacing = _LATTICE[1] - _LATTICE[0]
    log_volume = len(q.mean) * math.log(spacing) + math.log(np.linalg.det(factor))
    weights = np.exp(q.log_density(z) + log_volume)
    if abs(weights.sum() - 1) > 1e-4:
        raise ArithmeticError(f"q sums to {weights.sum():.6f} on the grid, not to 1")
    log_joint = decoder.log_likelihood(x, z)[0] + log_prior(z)
    divergence = weights @ (q.log_density(z) - log_joint) / weights.sum()
    return float(divergence) + _log_evidence_off_centre(decoder, x, evidence)


def _log_evidence_off_centre(decoder: Decoder, x: Tensor, evidence: Evidence) -> float:
    """log p(x) by the midpoint rule on the evidence's cells, all moved by a quarter of their width.

    Where cells are of one width, that is as good a sum of other values.
    """
    log_mass = evidence.log_mass
    full = log_mass > log_mass.max() - _DEPTH
    cells = evidence.cells.at(full)
    z = cells.centre + 0.25 * cells.width[:, None]
    moved = decoder.log_likelihood(x, z)[0] + log_prior(z) + cells.log_volume
    rest = log_mass[~full] + evidence.log_evidence
    return log_sum(np.concatenate([moved, rest]))


@lru_cache(maxsize=4)
def _nodes(latent_dim: int) -> tuple[Floats, Floats]:
    eps, weights = gauss_hermite(POINTS, latent_dim, torch.float64)
    kept = weights > _LEAST_WEIGHT
    return eps[kept].numpy(), weights[kept].numpy()
