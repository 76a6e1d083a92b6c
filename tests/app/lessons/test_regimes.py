"""Page 11's numbers against torch.distributions and quadrature."""

import numpy as np
import pytest
import torch
from torch.distributions import Bernoulli, Independent, Normal, kl_divergence

from latentlab.app.lessons.regimes import REGIMES, AskCourse, AskMoment
from latentlab.core.objective import gauss_hermite
from latentlab.data.binarise import binarise_fixed

Z = (0.5, -0.7)
SAMPLES = ((0.1, 0.2), (-1.0, 1.5))


def inputs(lesson, name):
    images = lesson.shipped(name).held_out.images
    return torch.tensor(binarise_fixed(images)).float().flatten(1)


@pytest.mark.parametrize("name", REGIMES)
def test_the_course_ends_where_the_shipped_network_is(lesson, name):
    course = AskCourse(name).answer(lesson)
    with torch.no_grad():
        mu, logvar = lesson.shipped(name).vae.encode(inputs(lesson, name))
    scale = float(np.abs(course.mu[-1]).max())
    np.testing.assert_allclose(course.mu[-1], mu, atol=2e-3 * scale + 1e-4)
    q = Independent(Normal(mu.double(), torch.exp(0.5 * logvar.double())), 1)
    prior = Independent(Normal(torch.zeros(2).double(), torch.ones(2).double()), 1)
    kl = float(kl_divergence(q, prior.expand(q.batch_shape)).mean())
    assert course.kl[-1] == pytest.approx(kl, rel=2e-3, abs=1e-4)
    assert course.sigma[-1] == pytest.approx(float(torch.exp(0.5 * logvar).mean()), rel=2e-3)
    assert len(course.steps) == len(course.mu) == len(course.kl)
    assert course.mu.shape[1] == len(course.labels)
    inside = (course.mu >= course.low[:, None]) & (course.mu <= course.high[:, None])
    assert inside.all(axis=2).mean(axis=1).min() >= 0.99
    assert course.low.max() <= -3
    assert course.high.min() >= 3


@pytest.mark.parametrize("name", REGIMES)
def test_the_reconstruction_is_within_its_error_of_quadrature(lesson, name):
    moment = AskMoment(name, 1_000_000, 7, Z, SAMPLES).answer(lesson)
    shipped, x = lesson.shipped(name), inputs(lesson, name)
    nodes, weights = gauss_hermite(6, 2)
    total = torch.zeros(len(x), dtype=torch.float64)
    with torch.no_grad():
        mu, logvar = shipped.vae.encode(x)
        for eps, weight in zip(nodes, weights, strict=True):
            logits = shipped.vae.decode(mu + torch.exp(0.5 * logvar) * eps)
            p = Independent(Bernoulli(logits=logits), 1)
            total -= float(weight) * p.log_prob(x).double()
    assert moment.reconstruction.n == len(x)
    assert moment.weights_step == shipped.step
    # The same images are in both, so that only the draws of ε differ.
    assert moment.reconstruction.nats == pytest.approx(
        float(total.mean()), abs=4 * moment.reconstruction.error
    )
    assert 0 < moment.reconstruction.error < 1.5


def test_pictures_are_of_the_image_its_mean_and_the_priors_samples(lesson):
    name = REGIMES[2]
    moment = AskMoment(name, 1_000_000, 7, Z, SAMPLES).answer(lesson)
    shipped, x = lesson.shipped(name), inputs(lesson, name)
    np.testing.assert_array_equal(moment.x.ravel(), 255 * x[7].numpy())
    with torch.no_grad():
        mu, _ = shipped.vae.encode(x[7:8])
        expected = torch.sigmoid(shipped.vae.decode(torch.cat([mu, torch.tensor([Z, *SAMPLES])])))
    found = np.stack([moment.decoded, moment.at_z, *moment.samples]).reshape(4, -1)
    assert np.abs(found - 255 * expected.numpy()).max() <= 1


def test_earlier_weights_are_the_newest_kept_before_the_moment(lesson):
    name = REGIMES[2]
    course = AskCourse(name).answer(lesson)
    early = AskMoment(name, int(course.steps[3]), 7, Z, SAMPLES).answer(lesson)
    late = AskMoment(name, int(course.steps[-1]), 7, Z, SAMPLES).answer(lesson)
    assert early.weights_step <= course.steps[3] < late.weights_step
    assert early.reconstruction.nats > late.reconstruction.nats + 100


def test_the_regimes_are_what_the_lecture_says(lesson):
    reconstruction, kl, both = (AskCourse(name).answer(lesson) for name in REGIMES)
    assert reconstruction.sigma[-1] < 0.01
    assert kl.kl[-1] < 0.01
    assert 0.05 < both.sigma[-1] < 0.5
    worst = AskMoment(REGIMES[1], 1_000_000, 0, Z, SAMPLES).answer(lesson)
    best = AskMoment(REGIMES[2], 1_000_000, 0, Z, SAMPLES).answer(lesson)
    assert worst.reconstruction.nats > 2 * best.reconstruction.nats
