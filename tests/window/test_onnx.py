"""An encoder and a decoder from ONNX files in the window: asked, explored, inferred, refused."""

from collections.abc import Generator
from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QDialogButtonBox, QLabel

from latentlab.training.frozen_words import NOT_COMPARED, NOT_SAVED, NOT_TRAINED
from latentlab.training.onnx_vae import OnnxVAE
from latentlab.ui.onnx_dialog import OnnxDialog
from tests.core.foreign import Trained, train_example
from tests.training.onnx_example import export
from tests.window.conftest import OpenLab
from tests.window.lab import LEFT, NONE, Lab


@pytest.fixture(scope="module")
def example() -> Trained:
    return train_example()


@pytest.fixture(scope="module")
def folder(example: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("onnx")
    export(example.network, made)
    return made


def both(folder: Path) -> list[str]:
    return [str(folder / "encoder.onnx"), str(folder / "decoder.onnx")]


def asked(lab: Lab) -> bool:
    return lab.window.findChild(OnnxDialog, "onnxDialog") is not None


def answer(lab: Lab, button: QDialogButtonBox.StandardButton) -> None:
    box = lab.child("onnxDialog", OnnxDialog).findChild(QDialogButtonBox)
    assert box is not None
    box.button(button).click()
    lab.wait(lambda: not asked(lab))


def explore(lab: Lab, folder: Path) -> OnnxVAE:
    """Open both files as they are guessed."""
    lab.shell.onnx.ask(both(folder))
    lab.wait(lambda: asked(lab))
    answer(lab, QDialogButtonBox.StandardButton.Open)
    lab.wait(lambda: lab.shell.controller.heard and lab.snapshot.heldout is not None)
    model = lab.shell.controller.present.onnx
    assert model is not None
    return model


def test_points_and_pictures_are_torchs(lab: Lab, example: Trained, folder: Path) -> None:
    model = explore(lab, folder)
    train = lab.shell.controller.present.pair.train
    assert model.likelihood.name == "bernoulli"
    x = lab.viewer.sight().x(np.arange(200))
    z = torch.tensor([[0.5, -0.25]])
    with torch.no_grad():
        mu, logvar = example.network.encode(x)
        image = torch.sigmoid(example.network.decode(z))
    np.testing.assert_allclose(lab.snapshot.cloud.mu[:200], mu, atol=1e-5)
    np.testing.assert_allclose(lab.snapshot.cloud.logvar[:200], logvar, atol=1e-5)
    lab.wait(lambda: len(lab.plane.scene.cloud) == len(train))
    np.testing.assert_allclose(torch.sigmoid(model.decode(z)), image, atol=1e-5)
    lab.shell.choices.move_z(0.5, -0.25)
    wanted = (255 * image.numpy().reshape(28, 28)).round()
    assert np.abs(lab.decoded().astype(int) - wanted).max() <= 1
