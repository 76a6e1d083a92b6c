"""A folder of pictures in the window: asked about, seen, read, trained on, and opened again."""

import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialogButtonBox,
    QPlainTextEdit,
    QProgressBar,
    QSpinBox,
)

from latentlab.ui.images import ImageView
from latentlab.ui.import_dialog import ImportDialog
from tests.window.conftest import OpenLab
from tests.window.lab import LEFT, Lab
from tests.window.test_files import drop, wait_for_open
from tests.window.test_training import take_steps

Button = QDialogButtonBox.StandardButton


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """24 colour pictures of odd sizes in two classes, and a file that is none."""
    rng = np.random.default_rng(0)
    for name in ("猫", "dogs"):
        (tmp_path / "my photos" / name).mkdir(parents=True)
        for number in range(12):
            height, width = rng.integers(9, 40, 2)
            noise = rng.integers(0, 256, (height, width, 3), np.uint8)
            Image.fromarray(noise).save(tmp_path / "my photos" / name / f"{number}.png")
    (tmp_path / "my photos" / "dogs" / "torn.png").write_bytes(b"\x89PNG")
    return tmp_path / "my photos"


def dialogs(lab: Lab) -> list[ImportDialog]:
    return [d for d in lab.window.findChildren(ImportDialog) if d.isVisible()]


def asked(lab: Lab) -> ImportDialog:
    """The dialog, once it is there."""
    lab.wait(lambda: len(dialogs(lab)) == 1)
    dialog = dialogs(lab)[0]
    dialog.activateWindow()
    lab.wait(dialog.isActiveWindow)
    return dialog


def press(dialog: ImportDialog, which: Button) -> None:
    box = dialog.findChild(QDialogButtonBox, "importButtons")
    assert box is not None
    QTest.mouseClick(box.button(which), LEFT)


def shown(dialog: ImportDialog, name: str) -> tuple[int, int, bool]:
    """Width, height, and whether it is grey, of a picture in the dialog; zeros for none."""
    view = dialog.findChild(ImageView, name)
    assert view is not None
    image = view.image
    return (image.width(), image.height(), image.isGrayscale()) if image else (0, 0, False)


def test_a_folder_is_asked_about_read_trained_on_and_there_at_the_next_start(
    open_lab: OpenLab, folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    lab = open_lab(profile=tmp_path / "profile")
    drop(lab, folder)
    dialog = asked(lab)
    assert dialog.form.text == "32-rgb-fit"
    assert shown(dialog, "after0") == (32, 32, False)
    side = dialog.findChild(QSpinBox, "importSide")
    side.setFocus()
    side.selectAll()
    QTest.keyClicks(side, "16")
    QTest.keyClick(side, Qt.Key.Key_Tab)
    colour = dialog.findChild(QComboBox, "importColour")
    QTest.keyClick(colour, Qt.Key.Key_Up)
    lab.wait(lambda: shown(dialog, "after5") == (16, 16, True))
    QTest.keyClick(colour, Qt.Key.Key_Down)
    QTest.keyClick(dialog.findChild(QCheckBox, "importInvert"), Qt.Key.Key_Space)
    lab.wait(lambda: shown(dialog, "after5") == (16, 16, False))
    assert dialog.form.text == "16-rgb-fit-inverted"
    wait_for_open(lab, lambda: press(dialog, Button.Open))
    present = lab.shell.controller.present
    assert present is not None
    assert present.data == f"{folder}::16-rgb-fit-inverted"
    assert len(present.pair.train) + len(present.pair.test) == 24
    assert lab.snapshot.architecture.image_shape == (3, 16, 16)
    assert lab.decoded().shape[:2] == (16, 16)
    assert lab.plane.scene.names == ("dogs", "猫")
    # Colours are not binarised.
    assert lab.state.likelihood.name == "gaussian"
    # What could not be read is listed here and on stderr.
    torn = str(folder / "dogs" / "torn.png")
    lab.wait(lambda: torn in dialog.findChild(QPlainTextEdit, "importSkipped").toPlainText())
    assert torn in capfd.readouterr().err
    press(dialog, Button.Close)
    lab.wait(lambda: not dialogs(lab))
    lab.window.activateWindow()
    lab.wait(lab.window.isActiveWindow, timeout=5_000)
    lab.plane.setFocus()
    take_steps(lab, 2)
    lab.shell.close_at_once()
    again = open_lab(profile=tmp_path / "profile")
    again.wait(lambda: again.shell.controller.present.data == present.data)
    again.wait(lambda: again.snapshot.architecture.image_shape == (3, 16, 16))
    again.wait_until_exact()
    assert again.shell.controller.present.pair.train.sha256 == present.pair.train.sha256
    assert not dialogs(again)


def test_a_path_at_the_start_is_asked_about(open_lab: OpenLab, folder: Path) -> None:
    lab = open_lab(str(folder))
    dialog = asked(lab)
    before = lab.shell.controller.present
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    lab.wait(lambda: not dialogs(lab))
    assert lab.shell.controller.present is before
    assert lab.said == ""


def test_reading_can_be_cancelled_and_nothing_changes(lab: Lab, folder: Path) -> None:
    before, state = lab.shell.controller.present, lab.state
    drop(lab, folder)
    dialog = asked(lab)
    gate = threading.Event()
    laboratory = lab.shell.bridge.laboratory
    assert laboratory is not None
    laboratory.reader.submit("gate", gate.wait)
    try:
        press(dialog, Button.Open)
        assert dialog.findChild(QProgressBar, "importProgress").isVisible()
        assert not dialog.findChild(QSpinBox, "importSide").isEnabled()
        press(dialog, Button.Cancel)
    finally:
        gate.set()
    lab.wait_for_words("reading")
    assert lab.said == "Reading was cancelled; nothing has changed."
    assert not dialogs(lab)
    assert lab.shell.controller.present is before
    assert lab.state == state


def test_files_of_arrays_and_of_text_are_dropped_and_trained_on(lab: Lab, tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (60, 8, 8), np.uint8)
    labels = np.arange(60) % 12
    np.savez(tmp_path / "mine.npz", images=images, labels=labels)
    rows = np.column_stack([labels, images.reshape(60, 64)])
    np.savetxt(tmp_path / "mine.csv", rows, "%d", ",")
    for name in ("mine.npz", "mine.csv"):
        wait_for_open(lab, lambda name=name: drop(lab, tmp_path / name))
        assert lab.snapshot.architecture.image_shape == (1, 8, 8)
        # More classes than there are hues.
        assert lab.plane.scene.names == tuple(str(number) for number in range(12))
        lab.plane.setFocus()
        take_steps(lab, 1)
        lab.key(Qt.Key.Key_R)
        lab.wait(lambda: lab.snapshot.step == 0)
