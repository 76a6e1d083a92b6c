"""Many points at once, in the real window: chosen by lasso and class, kept while they move."""

from pathlib import Path

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QAction, QPainterPath, QPolygonF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QSlider

from latentlab.app.chosen import Chosen
from latentlab.ui.choosing.bar import ChosenBar
from latentlab.ui.choosing.menu import ClassMenu
from latentlab.ui.plane.legend import LegendEntry
from tests.window.conftest import OpenLab
from tests.window.dimensions import trained
from tests.window.lab import CTRL, LEFT, NONE, SHIFT, Lab
from tests.window.reach import all_faults, ambiguous, unexplained

RING = [(-1.5, -1.0), (0.2, -1.8), (1.4, -0.3), (0.6, 1.3), (-1.2, 1.1)]


def lasso(
    lab: Lab, corners: list[tuple[float, float]] = RING, keys: Qt.KeyboardModifier = CTRL
) -> list[int]:
    """Draw around these; returns the points that Qt finds in there, as the screen has them."""
    at = [lab.pixel(*corner) for corner in corners]
    QTest.mousePress(lab.plane, LEFT, keys, at[0])
    for place in at[1:]:
        QTest.mouseMove(lab.plane, place)
    path = QPainterPath()
    path.addPolygon(QPolygonF([QPointF(place) for place in at]))
    path.closeSubpath()
    camera = lab.plane.scene.camera
    x, y = lab.plane.scene.cloud.mu.astype(np.float64).T
    places = zip(camera.x_to_pixel(x).tolist(), camera.y_to_pixel(y).tolist(), strict=True)
    found = [index for index, place in enumerate(places) if path.contains(QPointF(*place))]
    QTest.mouseRelease(lab.plane, LEFT, keys, at[-1])
    return found


def words(lab: Lab) -> str:
    bar = lab.window.findChild(ChosenBar, "chosenBar")
    return lab.text("chosenText") if bar is not None and bar.isVisible() else ""


def labels(lab: Lab) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    opened = lab.shell.controller.present
    assert opened is not None
    return opened.pair.train.labels


def test_a_lasso_chooses_and_the_plane_says_how_many(lab: Lab) -> None:
    assert words(lab) == ""
    before, z = lab.plane.plane_image(), lab.state.z
    found = lasso(lab)
    assert 1_000 < len(found) < 9_000
    assert lab.state.chosen == Chosen("train", tuple(found))
    assert words(lab) == f"{len(found):,} of 10,000 chosen"
    assert lab.state.z == z
    assert lab.plane.plane_image() != before
    lit = lab.plane.scene.cloud.lit
    assert lit is not None
    assert np.flatnonzero(lit).tolist() == found
    lab.trigger("undoAction")
    assert lab.state.chosen == Chosen()
    assert lab.plane.plane_image() == before


def test_shift_adds_and_alt_takes_away_with_the_tool(lab: Lab) -> None:
    lab.key("c")
    assert words(lab).startswith("Drag around points")
    first = set(lasso(lab, keys=NONE))
    far = [(2.0, -1.0), (5.0, -1.0), (5.0, 2.0), (2.0, 2.0)]
    more = set(lasso(lab, far, SHIFT))
    assert more - first
    assert set(lab.state.chosen.indices) == first | more
    fewer = set(lasso(lab, keys=Qt.KeyboardModifier.AltModifier))
    assert set(lab.state.chosen.indices) == (first | more) - fewer
    lab.key(Qt.Key.Key_Escape)
    assert lab.state.chosen == Chosen()
    lab.key("c")
    assert words(lab) == ""


def test_a_class_is_chosen_in_the_row_and_in_the_menu(lab: Lab) -> None:
    lab.bring_into_view(lab.plane)
    entry = lab.child("legendClass3", LegendEntry)
    QTest.mouseClick(entry, LEFT, CTRL)
    assert lab.state.chosen.indices == tuple(np.flatnonzero(labels(lab) == 3).tolist())
    assert lab.state.isolated_class is None
    menu = lab.child("classMenu", ClassMenu)
    menu.fill()
    actions = menu.actions()
    assert [action.isChecked() for action in actions] == [label == 3 for label in range(10)]
    actions[5].trigger()
    expected = np.flatnonzero(np.isin(labels(lab), (3, 5)))
    assert lab.state.chosen.array.tolist() == expected.tolist()
    menu.fill()
    menu.actions()[3].trigger()
    assert lab.state.chosen.array.tolist() == np.flatnonzero(labels(lab) == 5).tolist()


