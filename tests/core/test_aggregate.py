"""The aggregate posterior's figures against closed forms, quadrature, Monte Carlo and a grid."""

import math
from collections.abc import Callable
from dataclasses import astuple

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import ndtr
from scipy.stats import norm
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal, kl_divergence

from latentlab.core.aggregate import AggregateFigures, aggregate_figures
from latentlab.core.checkpoint import load_checkpoint
from latentlab.core.objective import kl_to_prior
from latentlab.errors import InputError
from latentlab.paths import find_model

Floats = npt.NDArray[np.float64]
Float32s = npt.NDArray[np.float32]
Posteriors = tuple[Float32s, Float32s]

# Three standard errors of the estimates; where all posteriors are apart or alike it is far less.
TOLERANCE = 0.01

seeds = st.integers(0, 2**32 - 1)
few = settings(max_examples=20)


def posteriors(*rows: tuple[float, float, float, float]) -> Posteriors:
    """From (mu_1, mu_2, sigma_1, sigma_2) of each image."""
    table = np.array(rows, np.float32)
    return table[:, :2], 2 * np.log(table[:, 2:])


def mixture(seed: int, n: int, sigma: float = 0.15, spread: float = 1.3) -> Posteriors:
    rng = np.random.default_rng(seed)
    mu = spread * rng.standard_normal((n, 2)) + rng.normal(size=2)
    logvar = 2 * np.log(sigma) + rng.standard_normal((n, 2))
    return mu.astype(np.float32), logvar.astype(np.float32)


def shipped(name: str) -> Posteriors:
    cloud = load_checkpoint(find_model(name)).cloud
    return cloud["mu"], cloud["logvar"]


# --- the identity, and the figures in closed form ------------------------------------------------


@few
@given(seeds, st.integers(1, 300), st.floats(1e-3, 1), st.floats(0, 20))
def test_the_mean_kl_is_its_two_parts_and_each_keeps_its_bounds(
    seed: int, n: int, sigma: float, spread: float
) -> None:
    mu, logvar = mixture(seed, n, sigma, spread)
    found = aggregate_figures(mu, logvar)
    closed = kl_to_prior(torch.tensor(mu).double(), torch.tensor(logvar).double()).mean()
    assert found.mean_kl == pytest.approx(float(closed), rel=1e-12)
    assert found.mutual_information + found.kl_aggregate == pytest.approx(found.mean_kl, rel=1e-12)
    for k, kl in enumerate(found.kl_per_dimension):
        q = Normal(
            torch.tensor(mu[:, k]).double(), torch.tensor(logvar[:, k]).double().div(2).exp()
        )
        assert kl == pytest.approx(float(kl_divergence(q, Normal(0.0, 1.0)).mean()), rel=1e-6)
    assert sum(found.kl_per_dimension) == pytest.approx(found.mean_kl, rel=1e-12)
    assert 0 <= found.mutual_information <= math.log(n)
    assert found.kl_aggregate >= 0
    assert 0 <= found.holes <= 1
    assert found.n == n
    assert found.mean_sigma == pytest.approx(np.exp(0.5 * logvar.astype(np.float64)).mean())


@given(st.floats(-4, 4), st.floats(-60, 60), st.floats(1e-3, 3), st.floats(1e-3, 3))
def test_one_image_tells_nothing_of_itself(m1: float, m2: float, s1: float, s2: float) -> None:
    found = aggregate_figures(*posteriors((m1, m2, s1, s2)))
    expected = 0.5 * (m1**2 + m2**2 + s1**2 + s2**2 - 2) - math.log(s1 * s2)
    assert found.mutual_information == pytest.approx(0, abs=1e-9)
    assert found.kl_aggregate == pytest.approx(expected, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("n", [1, 100, 10_000])
def test_posteriors_that_are_all_the_prior(n: int) -> None:
    found = aggregate_figures(np.zeros((n, 2), np.float32), np.zeros((n, 2), np.float32))
    expected = AggregateFigures(
        n=n,
        mean_kl=0,
        kl_aggregate=0,
        mutual_information=0,
        kl_per_dimension=(0, 0),
        holes=0,
        active_units=0,
        mean_sigma=1,
    )
    assert np.hstack(astuple(found)) == pytest.approx(np.hstack(astuple(expected)), abs=1e-6)


def test_posteriors_that_have_nearly_collapsed() -> None:
    """mu and logvar vary by 0.01: z then tells Σ_k ½ Var[mu_k] + ¼ Var[logvar_k], hardly more."""
    rng = np.random.default_rng(0)
    mu, logvar = rng.normal(0, 0.01, (2, 5000, 2)).astype(np.float32)
    found = aggregate_figures(mu, logvar)
    assert found.mutual_information == pytest.approx(1e-4 + 0.5e-4, abs=1e-5)
    assert found.kl_aggregate < 1e-5
    assert found.holes == 0
    assert found.active_units == 0


@pytest.mark.parametrize("reach", [4, 10, 50])
@pytest.mark.parametrize("sigma", [math.exp(-7), 0.003])
def test_means_apart_are_all_told_apart(reach: float, sigma: float) -> None:
    """Without the KL term, or noise: N points so narrow that z gives its image away."""
    axis = np.linspace(-reach, reach, 60)
    mu = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2).astype(np.float32)
    found = aggregate_figures(mu, np.full_like(mu, 2 * math.log(sigma)))
    assert found.mutual_information == pytest.approx(math.log(3600), abs=1e-6)
    assert found.kl_aggregate == pytest.approx(found.mean_kl - math.log(3600), rel=1e-6)
    assert found.holes > 0.95
    assert found.active_units == 2


