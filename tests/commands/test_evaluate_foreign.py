"""`latentlab evaluate` on another program's state dict."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch.distributions import Normal, kl_divergence

from latentlab.app.opening import open_model
from latentlab.cli import main
from latentlab.core.spec import Likelihood, LossWeights
from latentlab.core.vae import parameters_of
from latentlab.data.bundled import load_bundled
from latentlab.errors import InputError
from latentlab.training.images import Images
from latentlab.training.messages import Settings
from latentlab.training.trainer import Trainer
from tests.core.foreign import Trained, train_example
from tests.core.foreign_conv import train_tutorial

ASKED = ("--data", "mnist", "--split", "train", "--limit", "64")


@pytest.fixture(scope="module")
def example() -> Trained:
    return train_example(torch.tanh)


@pytest.fixture
def path(example: Trained, tmp_path: Path) -> Path:
    return example.save(tmp_path / "theirs.safetensors")


def figures(capsys: pytest.CaptureFixture[str], *asked: object) -> dict[str, object]:
    assert main(["evaluate", *(str(part) for part in asked), "--json"]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def sentence(capsys: pytest.CaptureFixture[str], *asked: object) -> str:
    assert main(["evaluate", *(str(part) for part in asked)]) == 2
    return capsys.readouterr().err


def test_it_is_read_as_it_reconstructs_best_and_says_how(
    example: Trained, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = figures(capsys, path, *ASKED)
    assert found["reading"] == {
        "activation": "tanh", "mu": "fc21", "logvar": "fc22", "output": "logits",
        "likelihood": "bernoulli",
    }  # fmt: skip
    binary = Images(load_bundled("mnist").train).evaluation_batch(slice(0, 64), Likelihood())
    with torch.no_grad():
        mu, logvar = example.network.encode(binary)
    kl = kl_divergence(Normal(mu, torch.exp(0.5 * logvar)), Normal(0.0, 1.0)).sum(-1).mean()
    assert found["kl"] == pytest.approx(float(kl), abs=1e-4)
    assert found["elbo"] > -250  # a constant grey image gives −543


def test_what_is_said_is_done(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = ("--activation", "leaky_relu", "--leak", "0.3", "--mu-head", "2")
    more = ("--spread", "log_sigma", "--likelihood", "gaussian", "--variance", "0.05")
    found = figures(capsys, path, *ASKED, *said, *more, "--output", "image")
    assert found["reading"] == {
        "activation": "leaky_relu", "leak": 0.3, "mu": "fc22", "log_sigma": "fc21",
        "output": "image", "likelihood": "gaussian", "variance": 0.05,
    }  # fmt: skip
    assert found["variance"] == 0.05


def test_people_are_told_the_reading(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(path), *ASKED]) == 0
    told = capsys.readouterr().out
    assert "activation tanh, mu fc21, logvar fc22, output logits, likelihood bernoulli" in told


def test_the_evidence_is_integrated_as_of_any_model(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = figures(capsys, path, *ASKED[:-1], "4", "--exact")
    assert found["exact"] > found["elbo"]


def test_strides_and_batch_norms_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = train_tutorial("normed").save(tmp_path / "conv.safetensors")
    reading = figures(capsys, path, *ASKED)["reading"]
    assert isinstance(reading, dict)
    told = {name: reading[name] for name in ("encoder", "decoder", "before_decoder", "batch_norms")}
    assert told == {
        "encoder": "stride 2, padding 1",
        "decoder": "stride 2·2·1, padding 1, output padding 1·1·0",
        "before_decoder": "no activation",
        "batch_norms": "4 folded into the layers",
    }


def test_spreads_of_the_other_format_are_refused(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = sentence(capsys, path, *ASKED, "--spread", "variance")
    assert "--spread of a state dict is one of logvar, log_sigma, sigma, softplus" in said
    models = ("--encoder", "e.onnx", "--decoder", "d.onnx")
    said = sentence(capsys, *models, *ASKED, "--spread", "softplus")
    assert "--spread of an ONNX model is one of logvar, log_sigma, sigma, variance" in said


def test_data_that_do_not_fit_are_refused_with_both_sizes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = train_example(steps=0).network
    state.fc1 = torch.nn.Linear(900, 64)
    state.fc4 = torch.nn.Linear(64, 900)
    path = Trained(state, torch.zeros(0)).save(tmp_path / "m.safetensors")
    said = sentence(capsys, path, "--data", "mnist")
    assert said == (
        f"latentlab: {path} takes images of 900 values, but mnist has 28×28 grey, which are 784: "
        "choose data of that many.\n"
    )


def test_our_models_say_themselves_how_they_are_read(capsys: pytest.CaptureFixture[str]) -> None:
    said = sentence(capsys, "mnist-2d-live", "--data", "mnist", "--activation", "relu")
    assert "says itself how it is to be read" in said


def test_it_is_written_as_a_model_of_ours_which_opens_and_trains(
    example: Trained, path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "ours.safetensors"
    with pytest.raises(InputError, match="evaluate FILE --data DATA --save-as"):
        open_model(str(path))
    found = figures(capsys, path, *ASKED, "--save-as", out)
    again = figures(capsys, out, *ASKED)
    assert {**again, "reading": found["reading"]} == found
    opened = open_model(str(out))
    assert opened.checkpoint is not None
    trainer = Trainer.from_checkpoint(
        opened.checkpoint, Images(opened.pair.train), LossWeights(), Likelihood(), Settings()
    )
    before = example.network.fc1.weight.detach().numpy()
    trainer.step()
    assert not np.array_equal(parameters_of(trainer.model)["encoder.0.weight"], before)
    assert "exists" in sentence(capsys, path, *ASKED, "--save-as", out)


def test_a_reading_that_tells_nothing_of_the_images_is_not_trusted(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each half is right, but between them is something that the file does not tell."""
    state = load_file(path)
    state["fc3.weight"] = state["fc3.weight"].flip(0)
    save_file(state, path)
    assert main(["evaluate", str(path), *ASKED]) == 0
    assert "no better than their mean does" in capsys.readouterr().err


def test_a_good_reading_is_told_without_a_warning(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(path), *ASKED]) == 0
    assert capsys.readouterr().err == ""
