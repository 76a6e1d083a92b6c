"""Folders of pictures and files of arrays on the command line."""

import json
from pathlib import Path

import numpy as np
import pytest

from latentlab.cli import main
from latentlab.core.checkpoint import load_checkpoint
from tests.data.signals import sines
from tests.data.test_image_folder import make_pictures

SHORT = ["--hidden", "8", "--steps", "1", "--latent-dim", "10"]


def test_a_folder_is_trained_on_in_the_form_that_options_say(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_pictures(tmp_path / "mine", ["猫", "dogs"])
    (folder / "dogs" / "torn.png").write_bytes(b"\x89PNG")
    out = tmp_path / "m.safetensors"
    form = ["--image-size", "12", "--colour", "rgb", "--crop", "--invert"]
    assert main(["train", "--data", str(folder), *form, "--out", str(out), *SHORT]) == 0
    err = capsys.readouterr().err
    assert f"{folder}::12-rgb-crop-inverted" in err
    assert "of 3×12×12, 2 classes, files skipped: 1" in err
    assert f"skipped: {folder / 'dogs' / 'torn.png'} is " in err
    architecture = load_checkpoint(out).architecture
    assert (architecture.image_shape, architecture.latent_dim) == ((3, 12, 12), 10)
    assert main(["evaluate", str(out), "--data", str(folder), *form, "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["n"] + len(load_checkpoint(out).cloud["mu"]) == 24


def test_without_options_the_pictures_say_their_form(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = make_pictures(tmp_path / "mine", ["a"]), tmp_path / "m.safetensors"
    assert main(["train", "--data", str(folder), "--out", str(out), *SHORT]) == 0
    assert "::10-grey-fit" in capsys.readouterr().err
    assert main(["evaluate", str(out), "--data", f"{folder}::16-grey-fit"]) == 2
    assert capsys.readouterr().err.endswith(
        f"{out} takes images of 10×10 grey, but {folder}::16-grey-fit has 16×16 grey: choose data "
        "of that shape.\n"
    )


def test_a_file_of_arrays_is_data(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (30, 8, 9), np.uint8)
    np.savez(tmp_path / "mine.npz", x=images, y=np.arange(30) % 3)
    out = tmp_path / "m.safetensors"
    assert main(["train", "--data", str(tmp_path / "mine.npz"), "--out", str(out), *SHORT]) == 0
    assert load_checkpoint(out).architecture.image_shape == (1, 8, 9)


def test_vectors_are_trained_on_with_a_gaussian(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows, out = sines(60, 64)[0], tmp_path / "m.safetensors"
    np.savetxt(tmp_path / "signals.csv", np.abs(rows), "%.4f", ",")
    data = f"{tmp_path / 'signals.csv'}::vector"
    assert main(["train", "--data", data, "--out", str(out), *SHORT]) == 0
    checkpoint = load_checkpoint(out)
    assert checkpoint.architecture.image_shape == (1, 1, 64)
    assert checkpoint.likelihood.name == "gaussian"
    capsys.readouterr()
    assert main(["evaluate", str(out), "--data", data, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["likelihood"] == "gaussian"


@pytest.mark.parametrize("arguments", [["mnist", "--crop"], ["--invert"]])
def test_options_that_say_nothing_are_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert "--crop and --invert" in capsys.readouterr().err
