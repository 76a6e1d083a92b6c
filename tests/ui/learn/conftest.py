"""Classrooms for figures: without a model, and with the one that the app opens on."""

from collections.abc import Generator

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from latentlab.app.looks import Worker
from latentlab.ui.learn.classroom import Classroom
from tests.ui.learn.live_class import LiveClass


class Taught(Classroom):
    """A classroom with a shipped model, whose replies come as in the window: by a timer."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        from latentlab.app.lesson_model import lesson_model
        from latentlab.app.opening import open_model
        from latentlab.app.sight import Sight
        from latentlab.core.vae import vae_from_parameters

        self.worker = Worker("latentlab-lessons")
        opened = open_model("mnist-2d-live")
        checkpoint = opened.checkpoint
        assert checkpoint is not None
        vae = vae_from_parameters(checkpoint.architecture, checkpoint.parameters)
        train = opened.pair.train
        self.sight = Sight(vae, checkpoint.likelihood, train, checkpoint.weights_step)
        self.model = lesson_model(self.sight, opened.pair.test, None)
        self._poll = QTimer(self)
        self._poll.setInterval(10)
        self._poll.timeout.connect(self._hear)

    def begin(self) -> None:
        """The model is there now."""
        self._poll.start()
        self.show(self.worker, self.model)

    def end(self) -> None:
        self._poll.stop()
        assert self.worker.shutdown()

    def _hear(self) -> None:
        for reply in self.worker.replies():
            self.take(reply)


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
def taught(desk: QWidget) -> Generator[Taught]:
    """With the model that the app opens on, once `begin` is called."""
    room = Taught(desk)
    yield room
    room.end()


@pytest.fixture
def live(qtbot: QtBot) -> Generator[LiveClass]:
    """With that model from the start, and a window for each figure."""
    live = LiveClass(qtbot)
    yield live
    live.end()