def test_all_and_none_by_keys(lab: Lab) -> None:
    lab.key(Qt.Key.Key_A, CTRL)
    assert len(lab.state.chosen) == 10_000
    lab.key(Qt.Key.Key_A, CTRL | SHIFT)
    assert lab.state.chosen == Chosen()
    none = lab.window.findChild(QAction, "chooseNoneAction")
    assert none is not None
    assert not none.isEnabled()


def test_the_same_images_stay_chosen_while_their_points_move(lab: Lab) -> None:
    found = lasso(lab)
    before = lab.plane.scene.cloud.mu.copy()
    lab.click("klToggle")
    lab.click("trainButton")
    lab.wait(lambda: np.abs(lab.plane.scene.cloud.mu - before).max() > 0.2)
    # It can be chosen while they move, too.
    more = lasso(lab, [(-2.0, -2.0), (2.0, -2.0), (2.0, 2.0), (-2.0, 2.0)], CTRL | SHIFT)
    lab.click("trainButton")
    lab.wait_until_exact()
    assert set(lab.state.chosen.indices) == set(found) | set(more)
    lit = lab.plane.scene.cloud.lit
    assert lit is not None
    assert np.flatnonzero(lit).tolist() == list(lab.state.chosen.indices)


def test_what_is_chosen_is_of_the_images_on_the_plane(lab: Lab) -> None:
    """The past of the shipped model was kept of some of its held-out images."""
    found = lasso(lab)
    lab.wait(lambda: len(lab.shell.past.timeline.moments) > 50)
    slider = lab.child("historySlider", QSlider)
    slider.setValue(slider.maximum() // 2)
    lab.wait(lambda: lab.shell.news.split == "test")
    assert words(lab).endswith("None is on the plane.")
    assert lab.plane.scene.cloud.lit is None
    then = lasso(lab)
    assert lab.state.chosen == Chosen("test", tuple(then))
    assert f"of {len(lab.plane.scene.cloud):,} chosen" in words(lab)
    lab.trigger("undoAction")
    slider.setValue(slider.maximum())
    lab.wait(lambda: lab.shell.news.split == "train")
    assert lab.state.chosen == Chosen("train", tuple(found))
    assert words(lab) == f"{len(found):,} of 10,000 chosen"
    assert lab.plane.scene.cloud.lit is not None


def test_in_more_dimensions_points_are_where_the_plane_shows_them(
    open_lab: OpenLab, tmp_path: Path
) -> None:
    lab = open_lab(trained(tmp_path / "five.safetensors", 5, steps=40))
    lab.wait_until_exact()
    mu = lab.snapshot.cloud.mu[:, list(lab.state.section.axes)]
    (left, low), (right, high) = np.quantile(mu, (0.2, 0.8), axis=0).tolist()
    found = lasso(lab, [(left, low), (right, low), (right, high), (left, high)])
    assert 1_000 < len(found) < 9_000
    assert lab.state.chosen.array.tolist() == found
    np.testing.assert_allclose(mu[found].min(axis=0), (left, low), atol=0.05)
    np.testing.assert_allclose(mu[found].max(axis=0), (right, high), atol=0.05)
    # Along other axes the same images are elsewhere.
    lab.shell.choices.choose_axes(*lab.state.section.others[:2])
    lit = lab.plane.scene.cloud.lit
    assert lit is not None
    assert np.flatnonzero(lit).tolist() == found


def test_other_images_have_none_chosen(lab: Lab) -> None:
    lasso(lab)
    lab.shell.files.open_data("fashion-mnist")
    lab.wait(lambda: lab.shell.controller.present is not None and words(lab) == "")
    assert lab.state.chosen == Chosen()


def test_everything_on_the_plane_has_room_and_a_name(lab: Lab) -> None:
    lasso(lab)
    for size in ((1280, 720), (1024, 700)):
        lab.window.resize(*size)
        lab.wait(lambda size=size: lab.window.width() == size[0])  # type: ignore[misc]
        assert all_faults(lab.window, *size) == []
        lab.trigger("undoAction")
        lab.key("c")
        assert all_faults(lab.window, *size) == []
        lab.key("c")
        lab.trigger("redoAction")
    assert unexplained(lab.window) == []
    assert ambiguous(lab.window) == []
