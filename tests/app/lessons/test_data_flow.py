"""The numbers on the wires against torch.distributions."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.distributions import Bernoulli, Independent, Normal, kl_divergence

from latentlab.app.lessons.data_flow import COUNT, AskFlow
from latentlab.data.binarise import binarise_fixed


def test_every_value_on_the_way(lesson):
    passing = AskFlow(3).answer(lesson)
    passed = passing.passed
    x = torch.tensor(binarise_fixed(lesson.train.images[passed.indices])).float().flatten(1)
    np.testing.assert_array_equal(passed.x.reshape(len(x), -1), 255 * x.numpy())
    with torch.no_grad():
        mu, logvar = lesson.vae.encode(x)
        np.testing.assert_allclose(passed.mu, mu, rtol=1e-5, atol=1e-6)
        sigma = torch.exp(0.5 * logvar)
        np.testing.assert_allclose(passed.z, mu + sigma * torch.tensor(passed.eps), atol=1e-5)
        p = Independent(Bernoulli(logits=lesson.vae.decode(torch.tensor(passed.z))), 1)
    np.testing.assert_allclose(passed.reconstruction, -p.log_prob(x), rtol=1e-5)
    prior = Independent(Normal(torch.zeros_like(mu), torch.ones_like(mu)), 1)
    np.testing.assert_allclose(
        passed.kl, kl_divergence(Independent(Normal(mu, sigma), 1), prior), rtol=1e-4
    )
    decoded = p.mean.reshape(len(x), 28, 28) * 255
    assert np.abs(passed.decoded - decoded.numpy()).max() <= 0.51


def test_the_selected_image_comes_first_and_no_class_twice(lesson):
    passing = AskFlow().answer(replace(lesson, selected=17))
    assert passing.passed.indices[0] == 17
    assert len(passing.class_names) == COUNT == len(set(passing.class_names))
    assert passing.class_names[0] == lesson.train.class_names[lesson.train.labels[17]]


def test_the_noise_is_that_of_its_number(lesson):
    first, again, other = (AskFlow(draw).answer(lesson).passed.eps for draw in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).all()


def test_over_many_draws_it_is_the_elbo(lesson):
    """The mean of what the sum says tends to −ELBO, whose quadrature the window shows."""
    from latentlab.core.exponential import Decoder
    from latentlab.core.gaussian import elbo
    from latentlab.core.normal import Gaussian

    passed = [AskFlow(draw).answer(lesson).passed for draw in range(400)]
    sums = np.array([each.reconstruction[0] + each.kl[0] for each in passed], np.float64)
    q = Gaussian.diagonal(passed[0].mu[0], np.exp(0.5 * passed[0].logvar[0]))
    x = torch.tensor(binarise_fixed(lesson.train.images[:1])).float().flatten(1)
    decoder = Decoder(lesson.vae.decode, lesson.likelihood, 2)
    expected = -elbo(decoder, x, q).value
    error = sums.std() / len(sums) ** 0.5
    assert sums.mean() == pytest.approx(expected, abs=5 * error)
