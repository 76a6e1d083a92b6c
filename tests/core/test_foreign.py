"""State dicts of other programs: recognised by names and shapes, and they compute as torch does."""

from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

from latentlab.core.checkpoint import is_foreign, load_checkpoint, save_checkpoint
from latentlab.core.foreign import load_foreign
from latentlab.core.foreign_guess import Known, best_reading, tried
from latentlab.core.foreign_reading import Reading, Spread
from latentlab.core.spec import FREE_LOGVAR_BOUND, Architecture, Likelihood, LogvarHead
from latentlab.core.vae import vae_from_parameters
from latentlab.errors import InputError
from tests.core.foreign import LOGVARS, Example, Trained, train_example

SHAPE = (1, 28, 28)


@pytest.fixture(scope="module")
def example() -> Trained:
    return train_example()


def save_layers(path: Path, layers: dict[str, tuple[int, int]]) -> Path:
    """Layers in → out, filled with small numbers."""
    torch.manual_seed(0)
    state = {}
    for name, (into, out) in layers.items():
        layer = nn.Linear(into, out)
        state |= {f"{name}.weight": layer.weight.detach(), f"{name}.bias": layer.bias.detach()}
    save_file(state, path)
    return path


def test_the_example_computes_as_torch_does(example: Trained, tmp_path: Path) -> None:
    foreign = load_foreign(example.save(tmp_path / "m.safetensors"))
    assert foreign.encoder == ("fc1",)
    assert foreign.heads == ("fc21", "fc22")
    assert foreign.decoder == ("fc3", "fc4")
    found = foreign.checkpoint(Reading(), SHAPE)
    vae = vae_from_parameters(found.architecture, found.parameters)
    with torch.no_grad():
        mu, logvar = example.network.encode(example.x)
        torch.testing.assert_close(vae.encode(example.x), (mu, logvar), atol=1e-5, rtol=1e-5)
        ours, theirs = torch.sigmoid(vae.decode(mu)), torch.sigmoid(example.network.decode(mu))
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=0)


def test_it_is_saved_and_opened_as_a_model_of_ours(example: Trained, tmp_path: Path) -> None:
    path = example.save(tmp_path / "m.safetensors")
    assert is_foreign(path)
    found = load_foreign(path).checkpoint(Reading("leaky_relu", leak=0.2, output="image"), SHAPE)
    save_checkpoint(found, tmp_path / "ours.safetensors")
    again = load_checkpoint(tmp_path / "ours.safetensors")
    assert not is_foreign(tmp_path / "ours.safetensors")
    assert again.architecture == found.architecture
    assert again.likelihood == found.likelihood


