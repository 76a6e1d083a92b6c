"""Forces against finite differences, autograd of the whole objective, and a known optimum."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from latentlab.core.forces import (
    Reconstruction,
    forces,
    place_of_rest,
    pull_of_kl,
    still_noise,
)
from latentlab.core.objective import kl_to_prior, log_likelihood
from latentlab.core.spec import LOGVAR_BOUND, Likelihood, LossWeights

LIKELIHOODS = [
    Likelihood("bernoulli"),
    Likelihood("gaussian", 0.02),
    Likelihood("continuous_bernoulli"),
]
PIXELS, IMAGES, HIDDEN = 20, 5, 12
STEP = 1e-5


def normal(seed: int, *shape: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def decoder(seed: int = 0) -> Callable[[Tensor], Tensor]:
    """A small curved one, in double precision."""
    inner, bias, outer = normal(seed, 2, HIDDEN), normal(seed + 1, HIDDEN), normal(seed + 2, 12, 20)
    return lambda z: torch.tanh(z @ inner + bias) @ outer


def images(likelihood: Likelihood, seed: int = 9) -> Tensor:
    grey = torch.sigmoid(2 * normal(seed, IMAGES, PIXELS))
    return grey.round() if likelihood.binarises else grey


def posteriors() -> tuple[Tensor, Tensor]:
    return normal(20, IMAGES, 2), normal(21, IMAGES, 2) - 1


def term(likelihood: Likelihood, eps: Tensor) -> Reconstruction:
    return Reconstruction(decoder(), likelihood, images(likelihood), eps)


def objective(part: Reconstruction, weights: LossWeights, mu: Tensor, logvar: Tensor) -> Tensor:
    """Written out once more, sample by sample: (N,)."""
    total = torch.zeros(len(mu), dtype=torch.float64)
    for eps in part.eps:
        z = mu + torch.exp(logvar / 2) * eps
        total -= log_likelihood(part.likelihood, part.decode(z), part.x) / len(part.eps)
    return weights.reconstruction * total + weights.kl * kl_to_prior(mu, logvar)


# --- the pulls -----------------------------------------------------------------------------------


@pytest.mark.parametrize("likelihood", LIKELIHOODS, ids=str)
@pytest.mark.parametrize("shared", [True, False])
def test_pulls_are_minus_the_slopes(likelihood: Likelihood, shared: bool) -> None:
    mu, logvar = posteriors()
    part = term(likelihood, normal(5, 6, 1 if shared else IMAGES, 2))
    found = forces(part, mu, logvar)
    for weights, pull in (
        (LossWeights(kl_on=False), found.reconstruction),
        (LossWeights(reconstruction_on=False), found.kl),
    ):
        for axis in (0, 1):
            for at, along in ((0, pull.mu), (1, pull.logvar)):
                step = torch.zeros(2, 1, 2, dtype=torch.float64)
                step[at, 0, axis] = STEP
                ahead = objective(part, weights, mu + step[0], logvar + step[1])
                behind = objective(part, weights, mu - step[0], logvar - step[1])
                slope = (ahead - behind) / (2 * STEP)
                torch.testing.assert_close(along[:, axis], -slope, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("likelihood", LIKELIHOODS, ids=str)
def test_their_weighted_sum_is_minus_the_gradient_of_the_objective(likelihood: Likelihood) -> None:
    mu, logvar = (part.requires_grad_() for part in posteriors())
    part = term(likelihood, normal(6, 4, IMAGES, 2))
    weights = LossWeights(reconstruction_factor=0.7, beta=3.0)
    loss = objective(part, weights, mu, logvar).sum()
    on_mu, on_logvar = torch.autograd.grad(loss, (mu, logvar))
    found = forces(part, mu, logvar)
    rec, kl = found.reconstruction, found.kl
    torch.testing.assert_close(0.7 * rec.mu + 3 * kl.mu, -on_mu)
    torch.testing.assert_close(0.7 * rec.logvar + 3 * kl.logvar, -on_logvar)
    assert not rec.mu.requires_grad


@given(
    mu=st.floats(-50, 50),
    logvar=st.floats(-LOGVAR_BOUND, LOGVAR_BOUND),
)
def test_the_pull_of_kl_is_that_of_autograd(mu: float, logvar: float) -> None:
    at = torch.tensor([[mu, 0.3]], dtype=torch.float64, requires_grad=True)
    spread = torch.tensor([[logvar, -2.0]], dtype=torch.float64, requires_grad=True)
    on_mu, on_spread = torch.autograd.grad(kl_to_prior(at, spread).sum(), (at, spread))
    found = pull_of_kl(at.detach(), spread.detach())
    torch.testing.assert_close(found.mu, -on_mu)
    torch.testing.assert_close(found.logvar, -on_spread)


def test_kl_pulls_to_the_prior_and_nowhere_from_there() -> None:
    at = torch.tensor([[2.0, -3.0], [0.0, 0.0]])
    spread = torch.tensor([[-4.0, 1.0], [0.0, 0.0]])
    found = pull_of_kl(at, spread)
    assert found.mu.tolist() == [[-2.0, 3.0], [0.0, 0.0]]
    assert found.logvar[0, 0] > 0, "a narrow posterior grows"
    assert found.logvar[0, 1] < 0, "a wide one shrinks"
    assert found.logvar[1].tolist() == [0.0, 0.0]


def test_each_image_is_pulled_by_itself() -> None:
    """No posterior's pull hangs on which others are looked at."""
    mu, logvar = posteriors()
    part = term(LIKELIHOODS[0], still_noise(8, 2))
    together = forces(part, mu, logvar)
    for n in range(IMAGES):
        alone = Reconstruction(part.decode, part.likelihood, part.x[n : n + 1], part.eps)
        found = forces(alone, mu[n : n + 1], logvar[n : n + 1])
        torch.testing.assert_close(found.reconstruction.mu[0], together.reconstruction.mu[n])
        torch.testing.assert_close(
            found.reconstruction.logvar[0], together.reconstruction.logvar[n]
        )


