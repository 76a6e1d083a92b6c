"""Classrooms for figures: without a model, and with the one that the app opens on."""

from collections.abc import Generator

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from latentlab.ui.learn.classroom import Classroom
from tests.ui.learn.live_class import LiveClass


@pytest.fixture
def desk(qtbot: QtBot) -> QWidget:
    """A window to put figures in."""
    window = QWidget()
    window.resize(760, 480)
    qtbot.addWidget(window)
    return window


@pytest.fixture
def classroom(desk: QWidget) -> Classroom:
    """Before there is a model."""
    return Classroom(desk)


@pytest.fixture
def room(qtbot: QtBot) -> Generator[LiveClass]:
    """With that model once `begin` is called, and a window for each figure."""
    room = LiveClass(qtbot)
    yield room
    room.end()


@pytest.fixture
def live(room: LiveClass) -> LiveClass:
    """With that model from the start."""
    room.begin()
    return room