def test_images_at_one_place_are_not_told_apart() -> None:
    """Ten images at each of 400 places: z tells the place, log 400."""
    places = 5 * np.random.default_rng(0).standard_normal((400, 2))
    mu = np.repeat(places, 10, axis=0).astype(np.float32)
    found = aggregate_figures(mu, np.full_like(mu, -14))
    assert found.mutual_information == pytest.approx(math.log(400), abs=1e-4)


@pytest.mark.parametrize(("spread", "units"), [((0.3, 0.3), 2), ((0.3, 0.05), 1), ((0.05, 0), 0)])
def test_a_unit_is_active_where_its_means_vary(spread: tuple[float, float], units: int) -> None:
    mu = np.random.default_rng(0).standard_normal((1000, 2)) * spread + [3, -3]
    found = aggregate_figures(mu.astype(np.float32), np.zeros((1000, 2), np.float32))
    assert found.active_units == units


# --- against other ways to compute them ----------------------------------------------------------


@pytest.mark.parametrize("distance", [0, 0.05, 0.3, 1, 8])
@pytest.mark.parametrize(("s1", "s2"), [(0.1, 0.1), (0.02, 0.3), (1, 1)])
def test_two_images_against_quadrature(distance: float, s1: float, s2: float) -> None:
    """They differ along the first axis alone, so that q(z) = q(z_1)·N(z_2; −1, ½²)."""
    a, b = 0.4 - distance / 2, 0.4 + distance / 2

    def density(z: float) -> float:
        return float(0.5 * norm.pdf(z, a, s1) + 0.5 * norm.pdf(z, b, s2))

    def integrand(z: float) -> float:
        q = density(z)
        return q * (math.log(q) - float(norm.logpdf(z))) if q > 0 else 0.0

    bends = sorted({m + k * s for m, s in ((a, s1), (b, s2)) for k in (-9, -3, 0, 3, 9)})
    along, _ = quad(integrand, bends[0], bends[-1], points=bends, limit=400)
    found = aggregate_figures(*posteriors((a, -1, s1, 0.5), (b, -1, s2, 0.5)))
    across = 0.5 * (1 + 0.25 - 1) - math.log(0.5)
    assert found.kl_aggregate == pytest.approx(along + across, abs=2e-3)
    assert found.mutual_information <= math.log(2)


