"""Importance-weighted bounds against a linear-Gaussian decoder, whose log p(x) is known."""

import numpy as np
import pytest
import torch

from latentlab.core.gaussian import elbo
from latentlab.core.importance import RUNGS, Rung, climbing, log_mean, weighing
from latentlab.core.normal import Gaussian
from latentlab.training.evaluation import finish
from tests.core.ppca import LinearModel

MODEL = LinearModel.drawn(4, 0.05)
X = MODEL.image(1)


def beside_the_posterior() -> Gaussian:
    """Narrower than it along one axis, and off its mean."""
    mean, covariance = MODEL.posterior(X)
    sigma = np.sqrt(np.diag(covariance))
    return Gaussian.diagonal(mean + 0.4 * sigma, sigma * np.array([0.8, 0.6]))


def ladder(q: Gaussian, draws: int = 40_000, seed: int = 0) -> tuple[Rung, ...]:
    generator = torch.Generator().manual_seed(seed)
    return finish(climbing(MODEL.decoder, X, q, generator, draws=draws))


def test_the_ladder_starts_at_the_elbo_and_climbs_towards_log_p() -> None:
    q, exact = beside_the_posterior(), MODEL.log_evidence(X)
    rungs = ladder(q)
    assert [rung.k for rung in rungs] == list(RUNGS)
    assert [rung.repeats for rung in rungs] == [40_000 // k for k in RUNGS]
    first = rungs[0]
    bound = elbo(MODEL.decoder, X, q).value
    assert bound < exact - 0.1
    assert first.mean == pytest.approx(bound, abs=4 * first.standard_error)
    means = [rung.mean for rung in rungs]
    assert means == sorted(means)
    for rung in rungs:
        assert rung.mean < exact + 4 * rung.standard_error
        assert rung.standard_error == pytest.approx(rung.spread / rung.repeats**0.5)
    assert rungs[-1].mean == pytest.approx(exact, abs=0.1)


def test_a_bound_is_exact_where_q_is_the_posterior() -> None:
    for rung in ladder(Gaussian(*MODEL.posterior(X)), draws=2_000):
        assert rung.mean == pytest.approx(MODEL.log_evidence(X), abs=1e-8)
        assert rung.spread < 1e-8


def test_the_draws_are_the_generators_alone() -> None:
    q = beside_the_posterior()
    torch.manual_seed(1)
    once = ladder(q, draws=2_000)
    torch.manual_seed(2)
    assert ladder(q, draws=2_000) == once
    assert ladder(q, draws=2_000, seed=1) != once


def test_weights_are_the_ratio_of_densities() -> None:
    """Against torch.distributions, at the same draws."""
    q = beside_the_posterior()
    weights = finish(weighing(MODEL.decoder, X, q, torch.Generator().manual_seed(0), 500))
    eps = torch.randn((500, 2), generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    over_z = torch.distributions.Normal(torch.tensor(q.mean), torch.tensor(q.sigma))
    z = over_z.mean + over_z.stddev * eps
    over_x = torch.distributions.Normal(0.5 + z @ MODEL.weights.T, MODEL.sigma)
    over_prior = torch.distributions.Normal(torch.zeros(2).double(), 1)
    expected = over_x.log_prob(X).sum(-1) + (over_prior.log_prob(z) - over_z.log_prob(z)).sum(-1)
    np.testing.assert_allclose(weights, expected, rtol=1e-9)
    assert log_mean(weights) == pytest.approx(float(expected.logsumexp(0) - np.log(500)))


def test_too_few_draws_for_a_spread_are_refused() -> None:
    with pytest.raises(ValueError, match="twice as many"):
        ladder(beside_the_posterior(), draws=1_999)
