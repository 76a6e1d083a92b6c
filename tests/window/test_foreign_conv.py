"""A convolutional state dict in the window: its strides are asked, and what is saved trains."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QComboBox, QDialogButtonBox

from latentlab.core.checkpoint import load_checkpoint
from latentlab.ui.foreign_dialog import ForeignDialog
from tests.core.foreign_conv import TrainedTutorial, train_tutorial
from tests.window.lab import Lab


@pytest.fixture(scope="module")
def strided() -> TrainedTutorial:
    """Trained before a window is there, whose threads use torch, too."""
    return train_tutorial("strided")


def test_it_is_asked_saved_opened_and_trained(
    strided: TrainedTutorial, lab: Lab, tmp_path: Path
) -> None:
    path = strided.save(tmp_path / "theirs.safetensors")
    lab.shell.files.open_path(str(path))
    lab.wait(lambda: lab.window.findChild(ForeignDialog, "foreignDialog") is not None)
    dialog = lab.child("foreignDialog", ForeignDialog)
    shown = {
        name: lab.child(f"foreign{name}", QComboBox).currentText()
        for name in ("Activation", "Down", "Bent", "Up")
    }
    assert shown == {
        "Activation": "ReLU", "Down": "stride 2, padding 1", "Bent": "then none",
        "Up": "stride 2, padding 1",
    }  # fmt: skip
    assert not lab.child("foreignNorm", QComboBox).isVisible()
    said = lab.text("foreignSays")
    lab.child("foreignDown", QComboBox).setCurrentIndex(1)
    lab.wait(lambda: lab.text("foreignSays") != said)
    lab.child("foreignDown", QComboBox).setCurrentIndex(0)
    lab.wait(lambda: lab.text("foreignSays") == said)
    buttons = dialog.findChild(QDialogButtonBox)
    assert buttons is not None
    buttons.button(QDialogButtonBox.StandardButton.Save).click()
    ours = tmp_path / "ours.safetensors"
    lab.answer_file_dialog(ours)
    lab.wait(lambda: str(ours) in lab.shell.controller.present.model)
    assert load_checkpoint(ours).architecture.summary == (
        "conv 784-8×14×14-16×7×7-4-784-8×14×14-1×28×28"
    )
    lab.wait(lambda: lab.shell.controller.engine_knows)
    lab.click("stepButton")
    lab.wait(lambda: lab.snapshot.step == 1)
