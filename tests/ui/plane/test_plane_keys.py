import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from latentlab.app.state import Viewport
from latentlab.ui.plane import LatentPlane
from tests.ui.plane.conftest import Heard

NONE = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.mark.parametrize(
    ("key", "modifier", "expected"),
    [
        (Qt.Key.Key_Right, NONE, (0.1, 0.0)),
        (Qt.Key.Key_Left, NONE, (-0.1, 0.0)),
        (Qt.Key.Key_Up, NONE, (0.0, 0.1)),
        (Qt.Key.Key_Down, SHIFT, (0.0, -0.01)),
        (Qt.Key.Key_Right, SHIFT, (0.01, 0.0)),
    ],
)
def test_arrows_nudge_z(
    plane: LatentPlane,
    heard: Heard,
    key: Qt.Key,
    modifier: Qt.KeyboardModifier,
    expected: tuple[float, float],
) -> None:
    QTest.keyClick(plane, key, modifier)
    assert heard.said == [("zMoved", (*expected, True))]


def held(plane: LatentPlane, key: Qt.Key, modifier: Qt.KeyboardModifier, repeats: int) -> None:
    """As X11 tells of a held key: each repeat is a release and a press."""
    QApplication.sendEvent(plane, QKeyEvent(QEvent.Type.KeyPress, key, modifier))
    for _ in range(repeats):
        for kind in (QEvent.Type.KeyRelease, QEvent.Type.KeyPress):
            QApplication.sendEvent(plane, QKeyEvent(kind, key, modifier, "", True))


@pytest.mark.parametrize("by", ["release", "focus"])
@pytest.mark.parametrize(
    ("key", "signal"),
    [
        ((Qt.Key.Key_Right, NONE), "zMoved"),
        ((Qt.Key.Key_Down, SHIFT), "zMoved"),
        ((Qt.Key.Key_Up, CONTROL), "viewportChanged"),
        ((Qt.Key.Key_Plus, NONE), "viewportChanged"),
    ],
)
def test_a_held_key_finishes_at_its_end(
    plane: LatentPlane,
    heard: Heard,
    key: tuple[Qt.Key, Qt.KeyboardModifier],
    signal: str,
    by: str,
) -> None:
    held(plane, *key, 5)
    said = heard.of(signal)
    assert [values[-1] for values in said] == [True] + [False] * 5
    # The modifier may be let go of first.
    if by == "release":
        QApplication.sendEvent(plane, QKeyEvent(QEvent.Type.KeyRelease, key[0], NONE))
    else:
        QApplication.sendEvent(plane, QFocusEvent(QEvent.Type.FocusOut))
    assert heard.of(signal)[6:] == [(*said[-1][:-1], True)]
    QApplication.sendEvent(plane, QFocusEvent(QEvent.Type.FocusOut))
    assert len(heard.said) == 7


def test_control_and_arrows_pan(plane: LatentPlane, heard: Heard) -> None:
    before = plane.viewport()
    QTest.keyClick(plane, Qt.Key.Key_Right, CONTROL)
    QTest.keyClick(plane, Qt.Key.Key_Up, CONTROL)
    after = plane.viewport()
    assert after.x_min > before.x_min
    assert after.y_min > before.y_min
    assert [name for name, _ in heard.said] == ["viewportChanged"] * 2


def test_plus_minus_and_home(plane: LatentPlane, heard: Heard) -> None:
    scale = plane.scene.camera.scale
    QTest.keyClick(plane, Qt.Key.Key_Plus)
    assert plane.scene.camera.scale > scale
    QTest.keyClick(plane, Qt.Key.Key_Minus)
    assert plane.scene.camera.scale == pytest.approx(scale)
    plane.set_viewport(Viewport(5, 5.1, 5, 5.1))
    QTest.keyClick(plane, Qt.Key.Key_Home)
    assert plane.viewport().x_min < -3
    assert all(values[4] is True for values in heard.of("viewportChanged"))


def test_enter_selects_the_point_nearest_to_z(plane: LatentPlane, heard: Heard) -> None:
    x, y = plane.scene.cloud.mu[7]
    plane.set_z(float(x) + 1e-5, float(y))
    QTest.keyClick(plane, Qt.Key.Key_Return)
    assert heard.said == [("zMoved", (x, y, True)), ("pointSelected", (7,))]


def test_escape_shows_all_classes_again(plane: LatentPlane, heard: Heard) -> None:
    plane.set_isolated(2)
    QTest.keyClick(plane, Qt.Key.Key_Escape)
    assert heard.said == [("classIsolated", (-1,))]
    assert not any(entry.isChecked() for entry in plane.legend._entries)


def test_other_keys_are_left_to_the_window(plane: LatentPlane, heard: Heard) -> None:
    for key in (Qt.Key.Key_A, Qt.Key.Key_F5, Qt.Key.Key_Tab):
        QTest.keyClick(plane, key)
    assert heard.said == []
