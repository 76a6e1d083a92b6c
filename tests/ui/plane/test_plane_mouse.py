import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QNativeGestureEvent, QPointingDevice, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from latentlab.app.state import Viewport
from latentlab.ui.plane import LatentPlane
from tests.ui.plane.conftest import Heard, latent, pixel

LEFT = Qt.MouseButton.LeftButton


def drag(plane: LatentPlane, start: QPoint, end: QPoint, button: Qt.MouseButton = LEFT) -> None:
    QTest.mousePress(plane, button, Qt.KeyboardModifier.NoModifier, start)
    for step in (0.3, 0.7, 1.0):
        QTest.mouseMove(plane, start + (end - start) * step)
    QTest.mouseRelease(plane, button, Qt.KeyboardModifier.NoModifier, end)


def turn_wheel(plane: LatentPlane, at: QPoint, notches: int) -> None:
    QApplication.sendEvent(
        plane,
        QWheelEvent(
            QPointF(at),
            QPointF(plane.mapToGlobal(at)),
            QPoint(),
            QPoint(0, 120 * notches),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        ),
    )


def test_a_press_on_the_ground_moves_z_in_the_event(plane: LatentPlane, heard: Heard) -> None:
    at = pixel(plane, 0.6, 0.9)
    QTest.mousePress(plane, LEFT, Qt.KeyboardModifier.NoModifier, at)
    assert heard.said == [("zMoved", (*latent(plane, at), False))]
    QTest.mouseRelease(plane, LEFT, Qt.KeyboardModifier.NoModifier, at)
    assert heard.said[1:] == [("zMoved", (*latent(plane, at), True))]


def test_a_drag_says_every_place_and_ends_once(plane: LatentPlane, heard: Heard) -> None:
    start, end = pixel(plane, 0.6, 0.9), pixel(plane, -2.0, 2.0)
    drag(plane, start, end)
    moves = heard.of("zMoved")
    assert [values[2] for values in moves] == [False] * (len(moves) - 1) + [True]
    assert len(moves) >= 5
    assert moves[-1][:2] == pytest.approx(latent(plane, end))
    assert not heard.of("pointSelected"), "a drag that ends on points selected one"


def test_the_cross_hair_is_where_it_was_dragged_to(plane: LatentPlane) -> None:
    end = pixel(plane, 1.0, -0.6)
    before = plane.plane_image()
    drag(plane, pixel(plane, 0.0, 0.7), end)
    corner = plane.scene.areas.plane.topLeft()
    after = plane.plane_image()
    assert before != after
    spot = end - corner
    accent = "#0a7d6c"
    assert after.pixelColor(spot).name() == accent


def test_a_handle_is_dragged_from_where_it_was_taken(plane: LatentPlane, heard: Heard) -> None:
    grip = QPoint(5, -4)
    drag(plane, pixel(plane, -1.5, 0.0) + grip, pixel(plane, -1.0, 1.0) + grip)
    assert heard.of("z1Moved")[-1] == pytest.approx((-1.0, 1.0, True), abs=0.02)
    drag(plane, pixel(plane, 1.5, 0.0), pixel(plane, 1.0, -1.0))
    assert heard.of("z2Moved")[-1] == pytest.approx((1.0, -1.0, True), abs=0.02)
    assert not heard.of("zMoved")
    assert not heard.of("pointSelected")


def test_a_click_on_a_handle_says_nothing(plane: LatentPlane, heard: Heard) -> None:
    QTest.mouseClick(plane, LEFT, Qt.KeyboardModifier.NoModifier, pixel(plane, 1.5, 0.0))
    assert heard.said == []


def test_a_click_on_a_point_selects_it_and_takes_z_to_its_mean(
    plane: LatentPlane, heard: Heard
) -> None:
    plane.set_points(
        np.array([(0.5, 1.5), (2.0, -1.0)], np.float32), np.zeros((2, 2), np.float32),
        np.array([0, 1]),
    )  # fmt: skip
    at = pixel(plane, 2.0, -1.0) + QPoint(3, 3)
    QTest.mouseClick(plane, LEFT, Qt.KeyboardModifier.NoModifier, at)
    assert heard.of("pointSelected") == [(1,)]
    assert heard.of("zMoved")[-1] == (2.0, -1.0, True)
    assert plane.scene.selected == 1
    QTest.mouseClick(plane, LEFT, Qt.KeyboardModifier.NoModifier, at + QPoint(9, 0))
    assert heard.of("pointSelected") == [(1,)], "a click 9 pixels away is on the ground"


def test_hovering_names_the_nearest_point_and_then_none(plane: LatentPlane, heard: Heard) -> None:
    mu = np.array([(0.5, 1.5), (0.6, 1.5)], np.float32)
    plane.set_points(mu, np.zeros((2, 2), np.float32), np.array([0, 1]))
    QTest.mouseMove(plane, pixel(plane, 0.6, 1.5) + QPoint(2, 0))
    QTest.mouseMove(plane, pixel(plane, 0.6, 1.5) + QPoint(3, 0))
    QTest.mouseMove(plane, pixel(plane, 0.5, 1.5) - QPoint(2, 0))
    QTest.mouseMove(plane, pixel(plane, 2.0, -2.0))
    assert heard.said == [("pointHovered", (i,)) for i in (1, 0, -1)]
    QTest.mouseMove(plane, pixel(plane, 0.6, 1.5))
    QApplication.sendEvent(plane, QEvent(QEvent.Type.Leave))
    assert heard.of("pointHovered")[-2:] == [(1,), (-1,)]


