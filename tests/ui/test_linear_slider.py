"""A slider over an interval that may move."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from latentlab.ui.linear_slider import LinearSlider

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def slider(qtbot: QtBot) -> LinearSlider:
    slider = LinearSlider("test", -2.0, 3.0)
    qtbot.addWidget(slider)
    slider.resize(300, 24)
    slider.show()
    qtbot.waitExposed(slider)
    return slider


def test_what_is_shown_is_said_by_nobody(qtbot: QtBot, slider: LinearSlider) -> None:
    with qtbot.assertNotEmitted(slider.changed):
        slider.set_number(1.234567)
        slider.set_ends(-1.0, 1.0)
    assert slider.number == 1.234567, "also beyond its end"
    assert slider.value() == slider.maximum()


def test_keys_go_to_the_ends_and_by_steps(qtbot: QtBot, slider: LinearSlider) -> None:
    for key, expected in (
        (Qt.Key.Key_End, 3.0),
        (Qt.Key.Key_Home, -2.0),
        (Qt.Key.Key_Right, -1.9),
        (Qt.Key.Key_PageUp, -1.4),
    ):
        with qtbot.waitSignal(slider.changed) as changed:
            QTest.keyClick(slider, key)
        assert changed.args == [pytest.approx(expected), True]


def test_pressing_the_groove_goes_there(slider: LinearSlider) -> None:
    said: list[tuple[float, bool]] = []
    slider.changed.connect(lambda *args: said.append(args))
    QTest.mousePress(slider, LEFT, NONE, QPoint(150, 12))
    assert said == [(pytest.approx(0.5, abs=0.05), False)]
    QTest.mouseRelease(slider, LEFT, NONE, QPoint(150, 12))
    assert said[-1][1]


def test_an_interval_of_nothing_is_still_one(slider: LinearSlider) -> None:
    slider.set_ends(1.0, 1.0)
    slider.set_number(1.0)
    QTest.keyClick(slider, Qt.Key.Key_End)
    assert slider.number == pytest.approx(1.001)
