"""A Gaussian of the plane as its 1σ ellipse: what is dragged, and how far."""

import math
from dataclasses import dataclass, replace

import numpy as np

from latentlab.core.normal import Gaussian

REACH = 2.5
"""How far from 0 a mean may be dragged, along each axis."""
LEAST, MOST = 0.02, 2.0
"""What a σ may be dragged to. At 0 there is no density; the condition number stays below 1e4."""


@dataclass(frozen=True)
class Ellipse:
    """N(mean, covariance): `sigmas` along its axes, the first at `angle` radians from the x-axis.

    One that is computed may lie beyond the bounds of what is dragged.
    """

    mean: tuple[float, float]
    sigmas: tuple[float, float]
    angle: float = 0.0

    @classmethod
    def of(cls, gaussian: Gaussian) -> "Ellipse":
        """That of a Gaussian (K = 2), its longer axis first."""
        variances, axes = np.linalg.eigh(gaussian.covariance)
        x, y = axes[:, 1]
        short, long = np.sqrt(np.maximum(variances, 0)).tolist()
        mean = (float(gaussian.mean[0]), float(gaussian.mean[1]))
        return cls(mean, (long, short), math.atan2(y, x))

    @property
    def gaussian(self) -> Gaussian:
        """With the mean and the covariance."""
        return Gaussian.of_ellipse(self.mean, self.sigmas, self.angle)

    @property
    def condition(self) -> float:
        """The condition number of the covariance: its largest over its smallest eigenvalue."""
        return (max(self.sigmas) / min(self.sigmas)) ** 2

    def direction(self, axis: int) -> tuple[float, float]:
        """The unit vector along axis 0 or 1."""
        angle = self.angle + axis * math.pi / 2
        return math.cos(angle), math.sin(angle)

    def centred(self, x: float, y: float) -> "Ellipse":
        """With its mean at (x, y), or as near as that may be dragged."""
        return replace(self, mean=(_within(x, -REACH, REACH), _within(y, -REACH, REACH)))

    def stretched(self, axis: int, dx: float, dy: float) -> "Ellipse":
        """With the end of axis 0 or 1 at (dx, dy) from the mean, or as near as it may be dragged.

        The other axis turns with it. Where (dx, dy) is 0, the direction stays.
        """
        length = math.hypot(dx, dy)
        angle = math.atan2(dy, dx) - axis * math.pi / 2 if length > 1e-9 else self.angle
        sigma, other = _within(length, LEAST, MOST), _within(self.sigmas[1 - axis], LEAST, MOST)
        return replace(self, sigmas=(sigma, other) if axis == 0 else (other, sigma), angle=angle)


def random_ellipse(generator: np.random.Generator, condition: float) -> Ellipse:
    """Anywhere and at any angle, with a covariance of this condition number (1 to 1e4)."""
    ratio = math.sqrt(min(max(condition, 1.0), (MOST / LEAST) ** 2))
    # The logarithm of the longer σ is uniform over what lets both stay within the bounds.
    low, high = max(LEAST * ratio, 0.4), MOST
    long = float(low * (high / low) ** generator.random())
    x, y = generator.uniform(-0.6 * REACH, 0.6 * REACH, 2).tolist()
    sigmas = (long, long / ratio)
    return Ellipse((x, y), sigmas, float(generator.uniform(-math.pi, math.pi)))


def _within(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
