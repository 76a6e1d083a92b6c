"""Mixtures and the Gaussians fitted to them, against sums over a grid, differences and scipy."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.stats import multivariate_normal

from latentlab.core.kl_terms import kl_terms
from latentlab.core.mixture import Mixture, covering_step, kl_from, kl_to, seeking_step
from latentlab.core.normal import Gaussian

LEFT = Gaussian.of_ellipse((-1.8, -0.3), (0.5, 0.7), 0.4)
RIGHT = Gaussian.of_ellipse((1.6, 0.5), (0.6, 0.4), 0.9)
MIXTURE = Mixture((0.6, 0.4), (LEFT, RIGHT))
NEAR = Mixture(
    (0.5, 0.5), (Gaussian.diagonal([-0.4, 0], [1, 1]), Gaussian.diagonal([0.4, 0], [1, 1]))
)
START = Gaussian.of_ellipse((0.2, 0.6), (0.9, 0.6), 0.2)
ANGLES = st.floats(-math.pi, math.pi)
starts = st.builds(
    Gaussian.of_ellipse,
    st.tuples(st.floats(-3, 3), st.floats(-3, 3)),
    st.tuples(st.floats(0.02, 2), st.floats(0.02, 2)),
    ANGLES,
)


def grid(reach=9.0, count=900):
    axis = (np.arange(count) + 0.5) * 2 * reach / count - reach
    return np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2), (2 * reach / count) ** 2


def fitted(step, p, q, *, length, steps):
    for _ in range(steps):
        q = step(p, q, length)
    return q


def test_its_density_is_the_sum_of_its_parts():
    x = np.random.default_rng(0).normal(size=(50, 2)) * 2
    oracle = 0.6 * multivariate_normal(LEFT.mean, LEFT.covariance).pdf(x)
    oracle += 0.4 * multivariate_normal(RIGHT.mean, RIGHT.covariance).pdf(x)
    np.testing.assert_allclose(MIXTURE.log_density(x), np.log(oracle), rtol=1e-10)


def test_far_away_its_log_stays_finite():
    assert np.isfinite(MIXTURE.log_density(np.array([[1e4, -1e4]]))).all()


def test_slope_and_bend_are_what_differences_say():
    x = np.random.default_rng(1).normal(size=(40, 2)) * 1.5
    slope, bend = MIXTURE.slope_and_bend(x)
    h = 1e-5
    for axis, step in enumerate(h * np.eye(2)):
        difference = (MIXTURE.log_density(x + step) - MIXTURE.log_density(x - step)) / (2 * h)
        np.testing.assert_allclose(slope[:, axis], difference, rtol=1e-6, atol=1e-6)
        turn = MIXTURE.slope_and_bend(x + step)[0] - MIXTURE.slope_and_bend(x - step)[0]
        np.testing.assert_allclose(bend[:, axis], turn / (2 * h), rtol=1e-5, atol=1e-5)


def test_its_moments_are_those_of_its_samples():
    generator = np.random.default_rng(2)
    which = generator.random(300_000) < 0.6
    draws = [
        generator.multivariate_normal(part.mean, part.covariance, len(which))
        for part in (LEFT, RIGHT)
    ]
    x = np.where(which[:, None], *draws)
    np.testing.assert_allclose(MIXTURE.moments.mean, x.mean(axis=0), atol=0.02)
    np.testing.assert_allclose(MIXTURE.moments.covariance, np.cov(x.T), atol=0.03)


@pytest.mark.parametrize("q", [START, RIGHT, MIXTURE.moments])
def test_both_directions_are_the_sums_over_a_grid(q):
    x, cell = grid()
    log_p, log_q = MIXTURE.log_density(x), q.log_density(x)
    forward = float((np.exp(log_p) * (log_p - log_q)).sum() * cell)
    backward = float((np.exp(log_q) * (log_q - log_p)).sum() * cell)
    assert kl_from(MIXTURE, q) == pytest.approx(forward, abs=1e-3)
    assert kl_to(q, MIXTURE) == pytest.approx(backward, abs=1e-3)


def test_a_mixture_of_one_gives_the_closed_form():
    alone = Mixture((1.0,), (LEFT,))
    assert kl_from(alone, START) == pytest.approx(kl_terms(LEFT, START).kl, rel=1e-6)
    assert kl_to(START, alone) == pytest.approx(kl_terms(START, LEFT).kl, rel=1e-6)


@given(starts, st.floats(0.05, 1))
def test_covering_goes_down_to_the_moments(start, length):
    before = kl_from(MIXTURE, start)
    after = kl_from(MIXTURE, covering_step(MIXTURE, start, length))
    assert after <= before + 1e-9
    last = fitted(covering_step, MIXTURE, start, length=0.5, steps=60)
    np.testing.assert_allclose(last.mean, MIXTURE.moments.mean, atol=1e-9)
    np.testing.assert_allclose(last.covariance, MIXTURE.moments.covariance, atol=1e-9)


def test_no_other_gaussian_covers_better_than_the_moments():
    best = kl_from(MIXTURE, MIXTURE.moments)
    generator = np.random.default_rng(3)
    for _ in range(50):
        near = Gaussian(
            MIXTURE.moments.mean + 0.05 * generator.standard_normal(2),
            MIXTURE.moments.covariance * (1 + 0.05 * generator.standard_normal()),
        )
        assert kl_from(MIXTURE, near) > best


@settings(max_examples=25)
@given(starts)
def test_seeking_goes_down_and_stays_finite(start):
    q = start
    for _ in range(8):
        before, q = kl_to(q, MIXTURE), seeking_step(MIXTURE, q, 0.3)
        assert kl_to(q, MIXTURE) <= before
        assert np.linalg.eigvalsh(q.covariance).min() > 0


@pytest.mark.parametrize(("start", "mode", "weight"), [(-1.5, LEFT, 0.6), (1.5, RIGHT, 0.4)])
def test_seeking_finds_the_mode_on_whose_side_it_starts(start, mode, weight):
    q = fitted(
        seeking_step, MIXTURE, Gaussian.diagonal([start, 0.3], [0.8, 0.8]), length=0.3, steps=120
    )
    assert np.abs(q.mean - mode.mean).max() < 0.1
    # Inside one mode, p is its weight times that mode: KL(q ‖ p) is nearly −log weight.
    assert kl_to(q, MIXTURE) == pytest.approx(-math.log(weight), abs=0.02)


@pytest.mark.parametrize("p", [MIXTURE, NEAR])
def test_seeking_ends_where_scipy_does(p):
    start = Gaussian.diagonal([1.2, 0.2], [0.7, 0.7])
    q = fitted(seeking_step, p, start, length=0.3, steps=200)

    def gaussian(v):
        root = np.array([[math.exp(v[2]), 0], [v[3], math.exp(v[4])]])
        return Gaussian(np.array(v[:2]), root @ root.T)

    root = np.linalg.cholesky(start.covariance)
    first = [*start.mean, math.log(root[0, 0]), root[1, 0], math.log(root[1, 1])]
    found = minimize(lambda v: kl_to(gaussian(v), p), first, method="BFGS")
    assert kl_to(q, p) == pytest.approx(found.fun, abs=1e-5)
    np.testing.assert_allclose(q.mean, gaussian(found.x).mean, atol=5e-3)
    np.testing.assert_allclose(q.covariance, gaussian(found.x).covariance, atol=5e-3)


def test_covering_is_wide_and_seeking_narrow():
    covering = MIXTURE.moments
    seeking = fitted(seeking_step, MIXTURE, START, length=0.3, steps=150)
    assert np.linalg.det(covering.covariance) > 5 * np.linalg.det(seeking.covariance)
    assert kl_from(MIXTURE, covering) < kl_from(MIXTURE, seeking)
    assert kl_to(seeking, MIXTURE) < kl_to(covering, MIXTURE)
