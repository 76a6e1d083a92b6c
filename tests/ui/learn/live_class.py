"""A classroom with a worker and the shipped model, for figures that ask."""

from collections import Counter
from functools import cache
from typing import TypeVar

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from latentlab.app.lesson_model import LessonModel
from latentlab.app.looks import Worker
from latentlab.app.opening import DEFAULT_MODEL
from latentlab.ui.learn.classroom import Classroom
from latentlab.ui.learn.figure import HEIGHT, WIDTH, Figure

F = TypeVar("F", bound=Figure)


@cache
def shipped_model(selected: int = 0) -> LessonModel:
    """The model the app opens on; its grid is decoded once for all tests."""
    nothing = LessonModel(None, None, None, None, selected, 0)  # type: ignore[arg-type]
    return nothing.shipped(DEFAULT_MODEL)


class LiveClass(QObject):
    """Passes the worker's replies on, as the window does. Call `end` when done."""

    def __init__(self, qtbot: QtBot) -> None:
        super().__init__()
        self._qtbot = qtbot
        self.classroom = Classroom(self)
        self.worker = Worker("class")
        self.answered: Counter[str] = Counter()
        self.newest: dict[str, object] = {}
        self.failures: list[str] = []
        self._windows: list[QWidget] = []
        self.classroom.answered.connect(self._count)
        self.classroom.failed.connect(self._fail)
        self._timer = QTimer(self)
        self._timer.setInterval(5)
        self._timer.timeout.connect(self._pass_on)
        self._timer.start()

    def begin(self) -> None:
        """There is a model now, or another one."""
        self.classroom.show(self.worker, shipped_model())

    def window(self) -> QWidget:
        """A window of its own."""
        window = QWidget()
        self._windows.append(window)
        self._qtbot.addWidget(window)
        return window

    def show(self, kind: type[F]) -> F:
        """A figure in a window of its own, of the least size that figures may ask for."""
        window = self.window()
        figure = kind(self.classroom, window)
        window.resize(WIDTH, HEIGHT)
        figure.resize(WIDTH, HEIGHT)
        window.show()
        return figure

    def wait(self, topic: str, times: int = 1) -> None:
        """Until so many answers on `topic` have come since the beginning."""
        self._qtbot.waitUntil(lambda: self.answered[topic] >= times, timeout=60_000)

    def settle(self) -> None:
        """Until all that was asked is answered and shown."""
        self._qtbot.waitUntil(lambda: self.classroom.resting, timeout=60_000)

    def end(self) -> None:
        self._timer.stop()
        assert self.worker.shutdown()
        assert not self.failures

    def _pass_on(self) -> None:
        for reply in self.worker.replies():
            self.classroom.take(reply)

    def _count(self, topic: str, answer: object) -> None:
        self.answered[topic] += 1
        self.newest[topic] = answer

    def _fail(self, sentence: str, _report: str) -> None:
        self.failures.append(sentence)
