"""A state dict of images from −1 to 1, with layer norms, in the window."""

from pathlib import Path

import torch
from PySide6.QtWidgets import QComboBox
from safetensors.torch import save_file

from latentlab.ui.foreign_dialog import ForeignDialog
from tests.core.foreign import digits
from tests.core.test_foreign_scale import dense, trained
from tests.window.lab import Lab


def test_the_scale_is_recognised_and_goes_with_the_last_layer(lab: Lab, tmp_path: Path) -> None:
    network = trained(dense(), 2 * digits() - 1, torch.tanh)
    save_file(network.state_dict(), tmp_path / "theirs.safetensors")
    lab.shell.files.open_path(str(tmp_path / "theirs.safetensors"))
    lab.wait(lambda: lab.window.findChild(ForeignDialog, "foreignDialog") is not None)
    dialog = lab.child("foreignDialog", ForeignDialog)
    scale, output = (lab.child(f"foreign{name}", QComboBox) for name in ("Scale", "Output"))
    assert (dialog.reading.scale, dialog.reading.output) == ("signed", "tanh")
    assert scale.findData("own") == -1  # of pictures
    good = lab.text("foreignSays")
    assert "mean" in good
    assert "Their mean" not in good

    scale.setCurrentIndex(scale.findData("unit"))
    assert output.currentData() == "image"
    lab.wait(lambda: "Their mean would do as well" in lab.text("foreignSays"))
    output.setCurrentIndex(output.findData("tanh"))
    assert scale.currentData() == "signed"
    lab.wait(lambda: lab.text("foreignSays") == good)
    dialog.reject()
    lab.wait(lambda: lab.window.findChild(ForeignDialog, "foreignDialog") is None)
