"""The objective's terms against torch.distributions, quadrature and finite differences."""

import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from torch import Tensor
from torch.distributions import (
    Bernoulli,
    ContinuousBernoulli,
    Independent,
    Normal,
    kl_divergence,
)
from torch.nn import functional as F

from latentlab.core.objective import (
    kl_to_prior,
    log_continuous_bernoulli_normaliser,
    log_likelihood,
    mean_image,
    reparameterise,
)
from latentlab.core.spec import LOGVAR_BOUND, Likelihood

BERNOULLI = Likelihood("bernoulli")
CONTINUOUS = Likelihood("continuous_bernoulli")
ALL = [BERNOULLI, CONTINUOUS, Likelihood("gaussian", 0.1), Likelihood("gaussian", 1e-6)]

seeds = st.integers(0, 2**32 - 1)
logits = st.floats(-30, 30)
means = st.floats(-10, 10)
logvars = st.floats(-LOGVAR_BOUND, LOGVAR_BOUND)


def tensor(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


def normal(seed: int, *shape: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def density(likelihood: Likelihood, logit: float, x: float) -> float:
    return math.exp(float(log_likelihood(likelihood, tensor(logit), tensor(x))))


def slope(function: Callable[[Tensor], Tensor], at: float, step: float = 1e-5) -> float:
    return float(function(tensor(at + step)) - function(tensor(at - step))) / (2 * step)


# --- KL to the prior -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mu", "var", "expected"), [(0, 1, 0), (1, 1, 0.5), (0, 4, 0.5 * (4 - 1 - math.log(4)))]
)
def test_kl_of_the_lecture_notes(mu: float, var: float, expected: float) -> None:
    found = kl_to_prior(tensor(mu), tensor(math.log(var)))
    assert float(found) == pytest.approx(expected, abs=1e-14)


@given(seeds, st.integers(1, 8))
def test_kl_against_torch_distributions(seed: int, k: int) -> None:
    mu, logvar = 3 * normal(seed, 4, 5, k), 3 * normal(seed + 1, 4, 5, k)
    posterior = Independent(Normal(mu, (0.5 * logvar).exp()), 1)
    prior = Independent(Normal(torch.zeros_like(mu), torch.ones_like(mu)), 1)
    found = kl_to_prior(mu, logvar)
    assert found.shape == (4, 5)
    torch.testing.assert_close(found, kl_divergence(posterior, prior), rtol=1e-9, atol=1e-9)


@given(means, logvars)
def test_kl_gradients(mu: float, logvar: float) -> None:
    mu_t, logvar_t = tensor(mu).requires_grad_(), tensor(logvar).requires_grad_()
    kl_to_prior(mu_t, logvar_t).backward()
    assert mu_t.grad is not None
    assert logvar_t.grad is not None
    assert float(mu_t.grad) == pytest.approx(mu, abs=1e-12)
    assert float(logvar_t.grad) == pytest.approx(0.5 * math.expm1(logvar), rel=1e-9, abs=1e-12)
    by_mu = slope(lambda m: kl_to_prior(m, tensor(logvar)), mu)
    by_logvar = slope(lambda s: kl_to_prior(tensor(mu), s), logvar)
    assert by_mu == pytest.approx(mu, rel=1e-4, abs=1e-3)
    assert by_logvar == pytest.approx(0.5 * math.expm1(logvar), rel=1e-4, abs=1e-3)


@given(means, logvars)
def test_kl_is_not_negative(mu: float, logvar: float) -> None:
    assert float(kl_to_prior(tensor(mu), tensor(logvar))) >= -1e-12


@pytest.mark.parametrize("bound", [-LOGVAR_BOUND, LOGVAR_BOUND])
def test_kl_and_samples_are_finite_at_the_bounds_of_logvar_in_float32(bound: float) -> None:
    mu = torch.zeros(1, 2, requires_grad=True)
    logvar = torch.full((1, 2), bound, requires_grad=True)
    z = reparameterise(mu, logvar, torch.full((1, 2), 6.0))
    (kl_to_prior(mu, logvar) + z.square().sum(-1)).sum().backward()
    assert mu.grad is not None
    assert logvar.grad is not None
    for found in (z, mu.grad, logvar.grad, kl_to_prior(mu, logvar)):
        assert torch.isfinite(found).all()


# --- samples -------------------------------------------------------------------------------------


def test_samples_have_the_posteriors_moments() -> None:
    mu, logvar = tensor(1.5, -2), tensor(math.log(0.25), math.log(4))
    z = reparameterise(mu, logvar, normal(0, 200_000, 2))
    torch.testing.assert_close(z.mean(0), mu, atol=0.02, rtol=0)
    torch.testing.assert_close(z.var(0), tensor(0.25, 4), atol=0, rtol=0.02)


@given(means, st.floats(-5, 5), st.floats(-4, 4))
def test_reparameterise_is_linear_in_eps(mu: float, logvar: float, eps: float) -> None:
    z = float(reparameterise(tensor(mu), tensor(logvar), tensor(eps)))
    assert z == pytest.approx(mu + math.sqrt(math.exp(logvar)) * eps, rel=1e-9, abs=1e-9)


# --- likelihoods ---------------------------------------------------------------------------------


@given(seeds)
def test_bernoulli_against_torch_distributions(seed: int) -> None:
    output, x = 5 * normal(seed, 3, 7), (normal(seed + 1, 3, 7) > 0).double()
    oracle = Independent(Bernoulli(logits=output), 1).log_prob(x)
    torch.testing.assert_close(log_likelihood(BERNOULLI, output, x), oracle)


@given(seeds, st.floats(1e-6, 1e3))
def test_gaussian_against_torch_distributions(seed: int, variance: float) -> None:
    output, x = 5 * normal(seed, 3, 7), torch.sigmoid(normal(seed + 1, 3, 7))
    oracle = Independent(Normal(torch.sigmoid(output), math.sqrt(variance)), 1).log_prob(x)
    torch.testing.assert_close(
        log_likelihood(Likelihood("gaussian", variance), output, x), oracle, rtol=1e-9, atol=1e-9
    )


@given(seeds)
def test_continuous_bernoulli_against_torch_distributions(seed: int) -> None:
    output, x = 3 * normal(seed, 3, 7), torch.sigmoid(normal(seed + 1, 3, 7))
    # torch's own series around λ = ½ is good to 1e-6 or so; the quadrature below is stricter.
    oracle = Independent(ContinuousBernoulli(logits=output), 1).log_prob(x)
    torch.testing.assert_close(log_likelihood(CONTINUOUS, output, x), oracle, rtol=1e-5, atol=1e-5)


@given(logits)
def test_bernoulli_sums_to_one(logit: float) -> None:
    assert density(BERNOULLI, logit, 0) + density(BERNOULLI, logit, 1) == pytest.approx(1)


@given(st.floats(-10, 10), st.floats(1e-4, 10))
def test_gaussian_integrates_to_one(logit: float, variance: float) -> None:
    likelihood, sd = Likelihood("gaussian", variance), math.sqrt(variance)
    mean = 1 / (1 + math.exp(-logit))
    total, _ = quad(lambda x: density(likelihood, logit, x), mean - 10 * sd, mean + 10 * sd)
    assert total == pytest.approx(1, abs=1e-8)


# The borders of the series around λ = ½, and its middle.
near_half = st.sampled_from([0.0, 1e-12, -1e-6, 0.05, 0.0999999, 0.1, -0.1, 0.1000001])


@given(st.one_of(logits, near_half))
def test_continuous_bernoulli_integrates_to_one(logit: float) -> None:
    total, _ = quad(lambda x: density(CONTINUOUS, logit, x), 0, 1, epsabs=1e-11)
    assert total == pytest.approx(1, abs=1e-8)


@given(st.one_of(st.floats(-1e-1, 1e-1), near_half))
def test_continuous_bernoulli_is_smooth_near_one_half(logit: float) -> None:
    at = tensor(logit).requires_grad_()
    log_continuous_bernoulli_normaliser(at).backward()
    assert at.grad is not None
    # d/dl log(l / tanh(l/2)) = l/6 − 7 l³/360 + …
    assert float(at.grad) == pytest.approx(logit / 6 - 7 * logit**3 / 360, abs=1e-6)


@given(logits)
def test_normaliser_keeps_its_precision_in_float32(logit: float) -> None:
    exact = float(log_continuous_bernoulli_normaliser(tensor(logit)))
    found = float(log_continuous_bernoulli_normaliser(torch.tensor([logit])))
    assert found == pytest.approx(exact, abs=2e-6)


@pytest.mark.parametrize("likelihood", ALL, ids=str)
def test_the_decoders_gradient_against_finite_differences(likelihood: Likelihood) -> None:
    x = tensor(1) if likelihood.binarises else tensor(0.3)
    for logit in (-4.0, -0.1, -0.03, 0.0, 0.07, 2.0):
        at = tensor(logit).requires_grad_()
        log_likelihood(likelihood, at, x).backward()
        assert at.grad is not None
        numeric = slope(lambda output: log_likelihood(likelihood, output, x), logit)
        assert float(at.grad) == pytest.approx(numeric, rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("likelihood", ALL, ids=str)
@pytest.mark.parametrize("logit", [-1e4, 0.0, 1e4])
@pytest.mark.parametrize("x", [0.0, 1.0])
def test_extreme_logits_stay_finite_in_float32(
    likelihood: Likelihood, logit: float, x: float
) -> None:
    output = torch.full((2, 5), logit, requires_grad=True)
    found = log_likelihood(likelihood, output, torch.full((2, 5), x))
    mean = mean_image(likelihood, output)
    (found.sum() + mean.sum()).backward()
    assert output.grad is not None
    assert torch.isfinite(found).all()
    assert torch.isfinite(output.grad).all()
    assert ((mean >= 0) & (mean <= 1)).all()


@pytest.mark.parametrize("likelihood", ALL, ids=str)
def test_one_image_under_many_outputs_broadcasts(likelihood: Likelihood) -> None:
    output, x = normal(0, 4, 6), (normal(1, 6) > 0).double()
    many = log_likelihood(likelihood, output, x)
    one_by_one = torch.stack([log_likelihood(likelihood, row, x) for row in output])
    torch.testing.assert_close(many, one_by_one)


def test_softplus_form_of_the_bernoulli() -> None:
    """x·l − softplus(l), the form the exact inference's matrix product uses."""
    output, x = 4 * normal(2, 5, 9), (normal(3, 5, 9) > 0).double()
    expected = (x * output - F.softplus(output)).sum(-1)
    torch.testing.assert_close(log_likelihood(BERNOULLI, output, x), expected)


# --- what is shown -------------------------------------------------------------------------------


@pytest.mark.parametrize("likelihood", ALL[:3], ids=str)
@given(logit=st.one_of(logits, near_half))
def test_the_mean_image_is_the_mean_of_the_likelihood(likelihood: Likelihood, logit: float) -> None:
    if likelihood.binarises:
        mean = density(likelihood, logit, 1)
    else:
        low, high = (0, 1) if likelihood is CONTINUOUS else (-4, 5)
        mean, _ = quad(lambda x: x * density(likelihood, logit, x), low, high, points=[0, 1])
    assert float(mean_image(likelihood, tensor(logit))) == pytest.approx(mean, abs=1e-6)


@given(seeds)
def test_mean_image_of_the_continuous_bernoulli_against_torch_distributions(seed: int) -> None:
    output = 3 * normal(seed, 20)
    oracle = ContinuousBernoulli(logits=output).mean
    torch.testing.assert_close(mean_image(CONTINUOUS, output), oracle, rtol=1e-4, atol=1e-4)