def monte_carlo(mu: Float32s, logvar: Float32s, samples: int) -> tuple[float, float, float]:
    """KL(q ‖ p), I(x; z), and three standard errors of the larger one's error."""
    means, sigmas = torch.tensor(mu), torch.exp(0.5 * torch.tensor(logvar))
    components = Independent(Normal(means, sigmas), 1)
    aggregate = MixtureSameFamily(Categorical(torch.ones(len(mu))), components)
    prior = Independent(Normal(torch.zeros(2), torch.ones(2)), 1)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        index = torch.randint(len(mu), (samples,))
        z = torch.normal(means[index], sigmas[index])
    log_q = torch.cat([aggregate.log_prob(part) for part in z.split(200_000 // len(mu) + 1)])
    own = Independent(Normal(means[index], sigmas[index]), 1).log_prob(z)
    ratios = torch.stack([log_q - prior.log_prob(z), own - log_q]).double()
    error = 3 * float(ratios.std(dim=1).max()) / math.sqrt(samples)
    return float(ratios[0].mean()), float(ratios[1].mean()), error


@pytest.mark.parametrize("sigma", [0.003, 0.05, 0.2, 0.6])
@pytest.mark.parametrize("n", [3, 40, 400])
def test_mixtures_against_monte_carlo(n: int, sigma: float) -> None:
    mu, logvar = mixture(n, n, sigma)
    kl, information, error = monte_carlo(mu, logvar, 100_000)
    found = aggregate_figures(mu, logvar)
    assert found.kl_aggregate == pytest.approx(kl, abs=error + TOLERANCE)
    assert found.mutual_information == pytest.approx(information, abs=error + TOLERANCE)


@pytest.mark.parametrize("name", ["mnist-2d-live", "mnist-2d", "fashion-mnist-2d"])
def test_real_posteriors_against_monte_carlo(name: str) -> None:
    mu, logvar = (array[:500] for array in shipped(name))
    kl, information, error = monte_carlo(mu, logvar, 200_000)
    found = aggregate_figures(mu, logvar)
    assert found.kl_aggregate == pytest.approx(kl, abs=error + TOLERANCE)
    assert found.mutual_information == pytest.approx(information, abs=error + TOLERANCE)


def on_a_grid(mu: Float32s, logvar: Float32s) -> tuple[float, float]:
    """KL(q ‖ p) and the holes, from masses of 720 × 720 cells on [−7.2, 7.2]².

    A posterior's mass in a cell is a product over the axes. Cells of width h hide a part of the
    divergence that goes as h²; how much more cells of 2h hide tells how much.
    """
    edges = np.linspace(-7.2, 7.2, 721)
    sigma = np.exp(0.5 * logvar.astype(np.float64))
    along, across = (
        np.diff(ndtr((edges - mu[:, k, None]) / sigma[:, k, None]), axis=1) for k in (0, 1)
    )
    q = along.T @ across / len(mu)
    assert q.sum() == pytest.approx(1, abs=1e-6)
    p = np.outer(np.diff(ndtr(edges)), np.diff(ndtr(edges)))

    def divergence(q: Floats, p: Floats) -> float:
        held = q > 0
        return float((q[held] * np.log(q[held] / p[held])).sum())

    def twice_as_wide(masses: Floats) -> Floats:
        wide: Floats = masses.reshape(360, 2, 360, 2).sum(axis=(1, 3))
        return wide

    fine, coarse = divergence(q, p), divergence(twice_as_wide(q), twice_as_wide(p))
    middle = 0.5 * (edges[1:] + edges[:-1])
    disc = np.hypot(middle[:, None], middle) < 3
    return fine + (fine - coarse) / 3, float(p[disc & (q < 0.1 * p)].sum() / p[disc].sum())


def test_all_posteriors_of_a_model_against_a_grid() -> None:
    mu, logvar = shipped("mnist-2d-live")
    kl, holes = on_a_grid(mu, logvar)
    found = aggregate_figures(mu, logvar)
    assert found.kl_aggregate == pytest.approx(kl, abs=TOLERANCE)
    assert found.holes == pytest.approx(holes, abs=0.003)


@pytest.mark.parametrize("sigma", [0.2, 0.3, 0.5, 0.7, 0.9])
def test_an_aggregate_that_is_nearly_the_prior_against_a_grid(sigma: float) -> None:
    """Here the divergence is small, of few points, and far smaller than either part it is from."""
    rng = np.random.default_rng(0)
    mu = (math.sqrt(1 - sigma**2) * rng.standard_normal((10_000, 2))).astype(np.float32)
    logvar = np.full_like(mu, 2 * math.log(sigma))
    kl, _ = on_a_grid(mu, logvar)
    assert kl < 0.01
    found = aggregate_figures(mu, logvar)
    assert found.kl_aggregate == pytest.approx(kl, abs=2e-3)
    assert found.kl_aggregate >= 0


# --- holes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("sigma", [0.02, 0.1, 0.3, 0.6, 0.9, 0.999])
def test_the_hole_around_a_narrow_aggregate(sigma: float) -> None:
    """q/p = e^{−½r²(1/σ² − 1)}/σ² falls to 0.1 on a circle, and p beyond r weighs e^{−½r²}."""
    found = aggregate_figures(*posteriors((0, 0, sigma, sigma)))
    inner = min(2 * math.log(10 / sigma**2) / (1 / sigma**2 - 1), 9)
    expected = (math.exp(-0.5 * inner) - math.exp(-4.5)) / (1 - math.exp(-4.5))
    assert found.holes == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("sigma", [0.05, 0.2, 0.5])
def test_holes_against_a_fine_grid(sigma: float) -> None:
    mu, logvar = mixture(1, 60, sigma)
    axis = np.linspace(-3, 3, 601)
    sigmas = np.exp(0.5 * logvar)
    along, across = (norm.pdf(axis, mu[:, k, None], sigmas[:, k, None]) for k in (0, 1))
    q = along.T @ across / len(mu)
    p = np.outer(norm.pdf(axis), norm.pdf(axis))
    disc = np.hypot(axis[:, None], axis) < 3
    expected = p[disc & (q < 0.1 * p)].sum() / p[disc].sum()
    assert 0.02 < expected < 0.98
    assert aggregate_figures(mu, logvar).holes == pytest.approx(expected, abs=0.005)


# --- what must not, or must, change them ---------------------------------------------------------


@few
@given(seeds, st.floats(0.003, 0.5), st.floats(0.02, 50), st.floats(-30, 30), st.floats(-30, 30))
def test_the_index_is_told_as_well_from_a_scaled_and_moved_z(
    seed: int, sigma: float, scale: float, right: float, up: float
) -> None:
    mu, logvar = mixture(seed, 200, sigma)
    moved = (scale * mu + np.array([right, up], np.float32)).astype(np.float32)
    there = aggregate_figures(moved, logvar + np.float32(2 * math.log(scale)))
    here = aggregate_figures(mu, logvar)
    assert there.mutual_information == pytest.approx(here.mutual_information, abs=TOLERANCE)


@few
@given(seeds, st.floats(0.003, 0.5), st.floats(-5, 5), st.floats(-5, 5))
def test_a_moved_aggregate(seed: int, sigma: float, right: float, up: float) -> None:
    """KL(q(z − t) ‖ p) = KL(q ‖ p) + t·E[z] + ½|t|², whatever q."""
    mu, logvar = mixture(seed, 200, sigma)
    t = np.array([right, up])
    here, there = (aggregate_figures(m, logvar) for m in (mu, (mu + t).astype(np.float32)))
    expected = here.kl_aggregate + t @ mu.mean(axis=0) + 0.5 * t @ t
    assert there.kl_aggregate == pytest.approx(expected, abs=TOLERANCE)


@pytest.mark.parametrize(
    "change",
    [lambda a: a[::-1], lambda a: np.repeat(a, 2, axis=0), lambda a: a[:, ::-1]],
    ids=["other order", "each image twice", "other axis first"],
)
def test_the_same_aggregate_has_the_same_figures(change: Callable[[Float32s], Float32s]) -> None:
    mu, logvar = mixture(3, 500, 0.1)
    first = aggregate_figures(mu, logvar)
    second = aggregate_figures(change(mu), change(logvar))
    assert second.kl_aggregate == pytest.approx(first.kl_aggregate, abs=TOLERANCE)
    assert second.mutual_information == pytest.approx(first.mutual_information, abs=TOLERANCE)
    assert second.holes == pytest.approx(first.holes, abs=0.005)


def test_equal_posteriors_have_equal_figures() -> None:
    assert aggregate_figures(*mixture(4, 800)) == aggregate_figures(*mixture(4, 800))


def test_the_divergence_falls_with_the_number_of_images() -> None:
    mu, logvar = shipped("mnist-2d")
    found = [aggregate_figures(mu[:n], logvar[:n]) for n in (100, 500, 2000, 10_000)]
    divergences = [figures.kl_aggregate for figures in found]
    assert divergences == sorted(divergences, reverse=True)
    assert divergences[0] > 3 * divergences[-1]
    assert [figures.n for figures in found] == [100, 500, 2000, 10_000]


# --- what cannot be used -------------------------------------------------------------------------


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("which", [0, 1])
def test_values_that_are_not_finite_are_refused(value: float, which: int) -> None:
    pair = mixture(0, 10)
    pair[which][3, 1] = value
    with pytest.raises(InputError, match="not finite"):
        aggregate_figures(*pair)


def test_a_variance_that_overflows_is_refused() -> None:
    with pytest.raises(InputError, match="not finite"):
        aggregate_figures(np.zeros((1, 2), np.float32), np.full((1, 2), 90, np.float32))


@pytest.mark.parametrize("far", [1e10, 1e30])
@pytest.mark.parametrize("narrow", [-90, -1e4])
def test_a_run_that_has_gone_astray_still_has_figures(far: float, narrow: float) -> None:
    mu = np.array([[far, 0], [0, far], [1, 1]], np.float32)
    logvar = np.array([[0, 0], [narrow, 3], [80, 1]], np.float32)
    assert np.isfinite(np.hstack(astuple(aggregate_figures(mu, logvar)))).all()


@pytest.mark.parametrize(
    ("mu", "logvar"), [((5, 3), (5, 3)), ((5, 2), (4, 2)), ((0, 2), (0, 2)), ((2,), (2,))]
)
def test_shapes_that_do_not_fit_are_refused(mu: tuple[int, ...], logvar: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="shape"):
        aggregate_figures(np.zeros(mu, np.float32), np.zeros(logvar, np.float32))
