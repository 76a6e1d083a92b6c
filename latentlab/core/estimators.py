"""Two estimators of the gradient of E[f(z)], z ~ N(mu, sigma²), from the same draws; NumPy alone.

The pathwise one goes through z = mu + sigma·eps (Kingma & Welling 2014, section 2.4); the score
function's, REINFORCE, weighs log q's gradient with f (Williams 1992; Mohamed et al. 2020, sections
4 and 5).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Parameter = Literal["mu", "sigma"]

# Nodes of the quadrature: enough for sin(3z) with a sigma of 2 to 1e-9.
_NODES = 80


@dataclass(frozen=True)
class TestFunction:
    """f and its derivative, elementwise on arrays."""

    __test__ = False  # a function to try out, nothing for pytest

    f: Callable[[Floats], Floats]
    slope: Callable[[Floats], Floats]


def _square(z: Floats) -> Floats:
    return z**2


def _square_slope(z: Floats) -> Floats:
    return 2 * z


def _quartic(z: Floats) -> Floats:
    return z**4 / 4


def _quartic_slope(z: Floats) -> Floats:
    return z**3


def _sine(z: Floats) -> Floats:
    return np.sin(3 * z)


def _sine_slope(z: Floats) -> Floats:
    return 3 * np.cos(3 * z)


FUNCTIONS: dict[str, TestFunction] = {
    "z²": TestFunction(_square, _square_slope),
    "z⁴/4": TestFunction(_quartic, _quartic_slope),
    "sin 3z": TestFunction(_sine, _sine_slope),
}


@dataclass(frozen=True)
class Estimate:
    """N single-draw gradients (N,), their mean and variance, and the mean's standard error."""

    draws: Floats

    @property
    def mean(self) -> float:
        """The estimate from all draws."""
        return float(self.draws.mean())

    @property
    def variance(self) -> float:
        """Of a single draw (N − 1 in the denominator)."""
        return float(self.draws.var(ddof=1))

    @property
    def standard_error(self) -> float:
        """Of the mean: √(variance / N)."""
        return float(np.sqrt(self.variance / len(self.draws)))


@dataclass(frozen=True)
class Estimates:
    """Both estimators on the same eps, and the true gradient by quadrature."""

    pathwise: Estimate
    score: Estimate
    true: float

    @property
    def ratio(self) -> float:
        """How many times the score function's variance is the pathwise one's; ∞ where that is 0."""
        if self.pathwise.variance == 0:
            return float("inf")
        return self.score.variance / self.pathwise.variance


def estimate(
    function: TestFunction, mu: float, sigma: float, eps: Floats, parameter: Parameter
) -> Estimates:
    """d E[f(z)] / d mu or d sigma from eps (N,) ~ N(0, 1), N ≥ 2; sigma > 0."""
    return Estimates(
        Estimate(pathwise(function, mu, sigma, eps, parameter)),
        Estimate(score_function(function, mu, sigma, eps, parameter)),
        true_gradient(function, mu, sigma, parameter),
    )


def pathwise(
    function: TestFunction, mu: float, sigma: float, eps: Floats, parameter: Parameter
) -> Floats:
    """f′(z)·∂z/∂parameter for each draw: f′(z), or f′(z)·eps."""
    slope = function.slope(mu + sigma * eps)
    return slope if parameter == "mu" else slope * eps


def score_function(
    function: TestFunction, mu: float, sigma: float, eps: Floats, parameter: Parameter
) -> Floats:
    """f(z)·∂ log q(z)/∂parameter for each draw: f(z)·eps/sigma, or f(z)·(eps² − 1)/sigma."""
    value = function.f(mu + sigma * eps)
    score = eps if parameter == "mu" else eps**2 - 1
    return value * score / sigma


def true_gradient(function: TestFunction, mu: float, sigma: float, parameter: Parameter) -> float:
    """E[f′(z)] or E[f′(z)·eps] by Gauss–Hermite quadrature."""
    eps, weights = _nodes()
    return float(weights @ pathwise(function, mu, sigma, eps, parameter))


@lru_cache(maxsize=1)
def _nodes() -> tuple[Floats, Floats]:
    eps, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    return eps, weights / weights.sum()
