"""Every look shows what the network gives, with the newest weights, and disturbs nothing."""

import threading
from collections.abc import Generator
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from scipy.special import expit
from torch import distributions as dist

from latentlab.app.layer_view import MapImage
from latentlab.app.looks import Worker
from latentlab.app.opening import Opened
from latentlab.app.state import Viewport
from latentlab.app.viewer import Strip, Viewer
from latentlab.core.interpolate import path
from latentlab.core.section import Section
from latentlab.core.spec import Likelihood
from latentlab.core.vae import VAE, vae_from_parameters
from latentlab.data.binarise import binarise_fixed
from latentlab.data.bundled import load_bundled
from latentlab.training.evaluation import evaluate_terms, finish
from latentlab.training.images import Images
from latentlab.training.messages import Snapshot
from tests.app.examples import colour_pair, first, snapshot_of

SECONDS = 60.0
SAMPLES = 4_000
LIKELIHOODS = [
    Likelihood("bernoulli"),
    Likelihood("gaussian", 0.1),
    Likelihood("gaussian", 0.01),
    Likelihood("continuous_bernoulli"),
]


@pytest.fixture
def worker() -> Generator[Worker]:
    worker = Worker("latentlab-viewer")
    yield worker
    assert worker.shutdown()


@pytest.fixture(scope="module")
def snapshot(live: Opened) -> Snapshot:
    return snapshot_of(live)


@pytest.fixture
def viewer(worker: Worker, live: Opened, snapshot: Snapshot) -> Viewer:
    viewer = Viewer(worker)
    viewer.set_data(live.pair.train)
    assert viewer.take(snapshot)
    return viewer


@pytest.fixture
def colourful(worker: Worker) -> Viewer:
    pair = colour_pair()
    viewer = Viewer(worker)
    viewer.set_data(pair.train)
    viewer.take(snapshot_of(Opened(None, None, "noise", pair), Likelihood("gaussian", 0.1)))
    return viewer


def network(live: Opened) -> VAE:
    assert live.checkpoint is not None
    return vae_from_parameters(live.checkpoint.architecture, live.checkpoint.parameters)


def reply(worker: Worker, kind: str) -> Any:
    done = threading.Event()
    worker.submit("last", done.set)
    assert done.wait(SECONDS)
    (found,) = (reply.value for reply in worker.replies() if reply.kind == kind)
    return found


def alike(one: npt.NDArray[np.uint8], other: npt.NDArray[np.uint8]) -> None:
    """The same but for rounding: batches of other sizes may differ in the last bit."""
    assert one.shape == other.shape
    np.testing.assert_allclose(one.astype(int), other.astype(int), atol=1)


# --- one look ------------------------------------------------------------------------------------


def test_decode_is_what_the_network_gives(viewer: Viewer, live: Opened) -> None:
    points = np.array([[0.0, 0.0], [-1.5, 0.7], [2.0, -2.0], [1e4, -1e4]])
    with torch.no_grad():
        logits = network(live).decode(torch.tensor(points, dtype=torch.float32)).numpy()
    means = expit(logits.astype(float))
    images = viewer.decode(points)
    assert images.dtype == np.uint8
    alike(images, np.round(255 * means).astype(np.uint8).reshape(4, 28, 28))


def test_a_digit_decodes_to_itself(viewer: Viewer, live: Opened) -> None:
    """The mean image at a digit's own mean is nearer to it than to most others."""
    train = live.pair.train
    found = []
    for index in range(20):
        decoded = viewer.decode([viewer.explain(index).mu])[0].astype(float)
        distance = np.abs(train.images[:200, 0] - decoded).mean(axis=(1, 2))
        found.append((distance < distance[index]).mean())
    assert np.median(found) < 0.05


def test_nothing_decodes_to_nothing(viewer: Viewer) -> None:
    assert viewer.decode(np.empty((0, 2))).shape == (0, 28, 28)


