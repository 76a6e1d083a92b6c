import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latentlab.core.interpolate import linear, path, point, spherical

COORDINATE = st.floats(-100, 100)
POINTS = st.tuples(COORDINATE, COORDINATE)
TIMES = st.floats(0, 1)


@given(POINTS, POINTS, st.integers(2, 41), st.booleans())
def test_a_path_begins_at_z1_and_ends_at_z2(z1, z2, count, round_path):
    points = path(z1, z2, count, round_path)
    assert points.shape == (count, 2)
    np.testing.assert_allclose(points[0], z1, atol=1e-9)
    np.testing.assert_allclose(points[-1], z2, atol=1e-9)


@given(POINTS, POINTS, st.integers(1, 20))
def test_the_middle_of_an_odd_linear_path_is_the_mean_of_the_ends(z1, z2, half):
    middle = path(z1, z2, 2 * half + 1, False)[half]
    np.testing.assert_allclose(middle, (np.array(z1) + np.array(z2)) / 2, atol=1e-9)


@given(POINTS, POINTS, TIMES)
def test_a_linear_point_divides_the_segment_in_the_ratio_t(z1, z2, t):
    z = linear(z1, z2, t)
    length = math.dist(z1, z2)
    assert math.dist(z1, z) == pytest.approx(t * length, abs=1e-9)
    assert math.dist(z, z2) == pytest.approx((1 - t) * length, abs=1e-9)


@given(
    st.floats(0.01, 50),
    st.floats(0.01, 50),
    st.floats(-math.pi, math.pi),
    st.floats(-3.1, 3.1).filter(lambda turn: abs(turn) > 1e-3),
    TIMES,
)
def test_spherical_is_linear_in_polar_coordinates(radius1, radius2, angle, turn, t):
    z1 = radius1 * np.exp(1j * angle)
    z2 = radius2 * np.exp(1j * (angle + turn))
    expected = ((1 - t) * radius1 + t * radius2) * np.exp(1j * (angle + t * turn))
    z = spherical([z1.real, z1.imag], [z2.real, z2.imag], t)
    np.testing.assert_allclose(z, [expected.real, expected.imag], atol=1e-8)


def test_spherical_keeps_the_radius_in_many_dimensions():
    rng = np.random.default_rng(0)
    z1, z2 = rng.normal(size=(2, 16))
    z2 *= np.linalg.norm(z1) / np.linalg.norm(z2)
    points = path(z1, z2, 21, True)
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), np.linalg.norm(z1))
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    np.testing.assert_allclose(steps, steps[0])


@pytest.mark.parametrize(
    ("z1", "z2"),
    [
        ((0.0, 0.0), (1.0, 2.0)),
        ((1.0, 2.0), (0.0, 0.0)),
        ((0.0, 0.0), (0.0, 0.0)),
        ((1.0, 0.0), (-2.0, 0.0)),
        ((1.0, 1.0), (3.0, 3.0)),
        ((1.0, 1e-9), (2.0, 0.0)),
    ],
)
def test_without_one_great_circle_the_path_is_linear(z1, z2):
    np.testing.assert_array_equal(path(z1, z2, 9, True), path(z1, z2, 9, False))


def test_a_point_is_the_path_at_its_time():
    z1, z2 = (1.0, 0.5), (-0.3, 2.0)
    for round_path in (False, True):
        points = path(z1, z2, 5, round_path)
        np.testing.assert_allclose(point(z1, z2, 0.75, round_path), points[3])


def test_one_point_is_no_path():
    with pytest.raises(ValueError, match="two ends"):
        path((0, 0), (1, 1), 1, False)
