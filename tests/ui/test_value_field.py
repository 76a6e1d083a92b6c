import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from latentlab.ui.value_field import ValueField


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    QVBoxLayout(window)
    qtbot.addWidget(window)
    return window


def shown(window: QWidget, field: ValueField, qtbot: QtBot) -> list[float]:
    window.layout().addWidget(field)
    said: list[float] = []
    field.entered.connect(said.append)
    window.show()
    field.setFocus()
    return said


def typed(qtbot: QtBot, field: ValueField, text: str) -> None:
    field.selectAll()
    qtbot.keyClicks(field, text)


def test_typed_numbers_are_taken_at_enter(qtbot: QtBot, window: QWidget) -> None:
    field = ValueField("learningRate", 1e-6, 1.0, window)
    said = shown(window, field, qtbot)
    for text in ("3e-4", "0,01", "1"):
        typed(qtbot, field, text)
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert said == [3e-4, 0.01, 1.0]


@pytest.mark.parametrize("text", ["", "abc", "nan", "inf", "-1", "2", "1e-7"])
def test_what_is_no_number_in_the_range_is_marked_and_goes(
    qtbot: QtBot, window: QWidget, text: str
) -> None:
    field = ValueField("learningRate", 1e-6, 1.0, window)
    field.set_value(0.001)
    said = shown(window, field, qtbot)
    typed(qtbot, field, text) if text else qtbot.keyClick(field, Qt.Key.Key_Backspace)
    if not text:
        field.selectAll()
        qtbot.keyClick(field, Qt.Key.Key_Delete)
    assert field.property("valid") is False
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.text() == "0.001"
    assert field.property("valid") is True
    assert said == []


def test_whole_numbers_only(qtbot: QtBot, window: QWidget) -> None:
    field = ValueField("batchSize", 1, 4096, window, whole=True)
    field.set_value(64.0)
    said = shown(window, field, qtbot)
    typed(qtbot, field, "12.5")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.text() == "64"
    qtbot.keyClick(field, Qt.Key.Key_Up)
    qtbot.keyClick(field, Qt.Key.Key_Down)
    assert said == [128.0, 64.0]


def test_up_leaves_zero(qtbot: QtBot, window: QWidget) -> None:
    field = ValueField("betaValue", 0.0, 1e6, window)
    said = shown(window, field, qtbot)
    for _ in range(3):
        qtbot.keyClick(field, Qt.Key.Key_Up)
    assert said == [0.01, 0.02, 0.04]
    field.set_value(0.0)
    qtbot.keyClick(field, Qt.Key.Key_Down)
    assert field.value == 0.0


def test_up_makes_what_is_asked_for_of_zero(qtbot: QtBot, window: QWidget) -> None:
    field = ValueField("planPatience", 0, 9_999, window, whole=True, first=1.0)
    said = shown(window, field, qtbot)
    for _ in range(3):
        qtbot.keyClick(field, Qt.Key.Key_Up)
    assert said == [1.0, 2.0, 4.0]


def test_a_true_minus_is_a_minus(qtbot: QtBot, window: QWidget) -> None:
    field = ValueField("slope", -8.0, 8.0, window)
    said = shown(window, field, qtbot)
    # Test events know the keys of ASCII only.
    QGuiApplication.clipboard().setText("−2,5")
    field.selectAll()
    qtbot.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert field.property("valid") is True
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert said == [-2.5]


def test_escape_brings_the_value_back(qtbot: QtBot, window: QWidget) -> None:
    field = ValueField("betaValue", 0.0, 1e6, window)
    field.set_value(4.0)
    said = shown(window, field, qtbot)
    typed(qtbot, field, "77")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert (field.text(), said) == ("4", [])


def test_a_value_that_arrives_while_typing_does_not_disturb(qtbot: QtBot, window: QWidget) -> None:
    field = ValueField("betaValue", 0.0, 1e6, window)
    said = shown(window, field, qtbot)
    typed(qtbot, field, "12")
    field.set_value(5.0)
    assert field.text() == "12"
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert said == [12.0]
