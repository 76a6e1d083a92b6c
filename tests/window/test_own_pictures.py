"""A folder of pictures of odd sizes in a fresh profile, trained on with K = 2 and K = 10."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QSpinBox

from tests.window.conftest import OpenLab
from tests.window.lab import CTRL, Lab
from tests.window.test_files import drop, wait_for_open
from tests.window.test_import import Button, asked, dialogs, press
from tests.window.test_training import take_steps

CLASSES = {"circles": 40, "квадраты": 4, "三角形": 3, "نجوم": 5}
_EACH = 20


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Polygons in colours on paler ones, 80 of them, and three files that are no pictures."""
    rng = np.random.default_rng(0)
    made = tmp_path / "my shapes"
    for name, corners in CLASSES.items():
        (made / name).mkdir(parents=True)
        for number in range(_EACH):
            width, height = (int(side) for side in rng.integers(16, 60, 2))
            ground, ink = (
                tuple(rng.integers(*span, 3).tolist()) for span in ((170, 256), (0, 150))
            )
            picture = Image.new("RGB", (width, height), ground)
            radius = 0.4 * min(width, height)
            circle = (width / 2, height / 2, radius)
            ImageDraw.Draw(picture).regular_polygon(circle, corners, fill=ink)
            picture.save(made / name / f"{number} ✎.png")
    (made / "квадраты" / "torn.png").write_bytes(b"\x89PNG")
    (made / "三角形" / "notes.png").write_text("no picture")
    (made / "circles" / "empty.png").write_bytes(b"")
    return made


def new_network(lab: Lab, latent_dim: int) -> None:
    lab.window.activateWindow()
    lab.plane.setFocus()
    lab.key(Qt.Key.Key_N, CTRL)
    box = lab.window.findChild(QSpinBox, "latentDims")
    assert box is not None
    lab.wait(box.window().isActiveWindow)
    box.selectAll()
    QTest.keyClicks(box, str(latent_dim))
    QTest.keyClick(box, Qt.Key.Key_Return)


def test_pictures_are_opened_trained_on_and_explored(
    open_lab: OpenLab, folder: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    lab = open_lab(profile=tmp_path / "fresh")
    drop(lab, folder)
    dialog = asked(lab)
    wait_for_open(lab, lambda: press(dialog, Button.Open))
    press(dialog, Button.Close)
    lab.wait(lambda: not dialogs(lab))
    # One message: why there is another network.
    assert lab.said == (
        "mnist-2d-live takes images of 28×28 grey, but my shapes has 32×32 RGB: in its place is a "
        "new network, K = 2 (Ctrl+N for another K)."
    )
    assert capfd.readouterr().err.count("skipped: ") == 3
    assert lab.plane.scene.names == tuple(sorted(CLASSES))
    assert lab.window.windowTitle() == "new network, K = 2 · my shapes · latentlab"
    assert lab.child("datasetChoice", QComboBox).currentText() == "my shapes"
    for latent_dim in (2, 10):
        if latent_dim != 2:
            wait_for_open(lab, partial(new_network, lab, latent_dim))
            # That is no more so, and the same images have nothing new to tell.
            assert (lab.said, capfd.readouterr().err.count("skipped: ")) == ("", 0)
        assert lab.child("modelChoice", QComboBox).currentText() == f"new, K = {latent_dim}"
        lab.window.activateWindow()
        lab.wait(lab.window.isActiveWindow)
        lab.plane.setFocus()
        take_steps(lab, 40)
        lab.wait_until_exact()
        assert lab.snapshot.architecture.latent_dim == latent_dim
        assert np.isfinite(lab.snapshot.cloud.mu).all()
        assert np.ptp(lab.snapshot.cloud.mu, axis=0).max() > 0.1
        for key, name in ((Qt.Key.Key_F7, "infer"), (Qt.Key.Key_F5, "explore")):
            lab.key(key)
            assert lab.state.workspace == name
        lab.shell.controller.select(7)
        assert lab.decoded().shape == (32, 32)
        lab.key(Qt.Key.Key_R)
        lab.wait(lambda: lab.snapshot.step == 0)
