"""The objective, term by term: pure functions of tensors, in nats per image."""

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from latentlab.core.spec import Likelihood

# Below this logit the continuous Bernoulli's normaliser is taken from its series (error < 1e-9).
_SMALL_LOGIT = 0.1


def kl_to_prior(mu: Tensor, logvar: Tensor) -> Tensor:
    """KL(N(mu, diag(e^logvar)) ‖ N(0, I)) in nats; (..., K) → (...,).

    Kingma & Welling 2014, appendix B: ½ Σ_k (e^{s_k} + μ_k² − 1 − s_k) with s = logvar.
    """
    return 0.5 * (logvar.exp() + mu.square() - 1 - logvar).sum(-1)


def reparameterise(mu: Tensor, logvar: Tensor, eps: Tensor) -> Tensor:
    """z = μ + σ·ε (Kingma & Welling 2014, eq. 4); shapes broadcast."""
    return mu + torch.exp(0.5 * logvar) * eps


def log_likelihood(likelihood: Likelihood, output: Tensor, x: Tensor) -> Tensor:
    """log p(x|z) in nats, summed over pixels; output and x (..., D) → (...,).

    `output` is what the decoder gives: logits. The Bernoulli and the continuous Bernoulli take
    them as they are; the Gaussian's mean is their sigmoid, so that all three decode to images.
    `x` is 0 or 1 for the Bernoulli, else 0 to 1.
    """
    if likelihood.name == "gaussian":
        return _gaussian(output, x, likelihood.variance)
    bernoulli = -F.binary_cross_entropy_with_logits(output, x.expand_as(output), reduction="none")
    if likelihood.name == "continuous_bernoulli":
        bernoulli = bernoulli + log_continuous_bernoulli_normaliser(output)
    return bernoulli.sum(-1)


def _gaussian(output: Tensor, x: Tensor, variance: float) -> Tensor:
    squared_error = (x - torch.sigmoid(output)).square().sum(-1)
    constant = 0.5 * x.shape[-1] * math.log(2 * math.pi * variance)
    return -squared_error / (2 * variance) - constant


def log_continuous_bernoulli_normaliser(logits: Tensor) -> Tensor:
    """log C(λ) with λ = sigmoid(logits), element by element.

    Loaiza-Ganem & Cunningham 2019, eq. 4: C(λ) = 2 artanh(1 − 2λ)/(1 − 2λ), which in terms of the
    logit l is l / tanh(l/2).
    """
    small = logits.abs() < _SMALL_LOGIT
    safe = torch.where(small, torch.ones_like(logits), logits)
    half_squared = (0.5 * torch.where(small, logits, torch.zeros_like(logits))).square()
    series = math.log(2) + half_squared / 3 - 7 * half_squared.square() / 90
    return torch.where(small, series, torch.log(safe / torch.tanh(0.5 * safe)))


def mean_image(likelihood: Likelihood, output: Tensor) -> Tensor:
    """E[x|z], 0 to 1, from the decoder's logits; any shape."""
    probability = torch.sigmoid(output)
    if likelihood.name != "continuous_bernoulli":
        return probability
    # Loaiza-Ganem & Cunningham 2019, eq. 8, in terms of the logit; linear around 0.
    small = output.abs() < _SMALL_LOGIT
    safe = torch.where(small, torch.ones_like(output), output)
    exact = torch.sigmoid(safe) / torch.tanh(0.5 * safe) - 1 / safe
    return torch.where(small, 0.5 + output / 12 - output**3 / 720, exact)


def gauss_hermite(
    points: int, latent_dim: int, dtype: torch.dtype = torch.float32
) -> tuple[Tensor, Tensor]:
    """Nodes (points^K, K) and weights (points^K,), summing to 1, for E over ε ~ N(0, I_K).

    Exact for polynomials in each ε_k up to degree 2·points − 1.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(points)
    axes = torch.as_tensor(nodes, dtype=dtype)
    masses = torch.as_tensor(weights / weights.sum(), dtype=dtype)
    grid = torch.cartesian_prod(*[axes] * latent_dim).reshape(-1, latent_dim)
    products = torch.cartesian_prod(*[masses] * latent_dim).reshape(-1, latent_dim)
    return grid, products.prod(-1)