def test_readings_compute_what_they_say(example: Trained, tmp_path: Path) -> None:
    foreign = load_foreign(example.save(tmp_path / "m.safetensors"))
    network = Example(hidden=64, latent_dim=2, activation=lambda x: F.leaky_relu(x, 0.2))
    network.load_state_dict(example.network.state_dict())
    reading = Reading("leaky_relu", 0.2, swapped=True, spread="log_sigma", output="image")
    found = foreign.checkpoint(reading, SHAPE)
    vae = vae_from_parameters(found.architecture, found.parameters)
    with torch.no_grad():
        second, first = network.encode(example.x)
        mu, logvar = vae.encode(example.x)
        torch.testing.assert_close(mu, first, atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(logvar, 2 * second, atol=1e-5, rtol=1e-5)
        image = torch.sigmoid(vae.decode(mu))
        wanted = network.decode(first).clamp(1e-6, 1 - 1e-6)
    torch.testing.assert_close(image, wanted, atol=1e-5, rtol=0)


NAMED: dict[str, tuple[dict[str, tuple[int, int]], tuple[str, ...]]] = {
    "sequential": (
        {
            "encoder.0": (784, 512), "encoder.2": (512, 256), "mu": (256, 8), "logvar": (256, 8),
            "decoder.0": (8, 256), "decoder.2": (256, 512), "decoder.4": (512, 784),
        },
        ("encoder.0", "encoder.2", "logvar", "mu", "decoder.0", "decoder.2", "decoder.4"),
    ),
    "logvar sorts before mu": (
        {"enc": (64, 32), "enc_mu": (32, 3), "enc_logvar": (32, 3), "dec1": (3, 32),
         "dec2": (32, 64)},
        ("enc", "enc_logvar", "enc_mu", "dec1", "dec2"),
    ),
    "three layers, numbered": (
        {"fc1": (784, 512), "fc2": (512, 256), "fc31": (256, 2), "fc32": (256, 2),
         "fc4": (2, 256), "fc5": (256, 512), "fc6": (512, 784)},
        ("fc1", "fc2", "fc31", "fc32", "fc4", "fc5", "fc6"),
    ),
    "square layers, in two modules": (
        {"Encoder.FC_input": (784, 400), "Encoder.FC_input2": (400, 400),
         "Encoder.FC_mean": (400, 200), "Encoder.FC_var": (400, 200),
         "Decoder.FC_hidden": (200, 400), "Decoder.FC_hidden2": (400, 400),
         "Decoder.FC_output": (400, 784)},
        ("Encoder.FC_input", "Encoder.FC_input2", "Encoder.FC_mean", "Encoder.FC_var",
         "Decoder.FC_hidden", "Decoder.FC_hidden2", "Decoder.FC_output"),
    ),
    "one head of 2K, and a decoder of other widths": (
        {"model.encoder.1": (64, 32), "model.encoder.3": (32, 6), "model.decoder.0": (3, 16),
         "model.decoder.2": (16, 64)},
        ("model.encoder.1", "model.encoder.3", "model.decoder.0", "model.decoder.2"),
    ),
    "lists of layers, more than ten": (
        {f"enc.layers.{i}": (64 - i, 63 - i) for i in range(11)}
        | {"enc.fc_mu": (53, 2), "enc.fc_log_var": (53, 2), "dec.0": (2, 53), "dec.1": (53, 64)},
        (*(f"enc.layers.{i}" for i in range(11)), "enc.fc_log_var", "enc.fc_mu", "dec.0", "dec.1"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NAMED)
def test_tutorials_are_recognised(name: str, tmp_path: Path) -> None:
    layers, order = NAMED[name]
    foreign = load_foreign(save_layers(tmp_path / "m.safetensors", layers))
    assert (*foreign.encoder, *foreign.heads, *foreign.decoder) == order
    mu = foreign.head_names[1 if foreign.likely.swapped else 0]
    assert "log" not in mu
    assert "var" not in mu
    assert mu != "fc32"
    side = (1, foreign.pixels, 1)
    found = foreign.checkpoint(foreign.likely, side)
    vae_from_parameters(found.architecture, found.parameters)


@pytest.mark.parametrize(
    ("activation", "name"), [(torch.relu, "relu"), (torch.tanh, "tanh"), (F.elu, "elu")]
)
def test_the_best_reading_is_the_true_one(
    activation: type[nn.Module], name: str, tmp_path: Path
) -> None:
    trained = train_example(
        activation, spread="log_sigma" if name == "elu" else "logvar", image=name == "tanh"
    )
    # Nothing in these names says which head is which.
    heads = {"fc21": "b", "fc22": "a", "fc1": "c", "fc3": "d", "fc4": "e"}
    foreign = load_foreign(trained.save(tmp_path / "m.safetensors", heads))
    x = trained.x[:64].numpy()
    best = best_reading(foreign, x, SHAPE)
    assert best.activation == name
    assert foreign.head_names[1 if best.swapped else 0] == "b"
    assert best.output == ("image" if name == "tanh" else "logits")
    assert best.spread == ("log_sigma" if name == "elu" else "logvar")
    if name == "tanh":
        error = tried(foreign, best, x, SHAPE).squared_error
        assert best.likelihood == Likelihood("gaussian", float(f"{error:.2g}"))


@pytest.mark.parametrize("spread", LOGVARS)
def test_the_spread_is_told_by_the_elbo_and_computes_as_torch_does(
    spread: Spread, tmp_path: Path
) -> None:
    trained = train_example(spread=spread, steps=250, latent_dim=20)
    foreign = load_foreign(trained.save(tmp_path / "m.safetensors"))
    x = trained.x[:64].numpy()
    best = best_reading(foreign, x, SHAPE)
    assert best.spread == spread
    elbos = {other: tried(foreign, replace(best, spread=other), x, SHAPE).elbo for other in LOGVARS}
    assert max(elbos, key=lambda other: elbos[other]) == spread
    found = foreign.checkpoint(best, SHAPE)
    vae = vae_from_parameters(found.architecture, found.parameters)
    with torch.no_grad():
        mu, head = trained.network.encode(trained.x)
        ours = vae.encode(trained.x)
    torch.testing.assert_close(ours, (mu, LOGVARS[spread](head)), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("head", get_args(LogvarHead))
def test_no_head_is_without_bounds_or_gradient(head: LogvarHead) -> None:
    architecture = Architecture((1, 1, 1), 1, hidden=(1,), activation="relu", logvar_head=head)
    parameters = {
        "encoder.0.weight": np.ones((1, 1)), "encoder.0.bias": np.zeros(1),
        "encoder.2.weight": np.array([[0], [1]]), "encoder.2.bias": np.zeros(2),
        "decoder.0.weight": np.ones((1, 1)), "decoder.0.bias": np.zeros(1),
        "decoder.2.weight": np.ones((1, 1)), "decoder.2.bias": np.zeros(1),
    }  # fmt: skip
    for raw in (0.0, -1e-30, 1e30, -1e30):
        bias = np.array([0, raw], np.float32)
        state = {n: v.astype(np.float32) for n, v in parameters.items()} | {"encoder.2.bias": bias}
        vae = vae_from_parameters(architecture, state)
        _, logvar = vae.encode(torch.zeros(1, 1))
        logvar.exp().sum().backward()
        assert abs(float(logvar.detach())) <= FREE_LOGVAR_BOUND + 1e-4
        assert all(p.grad is None or p.grad.isfinite().all() for p in vae.parameters())


def test_what_is_known_is_not_guessed(example: Trained, tmp_path: Path) -> None:
    foreign = load_foreign(example.save(tmp_path / "m.safetensors"))
    known = Known("leaky_relu", 0.3, True, "log_sigma", "image", "gaussian", 0.5)
    best = best_reading(foreign, example.x[:8].numpy(), SHAPE, known)
    wanted = Reading("leaky_relu", 0.3, True, "log_sigma", "image", Likelihood("gaussian", 0.5))
    assert best == wanted


def test_images_of_another_size_are_refused_with_both(example: Trained, tmp_path: Path) -> None:
    foreign = load_foreign(example.save(tmp_path / "m.safetensors"))
    with pytest.raises(InputError, match=r"784 values, .* 32×32 grey, which are 1,024"):
        foreign.checkpoint(Reading(), (1, 32, 32))


def test_half_precision_and_layers_without_bias_are_read(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    layers = {"fc1": (9, 5), "fc21": (5, 2), "fc22": (5, 2), "fc3": (2, 5), "fc4": (5, 9)}
    state = {f"{n}.weight": torch.ones(out, into).half() for n, (into, out) in layers.items()}
    save_file(state, path)
    found = load_foreign(path).checkpoint(Reading(), (1, 3, 3))
    vae = vae_from_parameters(found.architecture, found.parameters)
    mu, _ = vae.encode(torch.ones(1, 9))
    np.testing.assert_array_equal(mu.detach().numpy(), [[45, 45]])
