"""Gauss–Hermite quadrature in eps, and the ELBO it gives."""

import math

import pytest
import torch
from scipy.integrate import quad
from torch import Tensor

from latentlab.core.objective import gauss_hermite, kl_to_prior, log_likelihood, reparameterise
from latentlab.core.spec import Likelihood

BERNOULLI = Likelihood("bernoulli")


def tensor(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


@pytest.mark.parametrize("latent_dim", [1, 2, 3])
def test_gauss_hermite_nodes_have_the_moments_of_a_standard_normal(latent_dim: int) -> None:
    nodes, weights = gauss_hermite(8, latent_dim)
    assert nodes.shape == (8**latent_dim, latent_dim)
    assert weights.shape == (8**latent_dim,)
    assert float(weights.sum()) == pytest.approx(1, abs=1e-5)
    torch.testing.assert_close(weights @ nodes, torch.zeros(latent_dim), atol=1e-5, rtol=0)
    second = nodes.mT @ (weights.unsqueeze(-1) * nodes)
    torch.testing.assert_close(second, torch.eye(latent_dim), atol=1e-4, rtol=0)
    torch.testing.assert_close(
        weights @ nodes**4, torch.full((latent_dim,), 3.0), atol=1e-3, rtol=0
    )


def test_elbo_by_quadrature_is_what_the_closed_form_says() -> None:
    """With log p(x|z) = −½‖z − a‖²: E_q = −½ Σ (σ² + (μ − a)²)."""
    mu, logvar, a = tensor(0.4, -1), tensor(-2, 0.5), tensor(1, 1)
    nodes, weights = (part.double() for part in gauss_hermite(10, 2))
    z = reparameterise(mu, logvar, nodes)
    found = float(weights @ (-0.5 * (z - a).square().sum(-1)))
    assert found == pytest.approx(float(-0.5 * (logvar.exp() + (mu - a).square()).sum()), rel=1e-5)


def test_the_elbo_never_exceeds_the_evidence() -> None:
    """A linear decoder in one dimension, so that the evidence is itself an integral over z."""
    x = tensor(1, 0, 1)

    def log_joint(z: float) -> float:
        output = z * tensor(1.0, -2.0, 0.5)
        return (
            float(log_likelihood(BERNOULLI, output, x)) - 0.5 * z**2 - 0.5 * math.log(2 * math.pi)
        )

    evidence, _ = quad(lambda z: math.exp(log_joint(z)), -12, 12)
    nodes, weights = (part.double() for part in gauss_hermite(30, 1))
    best = -math.inf
    for mu in (-1.0, 0.0, 0.7, 1.0, 2.0):
        for logvar in (-4.0, -0.8, 0.0, 2.0):
            z = reparameterise(tensor(mu), tensor(logvar), nodes)
            per_node = log_likelihood(BERNOULLI, z * tensor(1.0, -2.0, 0.5), x)
            elbo = float(weights @ per_node) - float(kl_to_prior(tensor(mu), tensor(logvar)))
            assert elbo <= math.log(evidence) + 1e-6
            best = max(best, elbo)
    assert best > math.log(evidence) - 0.1
