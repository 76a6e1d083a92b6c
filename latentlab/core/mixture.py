"""A mixture of Gaussians, and the one Gaussian fitted to it by either direction of KL."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from latentlab.core.normal import Gaussian
from latentlab.core.positive import positive
from latentlab.core.quadrature import normal_lattice

Floats = npt.NDArray[np.float64]

# Of the lattice on which expectations are summed, in σ. Gauss–Hermite nodes are too few where the
# log of a mixture bends, between its parts: 40 an axis were 0.07 nats out.
_SPACING, _REACH = 0.12, 6.0


@dataclass(frozen=True)
class Mixture:
    """Σ_i weights_i N(x; parts_i) in the plane (K = 2); the weights are > 0 and sum to 1."""

    weights: tuple[float, ...]
    parts: tuple[Gaussian, ...]

    def log_density(self, x: Floats) -> Floats:
        """At x (M, K): (M,)."""
        return self._logs(x)[0]

    def slope_and_bend(self, x: Floats) -> tuple[Floats, Floats]:
        """∇ log p(x), (M, K), and ∇∇ᵀ log p(x), (M, K, K).

        With r_i(x) the responsibilities and g_i = −Σ_i⁻¹(x−μ_i): Σ r_i g_i, and
        Σ r_i (g_i g_iᵀ − Σ_i⁻¹) less the outer product of the first.
        """
        parts = self._logs(x)[1]
        slope = np.zeros_like(x)
        bend = np.zeros((*x.shape, x.shape[1]))
        for share, part in zip(parts, self.parts, strict=True):
            precision = np.linalg.inv(part.covariance)
            pull = (part.mean - x) @ precision
            slope += share[:, None] * pull
            bend += share[:, None, None] * (_outer(pull) - precision)
        return slope, bend - _outer(slope)

    @property
    def moments(self) -> Gaussian:
        """The Gaussian of its mean and covariance."""
        mean: Floats = _sum(self.weights, [part.mean for part in self.parts])
        apart = [part.mean - mean for part in self.parts]
        second = [
            part.covariance + np.outer(away, away)
            for part, away in zip(self.parts, apart, strict=True)
        ]
        return Gaussian(mean, _sum(self.weights, second))

    def _logs(self, x: Floats) -> tuple[Floats, Floats]:
        """log p(x), (M,), and the parts' responsibilities, (parts, M)."""
        logs = np.stack(
            [
                math.log(weight) + part.log_density(x)
                for weight, part in zip(self.weights, self.parts, strict=True)
            ]
        )
        highest = logs.max(axis=0)
        shares = np.exp(logs - highest)
        total = shares.sum(axis=0)
        return highest + np.log(total), shares / total


def _sum(weights: tuple[float, ...], arrays: list[Floats]) -> Floats:
    """Σ weights_i arrays_i."""
    result: Floats = np.tensordot(np.array(weights), np.stack(arrays), axes=1)
    return result


def kl_from(p: Mixture, q: Gaussian) -> float:
    """KL(p ‖ q) in nats: large where q misses what p has. A sum over each part's lattice."""
    total = 0.0
    for weight, part in zip(p.weights, p.parts, strict=True):
        x, node_weights = _around(part)
        total += weight * float(node_weights @ (p.log_density(x) - q.log_density(x)))
    return max(total, 0.0)


def kl_to(q: Gaussian, p: Mixture) -> float:
    """KL(q ‖ p) in nats: large where q has what p misses. A sum over q's lattice."""
    x, weights = _around(q)
    return max(float(weights @ (q.log_density(x) - p.log_density(x))), 0.0)


def covering_step(p: Mixture, q: Gaussian, length: float) -> Gaussian:
    """One step down KL(p ‖ q): `length` (0 to 1) of the way from q's moments to those of p.

    With θ the natural parameters of q and m(θ) = (E_q[x], E_q[xxᵀ]), the gradient of KL(p ‖ q) is
    m(θ) − m_p, and its natural gradient moves m straight towards m_p (Amari 1998). All the way, it
    is moment matching, the minimum.
    """
    aim = p.moments
    mean = (1 - length) * q.mean + length * aim.mean
    second = (1 - length) * (q.covariance + np.outer(q.mean, q.mean)) + length * (
        aim.covariance + np.outer(aim.mean, aim.mean)
    )
    covariance = second - np.outer(mean, mean)
    return Gaussian(mean, (covariance + covariance.T) / 2)


def seeking_step(p: Mixture, q: Gaussian, length: float) -> Gaussian:
    """One step down KL(q ‖ p), of `length` (0 to 1) or less; q itself where none leads down.

    The natural gradient (Khan & Rue 2023, eq. 10): the precision goes towards −E_q[∇∇ᵀ log p], the
    mean by the new covariance times E_q[∇ log p]. Halved until KL(q ‖ p) falls.
    """
    x, weights = _around(q)
    slope, bend = p.slope_and_bend(x)
    mean_slope, mean_bend = weights @ slope, np.tensordot(weights, bend, axes=1)
    precision: Floats = np.linalg.inv(q.covariance).astype(np.float64)
    aim = positive(-mean_bend, precision)
    before = kl_to(q, p)
    while length > 1e-4:
        covariance = np.linalg.inv((1 - length) * precision + length * aim)
        covariance = (covariance + covariance.T) / 2
        there = Gaussian(q.mean + length * covariance @ mean_slope, covariance)
        if kl_to(there, p) < before:
            return there
        length *= 0.5
    return q


def _outer(rows: Floats) -> Floats:
    result: Floats = np.einsum("mi,mj->mij", rows, rows)
    return result


def _around(gaussian: Gaussian) -> tuple[Floats, Floats]:
    """Points (M, K) and weights of the expectation under `gaussian`."""
    eps, weights = normal_lattice(_SPACING, _REACH)
    return gaussian.mean + eps @ gaussian.factor.T, weights
