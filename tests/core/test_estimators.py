"""Against autograd, finite differences of scipy's quadrature, and closed forms of the moments."""

import math

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from torch.distributions import Normal

from latentlab.core.estimators import FUNCTIONS, Parameter, estimate, true_gradient

CASES = [(0.8, 0.7), (-1.5, 0.2), (0.0, 2.0)]
PARAMETERS: tuple[Parameter, ...] = ("mu", "sigma")
TORCH = {"z²": lambda z: z**2, "z⁴/4": lambda z: z**4 / 4, "sin 3z": lambda z: torch.sin(3 * z)}


def expectation(name: str, mu: float, sigma: float) -> float:
    def integrand(eps: float) -> float:
        value = FUNCTIONS[name].f(np.array(mu + sigma * eps))
        return float(value) * math.exp(-0.5 * eps**2) / math.sqrt(2 * math.pi)

    return float(quad(integrand, -12, 12, epsabs=1e-13, epsrel=1e-13, limit=400)[0])


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize(("mu", "sigma"), CASES)
@pytest.mark.parametrize("parameter", PARAMETERS)
def test_the_true_gradient_is_the_slope_of_the_expectation(
    name: str, mu: float, sigma: float, parameter: Parameter
) -> None:
    h = 1e-5
    d_mu, d_sigma = (h, 0.0) if parameter == "mu" else (0.0, h)
    higher = expectation(name, mu + d_mu, sigma + d_sigma)
    lower = expectation(name, mu - d_mu, sigma - d_sigma)
    found = true_gradient(FUNCTIONS[name], mu, sigma, parameter)
    assert found == pytest.approx((higher - lower) / (2 * h), rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("parameter", PARAMETERS)
def test_each_draw_is_what_autograd_says(name: str, parameter: Parameter) -> None:
    eps = torch.randn(50, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    found = estimate(FUNCTIONS[name], 0.6, 0.9, eps.numpy(), parameter)
    for index, noise in enumerate(eps):
        mu = torch.tensor(0.6, dtype=torch.float64, requires_grad=True)
        sigma = torch.tensor(0.9, dtype=torch.float64, requires_grad=True)
        of = mu if parameter == "mu" else sigma
        z = mu + sigma * noise
        (slope,) = torch.autograd.grad(TORCH[name](z), of)
        assert found.pathwise.draws[index] == pytest.approx(float(slope), rel=1e-12)
        held = z.detach()
        (score,) = torch.autograd.grad(Normal(mu, sigma).log_prob(held), of)
        expected = float(TORCH[name](held) * score)
        assert found.score.draws[index] == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize(("mu", "sigma"), CASES)
@pytest.mark.parametrize("parameter", PARAMETERS)
def test_both_are_unbiased(name: str, mu: float, sigma: float, parameter: Parameter) -> None:
    eps = np.random.default_rng(7).standard_normal(400_000)
    found = estimate(FUNCTIONS[name], mu, sigma, eps, parameter)
    for each in (found.pathwise, found.score):
        assert abs(each.mean - found.true) <= 5 * each.standard_error + 1e-12


def test_the_variances_are_those_of_the_closed_form() -> None:
    # f = z²: pathwise 2z has variance 4σ²; z²·eps/σ with mu = 0 is σ·eps³, of variance 15σ².
    eps = np.random.default_rng(3).standard_normal(400_000)
    found = estimate(FUNCTIONS["z²"], 0.0, 0.5, eps, "mu")
    assert found.pathwise.variance == pytest.approx(4 * 0.25, rel=0.02)
    assert found.score.variance == pytest.approx(15 * 0.25, rel=0.05)
    assert found.ratio == pytest.approx(15 / 4, rel=0.05)
    assert found.score.standard_error == pytest.approx(
        math.sqrt(found.score.variance / 400_000), rel=1e-12
    )


def test_the_ratio_of_a_pathwise_estimate_without_variance_is_infinite() -> None:
    found = estimate(FUNCTIONS["z²"], 1.0, 1.0, np.array([0.5, 0.5]), "mu")
    assert math.isinf(found.ratio)
