"""The network: shapes, bounds, seeds, and parameters that do not fit."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from latentlab.core.spec import (
    LIVE_ARCHITECTURE,
    LOGVAR_BOUND,
    MAX_DEPTH,
    MAX_WIDTH,
    Architecture,
)
from latentlab.core.vae import (
    VAE,
    count_parameters,
    new_vae,
    parameters_of,
    vae_from_parameters,
)
from latentlab.errors import InputError
from tests.core.examples import TINY, architectures, parameters


def fresh(architecture: Architecture, seed: int = 0) -> VAE:
    return new_vae(architecture, torch.Generator().manual_seed(seed))


def images(architecture: Architecture, n: int = 5) -> torch.Tensor:
    return torch.rand(n, architecture.pixels, generator=torch.Generator().manual_seed(1))


CASES = {
    "live": LIVE_ARCHITECTURE,
    "mlp": Architecture(),
    "mlp residual": Architecture(hidden=(20, 10), residual_blocks=2, latent_dim=5),
    "mlp normalised": Architecture(
        hidden=(20, 10), residual_blocks=1, decoder_blocks=2, normalised=True
    ),
    "conv": Architecture(kind="conv", hidden=(4, 8)),
    "conv residual": Architecture(kind="conv", hidden=(4,), residual_blocks=1),
    "odd size": Architecture((1, 13, 7), kind="conv", hidden=(3, 4, 5)),
    "one pixel high": Architecture((1, 1, 9), kind="conv", hidden=(3, 4)),
    "colour": Architecture((3, 11, 12), kind="conv", hidden=(6,), latent_dim=3),
    "colour mlp": Architecture((3, 5, 4), hidden=(6,), activation="gelu"),
}


@pytest.mark.parametrize("architecture", CASES.values(), ids=CASES)
def test_shapes(architecture: Architecture) -> None:
    model, x = fresh(architecture), images(architecture)
    mu, logvar = model.encode(x)
    assert mu.shape == logvar.shape == (5, architecture.latent_dim)
    assert model.decode(mu).shape == x.shape


@given(architectures)
def test_every_architecture_goes_there_and_back(architecture: Architecture) -> None:
    model, x = fresh(architecture), images(architecture, 2)
    mu, _ = model.encode(x)
    assert model.decode(mu).shape == x.shape
    assert count_parameters(architecture) == sum(
        array.size for array in parameters_of(model).values()
    )


@pytest.mark.parametrize("architecture", CASES.values(), ids=CASES)
def test_every_parameter_learns(architecture: Architecture) -> None:
    """A layer left out of the forward pass would have no gradient."""
    model = fresh(architecture)
    mu, logvar = model.encode(images(architecture))
    (model.decode(mu).square().sum() + logvar.sum()).backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name


def test_the_live_model_has_the_sizes_it_is_called_by() -> None:
    shapes = {name: array.shape for name, array in parameters(LIVE_ARCHITECTURE).items()}
    weights = [shape for name, shape in shapes.items() if name.endswith("weight")]
    assert weights == [(400, 784), (4, 400), (400, 2), (784, 400)]


@pytest.mark.parametrize("architecture", CASES.values(), ids=CASES)
@pytest.mark.parametrize("scale", [1e6, -1e6, 1e30])
def test_logvar_stays_bounded_for_absurd_inputs(architecture: Architecture, scale: float) -> None:
    mu, logvar = fresh(architecture).encode(scale * images(architecture))
    assert torch.isfinite(mu).all()
    assert (logvar.abs() <= LOGVAR_BOUND).all()
    assert torch.isfinite(logvar.exp().square()).all()


def test_logvar_is_unchanged_where_models_live() -> None:
    """The bound is smooth: it leaves σ = 0.1 at 0.1, to a few hundredths of a nat."""
    architecture = Architecture((1, 1, 1), 1, hidden=(1,))
    model = fresh(architecture)
    with torch.no_grad():
        model.encoder[-1].weight.zero_()
        for raw in (-4.6, -1.0, 0.0, 2.0):
            model.encoder[-1].bias.copy_(torch.tensor([0.3, raw]))
            mu, logvar = model.encode(torch.zeros(1, 1))
            assert float(mu) == pytest.approx(0.3)
            assert float(logvar) == pytest.approx(raw, abs=0.17)
            assert math.copysign(1, float(logvar)) == math.copysign(1, raw) or raw == 0


@pytest.mark.parametrize("architecture", CASES.values(), ids=CASES)
def test_the_seed_alone_makes_the_weights(architecture: Architecture) -> None:
    state = torch.get_rng_state()
    first = parameters_of(fresh(architecture, 3))
    torch.rand(7)
    second, other = parameters_of(fresh(architecture, 3)), parameters_of(fresh(architecture, 4))
    torch.set_rng_state(state)
    for name, array in first.items():
        np.testing.assert_array_equal(array, second[name])
        assert np.isfinite(array).all()
    assert any((array != other[name]).any() for name, array in first.items())


def test_new_weights_draw_from_no_other_generator() -> None:
    state = torch.get_rng_state()
    fresh(TINY)
    assert torch.equal(torch.get_rng_state(), state)


def test_new_weights_are_spread_as_torchs_own() -> None:
    """Linear layers: uniform to ±1/√fan-in, weights and biases."""
    found = parameters(Architecture(hidden=(500,)))
    for name, array in found.items():
        weight = found[name.replace("bias", "weight")]
        bound = 1 / math.sqrt(weight.shape[1])
        assert np.abs(array).max() <= bound
        if array.size > 100:
            assert np.abs(array).max() > 0.95 * bound
            assert array.std() == pytest.approx(bound / math.sqrt(3), rel=0.1)


@given(architectures)
def test_parameters_make_the_same_network(architecture: Architecture) -> None:
    original, x = fresh(architecture), images(architecture, 2)
    copy = vae_from_parameters(architecture, parameters_of(original))
    assert torch.equal(copy.encode(x)[1], original.encode(x)[1])
    assert torch.equal(copy.decode(copy.encode(x)[0]), original.decode(original.encode(x)[0]))


def test_a_network_owns_its_parameters_and_can_learn() -> None:
    given_arrays = parameters(TINY)
    model = vae_from_parameters(TINY, given_arrays)
    taken = parameters_of(model)
    with torch.no_grad():
        for parameter in model.parameters():
            assert parameter.requires_grad
            parameter.zero_()
    for name, array in parameters(TINY).items():
        np.testing.assert_array_equal(given_arrays[name], array)
        np.testing.assert_array_equal(taken[name], array)


@given(st.data())
def test_a_wrong_shape_is_refused_by_the_tensors_name(data: st.DataObject) -> None:
    found = parameters(TINY)
    name = data.draw(st.sampled_from(sorted(found)))
    kind = data.draw(st.sampled_from(["missing", "extra", "wider", "transposed"]))
    if kind == "missing":
        del found[name]
    elif kind == "extra":
        found[name + "2"] = found[name]
    elif kind == "wider":
        found[name] = np.concatenate([found[name]] * 2)
    else:
        found[name] = found[name][None]
    with pytest.raises(InputError, match=name.replace(".", r"\.")):
        vae_from_parameters(TINY, found)


def test_an_architecture_beyond_memory_is_refused_before_anything_is_allocated() -> None:
    """Its encoder's first layer alone would take a quarter of a terabyte."""
    vast = Architecture((1, 2048, 2048), hidden=(MAX_WIDTH,) * MAX_DEPTH)
    assert count_parameters(vast) > 10**11
    with pytest.raises(InputError, match="needs"):
        vae_from_parameters(vast, parameters(TINY))


@pytest.mark.parametrize("kind", ["mlp", "conv"])
def test_latent_values_stay_float32_under_mixed_precision(kind: Any) -> None:
    """bfloat16 has steps of 1/64 from 2 to 4: posteriors narrower than that would be lost."""
    model = fresh(Architecture(kind=kind, hidden=(8,), residual_blocks=1, normalised=True))
    z = torch.tensor([[2.0, 1.0], [2.001, 1.0]])
    first = next(layer for layer in model.decoder if isinstance(layer, torch.nn.Linear))
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        mu, logvar = model.encode(images(model.architecture))
        assert mu.dtype == logvar.dtype == torch.float32
        apart = first(z)
    assert (apart[1] - apart[0]).abs().sum() > 0
    with torch.inference_mode():
        exact, _ = model.encode(images(model.architecture))
        assert torch.equal(apart, first(z))
    # What is left is the rounding within the network, not of the latent values.
    assert torch.allclose(mu, exact, atol=0.05)
