"""The aggregate density at points, against torch.distributions and plain searches."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import cKDTree
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

from latentlab.core.aggregate import aggregate_figures
from latentlab.core.aggregate_density import log_aggregate, lowest_usual, nearest_distance
from latentlab.errors import InputError


def posteriors(count, seed, log_sigma=-2.0):
    random = np.random.default_rng(seed)
    mu = random.normal(size=(count, 2)).astype(np.float32)
    logvar = (2 * log_sigma + random.normal(size=(count, 2))).astype(np.float32)
    return mu, logvar


@given(st.integers(1, 200), st.integers(0, 10_000), st.floats(-6.0, 1.0))
def test_log_density_is_that_of_the_mixture(count, seed, log_sigma):
    mu, logvar = posteriors(count, seed, log_sigma)
    z = np.random.default_rng(seed + 1).normal(scale=3, size=(70, 2))
    means, sigma = torch.tensor(mu).double(), torch.tensor(logvar).double().mul(0.5).exp()
    mixture = MixtureSameFamily(
        Categorical(logits=torch.zeros(count, dtype=torch.float64)),
        Independent(Normal(means, sigma), 1),
    )
    expected = mixture.log_prob(torch.tensor(z)).numpy()
    np.testing.assert_allclose(log_aggregate(z, mu, logvar), expected, rtol=1e-10, atol=1e-9)


def test_far_from_every_code_it_is_finite_and_right():
    mu, logvar = np.zeros((3, 2), np.float32), np.full((3, 2), 2 * math.log(1e-3), np.float32)
    at = log_aggregate(np.array([[1.0, 0.0]]), mu, logvar)[0]
    sigma = float(np.exp(0.5 * np.float64(logvar[0, 0])))
    assert at == pytest.approx(-0.5 / sigma**2 - 2 * math.log(sigma) - math.log(2 * math.pi))


def test_one_standard_posterior_is_the_prior():
    z = np.array([[0.0, 0.0], [1.0, -2.0]])
    zero = np.zeros((5, 2), np.float32)
    expected = -0.5 * (z**2).sum(axis=1) - math.log(2 * math.pi)
    np.testing.assert_allclose(log_aggregate(z, zero, zero), expected)


def test_its_mean_ratio_to_the_prior_is_the_divergence():
    mu, logvar = posteriors(400, 3, -1.0)
    random = np.random.default_rng(1)
    image = random.integers(400, size=20_000)
    z = mu[image] + np.exp(0.5 * logvar[image]) * random.normal(size=(20_000, 2))
    ratio = log_aggregate(z, mu, logvar) + 0.5 * (z**2).sum(axis=1) + math.log(2 * math.pi)
    error = ratio.std() / math.sqrt(len(ratio))
    assert ratio.mean() == pytest.approx(
        aggregate_figures(mu, logvar).kl_aggregate, abs=5 * error + 0.01
    )


def test_the_nearest_code_is_that_of_a_search_tree():
    mu, _ = posteriors(777, 5)
    z = np.random.default_rng(9).normal(scale=2, size=(333, 2))
    np.testing.assert_allclose(nearest_distance(z, mu), cKDTree(mu.astype(float)).query(z)[0])
    np.testing.assert_allclose(nearest_distance(mu, mu), 0)


def test_one_in_a_hundred_draws_is_below_the_lowest_usual_density():
    """Of N(0, I): log p at the radius that holds 99 %, r² = −2 log 0.01."""
    zero = np.zeros((4, 2), np.float32)
    expected = math.log(0.01) - math.log(2 * math.pi)
    found = lowest_usual(zero, zero, count=20_000)
    below = -0.5 * -2 * (found + math.log(2 * math.pi))  # log of the mass beyond
    assert math.exp(below) == pytest.approx(0.01, abs=5 * math.sqrt(0.01 / 20_000))
    assert found == pytest.approx(expected, abs=0.4)


def test_what_is_no_set_of_posteriors_is_refused():
    with pytest.raises(InputError):
        log_aggregate(np.zeros((1, 2)), np.full((2, 2), np.nan, np.float32), np.zeros((2, 2)))
