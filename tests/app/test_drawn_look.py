"""What the network makes of a drawing: as the same image of the data, and told in full."""

import numpy as np
import pytest
import torch
from PIL import Image

from latentlab.app.drawn_look import VOTERS, drawn_view
from latentlab.app.drawn_view import NEIGHBOURS, cannot_draw
from latentlab.app.pictures import pixels
from latentlab.app.sight import Sight
from latentlab.core.checkpoint import load_checkpoint
from latentlab.core.spec import Architecture, Likelihood
from latentlab.core.vae import new_vae, vae_from_parameters
from latentlab.data.bundled import load_bundled
from latentlab.data.dataset import DataPair
from latentlab.data.drawing import is_centred
from latentlab.paths import find_model
from latentlab.training.cloud import Cloud

SIDE = 280


def sight_of(model: str, pair: DataPair) -> Sight:
    checkpoint = load_checkpoint(find_model(model))
    network = vae_from_parameters(checkpoint.architecture, checkpoint.parameters)
    return Sight(network, checkpoint.likelihood, pair.train, 7)


def encoded(sight: Sight, images: np.ndarray) -> Cloud:
    with torch.inference_mode():
        mu, logvar = sight.model.encode(pixels(sight.likelihood, images))
    return Cloud(7, mu.numpy(), logvar.numpy())


def on_canvas(grey: np.ndarray) -> np.ndarray:
    drawn_up = Image.fromarray(grey).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    return np.asarray(drawn_up)


def votes(cloud: Cloud, labels: np.ndarray, mu: np.ndarray) -> np.ndarray:
    """The class of most of the 15 nearest means, by sorting all distances."""
    found = []
    for mean in mu:
        order = np.argsort(np.hypot(*(cloud.mu - mean).T), kind="stable")[:VOTERS]
        found.append(np.bincount(labels[order]).argmax())
    return np.array(found)


@pytest.mark.parametrize("model", ["mnist-2d-live", "mnist-2d"])
def test_drawn_digits_land_among_their_own(model: str) -> None:
    """1,000 test digits drawn up to the pad's canvas lose at most 3 points to the digits as they
    are."""
    pair = load_bundled("mnist")
    sight, train = sight_of(model, pair), pair.train
    cloud = encoded(sight, train.images)
    some = np.random.default_rng(0).permutation(len(pair.test))[:1000]
    images, labels = pair.test.images[some], pair.test.labels[some]
    as_mnist = is_centred(train.images)
    views = [drawn_view(sight, on_canvas(image[0]), cloud, as_mnist=as_mnist) for image in images]
    drawn = np.array([int(view.vote[0]) for view in views if view.vote])
    direct = votes(cloud, train.labels, encoded(sight, images).mu)
    assert (drawn == labels).mean() >= (direct == labels).mean() - 0.03
    again = votes(cloud, train.labels, np.array([view.mu for view in views]))
    assert (again == drawn).mean() > 0.999  # of equal votes either may win


def test_everything_told_of_it_is_so() -> None:
    pair = load_bundled("mnist")
    sight = sight_of("mnist-2d-live", pair)
    cloud = encoded(sight, pair.train.images)
    view = drawn_view(sight, on_canvas(pair.test.images[0, 0]), cloud, as_mnist=True)
    posterior = encoded(sight, view.grey[None, None])
    np.testing.assert_allclose(view.mu, posterior.mu[0], rtol=1e-5)
    np.testing.assert_allclose(view.sigma, np.exp(posterior.logvar[0] / 2), rtol=1e-5)
    mu, sigma = torch.tensor(view.mu), torch.tensor(view.sigma)
    q, prior = torch.distributions.Normal(mu, sigma), torch.distributions.Normal(0.0, 1.0)
    assert view.kl == pytest.approx(torch.distributions.kl_divergence(q, prior).sum().item(), 1e-4)
    with torch.inference_mode():
        z = q.sample((4000,))
        x = pixels(sight.likelihood, view.grey[None, None]).expand(len(z), -1)
        bernoulli = torch.distributions.Bernoulli(logits=sight.model.decode(z))
        losses = -bernoulli.log_prob(x).sum(1)
    assert view.reconstruction is not None
    error = 5 * losses.std().item() / np.sqrt(len(z)) + 0.05
    assert view.reconstruction == pytest.approx(losses.mean().item(), abs=error)
    distances = np.hypot(*(cloud.mu - np.array(view.mu)).T)
    assert [near.index for near in view.nearest] == np.argsort(distances)[:NEIGHBOURS].tolist()
    for near in view.nearest:
        assert near.distance == pytest.approx(distances[near.index], abs=1e-5)
        assert near.class_name == str(pair.train.labels[near.index])
        np.testing.assert_array_equal(near.picture, pair.train.images[near.index, 0])


def test_without_the_points_there_are_no_neighbours() -> None:
    pair = load_bundled("mnist")
    sight = sight_of("mnist-2d-live", pair)
    view = drawn_view(sight, on_canvas(pair.test.images[0, 0]), None, as_mnist=True)
    assert view.nearest == ()
    assert view.vote is None


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 32, 32), (1, 20, 40)], ids=str)
@pytest.mark.parametrize("latent_dim", [1, 2, 5])
def test_other_shapes_are_drawn_at_their_size(shape: tuple[int, int, int], latent_dim: int) -> None:
    architecture = Architecture(image_shape=shape, latent_dim=latent_dim, hidden=(16,))
    network = new_vae(architecture, torch.Generator().manual_seed(0))
    sight = Sight(network, Likelihood(), load_bundled("mnist").train, 0)
    assert cannot_draw(shape) == ""
    canvas = on_canvas(load_bundled("mnist").test.images[0, 0])
    view = drawn_view(sight, canvas, None, as_mnist=False)
    assert view.grey.shape == (shape[1:] if shape[0] == 1 else (*shape[1:], 3))
    assert len(view.mu) == len(view.sigma) == latent_dim
    assert (view.reconstruction is None) == (latent_dim > 2)


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((1, 1, 64), "vectors of 64 values, no images"),
        ((1, 4, 16), "4 × 16 values, which are no picture"),
        ((2, 16, 16), "images of 2 channels"),
    ],
)
def test_what_cannot_be_drawn_is_said(shape: tuple[int, int, int], words: str) -> None:
    assert words in cannot_draw(shape)


def test_colours_reach_a_network_of_colours_and_others_get_the_luma() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (20, 20, 3), np.uint8)
    for channels in (1, 3):
        architecture = Architecture(image_shape=(channels, 20, 20), hidden=(16,))
        network = new_vae(architecture, torch.Generator().manual_seed(0))
        sight = Sight(network, Likelihood("gaussian"), load_bundled("mnist").train, 0)
        view = drawn_view(sight, picture, None, as_mnist=False)
        luma = np.asarray(Image.fromarray(picture).convert("L"), int)
        if channels == 3:
            np.testing.assert_array_equal(view.grey, picture)
        else:
            assert np.abs(view.grey - luma).max() <= 1
