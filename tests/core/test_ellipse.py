import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latentlab.core.ellipse import LEAST, MOST, REACH, Ellipse, random_ellipse
from latentlab.core.kl_terms import kl_terms

lengths = st.floats(LEAST, MOST)
anywhere = st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
ellipses = st.builds(
    Ellipse,
    st.tuples(st.floats(-REACH, REACH), st.floats(-REACH, REACH)),
    st.tuples(lengths, lengths),
    st.floats(-math.pi, math.pi),
)


@given(ellipses)
def test_there_and_back_it_is_the_same_gaussian(ellipse):
    back = Ellipse.of(ellipse.gaussian)
    np.testing.assert_allclose(back.gaussian.covariance, ellipse.gaussian.covariance, atol=1e-12)
    assert back.mean == ellipse.mean
    assert back.sigmas == pytest.approx(sorted(ellipse.sigmas, reverse=True), rel=1e-6)
    assert ellipse.condition == pytest.approx(np.linalg.cond(ellipse.gaussian.covariance), rel=1e-6)


@given(ellipses, st.sampled_from([0, 1]), st.floats(0.1, 1.9), st.floats(-math.pi, math.pi))
def test_an_axis_ends_where_it_is_dragged(ellipse, axis, length, angle):
    dx, dy = length * math.cos(angle), length * math.sin(angle)
    dragged = ellipse.stretched(axis, dx, dy)
    x, y = dragged.direction(axis)
    sigma = dragged.sigmas[axis]
    assert (x * sigma, y * sigma) == pytest.approx((dx, dy), abs=1e-9)
    assert dragged.sigmas[1 - axis] == ellipse.sigmas[1 - axis]
    assert dragged.mean == ellipse.mean


@given(ellipses, st.sampled_from([0, 1]), anywhere, anywhere)
def test_however_it_is_dragged_it_has_a_density(ellipse, axis, end, mean):
    dragged = ellipse.stretched(axis, *end).centred(*mean)
    assert all(LEAST <= sigma <= MOST for sigma in dragged.sigmas)
    assert all(abs(value) <= REACH for value in dragged.mean)
    for pair in ((ellipse, dragged), (dragged, ellipse)):
        assert math.isfinite(kl_terms(pair[0].gaussian, pair[1].gaussian).kl)


@given(ellipses, st.sampled_from([0, 1]))
def test_an_axis_dragged_onto_the_mean_keeps_its_direction(ellipse, axis):
    dragged = ellipse.stretched(axis, 0.0, 0.0)
    assert dragged.sigmas[axis] == LEAST
    assert dragged.angle == ellipse.angle


@given(st.integers(0, 2**32 - 1), st.floats(1, 1e6))
def test_a_random_one_is_within_bounds_and_as_round_as_asked(seed, condition):
    ellipse = random_ellipse(np.random.default_rng(seed), condition)
    assert ellipse.condition == pytest.approx(min(condition, 1e4), rel=1e-9)
    assert all(LEAST * (1 - 1e-9) <= sigma <= MOST for sigma in ellipse.sigmas)
