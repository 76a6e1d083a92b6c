import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from latentlab.ui.log_slider import LogSlider

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def slider(qtbot: QtBot) -> LogSlider:
    slider = LogSlider("betaSlider", 0.01, 100.0)
    qtbot.addWidget(slider)
    slider.resize(220, 24)
    slider.set_number(1.0)
    slider.show()
    return slider


@pytest.fixture
def heard(slider: LogSlider) -> list[tuple[float, bool]]:
    said: list[tuple[float, bool]] = []
    slider.changed.connect(lambda value, finished: said.append((value, finished)))
    return said


def test_one_is_in_the_middle(slider: LogSlider) -> None:
    assert slider.value() == (slider.minimum() + slider.maximum()) // 2


def test_showing_a_number_says_nothing_and_keeps_it_exactly(
    slider: LogSlider, heard: list[tuple[float, bool]]
) -> None:
    for number in (3.3333, 0.0, 1e6):
        slider.set_number(number)
        assert slider.number == number
    assert slider.value() == slider.maximum()
    assert heard == []


def test_arrow_keys_move_a_tenth_of_a_decade_and_finish(
    qtbot: QtBot, slider: LogSlider, heard: list[tuple[float, bool]]
) -> None:
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    qtbot.keyClick(slider, Qt.Key.Key_PageUp)
    assert heard == [
        (pytest.approx(10**0.1, rel=0.005), True),
        (pytest.approx(10**1.1, rel=0.005), True),
    ]


def held(slider: LogSlider, key: Qt.Key, repeats: int) -> None:
    """As X11 tells of a held key: each repeat is a release and a press."""
    none = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(slider, QKeyEvent(QEvent.Type.KeyPress, key, none))
    for _ in range(repeats):
        for kind in (QEvent.Type.KeyRelease, QEvent.Type.KeyPress):
            QApplication.sendEvent(slider, QKeyEvent(kind, key, none, "", True))


@pytest.mark.parametrize("by", ["release", "focus"])
def test_a_held_key_finishes_at_its_end(
    slider: LogSlider, heard: list[tuple[float, bool]], by: str
) -> None:
    held(slider, Qt.Key.Key_Right, 5)
    assert [finished for _, finished in heard] == [True] + [False] * 5
    if by == "release":
        none = Qt.KeyboardModifier.NoModifier
        release = QKeyEvent(QEvent.Type.KeyRelease, Qt.Key.Key_Right, none)
        QApplication.sendEvent(slider, release)
    else:
        QApplication.sendEvent(slider, QFocusEvent(QEvent.Type.FocusOut))
    assert heard[6:] == [(slider.number, True)]
    QApplication.sendEvent(slider, QFocusEvent(QEvent.Type.FocusOut))
    assert len(heard) == 7


def test_a_press_in_the_groove_takes_the_handle_there_and_a_drag_finishes_once(
    qtbot: QtBot, slider: LogSlider, heard: list[tuple[float, bool]]
) -> None:
    qtbot.mousePress(slider, LEFT, pos=QPoint(200, 12))
    assert slider.number > 20
    qtbot.mouseMove(slider, QPoint(60, 12))
    qtbot.mouseRelease(slider, LEFT, pos=QPoint(60, 12))
    assert slider.number < 0.3
    assert [finished for _, finished in heard] == [False] * (len(heard) - 1) + [True]
    assert heard[-1][0] == slider.number


def test_the_wheel_over_an_unfocused_slider_changes_nothing(
    qtbot: QtBot, heard: list[tuple[float, bool]], slider: LogSlider
) -> None:
    slider.clearFocus()
    wheel = QWheelEvent(
        QPointF(50, 10),
        QPointF(50, 10),
        QPoint(0, 0),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(slider, wheel)
    assert heard == []
    assert not wheel.isAccepted()


@given(st.floats(-1.99, 1.99))
def test_positions_follow_the_logarithm(exponent: float) -> None:
    QApplication.instance() or QApplication([])
    parent = QWidget()
    slider = LogSlider("s", 0.01, 100.0, parent)
    QVBoxLayout(parent).addWidget(slider)
    slider.set_number(10**exponent)
    assert slider.value() / slider.maximum() == pytest.approx((exponent + 2) / 4, abs=0.0013)


def test_a_range_without_a_logarithm_is_refused(qtbot: QtBot) -> None:
    for low in (0.0, -1.0, math.nan):
        with pytest.raises(ValueError, match="does not hold"):
            LogSlider("s", low, 1.0)