def test_looks_without_weights_are_an_error(worker: Worker, live: Opened) -> None:
    viewer = Viewer(worker)
    viewer.set_data(live.pair.train)
    assert not viewer.ready
    assert viewer.step == 0
    with pytest.raises(RuntimeError, match="no weights"):
        viewer.decode([(0.0, 0.0)])
    with pytest.raises(RuntimeError, match="no weights"):
        viewer.request_map(Section(), Viewport(), 2, 2)


def test_looks_without_images_are_an_error(worker: Worker, snapshot: Snapshot) -> None:
    viewer = Viewer(worker)
    viewer.take(snapshot)
    with pytest.raises(RuntimeError, match="no data"):
        viewer.explain(0)


@pytest.mark.parametrize("index", [-1, 10_000])
def test_only_images_that_are_there_are_explained(viewer: Viewer, index: int) -> None:
    with pytest.raises(IndexError, match=f"{index} .*10000"):
        viewer.explain(index)


def pixels(likelihood: Likelihood, images: npt.NDArray[np.uint8]) -> torch.Tensor:
    seen = binarise_fixed(images) if likelihood.name == "bernoulli" else images / 255
    return torch.tensor(seen.reshape(len(images), -1), dtype=torch.float32)


def log_probability(likelihood: Likelihood, logits: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """log p(x|z) in double precision, by torch's own distributions where they are exact."""
    logits, x = logits.double(), x.double()
    p: Any
    if likelihood.name == "continuous_bernoulli":
        # The density is e^(lx) over its own integral from 0 to 1. (torch's cuts logits at ±16.)
        return (x * logits - torch.log(torch.expm1(logits) / logits)).sum(-1)
    if likelihood.name == "bernoulli":
        p = dist.Bernoulli(logits=logits)
    else:
        p = dist.Normal(torch.sigmoid(logits), likelihood.variance**0.5)
    result: torch.Tensor = p.log_prob(x).sum(-1)
    return result


@pytest.mark.parametrize("likelihood", LIKELIHOODS, ids=str)
def test_the_numbers_agree_with_sampling(
    worker: Worker, live: Opened, likelihood: Likelihood
) -> None:
    viewer = Viewer(worker)
    viewer.set_data(live.pair.train)
    viewer.take(snapshot_of(live, likelihood))
    model, generator = network(live), torch.Generator().manual_seed(5)
    for index in (0, 7, 1234, 9_999):
        view = viewer.explain(index)
        x = pixels(likelihood, live.pair.train.images[index : index + 1])
        with torch.no_grad():
            mu, logvar = model.encode(x)
            sigma = torch.exp(logvar / 2)
            z = mu + sigma * torch.randn(SAMPLES, 2, generator=generator)
            logs = log_probability(likelihood, model.decode(z), x)
        error = logs.std().item() / SAMPLES**0.5
        assert abs(view.reconstruction + logs.mean().item()) < 5 * error + 1e-3
        kl = dist.kl_divergence(dist.Normal(mu, sigma), dist.Normal(0.0, 1.0)).sum().item()
        assert view.kl == pytest.approx(kl, rel=1e-5)
        assert view.negative_elbo == view.reconstruction + view.kl
        assert view.mu == pytest.approx(mu[0].tolist(), abs=1e-5)
        assert view.sigma == pytest.approx(sigma[0].tolist(), rel=1e-5)


def test_the_numbers_are_those_of_the_curves(viewer: Viewer, live: Opened) -> None:
    few = first(live.pair, 12, 1).train
    terms = finish(evaluate_terms(network(live), Images(few), Likelihood(), samples=1000))
    views = [viewer.explain(index) for index in range(12)]
    np.testing.assert_allclose([view.kl for view in views], terms.kl, rtol=1e-4)
    # An image's log p(x|z) varies by a few nats over its posterior.
    np.testing.assert_allclose(
        [view.reconstruction for view in views], terms.reconstruction, atol=1.0
    )
    mean = np.mean([view.reconstruction for view in views])
    assert mean == pytest.approx(terms.reconstruction.mean(), abs=0.3)


def test_x_is_the_image_binarised_and_never_flickers(viewer: Viewer, live: Opened) -> None:
    train = live.pair.train
    for index in (0, 17, 5_000):
        # Alone or among the others, an image is binarised the same way.
        x = 255 * binarise_fixed(train.images[: index + 1])[index, 0]
        views = [viewer.explain(index) for _ in range(3)]
        for view in views:
            assert view.x is not None
            np.testing.assert_array_equal(view.x, x)
            np.testing.assert_array_equal(view.grey, train.images[index, 0])
            assert view.negative_elbo == views[0].negative_elbo
        assert views[0].index == index
        assert views[0].class_name == train.class_names[train.labels[index]]
        alike(views[0].reconstruction_image, viewer.decode([views[0].mu])[0])


@pytest.mark.parametrize("likelihood", LIKELIHOODS[1:], ids=str)
def test_where_the_image_is_taken_as_it_is_there_is_no_other_x(
    worker: Worker, live: Opened, likelihood: Likelihood
) -> None:
    viewer = Viewer(worker)
    viewer.set_data(live.pair.train)
    viewer.take(snapshot_of(live, likelihood))
    assert viewer.explain(3).x is None


def test_images_in_colour(colourful: Viewer, worker: Worker) -> None:
    view = colourful.explain(5)
    np.testing.assert_array_equal(view.grey, np.moveaxis(colour_pair().train.images[5], 0, 2))
    assert view.reconstruction_image.shape == (6, 6, 3)
    assert colourful.decode([(0.0, 0.0), (1.0, 1.0)]).shape == (2, 6, 6, 3)
    colourful.request_map(Section(), Viewport(), 3, 2)
    shown: MapImage = reply(worker, "layer")
    assert shown.image.shape == (12, 18, 3)
    # The top right cell.
    alike(shown.image[:6, 12:], colourful.decode([(8 / 3, 2.0)])[0])


def test_a_binarised_image_in_colour_is_in_colour(worker: Worker) -> None:
    pair = colour_pair()
    viewer = Viewer(worker)
    viewer.set_data(pair.train)
    viewer.take(snapshot_of(Opened(None, None, "noise", pair), Likelihood()))
    x = viewer.explain(5).x
    assert x is not None
    np.testing.assert_array_equal(x, 255 * np.moveaxis(binarise_fixed(pair.train.images)[5], 0, 2))


# --- larger looks --------------------------------------------------------------------------------


def test_the_map_has_each_image_in_its_place(viewer: Viewer, worker: Worker) -> None:
    view = Viewport(-3.0, 2.0, -1.0, 2.0)
    viewer.request_map(Section(), view, columns=5, rows=3)
    shown: MapImage = reply(worker, "layer")
    assert shown.viewport == view
    assert shown.image.shape == (3 * 28, 5 * 28)
    for row, y in enumerate((1.5, 0.5, -0.5)):
        for column, x in enumerate((-2.5, -1.5, -0.5, 0.5, 1.5)):
            cell = shown.image[28 * row : 28 * (row + 1), 28 * column : 28 * (column + 1)]
            alike(cell, viewer.decode([(x, y)])[0])


def test_a_map_of_large_images_has_fewer_cells(worker: Worker) -> None:
    """Or 66 × 22 images of 512 × 512 would take gigabytes."""
    pair = colour_pair(side=256)
    viewer = Viewer(worker)
    viewer.set_data(pair.train)
    viewer.take(snapshot_of(Opened(None, None, "noise", pair), Likelihood("gaussian", 0.1)))
    viewer.request_map(Section(), Viewport(-6.0, 6.0, -2.0, 2.0), columns=66, rows=22)
    shown: MapImage = reply(worker, "layer")
    assert shown.image.size <= 1 << 23
    rows, columns = (n // 256 for n in shown.image.shape[:2])
    assert columns > rows >= 1
    corner = (-6.0 + 6.0 / columns, 2.0 - 2.0 / rows)
    alike(shown.image[:256, :256], viewer.decode([corner])[0])


@pytest.mark.parametrize("spherical", [False, True])
def test_the_strip_runs_from_z1_to_z2(viewer: Viewer, worker: Worker, spherical: bool) -> None:
    z1, z2 = (-1.5, 0.5), (1.0, 2.0)
    viewer.request_strip(Section(), z1, z2, 7, spherical)
    strip: Strip = reply(worker, "strip")
    np.testing.assert_allclose(strip.points, path(z1, z2, 7, spherical), atol=1e-6)
    alike(strip.images, viewer.decode(strip.points))


# --- which weights -------------------------------------------------------------------------------


def doubled(snapshot: Snapshot) -> Snapshot:
    """The next version, with other weights."""
    parameters = {name: 2 * value for name, value in snapshot.parameters.items()}
    return replace(
        snapshot,
        version=snapshot.version + 1,
        weights_step=snapshot.weights_step + 5,
        parameters=parameters,
    )


def test_the_newest_weights_are_used(viewer: Viewer, snapshot: Snapshot) -> None:
    before = viewer.decode([(0.5, 0.5)])
    assert viewer.step == snapshot.weights_step
    assert viewer.take(doubled(snapshot))
    assert viewer.step == snapshot.weights_step + 5
    assert (viewer.decode([(0.5, 0.5)]) != before).any()


def test_the_same_version_is_not_taken_twice(viewer: Viewer, snapshot: Snapshot) -> None:
    assert not viewer.take(snapshot)
    assert not viewer.take(replace(snapshot, running=True))


def test_another_likelihood_is_taken(viewer: Viewer, snapshot: Snapshot) -> None:
    assert viewer.explain(0).x is not None
    assert viewer.take(replace(snapshot, likelihood=Likelihood("gaussian", 0.2)))
    assert viewer.explain(0).x is None


def test_the_weights_are_the_viewers_own(worker: Worker, live: Opened, snapshot: Snapshot) -> None:
    parameters = {name: value.copy() for name, value in snapshot.parameters.items()}
    viewer = Viewer(worker)
    viewer.set_data(live.pair.train)
    viewer.take(replace(snapshot, parameters=parameters))
    before = viewer.decode([(0.5, 0.5)])
    for value in parameters.values():
        value.fill(0)
    np.testing.assert_array_equal(viewer.decode([(0.5, 0.5)]), before)


def test_other_images_need_their_own_weights(viewer: Viewer, snapshot: Snapshot) -> None:
    viewer.set_data(load_bundled("fashion-mnist").train)
    assert not viewer.ready
    assert viewer.take(snapshot)
    assert viewer.explain(0).class_name in load_bundled("fashion-mnist").train.class_names


@pytest.mark.parametrize("when", ["waiting", "under way", "done"])
def test_no_picture_of_the_old_weights_comes_after_other_images(
    viewer: Viewer, worker: Worker, when: str
) -> None:
    entered, opened, last = threading.Event(), threading.Event(), threading.Event()

    def hold() -> None:
        entered.set()
        assert opened.wait(SECONDS)

    if when != "done":
        worker.submit("hold", hold)
        assert entered.wait(SECONDS)
    viewer.request_map(Section(), Viewport(), 8, 8)
    viewer.request_strip(Section(), (0.0, 0.0), (1.0, 1.0), 5, False)
    worker.submit("last", last.set)
    if when == "under way":
        # The worker takes the map as soon as it is let go.
        opened.set()
    elif when == "done":
        assert last.wait(SECONDS)
    viewer.set_data(load_bundled("fashion-mnist").train)
    opened.set()
    assert last.wait(SECONDS)
    assert {reply.kind for reply in worker.replies()} <= {"hold", "last"}


def test_noise_is_standard_normal_and_the_viewers_own(worker: Worker) -> None:
    torch.manual_seed(0)
    state = torch.random.get_rng_state()
    viewer = Viewer(worker, seed=3)
    draws = np.array([viewer.noise(2) for _ in range(2_000)])
    assert np.abs(draws.mean(axis=0)).max() < 0.1
    assert np.abs(draws.std(axis=0) - 1).max() < 0.1
    again = Viewer(worker, seed=3)
    assert [again.noise(2) for _ in range(3)] == [tuple(draw) for draw in draws[:3].tolist()]
    assert torch.equal(torch.random.get_rng_state(), state)
