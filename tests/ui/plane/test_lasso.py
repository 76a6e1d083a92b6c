"""The lasso on the plane, by mouse and keys."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QPainterPath, QPolygonF
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from latentlab.ui.plane import LatentPlane
from latentlab.ui.plane.lasso_button import LassoButton
from latentlab.ui.plane.legend import LegendEntry
from tests.ui.plane.conftest import Heard, pixel

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
# Around some of the cats at (−2, 2), and some of the dogs at (2, 2).
BENT = [(-2.1, 1.2), (-2.6, 2.6), (-1.9, 2.1), (0.0, 1.5), (1.9, 2.1), (2.6, 2.7), (2.1, 1.4)]


def lasso(
    plane: LatentPlane, corners: list[tuple[float, float]], keys: Qt.KeyboardModifier = NONE
) -> list[QPoint]:
    """Draw around these; returns where the mouse was."""
    at = [pixel(plane, *corner) for corner in corners]
    QTest.mousePress(plane, LEFT, keys, at[0])
    for place in at[1:]:
        QTest.mouseMove(plane, place)
    QTest.mouseRelease(plane, LEFT, keys, at[-1])
    return at


def button(plane: LatentPlane) -> LassoButton:
    found = plane.findChild(LassoButton)
    assert found is not None
    return found


def within(plane: LatentPlane, outline: list[QPoint]) -> list[int]:
    """The points that Qt finds in the outline, as it is on the screen."""
    path = QPainterPath()
    path.addPolygon(QPolygonF([QPointF(at) for at in outline]))
    path.closeSubpath()
    camera = plane.scene.camera
    return [
        index
        for index, (x, y) in enumerate(plane.scene.cloud.mu.tolist())
        if path.contains(QPointF(camera.x_to_pixel(x), camera.y_to_pixel(y)))
    ]


def caught(heard: Heard) -> tuple[list[int], object]:
    indices, how = heard.of("pointsChosen")[-1]
    assert isinstance(indices, np.ndarray)
    return indices.tolist(), how


@pytest.mark.parametrize("by", ["tool", "modifier"])
def test_a_drag_chooses_what_it_goes_around(plane: LatentPlane, heard: Heard, by: str) -> None:
    if by == "tool":
        QTest.mouseClick(button(plane), LEFT)
        assert heard.of("lassoSwitched") == [(True,)]
    outline = lasso(plane, BENT, CTRL if by == "modifier" else NONE)
    expected = within(plane, outline)
    assert 20 < len(expected) < 200
    assert caught(heard) == (expected, "replace")
    assert not heard.of("zMoved")
    assert not heard.of("viewportChanged")
    assert plane.scene.lasso.corners == []


def test_keys_say_what_becomes_of_them(plane: LatentPlane, heard: Heard) -> None:
    plane.set_lasso(True)
    for keys, how in ((SHIFT, "add"), (ALT, "remove"), (CTRL | SHIFT, "add"), (NONE, "replace")):
        lasso(plane, BENT, keys)
        assert caught(heard)[1] == how


def test_without_lasso_a_drag_moves_z(plane: LatentPlane, heard: Heard) -> None:
    lasso(plane, BENT)
    lasso(plane, BENT, SHIFT)
    assert not heard.of("pointsChosen")
    assert heard.of("zMoved")


def test_of_a_class_shown_alone_only_its_points_are_chosen(
    plane: LatentPlane, heard: Heard
) -> None:
    plane.set_isolated(1)
    outline = lasso(plane, BENT, CTRL)
    labels = plane.scene.cloud.labels
    assert caught(heard)[0] == [n for n in within(plane, outline) if labels[n] == 1]


def test_points_count_where_they_are_at_the_end(plane: LatentPlane, heard: Heard) -> None:
    at = [pixel(plane, *corner) for corner in BENT]
    QTest.mousePress(plane, LEFT, CTRL, at[0])
    for place in at[1:]:
        QTest.mouseMove(plane, place)
    cloud = plane.scene.cloud
    plane.move_points(cloud.mu + np.float32(0.15), cloud.logvar)
    QTest.mouseRelease(plane, LEFT, CTRL, at[-1])
    assert caught(heard)[0] == within(plane, at)


def test_escape_drops_the_lasso_being_drawn(plane: LatentPlane, heard: Heard) -> None:
    at = [pixel(plane, *corner) for corner in BENT]
    QTest.mousePress(plane, LEFT, CTRL, at[0])
    for place in at[1:4]:
        QTest.mouseMove(plane, place)
    before = plane.plane_image()
    QTest.keyClick(plane, Qt.Key.Key_Escape)
    assert plane.plane_image() != before
    QTest.mouseMove(plane, at[5])
    QTest.mouseRelease(plane, LEFT, CTRL, at[5])
    assert not heard.of("pointsChosen")
    assert not heard.of("zMoved")


def test_escape_chooses_none_then_puts_the_lasso_down_then_shows_all(
    plane: LatentPlane, heard: Heard
) -> None:
    plane.set_lasso(True)
    plane.set_isolated(0)
    plane.set_chosen(np.array([3, 4]))
    QTest.keyClick(plane, Qt.Key.Key_Escape)
    assert caught(heard) == ([], "replace")
    plane.set_chosen(None)
    QTest.keyClick(plane, Qt.Key.Key_Escape)
    assert heard.of("lassoSwitched") == [(False,)]
    assert not button(plane).isChecked()
    assert not heard.of("classIsolated")
    QTest.keyClick(plane, Qt.Key.Key_Escape)
    assert heard.of("classIsolated") == [(-1,)]


def test_a_click_with_the_lasso_is_a_click(plane: LatentPlane, heard: Heard) -> None:
    plane.set_lasso(True)
    at = pixel(plane, *plane.scene.cloud.mu[7].tolist())
    QTest.mouseClick(plane, LEFT, NONE, at)
    selected = heard.of("pointSelected")
    assert len(selected) == 1
    QTest.mouseClick(plane, LEFT, SHIFT, at)
    assert caught(heard) == ([selected[0][0]], "add")
    QTest.mouseClick(plane, LEFT, ALT, at)
    assert caught(heard) == ([selected[0][0]], "remove")
    QTest.mouseClick(plane, LEFT, SHIFT, pixel(plane, 0.5, 0.4))
    assert len(heard.of("pointsChosen")) == 2, "the empty ground is no point"


def test_a_class_is_chosen_in_the_row_above(plane: LatentPlane, heard: Heard) -> None:
    dog = plane.findChild(LegendEntry, "legendClass1")
    assert dog is not None
    QTest.mouseClick(dog, LEFT, CTRL)
    QTest.mouseClick(dog, LEFT, CTRL | SHIFT)
    plane.set_lasso(True)
    QTest.mouseClick(dog, LEFT)
    QTest.mouseClick(dog, LEFT, ALT)
    assert heard.of("classChosen") == [
        (1, "replace"), (1, "add"), (1, "replace"), (1, "remove"),
    ]  # fmt: skip
    assert not heard.of("classIsolated")
    assert not dog.isChecked()
    plane.set_lasso(False)
    QTest.mouseClick(dog, LEFT)
    assert heard.of("classIsolated") == [(1,)]


def test_the_chosen_stand_out_and_the_others_are_dimmed(plane: LatentPlane) -> None:
    # Alone, so that nothing lies over it.
    rows = np.array([(0.6, 0.9), (-0.6, 0.9)], np.float32)
    plane.set_points(rows, np.full((2, 2), -12.0, np.float32), np.array([0, 0]))
    spots = [pixel(plane, *row) - plane.scene.areas.plane.topLeft() for row in rows.tolist()]
    full = [QColor(plane.plane_image().pixelColor(spot)) for spot in spots]
    plane.set_chosen(np.array([0, 99]))
    one, other = (plane.plane_image().pixelColor(spot) for spot in spots)
    assert one == full[0]
    assert other.lightness() > full[1].lightness() + 40
    # Elsewhere, the same one stands out.
    plane.move_points(rows[::-1].copy(), np.full((2, 2), -12.0, np.float32), exact=True)
    one, other = (plane.plane_image().pixelColor(spot) for spot in spots)
    assert one.lightness() > full[0].lightness() + 40
    assert other == full[1]
    plane.set_chosen(None)
    assert [plane.plane_image().pixelColor(spot) for spot in spots] == full


def test_the_chosen_are_drawn_over_the_others(plane: LatentPlane) -> None:
    cloud = plane.scene.cloud
    plane.set_chosen(np.array([5, 250]))
    assert sorted(cloud.order[-2:].tolist()) == [5, 250]
    plane.set_isolated(2)
    assert sorted(cloud.order.tolist()) == list(range(300))


def test_a_bare_plane_lets_nothing_be_chosen(qtbot: QtBot) -> None:
    bare = LatentPlane(bare=True)
    qtbot.addWidget(bare)
    heard = Heard()
    heard.listen(bare)
    bare.set_points(np.zeros((1, 2), np.float32), np.zeros((1, 2), np.float32), np.zeros(1, int))
    bare.show()
    qtbot.waitExposed(bare)
    lasso(bare, [(-1, -1), (1, -1), (1, 1), (-1, 1)], CTRL)
    assert heard.of("zMoved")
    assert not heard.of("pointsChosen")
    assert bare.findChild(LassoButton) is None
