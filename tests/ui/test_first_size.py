import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from latentlab.ui.first_size import fit_to_screen


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(1440, 900)
    return widget


@pytest.mark.parametrize("room", [QSize(1366, 728), QSize(1440, 860), QSize(1280, 1024)], ids=str)
def test_a_window_larger_than_the_screen_fills_it(window: QWidget, room: QSize) -> None:
    fit_to_screen(window, room)
    assert window.isMaximized()
    assert window.size() == QSize(min(1440, room.width()), min(900, room.height()))


@pytest.mark.parametrize("room", [QSize(1920, 1040), QSize(1440, 900)], ids=str)
def test_a_window_that_fits_stays_as_it_is(window: QWidget, room: QSize) -> None:
    fit_to_screen(window, room)
    assert not window.isMaximized()
    assert window.size() == QSize(1440, 900)
