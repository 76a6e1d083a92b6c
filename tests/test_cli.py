"""The commands, as real processes."""

import gzip
import json
import os
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from latentlab import __version__, cli
from latentlab.commands.train import run_train
from latentlab.core.checkpoint import load_checkpoint, save_checkpoint
from latentlab.core.spec import Architecture, LossWeights
from latentlab.data.bundled import load_bundled
from tests.core import examples

FIGURES = {"elbo", "reconstruction", "kl", "elbo_se", "n", "likelihood", "latent_dim"}


def latentlab(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments),
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1", **environment},
        timeout=120,
        check=False,
    )


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "latentlab", *map(str, arguments)]


def succeeds(*arguments: object) -> str:
    done = latentlab(*arguments)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "Warning" not in done.stderr
    return done.stdout


def refused(*arguments: object) -> str:
    """The one sentence on stderr."""
    done = latentlab(*arguments)
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert done.stdout == ""
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("latentlab: ")
    return sentence


def figures_of(model: Path | str, data: Path | str) -> dict[str, Any]:
    figures: dict[str, Any] = json.loads(succeeds("evaluate", model, "--data", data, "--json"))
    variance = {"variance"} if figures["likelihood"] == "gaussian" else set()
    assert set(figures) == FIGURES | variance
    assert figures["elbo"] == pytest.approx(-(figures["reconstruction"] + figures["kl"]), rel=1e-9)
    return figures


@pytest.fixture(scope="module")
def idx_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """500 bundled images as IDX, one file plain and one gzip, without a split."""
    folder = tmp_path_factory.mktemp("idx")
    mnist = load_bundled("mnist").train
    images, labels = mnist.images[:500, 0], mnist.labels[:500].astype(np.uint8)
    (folder / "train-images-idx3-ubyte").write_bytes(
        struct.pack(">4I", 0x803, *images.shape) + images.tobytes()
    )
    (folder / "train-labels-idx1-ubyte.gz").write_bytes(
        gzip.compress(struct.pack(">2I", 0x801, len(labels)) + labels.tobytes())
    )
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("model") / "m.safetensors"
    printed = succeeds("train", "--data", "mnist", "--steps", 60, "--out", out)
    assert str(out) in printed
    assert "60 steps" in printed
    return out


def test_train_saves_a_model_that_evaluate_measures(model: Path) -> None:
    checkpoint = load_checkpoint(model)
    assert checkpoint.architecture.summary == "784-512-256-2-256-512-784"
    assert checkpoint.training["steps"] == 60
    assert checkpoint.data["n"] == 10_000
    assert checkpoint.cloud["mu"].shape == (10_000, 2)
    figures = figures_of(model, "mnist")
    assert (figures["n"], figures["likelihood"], figures["latent_dim"]) == (2000, "bernoulli", 2)
    assert 0 < figures["elbo_se"] < 3
    # Untrained: −784·log 2 = −543.
    assert -260 < figures["elbo"] < -150


def test_evaluate_speaks_to_people_too(model: Path) -> None:
    asked = ["evaluate", model, "--data", "mnist", "--split", "train", "--limit", 4]
    said = succeeds(*asked, "--samples", 2, "--exact")
    assert "nats per image" in said
    assert "n = 4" in said
    assert "2 importance-weighted samples" in said
    assert "log p(x) = -" in said
    assert "amortisation gap" in said


def test_many_samples_bound_the_evidence_more_closely(model: Path, idx_folder: Path) -> None:
    figures = json.loads(
        succeeds("evaluate", model, "--data", idx_folder, "--samples", 20, "--json")
    )
    assert set(figures) == FIGURES | {"iwae", "iwae_se", "samples"}
    assert figures["elbo"] < figures["iwae"] < figures["elbo"] + 20
    assert 0 < figures["iwae_se"] < 20
    assert figures["samples"] == 20


def test_the_evidence_is_computed_exactly(model: Path) -> None:
    asked = ["evaluate", model, "--data", "mnist", "--exact", "--limit", 12, "--samples", 50]
    figures = json.loads(succeeds(*asked, "--json"))
    exact = {"exact", "exact_se", "amortisation_gap", "approximation_gap", "unconverged"}
    assert set(figures) == FIGURES | {"iwae", "iwae_se", "samples"} | exact
    assert (figures["n"], figures["unconverged"]) == (12, 0)
    assert figures["elbo"] < figures["iwae"] < figures["exact"]
    gaps = figures["amortisation_gap"] + figures["approximation_gap"]
    assert figures["elbo"] + gaps == pytest.approx(figures["exact"], abs=1e-3)


def test_an_evidence_over_many_dimensions_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "wide.safetensors"
    save_checkpoint(examples.model(Architecture(hidden=(8,), latent_dim=3)), path)
    sentence = refused("evaluate", path, "--data", "mnist", "--exact")
    assert "at most 2 latent dimensions" in sentence
    assert "--samples" in sentence


