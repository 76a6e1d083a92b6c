"""KL between two Gaussians: its four terms, and the estimate of it that samples give."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from latentlab.core.normal import Gaussian
from latentlab.errors import InputError

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class KlTerms:
    """What stands in the bracket of KL = ½ [log(|Σ₂|/|Σ₁|) − K + tr(Σ₂⁻¹Σ₁) + d²], in nats.

    log_determinants may have any sign; dimension is −K; trace > 0; mahalanobis is
    d² = (μ₂−μ₁)ᵀ Σ₂⁻¹ (μ₂−μ₁) ≥ 0.
    """

    log_determinants: float
    dimension: float
    trace: float
    mahalanobis: float

    @property
    def kl(self) -> float:
        """Half their sum, never below 0: rounding may give −1e-16 between equals."""
        bracket = self.log_determinants + self.dimension + self.trace + self.mahalanobis
        return max(0.5 * bracket, 0.0)


def kl_terms(p: Gaussian, q: Gaussian) -> KlTerms:
    """The terms of KL(p ‖ q), p = N(μ₁, Σ₁), q = N(μ₂, Σ₂), by Cholesky factors.

    Raises InputError where a covariance is singular: then there is no density, and no KL. (Duchi,
    "Derivations for Linear Algebra and Optimization".)
    """
    first, second = factors(p, q)
    spread = np.linalg.solve(second, first)
    shift = np.linalg.solve(second, q.mean - p.mean)
    return KlTerms(
        log_determinants=2 * float(np.log(np.diag(second)).sum() - np.log(np.diag(first)).sum()),
        dimension=-float(len(p.mean)),
        trace=float((spread**2).sum()),
        mahalanobis=float(shift @ shift),
    )


def factors(p: Gaussian, q: Gaussian) -> tuple[Floats, Floats]:
    """The Cholesky factors L₁ and L₂. Raises InputError where there is none."""
    if p.mean.shape != q.mean.shape:
        raise InputError(
            f"The Gaussians have different dimensions: {len(p.mean)} and {len(q.mean)}."
        )
    found = []
    for which, gaussian in (("first", p), ("second", q)):
        try:
            found.append(gaussian.factor)
        except np.linalg.LinAlgError:
            raise InputError(
                f"The {which} Gaussian's covariance is singular: it has no density, so there is "
                "no KL divergence."
            ) from None
    return found[0], found[1]


def log_ratio_sigma(p: Gaussian, q: Gaussian) -> float:
    """The standard deviation of log p(x) − log q(x) over x ~ p, in nats.

    With x = μ₁ + L₁ε and M = L₁ᵀΣ₂⁻¹L₁ the ratio is ½ εᵀ(M − I)ε + (μ₁−μ₂)ᵀΣ₂⁻¹L₁ ε + constant, so
    its variance is ½ tr((M − I)²) + ‖L₁ᵀΣ₂⁻¹(μ₁−μ₂)‖² (Mathai & Provost 1992, theorem 3.2b.2).
    A mean of n draws has this over √n as its standard error.
    """
    first, second = factors(p, q)
    white = np.linalg.solve(second, first)
    bend = white.T @ white - np.eye(len(p.mean))
    slope = white.T @ np.linalg.solve(second, p.mean - q.mean)
    return math.sqrt(0.5 * float((bend**2).sum()) + float(slope @ slope))


@dataclass(frozen=True)
class Estimate:
    """Of KL(p ‖ q) from `samples` draws: their mean and its standard error, in nats."""

    samples: int
    mean: float
    error: float


class RunningKl:
    """KL(p ‖ q) as the mean of log p(x) − log q(x) over draws x ~ p, which may go on.

    Draws come from a generator of its own, so they are the same for a seed whatever else is drawn,
    and for any division into batches. The mean and the spread are kept by Chan, Golub & LeVeque
    1979, eq. 1.5.
    """

    def __init__(self, p: Gaussian, q: Gaussian, seed: int) -> None:
        self._p, self._q = p, q
        self._factors = factors(p, q)
        self._generator = np.random.default_rng(seed)
        self._count, self._mean, self._spread = 0, 0.0, 0.0

    def add(self, count: int) -> Floats:
        """Draw `count` (≥ 1) more; returns them, (count, K)."""
        first, second = self._factors
        eps = self._generator.standard_normal((count, len(self._p.mean)))
        x: Floats = self._p.mean + eps @ first.T
        white = np.linalg.solve(second, (x - self._q.mean).T)
        constant = float(np.log(np.diag(second)).sum() - np.log(np.diag(first)).sum())
        # Under p the whitened draw is eps itself, and log 2π cancels.
        ratio = constant + 0.5 * ((white**2).sum(axis=0) - (eps**2).sum(axis=1))
        self._take(count, float(ratio.mean()), float(ratio.var()) * count)
        return x

    def _take(self, count: int, mean: float, spread: float) -> None:
        total = self._count + count
        apart = mean - self._mean
        self._spread += spread + apart**2 * self._count * count / total
        self._mean += apart * count / total
        self._count = total

    @property
    def estimate(self) -> Estimate | None:
        """None before the second draw: one has no spread."""
        if self._count < 2:
            return None
        variance = self._spread / (self._count - 1)
        return Estimate(self._count, self._mean, math.sqrt(variance / self._count))
