"""A linear-Gaussian decoder (probabilistic PCA, Tipping & Bishop 1999): all in closed form."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from latentlab.core.cells import Floats
from latentlab.core.coarse import Grid
from latentlab.core.exponential import Decoder
from latentlab.core.spec import Likelihood


@dataclass(frozen=True)
class LinearModel:
    """x = ½ + W z + σ·noise; weights: (D, K). As far as |z| = 12 the means are within 0 to 1."""

    weights: Tensor
    sigma: float

    @classmethod
    def drawn(cls, seed: int, sigma: float, latent_dim: int = 2, pixels: int = 40) -> "LinearModel":
        generator = torch.Generator().manual_seed(seed)
        weights = torch.rand((pixels, latent_dim), generator=generator, dtype=torch.float64) - 0.5
        return cls(weights / (13 * latent_dim), sigma)

    @property
    def decoder(self) -> Decoder:
        def decode(z: Tensor) -> Tensor:
            return torch.logit(0.5 + z @ self.weights.T, eps=1e-12)

        likelihood = Likelihood("gaussian", self.sigma**2)
        return Decoder(decode, likelihood, self.weights.shape[1], torch.float64)

    @property
    def grid(self) -> Grid:
        return Grid(self.decoder)

    def image(self, seed: int) -> Tensor:
        """(1, D), drawn from the model."""
        generator = torch.Generator().manual_seed(seed)
        z = torch.randn(self.weights.shape[1], generator=generator, dtype=torch.float64)
        noise = torch.randn(len(self.weights), generator=generator, dtype=torch.float64)
        return (0.5 + self.weights @ z + self.sigma * noise)[None]

    def log_evidence(self, x: Tensor) -> float:
        """log N(x; ½, W Wᵀ + σ² I), by numpy alone."""
        w, offset = self.weights.numpy(), x[0].numpy() - 0.5
        covariance = w @ w.T + self.sigma**2 * np.eye(len(w))
        _, log_determinant = np.linalg.slogdet(covariance)
        distance = offset @ np.linalg.solve(covariance, offset)
        return float(-0.5 * (distance + log_determinant + len(w) * math.log(2 * math.pi)))

    def posterior(self, x: Tensor) -> tuple[Floats, Floats]:
        """The mean (K,) and the covariance (K, K) of p(z|x)."""
        w, offset = self.weights.numpy(), x[0].numpy() - 0.5
        covariance = np.linalg.inv(w.T @ w / self.sigma**2 + np.eye(w.shape[1]))
        return covariance @ w.T @ offset / self.sigma**2, covariance
