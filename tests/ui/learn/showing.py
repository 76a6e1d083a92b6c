"""What tests of figures share: one on a window of its own, and all that it says."""

from typing import TypeVar

from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from latentlab.ui.learn.classroom import Classroom
from latentlab.ui.learn.figure import Figure

F = TypeVar("F", bound=Figure)
W = TypeVar("W", bound=QWidget)


def shown(qtbot: QtBot, kind: type[F], width: int = 700, height: int = 420) -> F:
    """A figure as a window of its own; without a model."""
    classroom, host = Classroom(), QWidget()
    figure = kind(classroom, host)
    figure.setParent(None)
    classroom.setParent(figure)
    qtbot.addWidget(figure)
    figure.resize(width, height)
    figure.show()
    qtbot.waitExposed(figure)
    return figure


def part(figure: QWidget, kind: type[W], name: str) -> W:
    """A part of it, by its object name."""
    found = figure.findChild(kind, name)
    assert found is not None, name
    return found


def text(figure: QWidget, name: str) -> str:
    """What a label says."""
    return part(figure, QLabel, name).text()


def all_said(figure: QWidget) -> list[str]:
    """All labels' texts, and what the parts tell a screen reader."""
    said = [label.text() for label in figure.findChildren(QLabel)]
    return said + [w.accessibleDescription() for w in figure.findChildren(QWidget)]
