"""log p(x) and p(z|x) against closed forms, other quadratures and the identities they obey."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm
from torch import Tensor

from latentlab.core import evidence as module
from latentlab.core.cells import box
from latentlab.core.coarse import Grid
from latentlab.core.evidence import Evidence, integrate
from latentlab.core.exponential import Decoder
from latentlab.core.gap import RESIDUAL, best_full, split_gap
from latentlab.core.gaussian import elbo, kl_to_posterior
from latentlab.core.normal import Gaussian
from latentlab.core.objective import log_likelihood
from latentlab.core.spec import Likelihood, LikelihoodName
from latentlab.core.true_posterior import SHARES, TruePosterior
from latentlab.errors import InputError
from tests.core.ppca import LinearModel

seeds = st.integers(0, 2**32 - 1)
few = settings(max_examples=8, deadline=None)
SHARP, BROAD = 0.005, 0.5


def bumpy(seed: int, name: LikelihoodName, latent_dim: int = 2, sharpness: float = 1.0) -> Decoder:
    """A decoder from random waves, so that posteriors have several modes."""
    generator = torch.Generator().manual_seed(seed)
    inner = torch.randn((latent_dim, 12), generator=generator, dtype=torch.float64)
    phase = 6 * torch.rand(12, generator=generator, dtype=torch.float64)
    outer = sharpness * torch.randn((12, 30), generator=generator, dtype=torch.float64)
    return Decoder(
        lambda z: torch.sin(z @ inner + phase) @ outer,
        Likelihood(name, 0.05**2),
        latent_dim,
        torch.float64,
    )


def seen(decoder: Decoder, seed: int) -> Tensor:
    """An image (1, D) as the decoder might make it."""
    generator = torch.Generator().manual_seed(seed)
    z = torch.randn((1, decoder.latent_dim), generator=generator, dtype=torch.float64)
    mean = torch.sigmoid(decoder.decode(z))
    if decoder.likelihood.binarises:
        return torch.bernoulli(mean, generator=generator)
    noise = torch.randn(mean.shape, generator=generator, dtype=torch.float64)
    return (mean + 0.05 * noise).clamp(0, 1)


def one(grid: Grid, x: Tensor, q: Gaussian, tolerance: float = 1e-3) -> Evidence:
    (found,) = integrate(grid, x, q.mean[None], q.sigma[None], tolerance)
    return found


def prior(latent_dim: int = 2) -> Gaussian:
    return Gaussian.diagonal(np.zeros(latent_dim), np.ones(latent_dim))


# --- a linear decoder ----------------------------------------------------------------------------


@few
@given(seeds, seeds, st.sampled_from([SHARP, 0.05, BROAD]), st.sampled_from([1, 2]))
def test_a_linear_decoder_has_its_closed_form(
    seed: int, image: int, sigma: float, latent_dim: int
) -> None:
    model = LinearModel.drawn(seed, sigma, latent_dim)
    x = model.image(image)
    mean, covariance = model.posterior(x)
    found = one(model.grid, x, prior(latent_dim))
    assert found.converged, found.problem
    assert found.log_evidence == pytest.approx(model.log_evidence(x), abs=1e-4)
    posterior = TruePosterior(found)
    assert posterior.masses.sum() == pytest.approx(1)
    np.testing.assert_allclose(posterior.mean, mean, atol=0.01 * np.sqrt(covariance.max()))
    # A cell is as wide as its value holds for: h²/12 are part of the variance.
    np.testing.assert_allclose(posterior.covariance, covariance, atol=0.05 * covariance.max())
    (mode,) = posterior.modes
    # Where the axes are not those of the posterior, the parabola along each is off by less than σ.
    np.testing.assert_allclose(mode.z, mean, atol=np.sqrt(covariance.max()))


@few
@given(seeds, seeds, st.sampled_from([SHARP, BROAD]))
def test_the_best_gaussians_of_a_linear_decoder_are_known(
    seed: int, image: int, sigma: float
) -> None:
    """KL(q ‖ N(m, Σ)) is least for the mean m and, with a diagonal covariance, 1/(Σ⁻¹)_kk."""
    model = LinearModel.drawn(seed, sigma)
    x = model.image(image)
    mean, covariance = model.posterior(x)
    q = Gaussian.diagonal(mean + 0.5 * np.sqrt(np.diag(covariance)), np.sqrt(np.diag(covariance)))
    evidence = one(model.grid, x, q)
    split = split_gap(model.decoder, x, q, evidence)
    sharpness = np.diag(np.linalg.inv(covariance))
    least = 0.5 * float(np.log(sharpness).sum() + np.linalg.slogdet(covariance)[1])
    assert split.approximation == pytest.approx(least, abs=1e-3)
    width = np.sqrt(covariance.max())
    np.testing.assert_allclose(split.best.mean, mean, atol=0.02 * width)
    np.testing.assert_allclose(split.best.sigma, 1 / np.sqrt(sharpness), rtol=0.02)
    full, value = best_full(model.decoder, x, split, evidence)
    assert value.value == pytest.approx(model.log_evidence(x), abs=1e-3)
    np.testing.assert_allclose(full.covariance, covariance, atol=0.02 * covariance.max())


@few
@given(seeds, seeds)
def test_the_elbo_of_a_linear_decoder_is_known(seed: int, image: int) -> None:
    """log p(x) − KL(q ‖ p(z|x)), both Gaussian."""
    model = LinearModel.drawn(seed, 0.05)
    x = model.image(image)
    mean, covariance = model.posterior(x)
    q = Gaussian.diagonal(mean + np.array([0.1, -0.05]), [0.08, 0.2])
    precision = np.linalg.inv(covariance)
    shift = q.mean - mean
    divergence = 0.5 * float(
        np.trace(precision @ q.covariance)
        + shift @ precision @ shift
        - 2
        + np.linalg.slogdet(covariance)[1]
        - np.linalg.slogdet(q.covariance)[1]
    )
    expected = model.log_evidence(x) - divergence
    assert elbo(model.decoder, x, q).value == pytest.approx(expected, abs=1e-6)
    evidence = one(model.grid, x, q)
    assert kl_to_posterior(model.decoder, x, q, evidence) == pytest.approx(divergence, abs=1e-4)


def test_a_posterior_far_from_the_prior_is_found() -> None:
    """The box grows: with so sharp a likelihood p(x) is e^−200 but for what lies at z = 8.5."""
    model = LinearModel.drawn(0, 0.02)
    x = 0.5 + torch.tensor([[8.5, -8.5]], dtype=torch.float64) @ model.weights.T
    found = one(model.grid, x, prior())
    assert found.converged
    assert found.log_evidence == pytest.approx(model.log_evidence(x), abs=1e-4)


# --- any decoder ---------------------------------------------------------------------------------


@settings(max_examples=4, deadline=None)
@given(seeds, seeds, st.sampled_from(["bernoulli", "gaussian", "continuous_bernoulli"]))
def test_a_finer_sum_is_the_same(seed: int, image: int, name: LikelihoodName) -> None:
    """Against every cell of one width over the prior, which adapts to nothing."""
    decoder = bumpy(seed, name)
    x = seen(decoder, image)
    found = one(Grid(decoder), x, prior())
    cells = box(4.5, 3 / 256, 2)
    logits = decoder.decode(torch.as_tensor(cells.centre))
    logs = log_likelihood(decoder.likelihood, logits, x).numpy() + cells.log_prior
    expected = float(np.logaddexp.reduce(logs + cells.log_volume))
    assert found.converged
    # On this sum, too, a sharp peak has an error, of the order of its width over the cells'.
    assert found.log_evidence == pytest.approx(expected, abs=2e-3)


@few
@given(seeds, seeds)
def test_in_one_dimension_scipy_agrees(seed: int, image: int) -> None:
    decoder = bumpy(seed, "bernoulli", latent_dim=1)
    x = seen(decoder, image)
    found = one(Grid(decoder), x, prior(1))

    def joint(z: float) -> float:
        """As a share of what was found: scipy's tolerance is absolute."""
        logs = decoder.log_likelihood(x, np.array([[z]]))[0, 0] + norm.logpdf(z)
        return math.exp(float(logs) - found.log_evidence)

    total, _ = quad(joint, -8, 8, limit=500, points=np.linspace(-7.5, 7.5, 31))
    assert math.log(total) == pytest.approx(0, abs=1e-3)