@pytest.mark.parametrize("button", [Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton])
def test_other_buttons_pan(plane: LatentPlane, heard: Heard, button: Qt.MouseButton) -> None:
    before, scale = plane.viewport(), plane.scene.camera.scale
    start = pixel(plane, 0.5, 0.5)
    drag(plane, start, start + QPoint(60, -40), button)
    after = plane.viewport()
    assert after.x_min == pytest.approx(before.x_min - 60 / scale)
    assert after.y_min == pytest.approx(before.y_min - 40 / scale)
    said = heard.of("viewportChanged")
    assert said[-1] == (after.x_min, after.x_max, after.y_min, after.y_max, True)
    assert [values[4] for values in said].count(True) == 1
    assert {name for name, _ in heard.said} == {"viewportChanged"}


def test_space_and_left_pan(plane: LatentPlane, heard: Heard) -> None:
    before = plane.viewport()
    QTest.keyPress(plane, Qt.Key.Key_Space)
    drag(plane, pixel(plane, 0.5, 0.5), pixel(plane, 1.0, 0.5))
    QTest.keyRelease(plane, Qt.Key.Key_Space)
    assert plane.viewport().x_min < before.x_min
    assert not heard.of("zMoved")
    drag(plane, pixel(plane, 0.5, 0.5), pixel(plane, 1.0, 0.5))
    assert heard.of("zMoved"), "Space was let go"


def test_the_wheel_zooms_at_the_pointer_and_then_rests(
    plane: LatentPlane, heard: Heard, qtbot: QtBot
) -> None:
    at = pixel(plane, 1.2, -0.7)
    under = latent(plane, at)
    scale = plane.scene.camera.scale
    turn_wheel(plane, at, 2)
    assert plane.scene.camera.scale == pytest.approx(scale * 1.44)
    assert latent(plane, at) == pytest.approx(under)
    turn_wheel(plane, at, -2)
    assert plane.scene.camera.scale == pytest.approx(scale)
    assert [values[4] for values in heard.of("viewportChanged")] == [False, False]
    qtbot.waitUntil(lambda: len(heard.of("viewportChanged")) == 3, timeout=2000)
    view = plane.viewport()
    assert heard.said[-1][1] == (view.x_min, view.x_max, view.y_min, view.y_max, True)


def test_a_pinch_zooms(plane: LatentPlane, heard: Heard) -> None:
    at, scale = QPointF(pixel(plane, 0.5, 0.5)), plane.scene.camera.scale
    event = QNativeGestureEvent(
        Qt.NativeGestureType.ZoomNativeGesture,
        QPointingDevice.primaryPointingDevice(),
        2,
        at,
        at,
        QPointF(plane.mapToGlobal(at.toPoint())),
        0.25,
        QPointF(),
    )
    QApplication.sendEvent(plane, event)
    assert plane.scene.camera.scale == pytest.approx(1.25 * scale)
    assert heard.of("viewportChanged")


def test_a_double_click_on_the_ground_shows_everything(plane: LatentPlane, heard: Heard) -> None:
    plane.set_viewport(Viewport(0.5, 0.9, 0.5, 0.9))
    QTest.mouseDClick(plane, LEFT, Qt.KeyboardModifier.NoModifier, pixel(plane, 0.6, 0.6))
    view = plane.viewport()
    assert view.x_min < -3
    assert view.x_max > 3
    assert view.y_min < -3
    assert view.y_max > 3
    assert heard.of("viewportChanged")[-1][4] is True


def test_a_press_beside_the_plane_does_nothing(plane: LatentPlane, heard: Heard) -> None:
    drag(plane, plane.scene.areas.right.center(), plane.scene.areas.right.center() + QPoint(0, 40))
    drag(plane, QPoint(5, plane.height() - 5), QPoint(300, plane.height() - 5))
    turn_wheel(plane, plane.scene.areas.top.center(), 1)
    assert heard.said == []


def test_a_legend_entry_isolates_its_class_and_frees_it(plane: LatentPlane, heard: Heard) -> None:
    entry = plane.legend.findChildren(type(plane.legend._entries[0]), "legendClass1")[0]
    everything = plane.plane_image()
    QTest.mouseClick(entry, LEFT)
    alone = plane.plane_image()
    assert heard.of("classIsolated") == [(1,)]
    corner = plane.scene.areas.plane.topLeft()
    other = int(np.flatnonzero(plane.scene.cloud.labels == 0)[0])
    spot = pixel(plane, *plane.scene.cloud.mu[other]) - corner
    assert alone.pixelColor(spot).saturation() < everything.pixelColor(spot).saturation()
    QTest.mouseClick(entry, LEFT)
    assert heard.of("classIsolated") == [(1,), (-1,)]
    QApplication.sendEvent(entry, QEvent(QEvent.Type.Leave))
    assert plane.plane_image() == everything


def test_hovering_a_legend_entry_previews_and_says_nothing(
    plane: LatentPlane, heard: Heard
) -> None:
    entry = plane.legend._entries[2]
    everything = plane.plane_image()
    entry.pointed.emit(2)
    assert plane.plane_image() != everything
    entry.pointed.emit(-1)
    assert plane.plane_image() == everything
    assert heard.said == []
