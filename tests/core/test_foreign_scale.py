"""State dicts of models with layer norms, of images from −1 to 1 and of vectors in their units."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from latentlab.core.checkpoint import load_checkpoint, save_checkpoint
from latentlab.core.foreign import ForeignModel, load_foreign
from latentlab.core.foreign_guess import Known, best_reading, tried
from latentlab.core.foreign_reading import Reading
from latentlab.core.snippet import checkpoint_snippet
from latentlab.core.vae import VAE, vae_from_parameters
from latentlab.data.open import open_data
from latentlab.errors import InputError
from tests.core.foreign import digits
from tests.core.foreign_conv import Tutorial

SHAPE = (1, 28, 28)
Last = Callable[[Tensor], Tensor]


@pytest.fixture(autouse=True)
def same_weights() -> None:
    """Networks begin with the same ones in every run."""
    torch.manual_seed(6)


def dense(values: int = 784, norm: Callable[[int], nn.Module] = nn.LayerNorm) -> Tutorial:
    features = nn.Sequential(
        nn.Linear(values, 64), norm(64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), norm(32)
    )
    decoder = nn.Sequential(nn.Linear(2, 64), norm(64), nn.ReLU(), nn.Linear(64, values))
    return Tutorial(features, 32, decoder, 2)


def conv(norm: Callable[[int, int], nn.Module]) -> Tutorial:
    features = nn.Sequential(
        nn.Unflatten(1, SHAPE), nn.Conv2d(1, 8, 4, 2, 1), norm(8, 14), nn.ReLU(),
        nn.Conv2d(8, 16, 4, 2, 1), nn.ReLU(),
    )  # fmt: skip
    decoder = nn.Sequential(
        nn.Linear(2, 16 * 49), nn.ReLU(), nn.Unflatten(1, (16, 7, 7)),
        nn.ConvTranspose2d(16, 8, 4, 2, 1), norm(8, 14), nn.ReLU(),
        nn.ConvTranspose2d(8, 1, 4, 2, 1),
    )  # fmt: skip
    return Tutorial(features, 16 * 49, decoder, 2)


def trained(network: Tutorial, x: Tensor, last: Last, steps: int = 250) -> Tutorial:
    """With squared errors of last(decoder(z)), on the scale of x."""
    with torch.random.fork_rng():
        torch.manual_seed(3)
        adam = torch.optim.Adam(network.parameters(), 3e-3)
        slower = torch.optim.lr_scheduler.CosineAnnealingLR(adam, steps)
        for _ in range(steps):
            mu, logvar = network.encode(x)
            y = last(network.decode(mu + torch.exp(0.5 * logvar) * torch.randn_like(mu)))
            loss = (y - x).square().sum() / 0.2
            loss = loss + 0.5 * (logvar.exp() + mu.square() - 1 - logvar).sum()
            adam.zero_grad()
            loss.backward()
            adam.step()
            slower.step()
    return network.eval()


def saved(network: nn.Module, path: Path) -> ForeignModel:
    save_file({name: t.contiguous() for name, t in network.state_dict().items()}, path)
    return load_foreign(path)


def ours(of: ForeignModel, reading: Reading, folder: Path) -> VAE:
    """Saved as a model of ours, and read again."""
    save_checkpoint(of.checkpoint(reading, SHAPE), folder / "ours.safetensors")
    found = load_checkpoint(folder / "ours.safetensors")
    return vae_from_parameters(found.architecture, found.parameters)


def test_layer_norms_stay_where_they_are(tmp_path: Path) -> None:
    x = digits()
    network = trained(dense(), x, torch.sigmoid)
    foreign = saved(network, tmp_path / "m.safetensors")
    assert {norm.name: norm.layer for norm in foreign.norms} == {
        "encoder.1": "encoder.0", "encoder.5": "encoder.3", "decoder.1": "decoder.0",
    }  # fmt: skip
    best = best_reading(foreign, x[:64].numpy(), SHAPE)
    vae = ours(foreign, best, tmp_path)
    assert vae.architecture.summary == "784-64-32-2-64-784, normalised"
    with torch.no_grad():
        mu, logvar = network.encode(x)
        torch.testing.assert_close(vae.encode(x), (mu, logvar), atol=2e-5, rtol=1e-5)
        torch.testing.assert_close(vae.decode(mu), network.decode(mu), atol=1e-4, rtol=1e-4)


def test_a_layer_norm_of_a_whole_convolution_is_read_and_exported(tmp_path: Path) -> None:
    network = conv(lambda channels, side: nn.LayerNorm([channels, side, side])).eval()
    foreign = saved(network, tmp_path / "m.safetensors")
    vae = ours(foreign, foreign.likely, tmp_path)
    x = digits()[:8]
    with torch.no_grad():
        mu, logvar = network.encode(x)
        torch.testing.assert_close(vae.encode(x), (mu, logvar), atol=2e-5, rtol=1e-5)
        expected = torch.sigmoid(network.decode(mu[:1]))
    path = tmp_path / "ours.safetensors"
    said = checkpoint_snippet(load_checkpoint(path), "m", path, mu[:1].tolist())
    found: dict[str, Tensor] = {}
    exec(said, found)
    torch.testing.assert_close(found["images"].flatten(1), expected, atol=1e-4, rtol=0)


def test_norms_of_groups_are_refused(tmp_path: Path) -> None:
    """They have the tensors of a layer norm, and how many groups no file tells."""
    network = conv(lambda channels, _side: nn.GroupNorm(4, channels))
    with pytest.raises(InputError, match=r"its norm decoder\.4 is no LayerNorm .*GroupNorm"):
        saved(network, tmp_path / "m.safetensors")


@pytest.mark.parametrize(
    ("output", "last"), [("tanh", torch.tanh), ("image", lambda y: y)], ids=["tanh", "image"]
)
def test_images_from_minus_1_to_1_are_recognised(output: str, last: Last, tmp_path: Path) -> None:
    x = digits()
    # Long enough for its values to tell a tanh from a linear layer.
    network = trained(dense(norm=nn.BatchNorm1d), 2 * x - 1, last, 800)
    foreign = saved(network, tmp_path / "m.safetensors")
    best = best_reading(foreign, x[:64].numpy(), SHAPE)
    assert (best.scale, best.output, best.likelihood.name) == ("signed", output, "gaussian")
    # A leaky ReLU of slope 0.01 may do as well.
    vae = ours(foreign, replace(best, activation="relu", norm_after=True), tmp_path)
    with torch.no_grad():
        mu, logvar = network.encode(2 * x - 1)
        torch.testing.assert_close(vae.encode(x), (mu, logvar), atol=5e-5, rtol=1e-4)
        images = (last(network.decode(mu)) + 1) / 2
        found = torch.sigmoid(vae.decode(mu))
    torch.testing.assert_close(found, images.clamp(1e-6, 1 - 1e-6), atol=1e-5, rtol=0)


@pytest.mark.parametrize("output", ["tanh", "image"])
def test_padding_of_signed_images_is_grey(output: str, tmp_path: Path) -> None:
    """Zeros around an image from −1 to 1 are not black, so the scale is no part of weights."""
    network = conv(lambda channels, _side: nn.BatchNorm2d(channels)).eval()
    foreign = saved(network, tmp_path / "m.safetensors")
    reading = replace(foreign.likely, scale="signed", output=output)
    vae = ours(foreign, reading, tmp_path)
    x = digits()[:8]
    with torch.no_grad():
        mu, logvar = network.encode(2 * x - 1)
        torch.testing.assert_close(vae.encode(x), (mu, logvar), atol=2e-5, rtol=1e-5)
        y = network.decode(mu)
        images = ((torch.tanh(y) if output == "tanh" else y) + 1) / 2
        torch.testing.assert_close(torch.sigmoid(vae.decode(mu)), images, atol=1e-5, rtol=0)


def test_vectors_are_taken_in_their_own_units(tmp_path: Path) -> None:
    """They are kept from 0 to 1, column by column, which their model has never seen."""
    rng = np.random.default_rng(5)
    rows = np.tanh(rng.normal(size=(600, 2)) @ rng.normal(size=(2, 6))) * [1, 2, 3, 1, 2, 0]
    np.save(tmp_path / "rows.npy", rows + np.array([0, 5, -3, 1, 0, 7]))
    dataset = open_data(str(tmp_path / "rows.npy")).train
    assert dataset.vectors is not None
    x = (dataset.images.reshape(-1, 6) / 255).astype(np.float32)
    own = torch.from_numpy(dataset.vectors.low + x * dataset.vectors.span).float()
    network = trained(dense(6, nn.BatchNorm1d), own, lambda y: y, steps=400)
    foreign = saved(network, tmp_path / "m.safetensors")
    best = best_reading(foreign, x, dataset.image_shape, units=dataset.vectors)
    assert (best.scale, best.output, best.likelihood.name) == ("own", "image", "gaussian")
    found = foreign.checkpoint(best, dataset.image_shape, dataset.vectors)
    vae = vae_from_parameters(found.architecture, found.parameters)
    with torch.no_grad():
        mu, logvar = network.encode(own)
        theirs = vae.encode(torch.from_numpy(x))
        torch.testing.assert_close(theirs, (mu, logvar), atol=1e-4, rtol=1e-3)
    assert not tried(foreign, best, x, dataset.image_shape, dataset.vectors).poor
    unit = best_reading(foreign, x, dataset.image_shape, Known(scale="unit"), dataset.vectors)
    assert tried(foreign, unit, x, dataset.image_shape, dataset.vectors).poor


def test_what_no_last_layer_gives_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="output cannot be tanh where scale is unit"):
        Reading(output="tanh")
    foreign = saved(dense(norm=nn.BatchNorm1d), tmp_path / "m.safetensors")
    with pytest.raises(InputError, match="scale cannot be own"):
        foreign.checkpoint(Reading(scale="own", output="image"), SHAPE)
    with pytest.raises(InputError, match="do not go together"):
        best_reading(foreign, digits()[:8].numpy(), SHAPE, Known(scale="unit", output="tanh"))
