"""Tilted Gaussians as mixtures of diagonal ones, and the aggregate posterior of such."""

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from latentlab.core.aggregate import aggregate_figures
from latentlab.core.aggregate_cells import aggregate_cells
from latentlab.core.upright import upright_mixture

Floats = npt.NDArray[np.float64]


def posteriors(seed: int, count: int, most: float = 0.8) -> tuple[Floats, Floats, Floats]:
    random = np.random.default_rng(seed)
    mu, logvar = random.standard_normal((count, 2)), random.uniform(-3, 0, (count, 2))
    return mu, logvar, random.uniform(-most, most, count)


def covariances(logvar: Floats, rho: Floats) -> Floats:
    sigma = np.exp(0.5 * logvar)
    mixed = rho * sigma[:, 0] * sigma[:, 1]
    rows = [[sigma[:, 0] ** 2, mixed], [mixed, sigma[:, 1] ** 2]]
    return np.moveaxis(np.array(rows), 2, 0)


def density(z: Floats, mu: Floats, logvar: Floats, rho: Floats) -> Floats:
    """q(z) by its definition."""
    parts = [
        stats.multivariate_normal(mean, cov).pdf(z)
        for mean, cov in zip(mu, covariances(logvar, rho), strict=True)
    ]
    found: Floats = np.mean(parts, axis=0)
    return found


@given(seed=st.integers(0, 2**32 - 1))
def test_a_mixture_has_the_means_and_covariances(seed: int) -> None:
    mu, logvar, rho = posteriors(seed, 5, 0.99)
    means, logs = upright_mixture(mu, logvar, rho)
    means, spread = means.reshape(-1, 5, 2), np.exp(logs).reshape(-1, 5, 2)
    np.testing.assert_allclose(means.mean(axis=0), mu, atol=1e-12)
    for n, expected in enumerate(covariances(logvar, rho)):
        between = np.cov(means[:, n].T, bias=True)
        np.testing.assert_allclose(between + np.diag(spread[0, n]), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("most", [0.0, 0.3, 0.9])
def test_masses_of_cells_are_those_of_the_tilted(most: float) -> None:
    mu, logvar, rho = posteriors(3, 60, most)
    edges = np.linspace(-4, 4, 81)
    cells = aggregate_cells(*upright_mixture(mu, logvar, rho), edges, edges)
    middles = 0.5 * (edges[1:] + edges[:-1])
    at = np.stack(np.meshgrid(middles, middles, indexing="ij"), axis=-1)
    expected = density(at, mu, logvar, rho) * (edges[1] - edges[0]) ** 2
    np.testing.assert_allclose(cells.mass, expected, atol=0.03 * expected.max())


def test_figures_of_tilted_posteriors_are_those_by_monte_carlo() -> None:
    mu, logvar, rho = posteriors(7, 40)
    figures = aggregate_figures(mu, logvar, rho)
    covariance = covariances(logvar, rho)
    kl = [
        0.5 * (np.trace(cov) + mean @ mean - 2 - math.log(np.linalg.det(cov)))
        for mean, cov in zip(mu, covariance, strict=True)
    ]
    assert figures.mean_kl == pytest.approx(np.mean(kl))
    random = np.random.default_rng(0)
    z = np.concatenate(
        [
            random.multivariate_normal(mean, cov, 500)
            for mean, cov in zip(mu, covariance, strict=True)
        ]
    )
    own = np.concatenate(
        [
            stats.multivariate_normal(mean, cov).logpdf(z[500 * n : 500 * (n + 1)])
            for n, (mean, cov) in enumerate(zip(mu, covariance, strict=True))
        ]
    )
    draws = own - np.log(density(z, mu, logvar, rho))
    error = draws.std() / math.sqrt(len(draws))
    assert figures.mutual_information == pytest.approx(draws.mean(), abs=4 * error + 0.01)
    prior = random.standard_normal((20_000, 2))
    prior = prior[np.hypot(*prior.T) < 3]
    ratio = density(prior, mu, logvar, rho) / stats.multivariate_normal([0, 0]).pdf(prior)
    assert figures.holes == pytest.approx((ratio < 0.1).mean(), abs=0.01)


def test_without_correlations_figures_are_the_same() -> None:
    mu, logvar, rho = posteriors(1, 50, 0.0)
    one, other = aggregate_figures(mu, logvar), aggregate_figures(mu, logvar, rho)
    assert other.mean_kl == pytest.approx(one.mean_kl)
    assert other.mutual_information == pytest.approx(one.mutual_information, abs=1e-6)
    assert other.holes == one.holes


def test_of_many_there_are_fewer_parts_each() -> None:
    mu, logvar, rho = posteriors(2, 100_000)
    means, logs = upright_mixture(mu, logvar, rho)
    assert len(means) == len(logs) == 300_000
