"""The look at the forces: what the network gives, weighted as the switches say."""

import threading
from collections.abc import Generator

import numpy as np
import pytest
import torch
from torch import distributions as dist

from latentlab.app.force_look import SAMPLES, SELECTED_SAMPLES
from latentlab.app.force_view import ForceAnswer, ForceView, Pulls, Rest
from latentlab.app.looks import Worker
from latentlab.app.opening import Opened
from latentlab.app.viewer import Viewer
from latentlab.core.forces import still_noise
from latentlab.core.spec import Likelihood, LossWeights
from latentlab.core.vae import VAE, vae_from_parameters
from latentlab.data.binarise import binarise_fixed
from tests.app.examples import colour_pair, snapshot_of

SECONDS = 60.0
LIKELIHOODS = [Likelihood("bernoulli"), Likelihood("gaussian", 0.1)]
FEW = np.array([3, 1234, 9_999])


@pytest.fixture
def worker() -> Generator[Worker]:
    worker = Worker("latentlab-viewer")
    yield worker
    assert worker.shutdown()


def viewer_of(worker: Worker, opened: Opened, likelihood: Likelihood) -> Viewer:
    viewer = Viewer(worker)
    viewer.set_data(opened.pair.train)
    viewer.take(snapshot_of(opened, likelihood))
    return viewer


def answers(worker: Worker) -> list[ForceAnswer]:
    """All that have come, once the worker has nothing more to do."""
    done = threading.Event()
    worker.submit("last", done.set)
    assert done.wait(SECONDS)
    found = [reply.value for reply in worker.replies() if reply.kind == "forces"]
    assert all(isinstance(value, ForceAnswer) for value in found), found
    return found


def network(opened: Opened) -> VAE:
    assert opened.checkpoint is not None
    return vae_from_parameters(opened.checkpoint.architecture, opened.checkpoint.parameters)


def gradients(
    opened: Opened, likelihood: Likelihood, view: ForceView, weights: LossWeights
) -> tuple[np.ndarray, np.ndarray]:
    """Of the objective by autograd, with torch's own distributions, at the places of `view`."""
    grey = opened.pair.train.images[view.indices]
    pixels = binarise_fixed(grey) if likelihood.binarises else grey / np.float32(255)
    x = torch.tensor(pixels.reshape(len(grey), -1), dtype=torch.float32)
    mu, logvar = (torch.tensor(part, requires_grad=True) for part in (view.mu, view.logvar))
    posterior = dist.Normal(mu, torch.exp(logvar / 2))
    loss = weights.kl * dist.kl_divergence(posterior, dist.Normal(0.0, 1.0)).sum()
    model = network(opened)
    for eps in still_noise(view.samples, 2):
        logits = model.decode(mu + torch.exp(logvar / 2) * eps)
        p: dist.Distribution = dist.Bernoulli(logits=logits)
        if likelihood.name == "gaussian":
            p = dist.Normal(torch.sigmoid(logits), likelihood.variance**0.5)
        loss = loss - weights.reconstruction * p.log_prob(x).sum() / view.samples
    on_mu, on_logvar = torch.autograd.grad(loss, (mu, logvar))
    return on_mu.numpy(), on_logvar.numpy()


@pytest.mark.parametrize("likelihood", LIKELIHOODS, ids=str)
def test_the_answer_is_minus_the_gradient_of_the_objective(
    worker: Worker, live: Opened, likelihood: Likelihood
) -> None:
    viewer = viewer_of(worker, live, likelihood)
    viewer.request_forces(FEW, 7, None)
    (answer,) = answers(worker)
    assert answer.rest is None
    assert answer.selected is not None
    assert (answer.sample.samples, answer.selected.samples) == (SAMPLES, SELECTED_SAMPLES)
    np.testing.assert_array_equal(answer.sample.indices, FEW)
    np.testing.assert_array_equal(answer.selected.indices, [7])
    for weights in (
        LossWeights(),
        LossWeights(kl_on=False),
        LossWeights(reconstruction_on=False, beta=3.0),
        LossWeights(reconstruction_factor=0.5, beta=4.0),
    ):
        weighted = answer.weighted(weights)
        assert weighted.selected is not None
        for view in (weighted.sample, weighted.selected):
            on_mu, on_logvar = gradients(live, likelihood, view, weights)
            np.testing.assert_allclose(view.total.mu, -on_mu, rtol=1e-3, atol=1e-2)
            np.testing.assert_allclose(view.total.logvar, -on_logvar, rtol=1e-3, atol=1e-2)
            assert view.weights == weights


def test_it_is_at_the_posteriors_that_are_shown(worker: Worker, live: Opened) -> None:
    viewer = viewer_of(worker, live, LIKELIHOODS[0])
    viewer.request_forces(FEW, 7, None)
    (answer,) = answers(worker)
    for place, index in enumerate(FEW.tolist()):
        shown = viewer.explain(index)
        assert answer.sample.mu[place] == pytest.approx(shown.mu, abs=1e-5)
        sigma = np.exp(answer.sample.logvar[place] / 2)
        assert sigma == pytest.approx(shown.sigma, rel=1e-5)


def test_few_samples_are_nearly_as_good_as_many(worker: Worker, live: Opened) -> None:
    """So a sample's arrows need no more of them."""
    viewer = viewer_of(worker, live, LIKELIHOODS[0])
    indices = np.arange(40)
    viewer.request_forces(indices, None, None)
    (answer,) = answers(worker)
    many = ForceView(
        indices,
        answer.sample.mu,
        answer.sample.logvar,
        answer.sample.reconstruction,
        answer.sample.kl,
        samples=256,
    )
    on_mu, on_logvar = gradients(live, LIKELIHOODS[0], many, LossWeights(kl_on=False))
    away = np.hypot(*(answer.sample.reconstruction.mu + on_mu).T)
    assert np.median(away / np.hypot(*on_mu.T)) < 0.01
    assert np.abs(answer.sample.reconstruction.logvar + on_logvar).max() < 0.15


