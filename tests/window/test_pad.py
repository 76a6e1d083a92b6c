"""The pad in the real window: drawn on with the mouse and the keyboard, followed on the plane."""

import re
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QToolButton, QWidget

from latentlab.app.drawn_view import DrawnView
from latentlab.data.bundled import load_bundled
from latentlab.ui.images import ImageView
from latentlab.ui.pad.canvas import PadCanvas
from latentlab.ui.pad.drawing import SIDE
from tests.data.test_photo import photo
from tests.window.lab import CTRL, LEFT, NONE, Lab
from tests.window.reach import all_faults, ambiguous, unexplained
from tests.window.test_files import wait_for_open

THREE = [
    (80, 70), (110, 45), (150, 45), (180, 75), (175, 105), (150, 130), (120, 138),
    (155, 145), (185, 170), (185, 205), (155, 235), (115, 238), (75, 215),
]  # fmt: skip


@pytest.fixture
def canvas(lab: Lab) -> PadCanvas:
    lab.click("padButton")
    found = lab.child("padCanvas", PadCanvas)
    lab.wait(found.isVisible)
    QApplication.processEvents()
    return found


def draw(canvas: PadCanvas, points: list[tuple[int, int]]) -> None:
    sheet = canvas.sheet()
    at = [(sheet.topLeft() + QPointF(*p) * (sheet.width() / SIDE)).toPoint() for p in points]
    QTest.mousePress(canvas, LEFT, NONE, at[0])
    for place in at[1:]:
        QTest.mouseMove(canvas, place)
    QTest.mouseRelease(canvas, LEFT, NONE, at[-1])


def shown(lab: Lab) -> DrawnView:
    view = lab.shell.pad.shown
    assert view is not None
    return view


def test_a_drawn_three_is_marked_on_the_plane(lab: Lab, canvas: PadCanvas) -> None:
    assert lab.plane.scene.drawn is None
    before = lab.plane.plane_image()
    draw(canvas, THREE)
    mark = lab.plane.scene.drawn
    assert mark is not None
    assert mark.mu == shown(lab).mu
    assert lab.plane.plane_image() != before
    for name in ("padGrey", "padX", "padDecoded"):
        assert lab.child(name, ImageView).image is not None
    assert "3" in {near.class_name for near in shown(lab).nearest}
    assert lab.text("padMu").startswith("μ = (")
    assert "nats" in lab.text("padTerms")
    assert re.fullmatch(r"Nearest means: \d+ of \d+ are of class \d", lab.text("padVote"))
    lab.click("padNear0")
    assert lab.state.selected == shown(lab).nearest[0].index
    lab.click("padButton")
    assert lab.plane.scene.drawn is None
    assert lab.plane.scene.selected == lab.state.selected


def test_it_is_encoded_while_it_is_drawn(lab: Lab, canvas: PadCanvas) -> None:
    QTest.mousePress(canvas, LEFT, NONE, canvas.rect().center())
    lab.wait(lambda: lab.plane.scene.drawn is not None)
    first = shown(lab).mu
    QTest.mouseMove(canvas, canvas.rect().center() + QPoint(30, 50))
    lab.wait(lambda: shown(lab).mu != first)
    QTest.mouseRelease(canvas, LEFT, NONE, canvas.rect().center() + QPoint(30, 50))


def test_strokes_are_undone_and_redone_and_erased(lab: Lab, canvas: PadCanvas) -> None:
    undo = lab.child("padUndo", QToolButton)
    assert not undo.isEnabled()
    draw(canvas, THREE)
    once, mean = canvas.picture, shown(lab).mu
    draw(canvas, [(60, 60), (220, 220)])
    twice = canvas.picture
    assert (twice != once).any()
    lab.click("padUndo")
    np.testing.assert_array_equal(canvas.picture, once)
    assert shown(lab).mu == mean
    lab.key(Qt.Key.Key_Y, CTRL)
    np.testing.assert_array_equal(canvas.picture, twice)
    lab.click("padEraser")
    draw(canvas, [(60, 60), (220, 220)])
    assert canvas.picture.astype(int).sum() < once.astype(int).sum()
    lab.click("padClear")
    assert not canvas.picture.any()
    assert lab.shell.pad.shown is None
    assert lab.plane.scene.drawn is None
    for _ in range(4):
        lab.key(Qt.Key.Key_Z, CTRL)
    assert canvas.is_empty
    assert not undo.isEnabled()


