"""Kullback–Leibler divergences beyond the one in the objective: pure functions, in nats."""

import math

import torch
from torch import Tensor

from latentlab.errors import InputError

# A distribution typed to four digits, or normalised in float32, still counts as one.
_TOTAL_TOLERANCE = 1e-4

# Of the largest entry; what rounding in float32 may do to a symmetric matrix.
_SYMMETRY_TOLERANCE = 1e-5

# Samples are drawn in slices, so that many of them in many dimensions need little memory.
_SLICE = 1 << 16

Gaussian = tuple[Tensor, Tensor]


def kl_gaussians(mu1: Tensor, cov1: Tensor, mu2: Tensor, cov2: Tensor) -> Tensor:
    """KL(N(mu1, cov1) ‖ N(mu2, cov2)) in nats; mu (..., K), cov (..., K, K) → (...,), broadcast.

    ½ [log(|Σ₂|/|Σ₁|) − K + tr(Σ₂⁻¹Σ₁) + (μ₂−μ₁)ᵀ Σ₂⁻¹ (μ₂−μ₁)] (Duchi, "Derivations for Linear
    Algebra and Optimization"), through the Cholesky factors L₁ and L₂: no inverse is formed, and
    tr(Σ₂⁻¹Σ₁) = ‖L₂⁻¹L₁‖². Raises InputError when the shapes do not fit, or when a
    covariance is not symmetric and positive definite.
    """
    factor1 = _cholesky(mu1, cov1, "The first")
    factor2 = _cholesky(mu2, cov2, "The second")
    k = mu1.shape[-1]
    if mu2.shape[-1] != k:
        raise InputError(f"The Gaussians have different dimensions: {k} and {mu2.shape[-1]}.")
    log_determinants = 2 * (_log_diagonal(factor2) - _log_diagonal(factor1))
    spread = torch.linalg.solve_triangular(factor2, factor1, upper=False).square().sum((-2, -1))
    shift = torch.linalg.solve_triangular(factor2, (mu2 - mu1).unsqueeze(-1), upper=False)
    # Rounding may give −1e-16 between equals; a divergence is never negative.
    distance = shift.square().sum((-2, -1))
    divergence: Tensor = 0.5 * (log_determinants - k + spread + distance)
    return divergence.clamp_min(0)


def kl_discrete(p: Tensor, q: Tensor) -> Tensor:
    """KL(p ‖ q) = Σ p log(p/q) in nats; (..., n) → (...,), broadcast.

    Cover & Thomas 2006, eq. 2.26, with its conventions: 0·log(0/q) = 0, and p·log(p/0) = ∞.
    Raises InputError when p or q is not a distribution (values ≥ 0 that sum to 1, to 1e-4).
    """
    _check_distribution(p, "The first")
    _check_distribution(q, "The second")
    if p.shape[-1] != q.shape[-1]:
        raise InputError(
            f"The distributions have different numbers of values: {p.shape[-1]} and {q.shape[-1]}."
        )
    terms: Tensor = torch.special.xlogy(p, p) - torch.special.xlogy(p, q)
    return terms.sum(-1).clamp_min(0)


def kl_monte_carlo(
    p: Gaussian, q: Gaussian, samples: int, generator: torch.Generator
) -> tuple[float, float]:
    """KL(p ‖ q) in nats as the mean of log p(z) − log q(z) over z ~ p, and its standard error.

    A Gaussian is (mu, cov): mu (K,), and cov (K, K), or (K,) for the variances of a diagonal one.
    Draws come from `generator` alone. Raises InputError as `kl_gaussians` does, and for fewer than
    2 samples. (The plain estimator: Hershey & Olsen 2007.)
    """
    if samples < 2:
        raise InputError(f"A standard error needs at least 2 samples, not {samples}.")
    mu_p, factor_p = _single(p, "The first")
    mu_q, factor_q = _single(q, "The second")
    k = mu_p.shape[0]
    if mu_q.shape[0] != k:
        raise InputError(f"The Gaussians have different dimensions: {k} and {mu_q.shape[0]}.")
    log_determinants = _log_diagonal(factor_q) - _log_diagonal(factor_p)
    ratios = []
    for start in range(0, samples, _SLICE):
        count = min(_SLICE, samples - start)
        eps = torch.randn(k, count, generator=generator, dtype=torch.float64)
        offset = mu_p.unsqueeze(-1) + factor_p @ eps - mu_q.unsqueeze(-1)
        white = torch.linalg.solve_triangular(factor_q, offset, upper=False)
        # log p − log q; under p the whitened sample is eps itself, and log 2π cancels.
        ratios.append(log_determinants + 0.5 * (white.square().sum(0) - eps.square().sum(0)))
    ratio = torch.cat(ratios)
    return float(ratio.mean()), float(ratio.std()) / math.sqrt(samples)


def _single(gaussian: Gaussian, which: str) -> Gaussian:
    """mu (K,) and the Cholesky factor (K, K), in float64."""
    mu, cov = (part.detach().to("cpu", torch.float64) for part in gaussian)
    if cov.ndim == 1:
        cov = torch.diag(cov)
    if mu.ndim != 1 or cov.ndim != 2:
        raise InputError(f"{which} Gaussian must be one mean (K,) and one covariance.")
    return mu, _cholesky(mu, cov, which)


def _cholesky(mu: Tensor, cov: Tensor, which: str) -> Tensor:
    if mu.ndim < 1 or mu.shape[-1] < 1 or cov.shape[-2:] != (mu.shape[-1], mu.shape[-1]):
        raise InputError(
            f"{which} Gaussian's mean has shape {tuple(mu.shape)}, "
            f"but its covariance {tuple(cov.shape)}."
        )
    # cholesky_ex reads one triangle only, so it would not notice an unsymmetric matrix.
    asymmetry = (cov - cov.mT).abs().amax((-2, -1))
    symmetric = asymmetry <= _SYMMETRY_TOLERANCE * cov.abs().amax((-2, -1))
    factor: Tensor
    factor, failed = torch.linalg.cholesky_ex(cov)
    if not bool((symmetric & (failed == 0)).all()) or not bool(torch.isfinite(factor).all()):
        raise InputError(f"{which} Gaussian's covariance is not symmetric and positive definite.")
    return factor


def _log_diagonal(factor: Tensor) -> Tensor:
    return factor.diagonal(dim1=-2, dim2=-1).log().sum(-1)


def _check_distribution(values: Tensor, which: str) -> None:
    if values.ndim < 1 or values.shape[-1] < 1:
        raise InputError(f"{which} distribution is empty.")
    if not bool(torch.isfinite(values).all()) or bool((values < 0).any()):
        raise InputError(f"{which} distribution has values that are negative or not finite.")
    totals = values.sum(-1)
    if bool(((totals - 1).abs() > _TOTAL_TOLERANCE).any()):
        worst = float(totals.flatten()[(totals - 1).abs().argmax()])
        raise InputError(f"{which} distribution sums to {worst:.6g}, not to 1.")
