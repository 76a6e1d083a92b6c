"""Divergences against torch.distributions, quadrature, and each other."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm
from torch import Tensor
from torch.distributions import Categorical, MultivariateNormal, kl_divergence

from latentlab.core.divergence import kl_discrete, kl_gaussians, kl_monte_carlo
from latentlab.errors import InputError


def tensor(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


def one_dimensional(mu1: float, var1: float, mu2: float, var2: float) -> float:
    cov1, cov2 = tensor(var1).reshape(1, 1), tensor(var2).reshape(1, 1)
    return float(kl_gaussians(tensor(mu1), cov1, tensor(mu2), cov2))


seeds = st.integers(0, 2**32 - 1)


def gaussian(seed: int, k: int, batch: tuple[int, ...] = ()) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    mu = torch.randn(*batch, k, generator=generator, dtype=torch.float64)
    root = torch.randn(*batch, k, k, generator=generator, dtype=torch.float64)
    return mu, root @ root.mT + 0.1 * torch.eye(k, dtype=torch.float64)


@st.composite
def distributions(draw: st.DrawFn, n: int) -> Tensor:
    weights = draw(st.lists(st.floats(1e-3, 1), min_size=n, max_size=n))
    return tensor(*weights) / sum(weights)


pairs = st.integers(2, 6).flatmap(lambda n: st.tuples(distributions(n), distributions(n)))


@pytest.mark.parametrize(
    ("mu1", "var1", "expected"),
    [(0, 1, 0), (1, 1, 0.5), (0, 4, 0.5 * (4 - 1 - math.log(4)))],
)
def test_gaussians_of_the_lecture_notes(mu1: float, var1: float, expected: float) -> None:
    assert one_dimensional(mu1, var1, 0, 1) == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize(
    ("p", "forward", "backward"),
    [((0.7, 0.2, 0.1), 0.3243, 0.2968), ((0.36, 0.48, 0.16), 0.0975, 0.0853)],
)
def test_discrete_examples_of_the_lecture_notes(
    p: tuple[float, ...], forward: float, backward: float
) -> None:
    uniform = tensor(1 / 3, 1 / 3, 1 / 3)
    assert float(kl_discrete(uniform, tensor(*p))) == pytest.approx(forward, abs=5e-5)
    assert float(kl_discrete(tensor(*p), uniform)) == pytest.approx(backward, abs=5e-5)


@given(st.floats(-3, 3), st.floats(0.05, 5), st.floats(-3, 3), st.floats(0.05, 5))
def test_gaussians_against_quadrature(mu1: float, sd1: float, mu2: float, sd2: float) -> None:
    def integrand(x: float) -> float:
        p = norm.logpdf(x, mu1, sd1)
        return float(math.exp(p) * (p - norm.logpdf(x, mu2, sd2)))

    integral, error = quad(integrand, mu1 - 12 * sd1, mu1 + 12 * sd1, limit=200, points=[mu1])
    ours = one_dimensional(mu1, sd1**2, mu2, sd2**2)
    assert ours == pytest.approx(integral, rel=1e-6, abs=1e-7 + 10 * error)


@given(seeds, st.integers(1, 5))
def test_gaussians_against_torch_distributions_in_batches(seed: int, k: int) -> None:
    (mu1, cov1), (mu2, cov2) = gaussian(seed, k, (3, 1)), gaussian(seed + 1, k, (4,))
    ours = kl_gaussians(mu1, cov1, mu2, cov2)
    oracle = kl_divergence(MultivariateNormal(mu1, cov1), MultivariateNormal(mu2, cov2))
    assert ours.shape == (3, 4)
    torch.testing.assert_close(ours, oracle, rtol=1e-8, atol=1e-8)


@given(pairs)
def test_discrete_against_torch_distributions(pair: tuple[Tensor, Tensor]) -> None:
    p, q = pair
    oracle = kl_divergence(Categorical(probs=p), Categorical(probs=q))
    torch.testing.assert_close(kl_discrete(p, q), oracle, rtol=1e-9, atol=1e-12)


@given(seeds, st.integers(1, 4))
def test_gaussian_divergence_is_zero_for_equals_only(seed: int, k: int) -> None:
    mu, cov = gaussian(seed, k)
    assert 0 <= float(kl_gaussians(mu, cov, mu, cov)) < 1e-9
    assert float(kl_gaussians(mu, cov, mu + 0.1, cov)) > 1e-5
    assert float(kl_gaussians(mu, cov, mu, 1.1 * cov)) > 1e-3


@given(pairs)
def test_discrete_divergence_is_zero_for_equals_only(pair: tuple[Tensor, Tensor]) -> None:
    p, q = pair
    assert float(kl_discrete(p, p)) == 0
    # Pinsker's inequality: KL ≥ ½‖p − q‖₁².
    assert float(kl_discrete(p, q)) >= 0.5 * float((p - q).abs().sum()) ** 2 - 1e-12


@given(seeds, st.integers(1, 4))
def test_a_common_affine_map_changes_nothing(seed: int, k: int) -> None:
    (mu1, cov1), (mu2, cov2) = gaussian(seed, k), gaussian(seed + 1, k)
    shift, scale = gaussian(seed + 2, k)  # any positive definite matrix is invertible
    mapped = kl_gaussians(
        scale @ mu1 + shift, scale @ cov1 @ scale.mT, scale @ mu2 + shift, scale @ cov2 @ scale.mT
    )
    torch.testing.assert_close(mapped, kl_gaussians(mu1, cov1, mu2, cov2), rtol=1e-5, atol=1e-6)


def test_divergences_are_not_symmetric() -> None:
    assert one_dimensional(0, 4, 0, 1) == pytest.approx(0.8069, abs=5e-5)
    assert one_dimensional(0, 1, 0, 4) == pytest.approx(0.5 * (0.25 - 1 + math.log(4)))
    p, q = tensor(0.9, 0.1), tensor(0.5, 0.5)
    assert float(kl_discrete(p, q)) != pytest.approx(float(kl_discrete(q, p)), abs=0.1)


def test_mass_where_the_other_has_none_is_infinite_and_the_reverse_is_not() -> None:
    p, q = tensor(0.5, 0.5, 0), tensor(1, 0, 0)
    assert float(kl_discrete(p, q)) == math.inf
    assert float(kl_discrete(q, p)) == pytest.approx(math.log(2))


def test_discrete_divergence_broadcasts() -> None:
    p = torch.stack([tensor(0.5, 0.5), tensor(1, 0)])
    found = kl_discrete(p, tensor(0.5, 0.5))
    torch.testing.assert_close(found, tensor(0, math.log(2)))


@pytest.mark.parametrize("seed", range(4))
def test_monte_carlo_meets_the_closed_form_within_its_standard_error(seed: int) -> None:
    p, q = gaussian(seed, 3), gaussian(seed + 10, 3)
    estimate, error = kl_monte_carlo(p, q, 100_000, torch.Generator().manual_seed(seed))
    assert estimate == pytest.approx(float(kl_gaussians(*p, *q)), abs=5 * error)
    assert 0 < error < 0.05 * estimate


def test_monte_carlo_standard_error_is_the_spread_of_estimates() -> None:
    p, q = (tensor(1, 0), tensor(1, 0.5)), (tensor(0, 0), tensor(1, 1))
    generator = torch.Generator().manual_seed(0)
    runs = torch.tensor([kl_monte_carlo(p, q, 400, generator) for _ in range(400)])
    assert float(runs[:, 0].std()) == pytest.approx(float(runs[:, 1].mean()), rel=0.15)


def test_monte_carlo_takes_variances_for_a_diagonal_covariance() -> None:
    mu, variances = tensor(0.5, -1), tensor(0.2, 3)
    q = (tensor(0, 0), tensor(1, 1))

    def run(cov: Tensor) -> tuple[float, float]:
        return kl_monte_carlo((mu, cov), q, 100, torch.Generator().manual_seed(3))

    assert run(variances) == run(torch.diag(variances))


def test_monte_carlo_draws_from_its_generator_alone() -> None:
    p, q = gaussian(0, 2), gaussian(1, 2)
    state = torch.get_rng_state()
    first = kl_monte_carlo(p, q, 70_000, torch.Generator().manual_seed(5))
    torch.randn(10)
    torch.set_rng_state(state)
    assert kl_monte_carlo(p, q, 70_000, torch.Generator().manual_seed(5)) == first
    assert kl_monte_carlo(p, q, 70_000, torch.Generator().manual_seed(6)) != first
    assert torch.equal(torch.get_rng_state(), state)


EYE = torch.eye(2, dtype=torch.float64)


@pytest.mark.parametrize(
    ("cov", "what"),
    [
        (torch.diag(tensor(1, 0)), "positive definite"),
        (torch.diag(tensor(1, -1)), "positive definite"),
        (torch.tensor([[1.0, 2.0], [2.0, 1.0]], dtype=torch.float64), "positive definite"),
        (torch.tensor([[1.0, 0.9], [0.0, 1.0]], dtype=torch.float64), "symmetric"),
        (torch.diag(tensor(1, math.nan)), "positive definite"),
        (torch.diag(tensor(1, math.inf)), "positive definite"),
        (torch.ones(1, 1, dtype=torch.float64), "shape"),
        (torch.stack([EYE, -EYE]), "positive definite"),
    ],
)
def test_covariances_that_are_none_are_refused(cov: Tensor, what: str) -> None:
    mu = tensor(0, 0)
    with pytest.raises(InputError, match=f"The first .*{what}"):
        kl_gaussians(mu, cov, mu, EYE)
    with pytest.raises(InputError, match=f"The second .*{what}"):
        kl_gaussians(mu, EYE, mu, cov)


def test_gaussians_of_different_dimensions_are_refused() -> None:
    one, two = (tensor(0), torch.ones(1, 1, dtype=torch.float64)), (tensor(0, 0), EYE)
    with pytest.raises(InputError, match="dimensions"):
        kl_gaussians(*one, *two)
    with pytest.raises(InputError, match="dimensions"):
        kl_monte_carlo(one, two, 10, torch.Generator())


def test_monte_carlo_refuses_batches_and_too_few_samples() -> None:
    good = (tensor(0, 0), EYE)
    with pytest.raises(InputError, match="at least 2"):
        kl_monte_carlo(good, good, 1, torch.Generator())
    with pytest.raises(InputError, match="one mean"):
        kl_monte_carlo((good[0].expand(3, 2), EYE), good, 10, torch.Generator())


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ((0.5, 0.6), "sums to 1.1"),
        ((1.5, -0.5), "negative"),
        ((math.nan, 1), "not finite"),
        ((math.inf, 0), "not finite"),
        ((), "empty"),
    ],
)
def test_values_that_are_no_distribution_are_refused(values: tuple[float, ...], what: str) -> None:
    good = tensor(0.5, 0.5)
    with pytest.raises(InputError, match=f"The first .*{what}"):
        kl_discrete(tensor(*values), good)
    with pytest.raises(InputError, match=f"The second .*{what}"):
        kl_discrete(good, tensor(*values))


def test_distributions_over_different_numbers_of_values_are_refused() -> None:
    with pytest.raises(InputError, match="2 and 3"):
        kl_discrete(tensor(0.5, 0.5), tensor(0.5, 0.25, 0.25))