def test_a_long_run_keeps_its_best_and_leaves_no_autosave(idx_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "long.safetensors"
    succeeds(
        *("train", "--data", idx_folder, "--epochs", 3, "--out", out),
        *("--schedule", "one-cycle", "--kl-warm-up", 1, "--average", "--patience", 2),
    )
    assert [path.name for path in tmp_path.glob("*.safetensors")] == ["long.safetensors"]
    checkpoint = load_checkpoint(out)
    assert checkpoint.training["epochs"] == 3
    assert "course" not in checkpoint.training


def test_options_that_do_not_go_together_say_so(idx_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "m.safetensors"
    train = ("train", "--data", idx_folder, "--out", out)
    assert "need --epochs" in refused(*train, "--steps", 5, "--schedule", "cosine")
    assert "--resume finds no" in refused(*train, "--steps", 5, "--resume")
    assert "--device mps cannot be used here" in refused(*train, "--steps", 5, "--device", "mps")


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGKILL")
def test_a_run_that_was_killed_goes_on(idx_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "m.safetensors"
    autosave = tmp_path / "m.autosave.safetensors"
    train = ("train", "--data", idx_folder, "--out", out)
    process = subprocess.Popen(command(*train, "--epochs", 1_000_000), stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 120
        while not autosave.exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)  # another process: there is no condition to be told of
    finally:
        process.kill()
        process.wait()
    killed_at = load_checkpoint(autosave).training
    assert killed_at["epochs"] >= 1
    assert not out.exists()
    steps = killed_at["steps"] + 20
    succeeds(*train, "--steps", steps, "--resume")
    assert load_checkpoint(out).training["steps"] == steps
    assert not autosave.exists()


def test_the_weights_are_taken_and_measured_with_weights_1(
    idx_folder: Path, tmp_path: Path
) -> None:
    kl = {}
    for name, options, weights in (
        ("no-kl", ["--no-kl"], LossWeights(kl_on=False)),
        ("beta", ["--beta", "20"], LossWeights(beta=20.0)),
    ):
        out = tmp_path / f"{name}.safetensors"
        succeeds("train", "--data", idx_folder, "--steps", 60, "--out", out, *options)
        assert load_checkpoint(out).weights == weights
        kl[name] = figures_of(out, idx_folder)["kl"]
    assert kl["no-kl"] > 5 * kl["beta"]


def test_other_networks_and_likelihoods_train_on_a_folder_of_idx_files(
    idx_folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "conv.safetensors"
    printed = succeeds(
        *("train", "--data", idx_folder, "--epochs", 2, "--out", out, "--json"),
        *("--latent-dim", 8, "--network", "conv", "--hidden", "8,16", "--residual-blocks", 1),
        *("--likelihood", "gaussian", "--variance", 0.05, "--batch-size", 100),
        *("--lr", 0.002, "--precision", "float32", "--weight-decay", 0.01, "--seed", 3),
    )
    report = json.loads(printed)
    assert report["epochs"] == 2
    assert report["out"] == str(out)
    checkpoint = load_checkpoint(out)
    assert checkpoint.training["seed"] == 3
    assert checkpoint.training["learning_rate"] == 0.002
    n = checkpoint.data["n"]
    assert 400 < n < 500
    figures = figures_of(out, idx_folder)
    assert (figures["n"], figures["likelihood"], figures["latent_dim"]) == (500 - n, "gaussian", 8)
    assert report["elbo"] == pytest.approx(figures["elbo"])


def test_the_same_seed_gives_the_same_model(idx_folder: Path, tmp_path: Path) -> None:
    files = [tmp_path / f"{i}.safetensors" for i in range(2)]
    for out in files:
        succeeds("train", "--data", idx_folder, "--steps", 10, "--out", out)
    one, other = (load_checkpoint(out).parameters for out in files)
    for name, value in one.items():
        np.testing.assert_array_equal(value, other[name])


def test_shipped_models_go_by_their_names() -> None:
    assert figures_of("mnist-2d-live", "mnist")["elbo"] > -155


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGINT for one process")
def test_ctrl_c_saves_what_there_is(idx_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "m.safetensors"
    with subprocess.Popen(
        command("train", "--data", idx_folder, "--steps", 10_000_000, "--out", out),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stderr is not None
        seen = b""
        while b"nats" not in seen:
            piece = process.stderr.read1()
            assert piece, seen
            seen += piece
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 0
    assert b"saving what there is" in stderr
    assert b"Traceback" not in stderr
    assert str(out).encode() in stdout
    assert load_checkpoint(out).training["steps"] > 0
    assert figures_of(out, idx_folder)["n"] > 0


def test_ctrl_c_elsewhere_ends_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(arguments: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("latentlab.commands.train.run_train", interrupted)
    assert cli.main(["train"]) == 130
    assert capsys.readouterr().err == ""


def test_divergence_is_said_saved_and_no_success(idx_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "m.safetensors"
    done = latentlab(
        *("train", "--data", idx_folder, "--steps", 100, "--out", out, "--lr", 1),
        *("--hidden", ",".join(["256"] * 16), "--residual-blocks", 2),
    )
    assert done.returncode == 1, done.stderr
    assert "Training stopped at step" in done.stderr
    assert "Traceback" not in done.stderr
    load_checkpoint(out)


def test_a_core_stays_free(idx_folder: Path, tmp_path: Path, capsys: Any) -> None:
    # With all cores, one of them busy, training was seen to fall to a twentieth.
    torch.set_num_threads(os.cpu_count() or 1)
    out = tmp_path / "m.safetensors"
    assert run_train(["--data", str(idx_folder), "--steps", "1", "--out", str(out)]) == 0
    assert torch.get_num_threads() == max(1, (os.cpu_count() or 1) - 1)


# --- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [None, b"", b"not a model at all", b"\x80\x04K\x01."])
def test_a_bad_model_is_refused_in_one_sentence(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "bad.safetensors"
    if content is not None:
        path.write_bytes(content)
    assert str(path) in refused("evaluate", path, "--data", "mnist", "--json")


def test_data_of_another_shape_is_refused(model: Path, tmp_path: Path) -> None:
    images = np.arange(20 * 8 * 8, dtype=np.uint8).reshape(20, 8, 8)
    (tmp_path / "train-images-idx3-ubyte").write_bytes(
        struct.pack(">4I", 0x803, *images.shape) + images.tobytes()
    )
    sentence = refused("evaluate", model, "--data", tmp_path)
    assert str(tmp_path) in sentence
    assert "8×8" in sentence
    assert "28×28" in sentence


def test_bad_data_is_refused_before_training(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    out = tmp_path / "m.safetensors"
    assert str(missing) in refused("train", "--data", missing, "--steps", 1, "--out", out)
    assert not out.exists()


def test_a_place_that_cannot_be_written_is_refused_before_training(
    idx_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for out in (tmp_path / "missing" / "m.safetensors", tmp_path):
        arguments = ["train", "--data", str(idx_folder), "--steps", "1", "--out", str(out)]
        assert cli.main(arguments) == 2
        assert str(out) in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--no-kl", "--no-reconstruction"], "--no-kl"),
        (["--beta", "-1"], "beta"),
        (["--variance", "0"], "variance"),
        (["--hidden", "0"], "hidden"),
        (["--hidden", "a,b"], "--hidden"),
        (["--hidden", "16384,16384,16384"], "--hidden"),
        (["--lr", "0"], "--lr"),
        (["--lr", "fast"], "--lr"),
        (["--seed", "99999999999999999999"], "--seed"),
        (["--batch-size", "0"], "--batch-size"),
        (["--latent-dim", "1025"], "--latent-dim"),
    ],
)
def test_options_out_of_range_are_refused_by_name(
    options: list[str],
    named: str,
    idx_folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "m.safetensors"
    arguments = ["train", "--data", str(idx_folder), "--steps", "1", "--out", str(out), *options]
    try:
        code: object = cli.main(arguments)
    except SystemExit as end:
        code = end.code
    assert code == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert named in said
    assert len(said) < 200
    assert not out.exists()


# --- help ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "example"),
    [
        ([], "latentlab --theme dark"),
        (["train"], "latentlab train --data"),
        (["evaluate"], "latentlab evaluate mnist-2d-live"),
    ],
)
def test_help_shows_an_example(arguments: list[str], example: str) -> None:
    # On a terminal without σ too.
    done = latentlab(*arguments, "--help", PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert "example" in done.stdout
    assert example in done.stdout


def test_version() -> None:
    assert succeeds("--version").strip() == f"latentlab {__version__}"


def test_export_writes_files_that_others_open(tmp_path: Path) -> None:
    model = tmp_path / "tiny.safetensors"
    save_checkpoint(examples.model(cloud={}), model)
    onnx, python = tmp_path / "onnx", tmp_path / "decode.py"
    out = succeeds("export", model, "--onnx", onnx, "--python", python)
    names = [python, tmp_path / "decode.weights.safetensors"]
    names += [onnx / "encoder.onnx", onnx / "decoder.onnx"]
    assert out.splitlines() == [str(name) for name in names]
    assert all(name.stat().st_size > 100 for name in names)


def test_export_says_what_it_cannot_do(tmp_path: Path) -> None:
    assert "--onnx FOLDER or --python" in refused("export", "mnist-2d-live")
    target = tmp_path / "no" / "decode.py"
    sentence = refused("export", "mnist-2d-live", "--python", target)
    assert str(target) in sentence
    assert "choose another place" in sentence
