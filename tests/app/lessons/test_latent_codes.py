"""Page 5's numbers against torch.distributions, on the shipped networks themselves."""

import math
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch.distributions import Bernoulli, Independent, Normal, kl_divergence

from latentlab.app.lessons.latent_codes import (
    AUTOENCODER,
    VAE,
    AskCodes,
    DecodeAt,
    DecodeWay,
)
from latentlab.data.binarise import binarise_fixed


@pytest.fixture(scope="module")
def answer(lesson):
    return AskCodes().answer(lesson)


def encoded(lesson, name):
    shipped = lesson.shipped(name)
    x = torch.tensor(binarise_fixed(shipped.held_out.images)).float().flatten(1)
    with torch.no_grad():
        return x, *shipped.vae.encode(x)


def bernoulli(lesson, name, z):
    with torch.no_grad():
        logits = lesson.shipped(name).vae.decode(torch.tensor([z], dtype=torch.float32))
    return Independent(Bernoulli(logits=logits[0].double()), 1)


def test_the_vae_gives_each_image_the_gaussian_that_its_encoder_says(lesson, answer):
    _, mu, logvar = encoded(lesson, VAE)
    np.testing.assert_allclose(answer.networks[VAE].mu, mu, rtol=1e-6)
    sigma = torch.exp(0.5 * logvar)
    assert answer.networks[VAE].sigma(17) == pytest.approx(tuple(sigma[17].tolist()))
    assert answer.networks[VAE].mean(17) == pytest.approx(tuple(mu[17].tolist()))
    q = Independent(Normal(mu.double(), sigma.double()), 1)
    prior = Independent(Normal(torch.zeros(2).double(), torch.ones(2).double()), 1)
    expected = kl_divergence(q, prior.expand(q.batch_shape))
    np.testing.assert_allclose(answer.networks[VAE].kl, expected, rtol=1e-5)


def test_the_autoencoder_gives_points_whose_divergence_is_infinite(lesson, answer):
    _, mu, _ = encoded(lesson, AUTOENCODER)
    np.testing.assert_allclose(answer.networks[AUTOENCODER].mu, mu, rtol=1e-6)
    assert answer.networks[AUTOENCODER].sigma(3) == (0.0, 0.0)
    assert set(answer.networks[AUTOENCODER].kl.tolist()) == {math.inf}
    assert float(np.exp(0.5 * answer.networks[AUTOENCODER].logvar).max()) < 1e-5


def test_what_is_shown_as_x_is_what_the_networks_are_given(lesson, answer):
    x, _, _ = encoded(lesson, VAE)
    np.testing.assert_array_equal(answer.x.reshape(len(x), -1), 255 * x.numpy())
    assert answer.class_names[answer.labels[0]] in "0123456789"


@pytest.mark.parametrize("name", [AUTOENCODER, VAE])
def test_a_decode_and_how_likely_the_image_is_there(lesson, name):
    z = (0.7, -0.4)
    x, _, _ = encoded(lesson, name)
    p = bernoulli(lesson, name, z)
    found = DecodeAt(name, z, 5).answer(lesson)
    assert found.reconstruction == pytest.approx(-float(p.log_prob(x[5].double())), rel=1e-5)
    expected = p.mean.numpy().reshape(28, 28) * 255
    assert np.abs(found.picture - expected).max() <= 0.5 + 1e-3


def test_the_way_begins_and_ends_at_the_two_codes(lesson):
    way = DecodeWay(VAE, (-1.0, 0.5), (2.0, 1.0), 5).answer(lesson)
    assert way.pictures.shape == (5, 28, 28)
    for t, picture in zip((0.0, 0.25, 0.5, 0.75, 1.0), way.pictures, strict=True):
        z = (-1.0 + 3 * t, 0.5 + 0.5 * t)
        expected = DecodeAt(VAE, z, 0).answer(lesson).picture
        assert np.abs(picture.astype(int) - expected).max() <= 1


def test_a_window_can_ask_before_torch_is_loaded():
    modules = ("latent_codes", "between_images", "regimes")
    imports = ", ".join(f"latentlab.app.lessons.{name}" for name in modules)
    code = f"import sys, {imports}; print('torch' in sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.strip() == "False"
