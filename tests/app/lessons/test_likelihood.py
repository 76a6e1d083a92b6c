"""Pixels' likelihoods against torch's distributions, and σ² as β."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.distributions import Bernoulli, MultivariateNormal, Normal, kl_divergence

from latentlab.app.lessons.exact import Exact
from latentlab.app.lessons.likelihood import Family, Fits, Reading, fits, reading
from latentlab.app.lessons.pixel_cost import bernoulli_cost

VARIANCES = (0.001, 0.05, 1.0, 10.0)


@pytest.fixture(scope="module")
def read(one: Exact) -> Reading:
    return reading(one)


@pytest.fixture(scope="module")
def fitted(one: Exact) -> Fits:
    return fits(one)


@pytest.mark.parametrize("variance", VARIANCES)
def test_the_gaussian_is_torch_s_with_all_its_constants(read: Reading, variance: float) -> None:
    x, mean = (torch.tensor(part.reshape(-1)) for part in (read.grey, read.mean))
    each = Normal(mean, math.sqrt(variance)).log_prob(x)
    np.testing.assert_allclose(read.gaussian(variance).reshape(-1), -each, rtol=1e-9)
    whole = MultivariateNormal(mean, variance * torch.eye(len(x), dtype=torch.float64))
    expected = float(whole.log_prob(x))
    assert sum(read.gaussian_parts(variance)) == pytest.approx(expected, rel=1e-9)
    assert read.gaussian(variance).sum() == pytest.approx(-expected, rel=1e-9)
    assert read.gaussian_parts(variance)[1] == pytest.approx(
        -0.5 * float(torch.logdet(whole.covariance_matrix)), rel=1e-9, abs=1e-9
    )


def test_the_bernoulli_is_torch_s_cross_entropy(one: Exact, read: Reading) -> None:
    each = Bernoulli(logits=torch.tensor(read.logit)).log_prob(torch.tensor(read.binary))
    np.testing.assert_allclose(read.bernoulli(), -each.numpy(), rtol=1e-6, atol=1e-9)
    # The model is a Bernoulli: this is its own log p(x|z).
    expected = one.decoder.log_likelihood(one.x, one.q.mean[None])[0, 0]
    assert -read.bernoulli().sum() == pytest.approx(expected, abs=2e-3)
    white = torch.tensor(read.binary) == 1
    assert read.bernoulli_parts() == pytest.approx(
        (float(each[white].sum()), float(each[~white].sum())), rel=1e-6
    )


@given(st.floats(0.001, 0.999), st.sampled_from([0.0, 1.0]))
def test_a_pixel_s_cost_from_the_mean_is_torch_s(mean: float, x: float) -> None:
    one, value = (torch.tensor(part, dtype=torch.float64) for part in (mean, x))
    expected = -float(Bernoulli(one).log_prob(value))
    assert float(bernoulli_cost(x, mean)) == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_a_wrong_certainty_costs_infinity_and_a_right_one_nothing() -> None:
    np.testing.assert_array_equal(bernoulli_cost(1.0, np.array([0.0, 1.0])), [np.inf, 0.0])
    np.testing.assert_array_equal(bernoulli_cost(0.0, np.array([0.0, 1.0])), [0.0, np.inf])


def test_no_logit_is_too_large_for_the_cross_entropy(read: Reading) -> None:
    far = Reading(0, "", *(np.array([[0.0, 1.0]]),) * 2, np.array([[800.0, -800.0]]), *(None,) * 3)  # type: ignore[arg-type]
    np.testing.assert_allclose(far.bernoulli(), [[800, 800]])


def test_the_pictures_are_those_of_the_image(one: Exact, read: Reading) -> None:
    stored = one.sight.dataset.images[5, 0]
    assert np.array_equal(read.grey_image, stored)
    assert np.array_equal(read.grey, stored / 255)
    assert np.array_equal(read.binary_image, one.image)
    assert np.abs(read.mean_image.astype(int) - one.decoded).max() <= 1
    assert read.pixels == 784


def test_the_best_variance_is_the_mean_squared_error(read: Reading) -> None:
    best = read.squared_error / read.pixels
    top = sum(read.gaussian_parts(best))
    assert top > sum(read.gaussian_parts(0.98 * best))
    assert top > sum(read.gaussian_parts(1.02 * best))


def test_the_families_terms_are_expectations_over_draws(one: Exact, fitted: Fits) -> None:
    torch.manual_seed(0)
    mu, sigma = torch.tensor(one.q.mean), torch.tensor(one.q.sigma)
    x = torch.tensor(one.sight.dataset.images[5].reshape(-1) / 255.0)
    wide, way = 30, 14
    t = float(fitted.to_prior.place[way])
    for family, at, q in (
        (fitted.width, wide, Normal(mu, sigma * math.exp(float(fitted.width.place[wide])))),
        (fitted.to_prior, way, Normal((1 - t) * mu, (1 - t) * sigma + t)),
    ):
        with torch.inference_mode():
            mean = torch.sigmoid(one.sight.model.decode(q.sample((10_000,)).float())).double()
        error = (x - mean).square().sum(-1)
        tolerance = 5 * float(error.std()) / 100
        assert family.squared_error[at] == pytest.approx(float(error.mean()), abs=tolerance)
        standard = Normal(torch.zeros(2).double(), 1.0)
        assert family.kl[at] == pytest.approx(float(kl_divergence(q, standard).sum()), rel=1e-9)
    assert fitted.width.place[20] == fitted.to_prior.place[0] == 0
    assert fitted.width.squared_error[20] == pytest.approx(fitted.to_prior.squared_error[0])
    assert fitted.to_prior.kl[-1] == pytest.approx(0, abs=1e-12)


@given(st.floats(1e-3, 10))
def test_both_objectives_have_the_same_minimum(fitted: Fits, variance: float) -> None:
    for family in (fitted.width, fitted.to_prior):
        one, two = sum(family.likelihood_terms(variance)), sum(family.weighted_terms(variance))
        assert one.argmin() == two.argmin()
        assert family.minimum(one) == pytest.approx(family.minimum(two), abs=1e-6)


def test_a_larger_variance_lets_the_prior_win(fitted: Fits) -> None:
    family = fitted.to_prior
    places = [family.minimum(sum(family.weighted_terms(v))) for v in (0.001, 10, 1e5)]
    assert places == sorted(places)
    assert places[0] < 0.5
    assert places[-1] == 1


def test_the_minimum_of_a_parabola_is_where_it_is() -> None:
    place = np.linspace(-3, 3, 61)
    family = Family(place, place**2, place)
    assert family.minimum((place - 0.123) ** 2) == pytest.approx(0.123)
    assert family.minimum(place) == -3
