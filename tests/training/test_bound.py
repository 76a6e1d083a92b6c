"""The importance-weighted bound, against the integral itself."""

import math

import numpy as np
import pytest
import torch

from latentlab.core.objective import log_likelihood
from latentlab.core.spec import Architecture, Likelihood, LossWeights
from latentlab.data.dataset import DataPair
from latentlab.training.bound import sampled_bounds
from latentlab.training.evaluation import evaluate_terms, finish
from latentlab.training.images import Images
from latentlab.training.messages import Settings
from latentlab.training.trainer import Trainer

GAUSSIAN = Likelihood("gaussian", 0.1)


@pytest.fixture(scope="module", params=["bernoulli", "gaussian"])
def trained(request: pytest.FixtureRequest, mnist: DataPair) -> Trainer:
    likelihood = Likelihood() if request.param == "bernoulli" else GAUSSIAN
    trainer = Trainer.from_scratch(
        Architecture(hidden=(64,)), Images(mnist.train), LossWeights(), likelihood, Settings()
    )
    for _ in range(300):
        trainer.step()
    return trainer


def log_evidence(trainer: Trainer, images: Images) -> np.ndarray:
    """log p(x) by a sum over the cells of a fine grid."""
    axis = torch.linspace(-10, 10, 401)
    step = (axis[1] - axis[0]).item()
    z = torch.cartesian_prod(axis, axis)
    log_mass = -0.5 * z.square().sum(-1) - math.log(2 * math.pi) + 2 * math.log(step)
    result = []
    with torch.inference_mode():
        logits = trainer.model.decode(z)
        for row in range(len(images)):
            x = images.evaluation_batch(slice(row, row + 1), trainer.likelihood)
            logs = log_likelihood(trainer.likelihood, logits, x)
            result.append((logs + log_mass).logsumexp(0).item())
    return np.array(result)


def test_the_bound_of_many_samples_is_the_evidence(trained: Trainer, mnist: DataPair) -> None:
    images = Images(mnist.test.at(np.arange(3)))
    bounds = finish(sampled_bounds(trained.model, images, trained.likelihood, 5_000))
    np.testing.assert_allclose(bounds.iwae, log_evidence(trained, images), atol=0.2)
    assert (bounds.iwae > -(bounds.terms.reconstruction + bounds.terms.kl)).all()


def test_the_bound_climbs(trained: Trainer, mnist: DataPair) -> None:
    images = Images(mnist.test)
    one, ten, fifty = (
        finish(sampled_bounds(trained.model, images, trained.likelihood, samples)).iwae.mean()
        for samples in (1, 10, 50)
    )
    assert one < ten < fifty


def test_the_elbo_is_the_one_training_shows(trained: Trainer, mnist: DataPair) -> None:
    images = Images(mnist.test)
    bounds = finish(sampled_bounds(trained.model, images, trained.likelihood, 32))
    look = finish(evaluate_terms(trained.model, images, trained.likelihood, 32))
    np.testing.assert_allclose(bounds.terms.kl, look.kl, rtol=1e-5)
    # Other draws of the same expectation.
    ours, theirs = bounds.terms.mean().reconstruction, look.mean().reconstruction
    assert ours == pytest.approx(theirs, abs=0.5)
    assert bounds.iwae.mean() > -bounds.terms.mean().negative_elbo


def test_one_sample_is_the_elbo_without_its_closed_form(trained: Trainer, mnist: DataPair) -> None:
    images = Images(mnist.train)
    bounds = finish(sampled_bounds(trained.model, images, trained.likelihood, 1))
    elbo = -(bounds.terms.reconstruction + bounds.terms.kl)
    # Their difference has mean 0, so the means agree within standard errors.
    apart = bounds.iwae - elbo
    assert abs(apart.mean()) < 4 * apart.std() / math.sqrt(len(apart))


def test_more_draws_than_fit_at_once_are_the_same_bound(trained: Trainer, mnist: DataPair) -> None:
    """5,000 draws go in two slices: the bound is of all of them."""
    images = Images(mnist.test.at(np.arange(2)))
    slices = list(sampled_bounds(trained.model, images, trained.likelihood, 5_000))
    assert slices == [0, 0, 1, 1]
