"""Gaussians for hypothesis."""

import numpy as np

from latentlab.core.normal import Gaussian


def random_gaussian(seed: int, k: int, condition: float) -> Gaussian:
    """Its covariance has exactly this condition number (1 where k is 1)."""
    generator = np.random.default_rng(seed)
    turn = np.linalg.qr(generator.standard_normal((k, k)))[0]
    logs = np.append(generator.uniform(0, 1, max(k - 2, 0)), [0.0, 1.0])[-k:]
    spread = np.sqrt(condition) ** (2 * logs - 1) * np.exp(generator.uniform(-1, 1))
    covariance = (turn * spread) @ turn.T
    return Gaussian(2 * generator.standard_normal(k), (covariance + covariance.T) / 2)
