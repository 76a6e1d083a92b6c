"""Other programs' ONNX models, in processes that are limited."""

import json
import threading
from pathlib import Path

import numpy as np
import pytest
import torch

from latentlab.cli import main
from latentlab.errors import InputError
from latentlab.training.onnx_process import OnnxProcess
from latentlab.training.onnx_vae import OnnxReading, OnnxVAE, open_onnx
from tests.bad_files.onnx_models import decoder, endless, linear
from tests.core.foreign import Trained, digits, train_example
from tests.core.test_foreign_scale import dense, trained
from tests.training.onnx_example import export

SHAPE = (1, 28, 28)
ASKED = ("--data", "mnist", "--split", "train", "--limit", "64", "--json")


@pytest.fixture(scope="module")
def example() -> Trained:
    return train_example()


@pytest.fixture(scope="module")
def folder(example: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("onnx")
    export(example.network, made)
    return made


def opened(folder: Path, x: torch.Tensor, **known: object) -> OnnxVAE:
    reading = OnnxReading(**known)  # type: ignore[arg-type]
    return open_onnx(folder / "encoder.onnx", folder / "decoder.onnx", SHAPE, x.numpy(), reading)


def test_posteriors_and_probabilities_are_torchs(example: Trained, folder: Path) -> None:
    model = opened(folder, example.x[:16])
    try:
        with torch.no_grad():
            mu, logvar = example.network.encode(example.x)
            torch.testing.assert_close(model.encode(example.x), (mu, logvar), atol=1e-5, rtol=1e-5)
            theirs = torch.sigmoid(example.network.decode(mu))
            ours = torch.sigmoid(model.decode(mu))
    finally:
        model.close()
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=0)


def test_weights_in_files_beside_are_the_same(
    example: Trained, folder: Path, tmp_path: Path
) -> None:
    export(example.network, tmp_path, inside=False)
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["decoder.onnx", "decoder.onnx.data", "encoder.onnx", "encoder.onnx.data"]
    inside, beside = opened(folder, example.x[:8]), opened(tmp_path, example.x[:8])
    try:
        for ours, theirs in zip(beside.encode(example.x), inside.encode(example.x), strict=True):
            torch.testing.assert_close(ours, theirs, atol=0, rtol=0)
    finally:
        inside.close()
        beside.close()


def test_what_is_known_of_a_model_is_of_its_weights_too(example: Trained, tmp_path: Path) -> None:
    export(example.network, tmp_path, inside=False)
    encoder, weights = tmp_path / "encoder.onnx", tmp_path / "encoder.onnx.data"
    first = OnnxProcess(encoder)
    first.close()
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    second = OnnxProcess(encoder)
    second.close()
    assert first.size == second.size == encoder.stat().st_size + len(content)
    assert first.sha256 != second.sha256