# --- the noise -----------------------------------------------------------------------------------


@given(latent=st.integers(1, 4), more=st.integers(0, 20))
def test_the_noise_has_the_moments_of_its_distribution(latent: int, more: int) -> None:
    samples = 2 * latent + 2 * more
    eps = still_noise(samples, latent)
    assert eps.shape == (samples, 1, latent)
    flat = eps[:, 0].double()
    torch.testing.assert_close(flat.mean(0), torch.zeros(latent).double(), atol=1e-6, rtol=0)
    covariance = flat.T @ flat / samples
    torch.testing.assert_close(covariance, torch.eye(latent).double(), atol=1e-5, rtol=0)
    torch.testing.assert_close(eps[: samples // 2], -eps[samples // 2 :], atol=0, rtol=0)
    assert torch.equal(eps, still_noise(samples, latent)), "the picture stands still"


@pytest.mark.parametrize("samples", [7, 2, 0])
def test_too_few_samples_are_refused(samples: int) -> None:
    with pytest.raises(ValueError, match=str(samples)):
        still_noise(samples, 2)


# --- where they cancel ---------------------------------------------------------------------------


@dataclass
class LinearGaussian:
    """x ~ N(Wz + b, vI): all of its posterior is known (Bishop 2006, eqs. 2.113 to 2.117)."""

    variance: float = 0.005

    def __post_init__(self) -> None:
        self.across = 0.02 * normal(1, PIXELS, 2)
        self.across[:, 1] += 0.5 * self.across[:, 0]  # so that the two axes are correlated
        self.base = torch.full((PIXELS,), 0.5, dtype=torch.float64)
        z = torch.tensor([[1.2, -0.9]]).double()
        self.x = self.base + z @ self.across.T + 0.03 * normal(2, 1, PIXELS)

    def term(self, samples: int = 4) -> Reconstruction:
        likelihood = Likelihood("gaussian", self.variance)
        return Reconstruction(self._decode, likelihood, self.x, still_noise(samples, 2).double())

    def precision(self, weights: LossWeights) -> Tensor:
        """Of the weighted objective as a function of z."""
        fit = self.across.T @ self.across / self.variance
        return weights.reconstruction * fit + weights.kl * torch.eye(2).double()

    def mean(self, weights: LossWeights) -> Tensor:
        towards = (self.x - self.base) @ self.across / self.variance
        return torch.linalg.solve(self.precision(weights), weights.reconstruction * towards[0])

    def sigma(self, weights: LossWeights) -> Tensor:
        """Of the best factorised posterior: the precision's diagonal, times the KL's weight."""
        return (weights.kl / self.precision(weights).diagonal()).sqrt()

    def _decode(self, z: Tensor) -> Tensor:
        return torch.logit(z @ self.across.T + self.base)


@pytest.mark.parametrize("beta", [0.25, 1.0, 4.0])
def test_forces_cancel_at_the_known_optimum(beta: float) -> None:
    known, weights = LinearGaussian(), LossWeights(beta=beta)
    mu, logvar = known.mean(weights)[None], 2 * known.sigma(weights).log()[None]
    found = forces(known.term(), mu, logvar)
    for rec, kl in (
        (found.reconstruction.mu, found.kl.mu),
        (found.reconstruction.logvar, found.kl.logvar),
    ):
        assert (kl.abs() > 0.02).all(), "each of them pulls"
        torch.testing.assert_close(rec, -beta * kl, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("beta", [0.25, 1.0, 4.0])
def test_a_posterior_that_is_let_go_comes_to_rest_at_the_known_optimum(beta: float) -> None:
    known, weights = LinearGaussian(), LossWeights(beta=beta)
    start = torch.tensor([[-1.5, 2.0]]).double(), torch.tensor([[-3.0, 0.5]]).double()
    rest = place_of_rest(known.term(), weights, *start)
    assert rest is not None
    torch.testing.assert_close(rest[0][0], known.mean(weights), rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(torch.exp(rest[1][0] / 2), known.sigma(weights), rtol=1e-3, atol=0)


@pytest.mark.parametrize("likelihood", LIKELIHOODS, ids=str)
def test_at_rest_the_forces_cancel_and_the_objective_is_lower(likelihood: Likelihood) -> None:
    mu, logvar = posteriors()
    eps, weights = still_noise(32, 2).double(), LossWeights(beta=2.0)
    for n in range(IMAGES):
        x = images(likelihood)[n : n + 1]
        part = Reconstruction(decoder(), likelihood, x, eps)
        start = mu[n : n + 1], logvar[n : n + 1]
        before = forces(part, *start)
        assert (before.reconstruction.mu + 2 * before.kl.mu).abs().max() > 0.1
        rest = place_of_rest(part, weights, *start)
        assert rest is not None
        found = forces(part, *rest)
        rec, kl = found.reconstruction, found.kl
        # Of nats per σ, so by so much more in nats per unit.
        room = 0.01 * torch.exp(-logvar[n] / 2)
        assert ((rec.mu + 2 * kl.mu).abs() < room).all()
        assert ((rec.logvar + 2 * kl.logvar).abs() < 0.01).all()
        assert objective(part, weights, *rest) < objective(part, weights, *start)


def test_gradient_descent_comes_to_rest_at_the_same_place() -> None:
    """The descent anybody would write; from nearby, since there may be other places."""
    part = Reconstruction(decoder(), LIKELIHOODS[0], images(LIKELIHOODS[0])[:1], still_noise(16, 2))
    weights = LossWeights()
    rest = place_of_rest(part, weights, *(value[:1] for value in posteriors()))
    assert rest is not None
    mu, logvar = (value.detach() + 0.1 for value in rest)
    for _ in range(4000):
        found = forces(part, mu, logvar)
        mu = mu + 0.02 * (found.reconstruction.mu + found.kl.mu)
        logvar = logvar + 0.02 * (found.reconstruction.logvar + found.kl.logvar)
    torch.testing.assert_close(mu, rest[0], rtol=0, atol=1e-3)
    torch.testing.assert_close(logvar, rest[1], rtol=0, atol=1e-3)


def test_what_is_switched_off_does_not_count() -> None:
    part = term(LIKELIHOODS[0], still_noise(8, 2))
    one = Reconstruction(part.decode, part.likelihood, part.x[:1], part.eps)
    start = torch.tensor([[3.0, -40.0]]).double(), torch.tensor([[-9.0, 2.0]]).double()
    assert place_of_rest(one, LossWeights(kl_on=False), *start) is None
    assert place_of_rest(one, LossWeights(beta=0.0), *start) is None
    rest = place_of_rest(one, LossWeights(reconstruction_on=False), *start)
    assert rest is not None
    assert (rest[0] == 0).all()
    assert (rest[1] == 0).all()


def test_a_narrow_posterior_goes_as_far_as_it_must() -> None:
    """Under a large β the place is a thousand σ away."""
    known, weights = LinearGaussian(), LossWeights(beta=100.0)
    start = torch.tensor([[2.0, -2.0]]).double(), torch.full((1, 2), -12.0).double()
    rest = place_of_rest(known.term(), weights, *start)
    assert rest is not None
    torch.testing.assert_close(rest[0][0], known.mean(weights), rtol=0, atol=1e-2)
    torch.testing.assert_close(torch.exp(rest[1][0] / 2), known.sigma(weights), rtol=1e-2, atol=0)


def test_a_network_that_has_diverged_has_no_place_of_rest() -> None:
    part = term(LIKELIHOODS[0], still_noise(8, 2))
    broken = Reconstruction(
        lambda z: part.decode(z) * torch.nan, part.likelihood, part.x[:1], part.eps
    )
    start = tuple(value[:1] for value in posteriors())
    assert place_of_rest(broken, LossWeights(), *start) is None