def test_the_same_is_seen_each_time(worker: Worker, live: Opened) -> None:
    viewer = viewer_of(worker, live, LIKELIHOODS[0])
    seen = []
    for _ in range(2):
        viewer.request_forces(FEW, None, None)
        seen += answers(worker)
    for one, other in zip(*(a.sample.reconstruction.mu for a in seen), strict=True):
        np.testing.assert_array_equal(one, other)
    assert seen[0].selected is None


@pytest.mark.parametrize("beta", [1.0, 10.0])
def test_where_the_selected_ones_forces_cancel(worker: Worker, live: Opened, beta: float) -> None:
    viewer = viewer_of(worker, live, LIKELIHOODS[0])
    weights = LossWeights(beta=beta)
    for index in (0, 3, 4_000):
        viewer.request_forces(FEW[:0], index, weights)
        (answer,) = answers(worker)
        weighted = answer.weighted(weights)
        assert weighted.rest is not None
        assert weighted.selected is not None
        there = weighted.rest.there
        assert there is not None
        before = np.abs(weighted.selected.total.mu).max()
        assert before > 0.3
        assert np.abs(there.kl.mu).max() > 0.3, "both pull"
        assert np.abs(there.total.mu).max() < 0.02
        assert np.abs(there.total.logvar).max() < 0.01
        on_mu, on_logvar = gradients(live, LIKELIHOODS[0], there, weights)
        assert np.abs(on_mu).max() < 0.05
        assert np.abs(on_logvar).max() < 0.01


def test_a_place_of_rest_is_of_its_weights_alone(worker: Worker, live: Opened) -> None:
    viewer = viewer_of(worker, live, LIKELIHOODS[0])
    viewer.request_forces(FEW, 7, LossWeights())
    (answer,) = answers(worker)
    assert answer.weighted(LossWeights(beta=2.0)).rest is None
    viewer.request_forces(FEW, 7, LossWeights(kl_on=False))
    (answer,) = answers(worker)
    rest = answer.weighted(LossWeights(kl_on=False)).rest
    assert rest is not None
    assert rest.there is None, "nothing stops σ from shrinking"


def test_no_image_has_no_forces(worker: Worker, live: Opened) -> None:
    viewer = viewer_of(worker, live, LIKELIHOODS[0])
    viewer.request_forces(FEW[:0], None, LossWeights())
    (answer,) = answers(worker)
    assert answer.sample.mu.shape == answer.sample.total.mu.shape == (0, 2)


def test_large_images_have_fewer_samples_and_say_so(worker: Worker) -> None:
    """Or 64 decoded images of 256 × 256 in colour would take gigabytes with their gradients."""
    pair = colour_pair(side=256)
    viewer = viewer_of(worker, Opened(None, None, "noise", pair), LIKELIHOODS[1])
    viewer.request_forces(np.arange(12), 3, None)
    (answer,) = answers(worker)
    assert answer.selected is not None
    assert 4 <= answer.selected.samples < SELECTED_SAMPLES
    assert np.isfinite(answer.selected.reconstruction.mu).all()
    assert answer.sample.mu.shape == (12, 2)


def test_what_was_asked_of_other_images_is_not_answered(worker: Worker, live: Opened) -> None:
    viewer = viewer_of(worker, live, LIKELIHOODS[0])
    viewer.request_forces(FEW, 7, None)
    viewer.set_data(colour_pair().train)
    assert answers(worker) == []
    with pytest.raises(RuntimeError, match="no weights"):
        viewer.request_forces(FEW, 7, None)


def test_the_newest_request_is_answered(worker: Worker, live: Opened) -> None:
    viewer = viewer_of(worker, live, LIKELIHOODS[0])
    go = threading.Event()
    worker.submit("first", lambda: go.wait(SECONDS))
    for index in (1, 2, 3):
        viewer.request_forces(np.array([index]), None, None)
    go.set()
    (answer,) = answers(worker)
    np.testing.assert_array_equal(answer.sample.indices, [3])


# --- weights -------------------------------------------------------------------------------------


def view_of(value: float) -> ForceView:
    pulls = Pulls(np.full((1, 2), value, np.float32), np.full((1, 2), value, np.float32))
    place = np.zeros((1, 2), np.float32)
    return ForceView(np.array([4]), place, place, pulls, pulls, 8)


def test_a_term_switched_off_pulls_nothing_even_where_it_has_diverged() -> None:
    found = view_of(np.nan).weighted(LossWeights(reconstruction_on=False, kl_on=False))
    for pulls in (found.reconstruction, found.kl, found.total):
        assert (pulls.mu == 0).all()
        assert (pulls.logvar == 0).all()


def test_weights_multiply_each_term() -> None:
    found = view_of(2.0).weighted(LossWeights(reconstruction_factor=3.0, beta=0.5))
    assert found.reconstruction.mu.tolist() == [[6.0, 6.0]]
    assert found.kl.logvar.tolist() == [[1.0, 1.0]]
    assert found.total.mu.tolist() == [[7.0, 7.0]]
    one = view_of(2.0)
    rest = Rest(LossWeights(beta=0.5), one)
    answer = ForceAnswer(one, one, rest).weighted(LossWeights(beta=0.5))
    assert answer.rest is not None
    assert answer.rest.there is not None
    assert answer.rest.there.kl.mu.tolist() == [[1.0, 1.0]]