def test_evaluate_gives_the_figures_of_the_same_weights(
    example: Trained, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = ("--encoder", str(folder / "encoder.onnx"), "--decoder", str(folder / "decoder.onnx"))
    assert main(["evaluate", *paths, "--likelihood", "bernoulli", *ASKED]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["reading"] == {
        "mu": "mu", "logvar": "logvar", "decoded": "image", "output": "image",
        "likelihood": "bernoulli",
    }  # fmt: skip
    state = example.save(tmp_path / "m.safetensors")
    assert main(["evaluate", str(state), *ASKED]) == 0
    wanted = json.loads(capsys.readouterr().out)
    assert found["elbo"] == pytest.approx(wanted["elbo"], abs=0.01)
    assert found["kl"] == pytest.approx(wanted["kl"], abs=1e-4)
    # σ² is part of what a Gaussian's ELBO means.
    assert main(["evaluate", *paths, "--likelihood", "gaussian", *ASKED]) == 0
    gaussian = json.loads(capsys.readouterr().out)
    assert gaussian["variance"] == gaussian["reading"]["variance"] > 0


def test_outputs_are_taken_as_they_are_said(example: Trained, folder: Path) -> None:
    model = opened(folder, example.x[:4], mu="logvar", spread_output="mu", spread="log_sigma")
    try:
        mu, logvar = model.encode(example.x[:4])
    finally:
        model.close()
    with torch.no_grad():
        first, second = example.network.encode(example.x[:4])
    torch.testing.assert_close(mu, second, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(logvar, 2 * first, atol=1e-5, rtol=1e-5)


def test_names_that_say_nothing_are_told_by_order_and_elbo(
    example: Trained, tmp_path: Path
) -> None:
    export(example.network, tmp_path, ("a", "b"))
    model = opened(tmp_path, example.x[:64])
    model.close()
    reading = model.reading
    assert (reading.mu, reading.spread_output, reading.spread) == ("a", "b", "logvar")


def test_models_that_do_not_fit_each_other_say_both_shapes(
    example: Trained, folder: Path, tmp_path: Path
) -> None:
    export(train_example(steps=0, latent_dim=3).network, tmp_path)
    with pytest.raises(InputError, match=r"decoder.onnx takes z of shape N×3, .* mu of shape N×2"):
        open_onnx(
            folder / "encoder.onnx", tmp_path / "decoder.onnx", SHAPE, example.x[:4].numpy(),
            OnnxReading(),
        )  # fmt: skip
    with pytest.raises(InputError, match=r"has no output sigma of shape"):
        opened(folder, example.x[:4], spread_output="sigma")
    with pytest.raises(InputError, match=r"not above 0, so it is no sigma"):
        opened(folder, example.x[:4], spread="sigma")


def test_one_output_may_hold_mu_and_logvar(tmp_path: Path) -> None:
    (tmp_path / "encoder.onnx").write_bytes(linear())
    (tmp_path / "decoder.onnx").write_bytes(decoder())
    model = opened(tmp_path, torch.ones(3, 784))
    try:
        mu, logvar = model.encode(torch.ones(3, 784))
    finally:
        model.close()
    assert mu.shape == logvar.shape == (3, 2)


def test_a_model_without_end_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "endless.onnx"
    path.write_bytes(endless())
    process = OnnxProcess(path)
    try:
        process._seconds = 0.5
        with pytest.raises(
            InputError, match=r"endless.onnx cannot be used: no answer within 0.5 s"
        ):
            process.run(np.zeros((1, 784), np.float32))
    finally:
        process.close()


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (("--encoder", "E.onnx"), "come in two"),
        (("--encoder", "E.onnx", "--decoder", "D.onnx", "model"), "come in two"),
        (("--encoder", "E.onnx", "--decoder", "D.onnx", "--mu-head", "1"), "for state dicts"),
        (("mnist-2d-live", "--mu-output", "mu"), "for ONNX models"),
        ((), "Nothing to evaluate"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    asked: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", *asked, "--data", "mnist"]) == 2
    assert says in capsys.readouterr().err


def test_gradients_are_refused_in_a_sentence(example: Trained, folder: Path) -> None:
    model = opened(folder, example.x[:4])
    try:
        with pytest.raises(InputError, match="an ONNX model gives none"):
            model.decode(torch.zeros(1, 2, requires_grad=True))
    finally:
        model.close()


def test_threads_take_turns(example: Trained, folder: Path) -> None:
    """Else one that decodes a map would keep a window waiting that wants a single image."""
    model = opened(folder, example.x[:4])
    done: list[str] = []

    def decode_a_map() -> None:
        model.decode(torch.zeros(40 * 512, 2))
        done.append("map")

    worker = threading.Thread(target=decode_a_map)
    try:
        worker.start()
        for _ in range(5):
            model.decode(torch.zeros(1, 2))
            done.append("one")
        worker.join()
    finally:
        model.close()
    assert done == ["one"] * 5 + ["map"]


def test_a_closed_model_says_that_it_answers_no_more(example: Trained, folder: Path) -> None:
    model = opened(folder, example.x[:4])
    model.close()
    with pytest.raises(InputError, match=r"decoder.onnx answers no more, .* open it again"):
        model.decode(torch.zeros(1, 2))


def test_images_from_minus_1_to_1_are_recognised(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They were taken for logits, and the encoder was given images from 0 to 1."""
    x = digits()
    network = trained(dense(norm=torch.nn.BatchNorm1d), 2 * x - 1, torch.tanh)

    def tanh(z: torch.Tensor) -> torch.Tensor:
        return torch.tanh(network.decode(z))

    export(network, tmp_path, image=tanh)
    model = opened(tmp_path, x[:16])
    try:
        assert (model.reading.scale, model.reading.output) == ("signed", "image")
        assert model.likelihood.name == "gaussian"
        with torch.no_grad():
            mu, logvar = network.encode(2 * x - 1)
            torch.testing.assert_close(model.encode(x), (mu, logvar), atol=5e-5, rtol=1e-4)
            ours = torch.sigmoid(model.decode(mu))
            torch.testing.assert_close(ours, (tanh(mu) + 1) / 2, atol=1e-5, rtol=0)
    finally:
        model.close()
    paths = ("--encoder", str(tmp_path / "encoder.onnx"))
    paths += ("--decoder", str(tmp_path / "decoder.onnx"))
    assert main(["evaluate", *paths, *ASKED]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["reading"]["scale"] == "signed"
    assert told.err == ""
    assert main(["evaluate", *paths, "--scale", "unit", *ASKED]) == 0
    assert "no better than their mean does" in capsys.readouterr().err
