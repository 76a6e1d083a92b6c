"""Another program's state dict in the window: asked, shown, saved, opened, trained."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QDialogButtonBox, QLabel

from latentlab.core.checkpoint import load_checkpoint
from latentlab.ui.foreign_dialog import ForeignDialog
from tests.bad_files.foreign import layers
from tests.core.foreign import Trained, train_example
from tests.window.conftest import OpenLab
from tests.window.lab import Lab


@pytest.fixture(scope="module")
def example() -> Trained:
    return train_example(torch.tanh)


def ask(lab: Lab, path: Path) -> ForeignDialog:
    lab.shell.files.open_path(str(path))
    lab.wait(lambda: lab.window.findChild(ForeignDialog, "foreignDialog") is not None)
    return lab.child("foreignDialog", ForeignDialog)


def chosen(lab: Lab, name: str) -> str:
    return lab.child(name, QComboBox).currentText()


def gone(lab: Lab) -> bool:
    return lab.window.findChild(ForeignDialog, "foreignDialog") is None


def test_it_is_asked_shown_saved_opened_and_trained(
    lab: Lab, example: Trained, tmp_path: Path
) -> None:
    dialog = ask(lab, example.save(tmp_path / "theirs.safetensors"))
    assert not dialog.isModal()
    assert (chosen(lab, "foreignActivation"), chosen(lab, "foreignMu")) == ("tanh", "fc21")
    assert (chosen(lab, "foreignSpread"), chosen(lab, "foreignLikelihood")) == (
        "log σ²", "Bernoulli",
    )  # fmt: skip
    said = lab.text("foreignSays")
    before = lab.child("foreignPicture", QLabel).pixmap().toImage()

    heads = lab.child("foreignMu", QComboBox)
    heads.setFocus()
    QTest.keyClick(heads, Qt.Key.Key_Down)
    assert chosen(lab, "foreignMu") == "fc22"
    lab.wait(lambda: lab.text("foreignSays") != said)
    assert lab.child("foreignPicture", QLabel).pixmap().toImage() != before
    QTest.keyClick(heads, Qt.Key.Key_Up)
    lab.wait(lambda: lab.text("foreignSays") == said)

    box = dialog.findChild(QDialogButtonBox)
    assert box is not None
    box.button(QDialogButtonBox.StandardButton.Save).click()
    path = tmp_path / "ours.safetensors"
    lab.answer_file_dialog(path)
    lab.wait(lambda: str(path) in lab.shell.controller.present.model)
    weight = example.network.fc1.weight.detach().numpy()
    np.testing.assert_array_equal(load_checkpoint(path).parameters["encoder.0.weight"], weight)
    lab.wait(lambda: lab.shell.controller.engine_knows)
    lab.click("stepButton")
    lab.wait(lambda: lab.snapshot.step == 1)
    lab.wait(lambda: gone(lab))


def test_a_window_that_is_started_with_it_asks_too(
    open_lab: OpenLab, example: Trained, tmp_path: Path
) -> None:
    lab = open_lab(str(example.save(tmp_path / "theirs.safetensors")))
    lab.wait(lambda: not gone(lab))
    assert lab.shell.controller.present.model == "mnist-2d-live"
    lab.child("foreignDialog", ForeignDialog).reject()


def test_cancelled_it_leaves_the_app_as_it_was(lab: Lab, example: Trained, tmp_path: Path) -> None:
    present = lab.shell.controller.present
    dialog = ask(lab, example.save(tmp_path / "theirs.safetensors"))
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    lab.wait(lambda: gone(lab))
    assert lab.shell.controller.present == present
    assert [path.name for path in tmp_path.glob("*.safetensors")] == ["theirs.safetensors"]


def test_what_is_not_recognised_or_does_not_fit_is_said(lab: Lab, tmp_path: Path) -> None:
    present = lab.shell.controller.present
    sizes = {"fc1": (900, 8), "fc21": (8, 2), "fc22": (8, 2), "fc3": (2, 8), "fc4": (8, 900)}
    for name, content, says in (
        ("classifier", layers({"fc1": (784, 128), "fc2": (128, 10)}), "do not lead from an image"),
        (
            "larger",
            layers(sizes),
            "900 values, but mnist has 28×28 grey",
        ),
    ):
        path = tmp_path / f"{name}.safetensors"
        path.write_bytes(content)
        lab.shell.files.open_path(str(path))
        lab.wait(lambda says=says: says in lab.said)
    assert gone(lab)
    assert lab.shell.controller.present == present
