"""The terms of KL between Gaussians, and its running estimate, against other ways to them."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import multivariate_normal
from torch.distributions import MultivariateNormal, kl_divergence

from latentlab.core.kl_terms import RunningKl, kl_terms, log_ratio_sigma
from latentlab.core.normal import Gaussian
from latentlab.errors import InputError
from tests.core.gaussians import random_gaussian

seeds = st.integers(0, 2**32 - 1)
P = Gaussian.of_ellipse((0.5, -0.2), (1.2, 0.5), 0.6)
Q = Gaussian.of_ellipse((-0.6, 0.4), (0.9, 0.7), -0.3)


def torch_normal(gaussian):
    return MultivariateNormal(torch.tensor(gaussian.mean), torch.tensor(gaussian.covariance))


@given(
    st.tuples(st.floats(-3, 3), st.floats(-3, 3)),
    st.tuples(st.floats(0.02, 2), st.floats(0.02, 2)),
    st.floats(-math.pi, math.pi),
)
def test_an_ellipse_is_its_gaussian(mean, sigmas, angle):
    gaussian = Gaussian.of_ellipse(mean, sigmas, angle)
    first = np.array([math.cos(angle), math.sin(angle)])
    second = np.array([-first[1], first[0]])
    for axis, sigma in zip((first, second), sigmas, strict=True):
        assert axis @ gaussian.covariance @ axis == pytest.approx(sigma**2, rel=1e-9, abs=1e-12)
    assert first @ gaussian.covariance @ second == pytest.approx(0, abs=1e-12)
    z = gaussian.mean + first * sigmas[0]
    oracle = multivariate_normal(gaussian.mean, gaussian.covariance).logpdf(z)
    assert gaussian.log_density(z[None])[0] == pytest.approx(oracle, rel=1e-7)


@given(seeds, st.integers(1, 5), st.floats(1, 1e4))
def test_half_their_sum_is_the_divergence_of_torch(seed, k, condition):
    p, q = (random_gaussian(seed + n, k, condition) for n in (0, 1))
    oracle = float(kl_divergence(torch_normal(p), torch_normal(q)))
    assert kl_terms(p, q).kl == pytest.approx(oracle, rel=1e-8, abs=1e-10)


@given(seeds, st.integers(1, 4))
def test_each_term_is_what_its_name_says(seed, k):
    p, q = random_gaussian(seed, k, 50), random_gaussian(seed + 1, k, 50)
    terms = kl_terms(p, q)
    inverse = np.linalg.inv(q.covariance)
    apart = q.mean - p.mean
    ratio = np.linalg.det(q.covariance) / np.linalg.det(p.covariance)
    assert terms.log_determinants == pytest.approx(math.log(ratio), abs=1e-9)
    assert terms.dimension == -k
    assert terms.trace == pytest.approx(np.trace(inverse @ p.covariance))
    assert terms.mahalanobis == pytest.approx(apart @ inverse @ apart)


def test_the_terms_of_the_lecture_notes():
    prior = Gaussian.diagonal([0.0], [1.0])
    assert kl_terms(prior, prior).kl == 0
    assert kl_terms(Gaussian.diagonal([1.0], [1.0]), prior).kl == pytest.approx(0.5)
    wide = kl_terms(Gaussian.diagonal([0.0], [2.0]), prior)
    assert wide.kl == pytest.approx(0.5 * (4 - 1 - math.log(4)))


@given(seeds, st.integers(1, 4))
def test_equals_do_not_differ(seed, k):
    p = random_gaussian(seed, k, 1e4)
    assert 0 <= kl_terms(p, p).kl < 1e-9
    assert log_ratio_sigma(p, p) < 1e-9


def test_a_singular_covariance_is_told_in_a_sentence():
    flat = Gaussian(np.zeros(2), np.array([[1.0, 1.0], [1.0, 1.0]]))
    for pair, which in (((flat, P), "first"), ((P, flat), "second")):
        with pytest.raises(InputError, match=f"The {which} Gaussian's covariance is singular"):
            kl_terms(*pair)
        with pytest.raises(InputError, match="no density"):
            RunningKl(*pair, seed=0)


def test_two_dimensions_do_not_meet_one():
    with pytest.raises(InputError, match="different dimensions: 2 and 1"):
        kl_terms(P, Gaussian.diagonal([0.0], [1.0]))


@pytest.mark.parametrize("pair", [(P, Q), (Q, P)])
def test_the_estimate_tightens_around_the_divergence(pair):
    running = RunningKl(*pair, seed=3)
    exact, errors = kl_terms(*pair).kl, []
    for count in (200, 9_800, 190_000):
        running.add(count)
        estimate = running.estimate
        assert abs(estimate.mean - exact) < 4 * estimate.error
        errors.append(estimate.error)
    assert errors[0] > 5 * errors[1] > 20 * errors[2]
    sigma = log_ratio_sigma(*pair)
    assert errors[2] == pytest.approx(sigma / math.sqrt(200_000), rel=0.02)


def test_batches_add_up_to_the_same_as_all_at_once():
    at_once, in_parts = RunningKl(P, Q, seed=5), RunningKl(P, Q, seed=5)
    x = at_once.add(1000)
    parts = [in_parts.add(count) for count in (1, 1, 98, 900)]
    np.testing.assert_allclose(x, np.concatenate(parts), rtol=1e-12)
    ratio = P.log_density(x) - Q.log_density(x)
    for estimate in (at_once.estimate, in_parts.estimate):
        assert estimate.samples == 1000
        assert estimate.mean == pytest.approx(ratio.mean(), rel=1e-10)
        assert estimate.error == pytest.approx(ratio.std(ddof=1) / math.sqrt(1000), rel=1e-9)


def test_one_sample_gives_no_estimate():
    running = RunningKl(P, Q, seed=0)
    assert running.estimate is None
    running.add(1)
    assert running.estimate is None
    running.add(1)
    assert running.estimate.samples == 2


def test_between_equals_every_sample_says_zero():
    running = RunningKl(P, P, seed=0)
    running.add(100)
    assert running.estimate.mean == pytest.approx(0, abs=1e-12)
    assert running.estimate.error == pytest.approx(0, abs=1e-12)
