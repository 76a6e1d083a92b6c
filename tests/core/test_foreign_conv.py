"""State dicts with convolutions and batch norms: found, and equal to what torch computes."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from latentlab.core.checkpoint import load_checkpoint, save_checkpoint
from latentlab.core.foreign import load_foreign
from latentlab.core.foreign_guess import best_reading, tried
from latentlab.core.foreign_steps import Step, steps_down, steps_up, told
from latentlab.core.vae import vae_from_parameters
from latentlab.errors import InputError
from tests.core.foreign_conv import MODULES, TrainedTutorial, train_tutorial

SHAPE = (1, 28, 28)
_TRAINED: dict[str, TrainedTutorial] = {}


def trained(name: str) -> TrainedTutorial:
    if name not in _TRAINED:
        _TRAINED[name] = train_tutorial(name)
    return _TRAINED[name]


@pytest.mark.parametrize("name", MODULES)
def test_the_best_reading_computes_as_torch_does(name: str, tmp_path: Path) -> None:
    of = trained(name)
    foreign = load_foreign(of.save(tmp_path / "m.safetensors"))
    best = best_reading(foreign, of.x[:64].numpy(), SHAPE)
    save_checkpoint(foreign.checkpoint(best, SHAPE), tmp_path / "ours.safetensors")
    found = load_checkpoint(tmp_path / "ours.safetensors")
    vae = vae_from_parameters(found.architecture, found.parameters)
    with torch.no_grad():
        mu, logvar = of.network.encode(of.x)
        torch.testing.assert_close(vae.encode(of.x), (mu, logvar), atol=2e-5, rtol=1e-5)
        ours, theirs = torch.sigmoid(vae.decode(mu)), torch.sigmoid(of.network.decode(mu))
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=0)


def test_wrong_readings_are_worse(tmp_path: Path) -> None:
    of = trained("normed")
    foreign = load_foreign(of.save(tmp_path / "m.safetensors"))
    x = of.x[:64].numpy()
    best = best_reading(foreign, x, SHAPE)
    assert (best.activation, best.leak, best.bent) == ("leaky_relu", 0.2, False)
    downs, ups = foreign.steps(SHAPE)
    assert {told(best.down or ()), told(best.up or ())} == {
        "stride 2, padding 1", "stride 2·2·1, padding 1, output padding 1·1·0",
    }  # fmt: skip
    wrong = [
        *(replace(best, down=down) for down in downs if down != best.down),
        *(replace(best, up=up) for up in ups if up != best.up),
        replace(best, bent=True),
        replace(best, swapped=not best.swapped),
        replace(best, activation="tanh"),
        replace(best, spread="log_sigma"),
    ]
    elbo = tried(foreign, best, x, SHAPE).elbo
    assert [r for r in wrong if tried(foreign, r, x, SHAPE).elbo >= elbo] == []


def test_names_tell_where_batch_norms_are(tmp_path: Path) -> None:
    """bn1 follows conv1, whatever the order in which a file has them."""
    state = load_file(trained("strided").save(tmp_path / "m.safetensors"))
    for name, size in {"bn1": 8, "bn2": 16, "bn3": 8}.items():
        state |= {f"{name}.weight": torch.ones(size), f"{name}.bias": torch.zeros(size)}
        state |= {f"{name}.running_mean": torch.zeros(size)}
        state |= {f"{name}.running_var": torch.ones(size)}
        state |= {f"{name}.num_batches_tracked": torch.tensor(1)}
    save_file(state, tmp_path / "m.safetensors")
    foreign = load_foreign(tmp_path / "m.safetensors")
    assert {norm.name: norm.layer for norm in foreign.norms} == {
        "bn1": "conv1", "bn2": "conv2", "bn3": "deconv1",
    }  # fmt: skip
    assert foreign.norm_places == (False, True)


def test_images_that_do_not_fit_are_refused_with_some_that_do(tmp_path: Path) -> None:
    foreign = load_foreign(trained("strided").save(tmp_path / "m.safetensors"))
    with pytest.raises(InputError, match=r"such as 28×28 grey or 32×32 grey, but .* has 64×64"):
        foreign.checkpoint(foreign.likely, (1, 64, 64))
    with pytest.raises(InputError, match="of 1 channels"):
        foreign.checkpoint(foreign.likely, (3, 28, 28))


def test_steps_are_those_that_torch_has() -> None:
    """Of a 32×32 image, four convolutions of kernel 4, the last of them to one pixel."""
    x, side = torch.zeros(1, 1, 32, 32), (32, 32)
    for steps in steps_down((4, 4, 4, 4), side, 1):
        y = x
        for step in steps:
            y = torch.conv2d(y, torch.zeros(1, 1, 4, 4), stride=step.stride, padding=step.padding)
            y = torch.max_pool2d(y, step.pool)
        assert y.shape[2:] == (1, 1)
    known = (Step(2, 1), Step(2, 1), Step(2, 1), Step(2, 0))
    assert known in steps_down((4, 4, 4, 4), side, 1)
    ups = steps_up((5, 5, 6, 6), ((True,),) * 4, (1, 1), (64, 64))
    assert ups[0] == (Step(2, 0, transposed=True),) * 4
    assert steps_down((3,), side, 7) == []


def test_absurd_layers_in_a_model_of_ours_are_refused(tmp_path: Path) -> None:
    foreign = load_foreign(trained("strided").save(tmp_path / "m.safetensors"))
    architecture = foreign.checkpoint(foreign.likely, SHAPE).architecture
    whole = architecture.to_json()
    assert type(architecture).from_json(json.loads(json.dumps(whole))) == architecture
    for half, at, change, says in (
        ("encoder_layers", 1, {"kernel": 10**9}, "kernel must be"),
        ("encoder_layers", 1, {"size": 0}, "size must be"),
        ("encoder_layers", 1, {"stride": "2"}, "stride must be"),
        ("encoder_layers", 1, {"kind": "lstm"}, "kind must be"),
        ("encoder_layers", 1, {"kernel": 30, "padding": 0}, "encoder_layers"),
        ("decoder_layers", 0, {"size": 785}, "cannot follow"),
        ("decoder_layers", 2, {"output_padding": 2}, "below its stride"),
        ("decoder_layers", 1, {"shape": [1 << 30, 1 << 30, 1 << 30]}, "shape must be"),
        ("decoder_layers", 1, {"shape": 7}, "shape must be"),
        ("decoder_layers", 1, {"code": "print"}, "a layer must be an object of"),
    ):
        fields = json.loads(json.dumps(whole))
        fields[half][at] |= change
        with pytest.raises(InputError, match=says):
            type(architecture).from_json(fields)
    for wrong in (None, [], 7, [7], [{}], [{"kind": "flatten"}] * 1000):
        with pytest.raises(InputError, match="layer"):
            type(architecture).from_json({**whole, "encoder_layers": wrong})


def test_variances_below_zero_are_refused(tmp_path: Path) -> None:
    state = load_file(trained("dense normed").save(tmp_path / "m.safetensors"))
    state["encoder.1.running_var"] = torch.from_numpy(np.full(64, -1.0, np.float32))
    save_file(state, tmp_path / "m.safetensors")
    with pytest.raises(InputError, match=r"encoder\.1\.running_var holds values below 0"):
        load_foreign(tmp_path / "m.safetensors")
