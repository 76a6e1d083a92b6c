from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from latentlab.ui.choice_box import ChoiceBox
from latentlab.ui.log_slider import LogSlider


def choice() -> ChoiceBox:
    box = ChoiceBox("choice", "Choice", "A choice")
    box.addItems(["a", "b", "c"])
    box.setCurrentIndex(1)
    return box


def slider() -> LogSlider:
    made = LogSlider("slider", 0.01, 100.0)
    made.set_number(1.0)
    return made


def state(widget: ChoiceBox | LogSlider) -> object:
    return widget.currentIndex() if isinstance(widget, ChoiceBox) else widget.value()


@pytest.mark.parametrize("make", [choice, slider])
def test_the_wheel_scrolls_the_column_unless_the_widget_has_the_focus(
    qtbot: QtBot, make: Callable[[], ChoiceBox | LogSlider]
) -> None:
    area, column, widget = QScrollArea(), QWidget(), make()
    qtbot.addWidget(area)
    layout = QVBoxLayout(column)
    layout.addWidget(widget)
    layout.addStretch(1)
    column.setMinimumHeight(2000)
    area.setWidget(column)
    area.resize(300, 300)
    area.show()
    area.activateWindow()
    qtbot.waitUntil(area.isActiveWindow)
    area.setFocus()
    before = state(widget)
    turn(widget)
    assert state(widget) == before
    assert area.verticalScrollBar().value() > 0
    area.verticalScrollBar().setValue(0)
    widget.setFocus()
    turn(widget)
    assert state(widget) != before


def turn(widget: QWidget) -> None:
    """As the system turns it: Qt offers only such an event to the parent."""
    window = widget.window()
    at = widget.mapTo(window, widget.rect().center())
    QTest.wheelEvent(window.windowHandle(), QPointF(at), QPoint(0, -120))
    QApplication.processEvents()