@few
@given(seeds, seeds, st.sampled_from(["bernoulli", "gaussian", "continuous_bernoulli"]))
def test_bounds_divergences_and_shares_are_in_order(
    seed: int, image: int, name: LikelihoodName
) -> None:
    decoder = bumpy(seed, name)
    x = seen(decoder, image)
    rng = np.random.default_rng(image)
    q = Gaussian.diagonal(rng.normal(size=2), np.exp(rng.normal(size=2) - 2.5))
    evidence = one(Grid(decoder), x, q)
    split = split_gap(decoder, x, q, evidence)
    assert split.elbo.value <= evidence.log_evidence + 1e-3
    assert split.approximation > -1e-3
    assert split.amortisation >= 0
    _, full = best_full(decoder, x, split, evidence)
    assert split.best_elbo.value <= full.value <= evidence.log_evidence + 1e-3
    posterior = TruePosterior(evidence)
    levels = posterior.log_density_levels()
    assert sorted(levels, reverse=True) == list(levels)
    for share, level in zip(SHARES, levels, strict=True):
        held = posterior.masses[posterior.log_density >= level].sum()
        above = posterior.masses[posterior.log_density > level].sum()
        assert above <= share + 1e-9
        assert held >= share - 1e-9
    heights = [mode.log_density for mode in posterior.modes]
    assert heights == sorted(heights, reverse=True)
    assert heights[0] == posterior.log_density.max()


