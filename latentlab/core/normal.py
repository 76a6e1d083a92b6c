"""A Gaussian with a full covariance, in NumPy: its density, and how it is given by an ellipse."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Gaussian:
    """N(mean, covariance): (K,) and (K, K)."""

    mean: Floats
    covariance: Floats

    @classmethod
    def diagonal(cls, mu: npt.ArrayLike, sigma: npt.ArrayLike) -> "Gaussian":
        """N(mu, diag sigma²), as the encoder gives it; (K,) each."""
        return cls(np.asarray(mu, np.float64), np.diag(np.asarray(sigma, np.float64) ** 2))

    @classmethod
    def of_ellipse(
        cls, mean: tuple[float, float], sigmas: tuple[float, float], angle: float
    ) -> "Gaussian":
        """In the plane: `sigmas` along its axes, the first at `angle` radians from the x-axis."""
        cosine, sine = math.cos(angle), math.sin(angle)
        root = np.array([[cosine, -sine], [sine, cosine]]) * sigmas
        covariance = root @ root.T
        # The product of a matrix with its transpose may be unsymmetric by a rounding.
        return cls(np.array(mean, np.float64), (covariance + covariance.T) / 2)

    @property
    def sigma(self) -> Floats:
        """Its standard deviation along each axis, (K,)."""
        result: Floats = np.sqrt(np.diag(self.covariance))
        return result

    @property
    def factor(self) -> Floats:
        """L (K, K), lower triangular, with L Lᵀ = covariance (Cholesky).

        Raises LinAlgError where the covariance is not positive definite.
        """
        return np.linalg.cholesky(self.covariance).astype(np.float64)

    def log_density(self, z: Floats) -> Floats:
        """At z (M, K): (M,)."""
        factor = self.factor
        white = np.linalg.solve(factor, (z - self.mean).T)
        constant = np.log(np.diag(factor)).sum() + 0.5 * len(self.mean) * math.log(2 * math.pi)
        result: Floats = -0.5 * (white**2).sum(axis=0) - constant
        return result

    def kl_to_prior(self) -> float:
        """KL(N(mean, covariance) ‖ N(0, I)) in nats, in closed form."""
        spread = float(np.trace(self.covariance) + self.mean @ self.mean) - len(self.mean)
        return 0.5 * (spread - float(np.linalg.slogdet(self.covariance)[1]))
