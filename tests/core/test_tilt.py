"""Planes that run along no axes: projections, ellipses, and how such planes are found."""

import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latentlab.core.section import Section
from latentlab.core.tilt import Tilt, plane_of_three, principal_axes, principal_plane
from latentlab.errors import InputError

_seeds = st.integers(0, 2**32 - 1)
_sizes = st.integers(3, 12)


def tilt_of(latent_dim: int, seed: int) -> Tilt:
    rows = np.linalg.qr(np.random.default_rng(seed).standard_normal((latent_dim, 2)))[0].T
    first, second = (tuple(row.tolist()) for row in rows)
    return Tilt((first, second), (0.0,) * latent_dim)


def along_axes(first: int, second: int, latent_dim: int) -> Tilt:
    rows = np.eye(latent_dim)[[first, second]]
    return Tilt((tuple(rows[0].tolist()), tuple(rows[1].tolist())), (0.0,) * latent_dim)


def covariance(tilt: Tilt, logvar: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """(2, 2) of one Gaussian, as it is drawn."""
    sigma = np.exp(0.5 * tilt.log_variances(logvar))
    rho = float(tilt.correlation(logvar[None])[0])
    mixed = rho * sigma[0] * sigma[1]
    return np.array([[sigma[0] ** 2, mixed], [mixed, sigma[1] ** 2]])


@given(latent_dim=_sizes, seed=_seeds)
@settings(max_examples=25)
def test_an_ellipse_has_the_covariance_of_projected_samples(latent_dim: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    tilt = tilt_of(latent_dim, seed)
    mu, logvar = random.standard_normal(latent_dim), random.uniform(-4, 1, latent_dim)
    z = mu + np.exp(0.5 * logvar) * random.standard_normal((40_000, latent_dim))
    flat = tilt.project(z)
    found, expected = covariance(tilt, logvar), np.cov(flat.T)
    unit = np.sqrt(np.outer(np.diag(found), np.diag(found)))
    # Of 40,000 samples a correlation is known to 1/200; five times that.
    np.testing.assert_allclose(found / unit, expected / unit, atol=0.04)
    np.testing.assert_allclose(tilt.project(mu), flat.mean(axis=0), atol=0.05)


@given(latent_dim=_sizes, seed=_seeds, data=st.data())
def test_axes_as_a_basis_are_the_plane_along_them(
    latent_dim: int, seed: int, data: st.DataObject
) -> None:
    random = np.random.default_rng(seed)
    first, second = data.draw(st.permutations(range(latent_dim)))[:2]
    upright = Section.at((first, second), random.standard_normal(latent_dim))
    tilted = Section.tilted(along_axes(first, second, latent_dim), upright.origin)
    assert tilted.origin == upright.origin
    mu, logvar = random.standard_normal((2, 30, latent_dim))
    np.testing.assert_allclose(tilted.project(mu), upright.project(mu), atol=1e-12)
    for one, other in zip(
        tilted.posteriors(mu, logvar), upright.posteriors(mu, logvar), strict=True
    ):
        np.testing.assert_allclose(one, other, atol=1e-12)
    found = tilted.correlation(logvar)
    assert found is not None
    np.testing.assert_allclose(found, 0, atol=1e-12)
    points = random.standard_normal((5, 2))
    np.testing.assert_allclose(tilted.lift(points), upright.lift(points), atol=1e-12)
    for one, other in zip(
        tilted.marginal(mu[0], np.exp(0.5 * logvar[0])),
        upright.marginal(mu[0], np.exp(0.5 * logvar[0])),
        strict=True,
    ):
        np.testing.assert_allclose(one, other, atol=1e-12)


@given(latent_dim=_sizes, seed=_seeds)
def test_a_point_of_the_plane_is_one_of_the_latent_space(latent_dim: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    tilt = tilt_of(latent_dim, seed)
    z = random.uniform(-100, 100, latent_dim)
    section = Section.tilted(tilt, z, (1, 0))
    assert section.axes == (1, 0)
    np.testing.assert_allclose(section.lift(section.project(z)), z, atol=1e-9)
    # Coordinates are measured from 0: what is orthogonal to the plane has none.
    np.testing.assert_allclose(section.project(np.array(section.origin)), 0, atol=1e-9)
    flat = random.standard_normal((4, 3, 2))
    np.testing.assert_allclose(section.project(section.lift(flat)), flat, atol=1e-9)
    there = random.uniform(-100, 100, latent_dim)
    moved = section.through(there)
    assert moved.is_parallel(section)
    np.testing.assert_allclose(moved.lift(moved.project(there)), there, atol=1e-9)
    assert not section.whole
    assert section.upright == Section.at((1, 0), section.origin)
    assert not section.is_parallel(section.upright)


def test_the_prior_is_the_standard_normal_of_the_plane() -> None:
    tilt = tilt_of(9, 4)
    np.testing.assert_allclose(covariance(tilt, np.zeros(9)), np.eye(2), atol=1e-12)


@given(latent_dim=_sizes, seed=_seeds)
def test_an_ellipse_s_axes_are_its_covariance_s_eigenvectors(latent_dim: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    tilt, logvar = tilt_of(latent_dim, seed), random.uniform(-6, 2, (1, latent_dim))
    axes = principal_axes(tilt, logvar)
    values, vectors = np.linalg.eigh(covariance(tilt, logvar[0]))
    np.testing.assert_allclose(np.exp(axes.logvar[0]), values[::-1], rtol=1e-6)
    direction = np.array([math.cos(axes.angle[0]), math.sin(axes.angle[0])])
    if values[1] > 1.01 * values[0]:
        assert abs(direction @ vectors[:, 1]) == pytest.approx(1, abs=1e-6)
    # Against a difference quotient of the eigenvalues' logarithms.
    pull = random.standard_normal((1, latent_dim))
    step = 1e-5
    there = np.linalg.eigvalsh(covariance(tilt, logvar[0] + step * pull[0]))
    if values[1] > 1.1 * values[0]:
        quotient = (np.log(there) - np.log(values))[::-1] / step
        np.testing.assert_allclose(axes.pulls(pull)[0], quotient, rtol=1e-2, atol=1e-3)


def test_axes_of_extreme_variances_are_finite() -> None:
    tilt = tilt_of(5, 1)
    logvar = np.array([[-2_000.0, -1_999, -2_001, -2_000, -2_000], [900.0, 0, 0, 0, 0]])
    axes = principal_axes(tilt, logvar)
    assert np.isfinite(axes.logvar).all()
    assert np.isfinite(axes.angle).all()
    assert np.isfinite(tilt.correlation(logvar.astype(np.float32))).all()


def means(latent_dim: int, seed: int, count: int = 200) -> npt.NDArray[np.float32]:
    random = np.random.default_rng(seed)
    mixed = random.standard_normal((latent_dim, latent_dim)) * random.uniform(0.2, 2, latent_dim)
    found = random.standard_normal((count, latent_dim)) @ mixed + random.uniform(-3, 3, latent_dim)
    return found.astype(np.float32)


@given(latent_dim=_sizes, seed=_seeds)
@settings(max_examples=50)
def test_principal_components_are_those_of_the_singular_value_decomposition(
    latent_dim: int, seed: int
) -> None:
    mu = means(latent_dim, seed)
    tilt = principal_plane(mu)
    centred = mu.astype(np.float64) - mu.astype(np.float64).mean(axis=0)
    _, singular, vectors = np.linalg.svd(centred, full_matrices=False)
    np.testing.assert_allclose(tilt.shares, (singular**2 / (singular**2).sum())[:2], rtol=1e-6)
    gaps = singular[:2] ** 2 / singular[1:3] ** 2
    for row, expected, gap in zip(tilt.rows, vectors[:2], gaps, strict=True):
        assert row[np.abs(row).argmax()] > 0, "the sign is that of the largest component"
        if gap > 1.01:
            assert abs(row @ expected) == pytest.approx(1, abs=1e-6)
    section = Section.tilted(tilt, tilt.home)
    centre = mu.astype(np.float64).mean(axis=0)
    np.testing.assert_allclose(section.lift(section.project(centre)), centre, atol=1e-9)
    # As a run that has only shuffled its images has them.
    again = principal_plane(mu[::-1])
    np.testing.assert_allclose(again.rows, tilt.rows, atol=1e-6)
    assert tilt.titles[0] == f"PC 1 ({100 * tilt.shares[0]:.0f} %)"


@given(latent_dim=_sizes, seed=_seeds)
def test_three_means_lie_in_their_plane(latent_dim: int, seed: int) -> None:
    mu = means(latent_dim, seed, 20)
    tilt = plane_of_three(mu, (3, 7, 11))
    section = Section.tilted(tilt, tilt.home)
    three = mu[[3, 7, 11]].astype(np.float64)
    flat = section.project(three)
    np.testing.assert_allclose(section.lift(flat), three, atol=1e-6)
    # And so they are as far apart on it as they are.
    for one, other in ((0, 1), (0, 2), (1, 2)):
        there = np.linalg.norm(flat[one] - flat[other])
        assert there == pytest.approx(np.linalg.norm(three[one] - three[other]), abs=1e-6)
    assert flat[1, 1] == pytest.approx(flat[0, 1], abs=1e-6), "u runs from the first to the second"
    assert flat[1, 0] > flat[0, 0]
    assert flat[2, 1] > flat[0, 1], "v runs towards the third"
    assert tilt.names == ("u", "v")
    assert 0 < sum(tilt.shares) <= 1


def test_three_means_without_a_plane_are_refused() -> None:
    mu = np.array([[0, 0, 0], [1, 1, 1], [2, 2, 2], [1, 1, 1], [np.nan, 0, 0]], np.float32)
    for images, why in (
        ((0, 1, 2), "on one line"),
        ((0, 1, 3), "same mean"),
        ((0, 1, 4), "not finite"),
    ):
        with pytest.raises(InputError, match=why):
            plane_of_three(mu, images)
    with pytest.raises(InputError, match="same mean"):
        plane_of_three(np.zeros((3, 4), np.float32), (0, 1, 2))


@pytest.mark.parametrize("count", [0, 1, 2, 50])
def test_means_on_a_line_have_no_principal_plane(count: int) -> None:
    along = np.linspace(-1, 1, count)[:, None] * np.array([[1.0, 2.0, 3.0]])
    with pytest.raises(InputError, match="two directions"):
        principal_plane(along.astype(np.float32))


def test_means_that_are_nowhere_do_not_count() -> None:
    mu = means(5, 0)
    worse = np.concatenate([mu, np.full((3, 5), np.nan, np.float32)])
    assert principal_plane(worse) == principal_plane(mu)


@pytest.mark.parametrize(
    ("basis", "home"),
    [
        (((1.0, 0.0, 0.0), (1.0, 0.0, 0.0)), (0.0, 0.0, 0.0)),
        (((1.0, 0.0, 0.0), (0.0, 2.0, 0.0)), (0.0, 0.0, 0.0)),
        (((1.0, 0.0), (0.0, 1.0)), (0.0, 0.0)),
        (((1.0, 0.0, 0.0), (0.0, 1.0)), (0.0, 0.0, 0.0)),
        (((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)), (0.0, 0.0, math.inf)),
    ],
)
def test_what_is_no_basis_is_refused(
    basis: tuple[tuple[float, ...], tuple[float, ...]], home: tuple[float, ...]
) -> None:
    with pytest.raises(ValueError, match="rows"):
        Tilt(basis, home)


def test_an_origin_in_the_plane_is_refused() -> None:
    with pytest.raises(ValueError, match="not orthogonal"):
        Section((0, 1), (1.0, 0.0, 0.0), along_axes(0, 1, 3))
    with pytest.raises(ValueError, match="a basis of 3"):
        Section((0, 1), (0.0,) * 4, along_axes(0, 1, 3))