def test_a_thicker_pen_leaves_more_ink(lab: Lab, canvas: PadCanvas) -> None:
    draw(canvas, THREE)
    thin = canvas.picture.astype(int).sum()
    lab.click("padUndo")
    slider = lab.child("padThickness", QWidget)
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_End)
    draw(canvas, THREE)
    assert canvas.picture.astype(int).sum() > 1.5 * thin


def test_the_keyboard_opens_it_and_draws(lab: Lab) -> None:
    lab.key("H")
    canvas = lab.child("padCanvas", PadCanvas)
    assert canvas.hasFocus()
    z, running = lab.state.z, lab.snapshot.running
    lab.key(Qt.Key.Key_Space)
    for _ in range(6):
        lab.key(Qt.Key.Key_Down)
    lab.key(Qt.Key.Key_Space)
    lab.key(Qt.Key.Key_Right)
    rows, columns = np.nonzero(canvas.picture > 128)
    assert 55 < np.ptp(rows) < 95
    assert np.ptp(columns) < 30
    assert lab.plane.scene.drawn is not None
    assert (lab.state.z, lab.snapshot.running) == (z, running)
    lab.key("H")
    assert not canvas.isVisible()


def test_it_follows_training_and_other_models(lab: Lab, canvas: PadCanvas) -> None:
    draw(canvas, THREE)
    first = shown(lab)
    lab.click("trainButton")
    lab.wait(lambda: shown(lab).step > first.step and shown(lab).mu != first.mu)
    lab.click("trainButton")
    lab.wait_until_exact()
    lab.wait(lambda: shown(lab).step == lab.snapshot.step)
    lab.click("resetButton")
    lab.wait(lambda: shown(lab).step == first.step)
    np.testing.assert_allclose(shown(lab).mu, first.mu, atol=1e-5)


def test_fashion_is_not_centred_as_digits_are(lab: Lab, canvas: PadCanvas) -> None:
    draw(canvas, THREE)
    as_mnist = shown(lab).grey
    wait_for_open(lab, partial(lab.choose, "datasetChoice", "fashion-mnist"))
    lab.wait(lambda: lab.shell.pad.shown is not None and bool(shown(lab).nearest))
    assert (shown(lab).grey != as_mnist).any()
    assert shown(lab).nearest[0].class_name in load_bundled("fashion-mnist").train.class_names
    lab.click("padAsMnist")
    np.testing.assert_array_equal(shown(lab).grey, as_mnist)


def test_a_photo_dropped_on_it_is_shown_in_steps(
    lab: Lab, canvas: PadCanvas, tmp_path: Path
) -> None:
    path = tmp_path / "sieben ✎.png"
    Image.fromarray(photo(205, 50)).save(path)
    opened = lab.shell.controller.present
    drop(lab, path)
    assert lab.shell.controller.present is opened  # it is no model
    steps = lab.child("padSteps", QWidget)
    lab.wait(steps.isVisible)
    captions = [label.text() for label in steps.findChildren(QLabel) if label.isVisible()]
    assert captions == ["grey", "inverted", "background off", "cut out"]
    assert lab.plane.scene.drawn is not None
    lab.key(Qt.Key.Key_Z, CTRL)
    assert not steps.isVisible()
    assert canvas.is_empty


def test_what_is_no_photo_is_told(lab: Lab, canvas: PadCanvas, tmp_path: Path) -> None:
    draw(canvas, THREE)
    before = canvas.picture
    path = tmp_path / "notes.txt"
    path.write_text("no picture")
    drop(lab, path)
    lab.wait_for_words("about a text")
    assert "notes.txt is no picture in PNG, JPEG" in lab.said
    np.testing.assert_array_equal(canvas.picture, before)


@pytest.mark.parametrize("size", [(1280, 720), (1440, 900)], ids=str)
def test_everything_on_it_can_be_reached(
    lab: Lab, canvas: PadCanvas, tmp_path: Path, size: tuple[int, int]
) -> None:
    path = tmp_path / "photo.png"
    Image.fromarray(photo(205, 50)).save(path)
    drop(lab, path)
    lab.wait(lab.child("padSteps", QWidget).isVisible)
    lab.window.resize(*size)
    for _ in range(3):
        QApplication.processEvents()
    assert unexplained(lab.window) == []
    assert ambiguous(lab.window) == []
    assert all_faults(lab.window, *size) == []


def drop(lab: Lab, path: Path) -> None:
    view = lab.child("padView", QWidget)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    at, copy = view.rect().center(), Qt.DropAction.CopyAction
    enter = QDragEnterEvent(at, copy, data, LEFT, NONE)
    QApplication.sendEvent(view, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(view, QDropEvent(QPointF(at), copy, data, LEFT, NONE))
