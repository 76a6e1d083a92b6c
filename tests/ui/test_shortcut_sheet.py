import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from latentlab.ui.shortcut_sheet import ShortcutSheet
from latentlab.ui.theme import DARK
from tests.ui.themes import dress

KEYS = [
    ("Run", "Space", "train or pause"),
    ("Run", "R", "back to loaded"),
    ("Plane", "Arrow keys", "move z"),
    ("File", "Ctrl+S", "save the model"),
]


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    line = QLineEdit(window)
    QVBoxLayout(window).addWidget(line)
    window.resize(900, 600)
    window.show()
    line.setFocus()
    return window


@pytest.fixture
def sheet(window: QWidget) -> ShortcutSheet:
    return ShortcutSheet(window, KEYS)


def test_it_lists_what_it_is_given(sheet: ShortcutSheet) -> None:
    assert sheet.isHidden()
    sheet.open()
    texts = {label.text() for label in sheet.findChildren(QLabel)}
    assert {"Run", "Plane", "File", "Space", "Arrow keys", "save the model"} <= texts
    sheet.set_shortcuts([("Edit", "Ctrl+Z", "undo")])
    sheet.open()
    card = sheet.findChild(QScrollArea, "shortcutCard")
    assert card is not None
    assert "undo" in {label.text() for label in card.widget().findChildren(QLabel)}
    assert "save the model" not in {label.text() for label in card.widget().findChildren(QLabel)}


@pytest.mark.parametrize("by", ["escape", "question", "click outside", "click inside"])
def test_it_closes_and_gives_the_focus_back(
    qtbot: QtBot, window: QWidget, sheet: ShortcutSheet, by: str
) -> None:
    sheet.open()
    assert window.focusWidget() is sheet
    if by == "escape":
        qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    elif by == "question":
        qtbot.keyClick(sheet, Qt.Key.Key_Question)
    else:
        point = QPoint(4, 4) if by == "click outside" else sheet.rect().center()
        target = sheet.childAt(point) or sheet
        inner = target.mapFrom(sheet, point)
        qtbot.mouseClick(target, Qt.MouseButton.LeftButton, pos=inner)
    assert sheet.isHidden()
    assert isinstance(window.focusWidget(), QLineEdit)


def test_it_covers_the_window_at_any_size_and_nothing_is_cut(
    window: QWidget, sheet: ShortcutSheet
) -> None:
    dress(sheet, DARK)
    sheet.open()
    window.resize(1280, 720)
    assert sheet.geometry() == window.rect()
    card = sheet.findChild(QScrollArea, "shortcutCard")
    assert card is not None
    assert card.verticalScrollBar().maximum() == 0
    for label in card.widget().findChildren(QLabel):
        assert label.width() >= label.sizeHint().width()
    window.resize(300, 200)
    assert sheet.rect().contains(card.geometry())
