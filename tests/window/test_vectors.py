"""Vectors in the real window: opened, asked about, seen as curves and bars, and trained on."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox, QPushButton, QSpinBox

from latentlab.data.vector_picture import SIDE, drawn
from latentlab.ui.choosing.image_files import write_sheet
from latentlab.ui.choosing.sheet import Sheet
from latentlab.ui.images import ImageView
from tests.data.signals import write_sines, write_table
from tests.window.conftest import OpenLab
from tests.window.lab import CTRL, LEFT, Lab, pixels, rgb
from tests.window.test_files import drop, wait_for_open
from tests.window.test_training import take_steps


def questions(lab: Lab) -> list[QMessageBox]:
    return [box for box in lab.window.findChildren(QMessageBox) if box.isVisible()]


def answer(lab: Lab, text: str) -> None:
    """Click this button of the question, once it is there."""
    lab.wait(lambda: len(questions(lab)) == 1)
    box = questions(lab)[0]
    assert box.objectName() == "vectorQuestion"
    assert "784 numbers" in box.text()
    assert "28 × 28 pixels, grey" in box.informativeText()
    button = next(b for b in box.findChildren(QPushButton) if b.text().replace("&", "") == text)
    QTest.mouseClick(button, LEFT)
    lab.wait(lambda: not questions(lab))
    lab.window.activateWindow()


def test_signals_are_curves_that_one_trains_on(lab: Lab, tmp_path: Path) -> None:
    path = tmp_path / "sines.csv"
    write_sines(path)
    wait_for_open(lab, lambda: drop(lab, path))
    train = lab.shell.controller.present.pair.train
    assert lab.snapshot.architecture.image_shape == (1, 1, 70)
    assert lab.state.likelihood.name == "gaussian"
    assert re.search(r"training, \d+ held-out vectors of 70 values, −1", lab.text("modelSummary"))
    lab.plane.setFocus()
    take_steps(lab, 3)
    lab.wait_until_exact()
    lab.wait(lambda: lab.viewer.step == lab.snapshot.step)
    assert lab.decoded().shape == (SIDE, SIDE)
    lab.shell.controller.select(3)
    grey = lab.child("greyImage", ImageView)
    lab.wait(lambda: "vector 3" in lab.text("selectionTitle"))
    (expected,) = drawn(train.images[3:4, 0, 0])
    np.testing.assert_array_equal(rgb(grey.image)[..., 0], expected)
    both = rgb(lab.child("reconstructionImage", ImageView).image)
    assert (both[..., 2] - both[..., 0]).max() > 100
    assert not lab.child("xImage", ImageView).isVisible()
    # The other places that show images, and what is written of them.
    lab.key("M")
    lab.wait(lambda: lab.plane.scene.layer is not None)
    lab.shell.exports.strip_png(tmp_path / "strip.png")
    lab.wait((tmp_path / "strip.png").exists)
    with Image.open(tmp_path / "strip.png") as strip:
        assert strip.height >= SIDE
    lab.shell.exports.copy_image()
    assert lab.app.clipboard().image().width() >= SIDE


def test_a_table_is_bars_with_its_columns_names(lab: Lab, tmp_path: Path) -> None:
    rows, _ = write_table(tmp_path / "flowers.csv")
    wait_for_open(lab, lambda: drop(lab, tmp_path / "flowers.csv"))
    assert lab.plane.scene.names == ("setosa", "virginica", "猫")
    tip = lab.child("modelSummary", type(lab.window.status_text)).toolTip()
    assert "each column by its own, in 256 levels" in tip
    assert "height: " in tip
    lab.shell.controller.select(0)
    lab.wait(lambda: lab.text("selectionValues").startswith("sepal length "))
    height = re.search(r"height (\d+) →", lab.text("selectionValues"))
    assert height is not None
    assert np.abs(rows[:, 2] - int(height[1])).min() < 20
    # No picture goes into that.
    lab.plane.setFocus()
    lab.app.clipboard().setImage(lab.child("greyImage", ImageView).image)
    lab.key(Qt.Key.Key_V, CTRL)
    assert lab.said == (
        "These data are vectors of 4 values, no images: open images to draw or to open one."
    )
    lab.window.message_bar.clear()
    lab.key("H")
    lab.wait(lambda: "vectors of 4 values" in lab.text("padMessage"))
    lab.key("H")
    # Images have no such line.
    wait_for_open(lab, lambda: lab.choose("datasetChoice", "mnist"))
    lab.wait(lambda: "image" in lab.text("selectionTitle"))
    assert lab.text("selectionValues") == ""


def test_a_new_network_of_three_dimensions_learns_them(lab: Lab, tmp_path: Path) -> None:
    write_sines(tmp_path / "sines.csv")
    wait_for_open(lab, lambda: drop(lab, tmp_path / "sines.csv"))
    lab.plane.setFocus()
    lab.key(Qt.Key.Key_N, CTRL)
    dims = lab.child("latentDims", QSpinBox)
    lab.wait(dims.isVisible)
    dims.selectAll()
    QTest.keyClicks(dims, "3")
    wait_for_open(lab, lambda: QTest.keyClick(dims, Qt.Key.Key_Return))
    assert lab.snapshot.architecture.latent_dim == 3
    assert lab.snapshot.architecture.image_shape == (1, 1, 70)
    lab.window.activateWindow()
    lab.wait(lab.window.isActiveWindow)
    lab.plane.setFocus()
    take_steps(lab, 1)


def test_what_could_be_either_is_asked_and_remembered(open_lab: OpenLab, tmp_path: Path) -> None:
    path = tmp_path / "either.npy"
    np.save(path, np.random.default_rng(0).uniform(0, 1, (40, 784)))
    lab = open_lab(profile=tmp_path / "profile")
    before = lab.shell.controller.present
    drop(lab, path)
    answer(lab, "Cancel")
    assert lab.shell.controller.present is before
    assert lab.said == ""
    drop(lab, path)
    wait_for_open(lab, lambda: answer(lab, "Images"))
    assert lab.snapshot.architecture.image_shape == (1, 28, 28)
    drop(lab, path)
    wait_for_open(lab, lambda: answer(lab, "Vectors"))
    assert lab.snapshot.architecture.image_shape == (1, 1, 784)
    lab.shell.close_at_once()
    again = open_lab(profile=tmp_path / "profile")
    again.wait(lambda: again.shell.controller.present.data == f"{path}::vector")
    assert not questions(again)


@pytest.mark.parametrize("workspace", ["compare", "infer"])
def test_the_other_workspaces_show_them(lab: Lab, tmp_path: Path, workspace: str) -> None:
    write_sines(tmp_path / "sines.csv")
    wait_for_open(lab, lambda: drop(lab, tmp_path / "sines.csv"))
    lab.shell.controller.select(2)
    lab.key(Qt.Key.Key_F6 if workspace == "compare" else Qt.Key.Key_F7)
    least = 6 if workspace == "compare" else 2

    def images() -> list[QImage]:
        views = lab.window.findChildren(ImageView)
        return [view.image for view in views if view.isVisible() and view.image is not None]

    lab.wait(lambda: len(images()) >= least)
    assert all(image.height() >= SIDE for image in images())


def test_the_sheet_of_chosen_ones_and_its_files_have_them_drawn(lab: Lab, tmp_path: Path) -> None:
    write_sines(tmp_path / "sines.csv")
    wait_for_open(lab, lambda: drop(lab, tmp_path / "sines.csv"))
    train = lab.shell.controller.present.pair.train
    lab.trigger("chooseAllAction")
    lab.trigger("sheetAction")
    sheet = lab.child("sheetDialog", Sheet)
    lab.wait(sheet.isVisible)
    (expected,) = drawn(train.images[5:6, 0, 0])
    np.testing.assert_array_equal(pixels(sheet.model.picture(5)), expected)
    lab.wait(lambda: sheet.model.reconstruction(5) is not None)
    assert sheet.model.reconstruction(5).height() == SIDE
    assert list(write_sheet(train, np.arange(3), tmp_path / "sheet.png")) == [3]
    with Image.open(tmp_path / "sheet.png") as picture:
        assert picture.width == 2 * SIDE + 2
