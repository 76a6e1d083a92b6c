import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from latentlab.ui.plane.density import (
    histogram_density,
    mixture_density,
    normal_cdf,
    normal_density,
)

Floats = npt.NDArray[np.float64]


def brute_force(mean: Floats, sigma: Floats, low: float, high: float, bins: int) -> Floats:
    edges = np.linspace(low, high, bins + 1)
    masses = np.diff(norm.cdf(edges[:, None], mean, sigma), axis=0)
    result: Floats = masses.mean(axis=1) / ((high - low) / bins)
    return result


def test_the_normal_cdf_is_that_of_scipy() -> None:
    x = np.linspace(-12, 12, 20_001)
    assert np.abs(normal_cdf(x) - norm.cdf(x)).max() < 2e-7
    assert np.abs(normal_density(x) - norm.pdf(x)).max() < 1e-15


@pytest.mark.parametrize("sigma", [1e-9, 0.004, 0.03, 0.1, 0.149, 0.151, 0.4, 1.0, 6.0])
def test_one_sigma_against_a_brute_force_mixture(sigma: float) -> None:
    mean = np.random.default_rng(1).normal(0.3, 1.2, 700)
    expected = brute_force(mean, np.full(700, sigma), -3, 3, 80)
    curve = mixture_density(mean, np.full(700, sigma), -3, 3, 80)
    # A pixel of a strip 58 pixels high.
    assert np.abs(curve - expected).max() < expected.max() / 40


@given(st.integers(0, 2**32 - 1), st.floats(-8, 1), st.floats(0, 2))
def test_mixed_sigmas_against_a_brute_force_mixture(seed: int, middle: float, wide: float) -> None:
    rng = np.random.default_rng(seed)
    mean, sigma = rng.normal(0, 1.3, 2000), np.exp(rng.normal(middle, wide, 2000))
    expected = brute_force(mean, sigma, -2.5, 4, 90)
    curve = mixture_density(mean, sigma, -2.5, 4, 90)
    assert np.abs(curve - expected).max() < expected.max() / 40
    assert curve.sum() == pytest.approx(expected.sum(), rel=0.005)


def test_a_posterior_far_narrower_than_a_bin_keeps_its_mass_in_its_bin() -> None:
    curve = mixture_density(np.array([0.51]), np.array([1e-7]), 0, 1, 10)
    assert curve.tolist() == [0, 0, 0, 0, 0, 10, 0, 0, 0, 0]


def test_zoomed_far_in_a_wide_posterior_is_flat() -> None:
    curve = mixture_density(np.array([0.3]), np.array([1.0]), 0.0, 1e-4, 50)
    assert curve == pytest.approx(np.full(50, norm.pdf(0.3)), rel=1e-2)


def test_the_histogram_is_a_density() -> None:
    mean = np.array([-1.0, 0.1, 0.1, 0.9, 5.0, np.nan])
    # Five points, bins half a unit wide; the point beyond counts in N.
    assert histogram_density(mean, 0, 1, 2) == pytest.approx([2 / 5 / 0.5, 1 / 5 / 0.5])


def test_nothing_gives_nothing() -> None:
    empty, lost = np.zeros(0), np.array([np.nan, np.nan])
    for mean in (empty, lost):
        assert mixture_density(mean, np.ones(len(mean)), -1, 1, 5).tolist() == [0] * 5
        assert histogram_density(mean, -1, 1, 5).tolist() == [0] * 5


def test_points_far_from_the_view_leave_it_empty() -> None:
    assert mixture_density(np.array([500.0]), np.array([0.1]), -3, 3, 6).tolist() == [0] * 6
