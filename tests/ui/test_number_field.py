import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from latentlab.ui.number_field import NumberField
from latentlab.ui.number_text import (
    coordinate,
    coordinate_tuple,
    fixed,
    fixed_tuple,
    signed,
    signed_tuple,
    significant,
    significant_tuple,
)
from latentlab.ui.typed_field import parse_number


@pytest.fixture
def window(qtbot):
    window = QWidget()
    layout = QVBoxLayout(window)
    layout.addWidget(NumberField("aField", "a number", window))
    layout.addWidget(QLineEdit(window))
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


@pytest.fixture
def field(window):
    number = window.findChild(NumberField)
    number.typed = []
    number.valueTyped.connect(number.typed.append)
    return number


def type_over(qtbot, field, text):
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    field.selectAll()
    # Test events know the keys of ASCII only; other signs come by the clipboard, as they would.
    if text.isascii():
        qtbot.keyClicks(field, text)
    else:
        QGuiApplication.clipboard().setText(text)
        qtbot.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)


@pytest.mark.parametrize(
    ("text", "value"),
    [("1.5", 1.5), ("-2", -2), ("−2,25", -2.25), (" 1e-3 ", 0.001), ("1e9", 1e4)],
)
def test_enter_takes_what_was_typed_once(qtbot, field, text, value):
    type_over(qtbot, field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    field.clearFocus()
    assert field.typed == [value]
    assert field.value == value


@pytest.mark.parametrize("text", ["abc", "", "nan", "inf", "1.2.3"])
def test_text_that_is_no_number_brings_the_last_value_back(qtbot, field, text):
    field.set_value(0.5)
    type_over(qtbot, field, text or "x")
    assert field.property("valid") is False
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.text() == "0.500"
    assert field.typed == []
    assert field.property("valid") is True


def test_leaving_the_field_takes_it_and_escape_does_not(qtbot, field):
    type_over(qtbot, field, "3")
    qtbot.keyClick(field, Qt.Key.Key_Tab)
    assert field.typed == [3.0]
    type_over(qtbot, field, "4")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    qtbot.keyClick(field, Qt.Key.Key_Tab)
    assert field.typed == [3.0]
    assert field.text() == "3.000"


def test_setting_tells_nobody_and_leaves_typing_alone(qtbot, field):
    field.set_value(1.23456)
    assert field.text() == "1.235"
    assert field.value == 1.23456
    type_over(qtbot, field, "7")
    field.set_value(2.0)
    assert field.text() == "7"
    assert field.typed == []


def test_enter_without_typing_does_not_round_the_value(qtbot, field):
    field.set_value(1.23456)
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.typed == []
    assert field.value == 1.23456


@given(st.floats(-1e4, 1e4))
def test_a_shown_coordinate_is_short_and_near(value):
    text = coordinate(value)
    assert len(text) <= 6
    read = parse_number(text)
    assert read is not None
    assert read == pytest.approx(value, rel=1e-3, abs=6e-4)
    assert "-" not in text


def test_numbers_read_as_people_write_them():
    assert fixed(-0.001) == "0.00"
    assert fixed(-1.2) == "−1.20"
    assert fixed(math.inf) == "∞"
    assert fixed(-math.inf) == "−∞"
    assert fixed(math.nan) == "not a number"
    assert coordinate(math.inf) == "∞"
    assert significant(0.03123) == "0.0312"
    assert significant(-1.23e-6) == "−1.23·10⁻⁶"
    assert significant(1000) == "1·10³"
    assert significant(math.inf) == "∞"
    assert fixed_tuple((0.41, -1.2)) == "(0.41, −1.20)"
    assert coordinate_tuple((0.41, -10)) == "(0.410, −10.00)"
    assert significant_tuple((0.5, 1)) == "(0.5, 1)"
    assert signed_tuple((2.449, -171.26, -0.001)) == "(+2.45, −171, 0.00)"
    assert [signed(x) for x in (1234.56, -2e5, math.inf)] == ["+1235", "−2·10⁵", "∞"]
