"""The sheet of the chosen images, in the real window."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QListView

from latentlab.app.chosen import Chosen, counted
from latentlab.ui.choosing.sheet import Sheet
from tests.window.lab import CTRL, LEFT, NONE, Lab, pixels
from tests.window.reach import ambiguous, unexplained
from tests.window.test_choosing import lasso


def sheet(lab: Lab) -> Sheet:
    lab.trigger("sheetAction")
    found = lab.child("sheetDialog", Sheet)
    lab.wait(found.isVisible)
    QApplication.processEvents()
    return found


def view(lab: Lab) -> QListView:
    return lab.child("sheetList", QListView)


def test_it_says_how_many_and_of_which_classes(lab: Lab) -> None:
    found = lasso(lab)
    model = sheet(lab).model
    assert model.rowCount() == len(found)
    assert lab.text("sheetTitle") == f"{len(found):,} training images"
    opened = lab.shell.controller.present
    assert opened is not None
    train = opened.pair.train
    assert lab.text("sheetClasses") == counted(train.labels[found], train.class_names)
    for row in (0, 7, len(found) - 1):
        image = found[row]
        assert model.image_at(row) == image
        assert model.index(row).data() == str(train.labels[image])
        tip = model.index(row).data(Qt.ItemDataRole.ToolTipRole)
        assert tip == f"Image {image:,}, class {train.labels[image]}"
        np.testing.assert_array_equal(pixels(model.picture(row)), train.images[image, 0])


def test_it_follows_what_is_chosen(lab: Lab) -> None:
    model = sheet(lab).model
    assert model.rowCount() == 0
    assert lab.text("sheetTitle") == "No images"
    assert "lasso" in lab.text("sheetSays")
    lab.trigger("chooseAllAction")
    assert model.rowCount() == 10_000
    lab.trigger("undoAction")
    assert model.rowCount() == 0
    lab.shell.store.change("choose", chosen=Chosen("test", (3,)))
    assert lab.text("sheetTitle") == "1 test image"
    assert not model.index_of(3).isValid() or model.image_at(model.index_of(3).row()) == 3


def test_a_click_selects_the_point(lab: Lab) -> None:
    lab.trigger("chooseAllAction")
    sheet(lab)
    shown = view(lab)
    place = shown.visualRect(shown.model().index(12, 0)).center()
    QTest.mouseClick(shown.viewport(), LEFT, NONE, place)
    assert lab.state.selected == 12
    assert lab.plane.scene.selected == 12
    QTest.keyClick(shown, Qt.Key.Key_Right)
    QTest.keyClick(shown, Qt.Key.Key_Return)
    assert lab.state.selected == 13
    # And one selected elsewhere is marked and brought into view.
    lab.shell.controller.select(9_000)
    assert shown.currentIndex().row() == 9_000
    assert shown.viewport().rect().intersects(shown.visualRect(shown.currentIndex()))


def test_reconstructions_stand_beside_and_follow_the_training(lab: Lab) -> None:
    lab.shell.store.change("choose", chosen=Chosen("train", tuple(range(50, 60))))
    model = sheet(lab).model
    lab.click("sheetReconstructions")
    lab.wait(lambda: set(range(50, 60)) <= model._fresh)
    for row in range(10):
        made = model.reconstruction(row)
        assert made is not None
        mu = lab.viewer.explain(50 + row).mu
        np.testing.assert_allclose(
            pixels(made).astype(int), lab.viewer.decode([mu])[0].astype(int), atol=1
        )
    assert f"step {lab.snapshot.step:,}" in lab.text("sheetSays")
    before = pixels(model._made[50])
    lab.click("klToggle")
    lab.click("trainButton")
    lab.wait(lambda: not np.array_equal(pixels(model._made[50]), before))
    lab.click("trainButton")
    lab.wait_until_exact()
    lab.wait(lambda: f"step {lab.snapshot.step:,}" in lab.text("sheetSays"))


def test_only_what_is_seen_is_reconstructed(lab: Lab) -> None:
    lab.trigger("chooseAllAction")
    model = sheet(lab).model
    lab.click("sheetReconstructions")
    lab.wait(lambda: len(model._made) > 0)
    assert len(model._made) < 400
    shown = view(lab)
    shown.scrollToBottom()
    lab.wait(lambda: 9_999 in model._made)
    assert len(model._made) < 800


def test_it_is_explained_and_is_opened_by_key(lab: Lab) -> None:
    lasso(lab)
    lab.key(Qt.Key.Key_G, CTRL)
    lab.wait(lab.child("sheetDialog", Sheet).isVisible)
    assert unexplained(lab.window) == []
    assert ambiguous(lab.window) == []
