"""KL to N(0, I), term by term, and why a network says s = log σ² rather than σ².

NumPy alone, in nats. What has `32` in its name is counted in float32, as a network counts, and so
runs into what float32 runs into: e^s overflows, and the log of what is no variance is no number.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from latentlab.core.spec import LOGVAR_BOUND

Floats = npt.NDArray[np.float64]
Float32 = np.float32


@dataclass(frozen=True)
class StandardKl:
    """KL(N(mu, diag e^s) ‖ N(0, I)) = ½ Σ_k (e^{s_k} + mu_k² − 1 − s_k); mu and s (K,).

    Kingma & Welling 2014, appendix B, with s = log σ².
    """

    mu: Floats
    s: Floats

    @property
    def terms(self) -> Floats:
        """(4, K): e^s, mu², −1 and −s, without the ½."""
        result: Floats = np.stack([np.exp(self.s), self.mu**2, -np.ones_like(self.s), -self.s])
        return result

    @property
    def of_each(self) -> Floats:
        """(K,): what each latent dimension adds."""
        result: Floats = 0.5 * self.terms.sum(axis=0)
        return result

    @property
    def value(self) -> float:
        """The sum of all."""
        return float(self.of_each.sum())

    @property
    def general(self) -> tuple[float, float, float, float]:
        """The terms of the general form with mu2 = 0 and Σ2 = I, without the ½, from matrices:
        log(|Σ2|/|Σ1|), −K, tr(Σ2⁻¹Σ1) and (mu2 − mu1)ᵀ Σ2⁻¹ (mu2 − mu1)."""
        covariance, prior = np.diag(np.exp(self.s)), np.eye(len(self.s))
        shift = -self.mu
        return (
            float(np.linalg.slogdet(prior)[1] - np.linalg.slogdet(covariance)[1]),
            -float(len(self.s)),
            float(np.trace(np.linalg.solve(prior, covariance))),
            float(shift @ np.linalg.solve(prior, shift)),
        )


@dataclass(frozen=True)
class Step32:
    """One point of a descent, in float32: `at` (σ² or s), the KL there and its slope.

    The KL is NaN where the log of σ² is none, ∞ at σ² = 0 or where e^s overflows.
    """

    at: float
    kl: float
    slope: float

    @property
    def valid(self) -> bool:
        """Whether the loss is a number."""
        return bool(np.isfinite(self.kl))


def kl_of_variance_32(variance: float) -> Step32:
    """½(σ² − 1 − log σ²) at mu = 0, and its derivative ½(1 − 1/σ²), where the network says σ²."""
    with np.errstate(all="ignore"):
        v = Float32(variance)
        half, one = Float32(0.5), Float32(1)
        return Step32(float(v), float(half * (v - one - np.log(v))), float(half * (one - one / v)))


def kl_of_logvar_32(s: float) -> Step32:
    """½(e^s − 1 − s) at mu = 0, and its derivative ½(e^s − 1), where the network says s."""
    with np.errstate(all="ignore"):
        v = Float32(s)
        half, one = Float32(0.5), Float32(1)
        grown = np.exp(v)
        return Step32(float(v), float(half * (grown - one - v)), float(half * (grown - one)))


def descend_variance_32(start: float, rate: float, steps: int) -> tuple[Step32, ...]:
    """Gradient descent in σ²: at most `steps` steps from `start`; it ends where the KL does."""
    points = [kl_of_variance_32(start)]
    while len(points) <= steps and points[-1].valid:
        points.append(kl_of_variance_32(_stepped(points[-1], rate)))
    return tuple(points)


def descend_logvar_32(start: float, rate: float, steps: int) -> tuple[Step32, ...]:
    """Gradient descent in s: at most `steps` steps from `start`; it ends where the KL does."""
    points = [kl_of_logvar_32(start)]
    while len(points) <= steps and points[-1].valid:
        points.append(kl_of_logvar_32(_stepped(points[-1], rate)))
    return tuple(points)


def _stepped(point: Step32, rate: float) -> float:
    with np.errstate(all="ignore"):
        return float(Float32(point.at) - Float32(rate) * Float32(point.slope))


def overflow_32() -> float:
    """The largest s, in float32, whose e^s is finite: 88.72…"""
    with np.errstate(over="ignore"):
        s = np.log(np.finfo(Float32).max)
        while np.isfinite(np.exp(s)):
            s = np.nextafter(s, Float32(np.inf))
        while np.isinf(np.exp(s)):
            s = np.nextafter(s, Float32(0))
    return float(s)


@dataclass(frozen=True)
class Reading32:
    """What float32 makes of a network's raw output: s, σ² = e^s, and at mu = 0 the KL and its slope
    along the raw output. Any of them may be ∞."""

    s: float
    variance: float
    kl: float
    slope: float


def read_32(raw: float, *, bounded: bool) -> Reading32:
    """s = raw, or, bounded as the encoder does it, s = B·tanh(raw/B) with B = LOGVAR_BOUND."""
    with np.errstate(all="ignore"):
        value, bound = Float32(raw), Float32(LOGVAR_BOUND)
        s, passed = value, Float32(1)
        if bounded:
            bent = np.tanh(value / bound)
            s, passed = bound * bent, Float32(1) - bent * bent
        at = kl_of_logvar_32(float(s))
        slope = float(Float32(at.slope) * passed)
        return Reading32(float(s), float(np.exp(s)), at.kl, slope)
