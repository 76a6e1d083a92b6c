from pathlib import Path

import pytest

from latentlab.cli import main
from latentlab.data.remote import RemoteSet, folder_of
from tests.data.server import Served
from tests.data.test_download import kmnist, served  # noqa: F401


def test_the_sets_are_listed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LATENTLAB_DATA", str(tmp_path))
    assert main(["data"]) == 0
    listed = capsys.readouterr().out
    for words in ("shapes", "mnist-full", "11.6 MB", "CC BY-SA 3.0", "not downloaded", "KMNIST"):
        assert words in listed


def test_one_is_downloaded_and_trained_on(
    kmnist: RemoteSet,  # noqa: F811
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "m.safetensors"
    train = ["train", "--data", "kmnist", "--steps", "2", "--out", str(out)]
    assert main(train) == 2
    assert "latentlab data kmnist" in capsys.readouterr().err
    assert main(["data", "kmnist"]) == 0
    said = capsys.readouterr()
    assert said.out == f"kmnist: 400 training, 20 test images in {folder_of(kmnist)}\n"
    assert "CC BY-SA 4.0" in said.err
    assert main(train) == 0
    assert out.exists()
    assert main(["data"]) == 0
    assert str(folder_of(kmnist)) in capsys.readouterr().out


def test_what_cannot_be_downloaded_is_said(
    served: Served,  # noqa: F811
    kmnist: RemoteSet,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    served.behaviour = "wrong bytes"
    assert main(["data", "kmnist"]) == 2
    assert "SHA-256 differs" in capsys.readouterr().err
    assert main(["data", "cifar"]) == 2
    assert "choose mnist-full, fashion-mnist-full, kmnist" in capsys.readouterr().err
    assert main(["data", "shapes"]) == 0
    assert "comes with latentlab" in capsys.readouterr().out