def test_many_images_at_once_have_each_what_it_has_alone() -> None:
    decoder = bumpy(3, "bernoulli")
    x = torch.cat([seen(decoder, seed) for seed in range(5)])
    mu, sigma = np.zeros((5, 2)), np.full((5, 2), 0.3)
    grid = Grid(decoder)
    together = integrate(grid, x, mu, sigma, whole=False)
    for row, found in enumerate(together):
        (alone,) = integrate(grid, x[row : row + 1], mu[row : row + 1], sigma[row : row + 1])
        assert found.log_evidence == pytest.approx(alone.log_evidence, abs=1e-9)
        assert len(found.cells) < len(alone.cells)


def test_the_table_is_the_likelihood() -> None:
    for name in ("bernoulli", "gaussian", "continuous_bernoulli"):
        decoder = bumpy(1, name)
        x = torch.cat([seen(decoder, seed) for seed in range(3)])
        x = torch.cat([x, torch.zeros_like(x[:1])])
        z = torch.randn((600, 2), generator=torch.Generator().manual_seed(0), dtype=torch.float64)
        expected = log_likelihood(decoder.likelihood, decoder.decode(z).repeat(4, 1, 1), x[:, None])
        np.testing.assert_allclose(decoder.log_likelihood(x, z.numpy()), expected, rtol=1e-9)
        for row in range(4):  # alone, which is another way
            alone = decoder.log_likelihood(x[row : row + 1], z.numpy())
            np.testing.assert_allclose(alone[0], expected[row], rtol=1e-9)


# --- what can be wrong ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["bernoulli", "gaussian", "continuous_bernoulli"])
def test_the_identity_holds_and_fails_where_a_side_is_wrong(name: LikelihoodName) -> None:
    decoder = bumpy(5, name)
    x, q = seen(decoder, 2), Gaussian.diagonal([0.3, -0.2], [0.05, 0.1])
    evidence = one(Grid(decoder), x, q)
    bound = elbo(decoder, x, q).value

    def holds(evidence: Evidence) -> bool:
        other_side = bound + kl_to_posterior(decoder, x, q, evidence)
        return abs(evidence.log_evidence - other_side) < RESIDUAL

    assert holds(evidence)
    # A log p(x) that lacks some mass is noticed, since nothing else is computed from it.
    assert not holds(replace(evidence, log_evidence=evidence.log_evidence - 0.01))


def test_it_says_where_it_could_not(monkeypatch: pytest.MonkeyPatch) -> None:
    decoder = bumpy(5, "gaussian")
    x = seen(decoder, 2)
    monkeypatch.setattr(module, "MOST_CELLS", 17_000)
    found = one(Grid(decoder), x, prior(), 1e-9)
    assert not found.converged
    assert "still moves" in found.problem
    monkeypatch.setattr(module, "MOST_BOXES", 1)
    found = one(Grid(decoder), x, Gaussian.diagonal([9.0, 0], [0.1, 0.1]))
    assert found.problem == "there is mass, or q, beyond ±6"


def test_what_cannot_be_integrated_is_refused() -> None:
    with pytest.raises(InputError, match="at most 2 latent dimensions"):
        Grid(bumpy(0, "bernoulli", latent_dim=3))
    with pytest.raises(ValueError, match="tolerance"):
        one(Grid(bumpy(0, "bernoulli")), seen(bumpy(0, "bernoulli"), 0), prior(), 0.0)


@few
@given(seeds)
def test_shares_of_modes_are_the_masses_they_are_the_tops_of(seed: int) -> None:
    """Along one axis: between two modes lies the lowest place, where their shares part."""
    decoder = bumpy(seed, "bernoulli", latent_dim=1)
    x = seen(decoder, seed)
    posterior = TruePosterior(one(Grid(decoder), x, Gaussian.diagonal([0.0], [1.0])))
    assert sum(posterior.shares) == pytest.approx(1)
    z, density = posterior.evidence.cells.centre[:, 0], posterior.log_density
    tops = sorted(
        (mode.z[0], share) for mode, share in zip(posterior.modes, posterior.shares, strict=True)
    )
    borders = [
        z[between][density[between].argmin()]
        for (a, _), (b, _) in itertools.pairwise(tops)
        if (between := (z > a) & (z < b)).any()
    ]
    if len(borders) + 1 < len(tops):
        return  # two cells of one height
    side = np.searchsorted(borders, z)
    for index, (_, share) in enumerate(tops):
        assert share == pytest.approx(posterior.masses[side == index].sum(), abs=0.02)


def test_a_mode_on_either_side_has_half_the_mass() -> None:
    """The decoder knows |z₁| alone, so the posterior is the same on both sides of 0."""
    outer = torch.randn((2, 30), generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    decoder = Decoder(
        lambda z: 4 * torch.stack([z[:, 0].abs(), z[:, 1]], dim=1) @ outer,
        Likelihood("bernoulli", 1.0),
        2,
        torch.float64,
    )
    x = torch.bernoulli(torch.sigmoid(decoder.decode(torch.tensor([[1.5, 0.3]]).double())))
    posterior = TruePosterior(one(Grid(decoder), x, Gaussian.diagonal([1.5, 0.3], [0.2, 0.2])))
    assert len(posterior.modes) == 2
    assert posterior.shares == pytest.approx((0.5, 0.5), abs=1e-6)
