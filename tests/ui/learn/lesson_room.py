"""A classroom with a model and a worker, for figures that are shown without the window."""

from functools import cache

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from latentlab.app.lesson_model import LessonModel
from latentlab.app.looks import Worker
from latentlab.app.opening import open_model
from latentlab.core.vae import vae_from_parameters
from latentlab.ui.learn.classroom import Classroom
from latentlab.ui.learn.figure import Figure


@cache
def live_model() -> LessonModel:
    """The model the window opens on, as the classroom has it."""
    opened = open_model("mnist-2d-live")
    checkpoint = opened.checkpoint
    assert checkpoint is not None
    vae = vae_from_parameters(checkpoint.architecture, checkpoint.parameters)
    return LessonModel(vae, checkpoint.likelihood, opened.pair.train, opened.pair.test, 0, 0)


class Room:
    """Shows one figure, and has what it asks answered."""

    def __init__(self, qtbot) -> None:
        self._qtbot = qtbot
        self.worker = Worker("lesson looks")
        self.classroom = Classroom()
        self.holder = QWidget()
        qtbot.addWidget(self.holder)

    def show(self, kind: type[Figure], width: int = 700, height: int = 420) -> Figure:
        """A figure of this kind, with no model yet."""
        figure = kind(self.classroom, self.holder)
        self.holder.resize(width, height)
        figure.resize(width, height)
        self.holder.show()
        return figure

    def open_model(self) -> None:
        """There is a model now, or another one."""
        self.classroom.show(self.worker, live_model())

    def settle(self) -> None:
        """Until all that was asked is answered and shown."""
        self._qtbot.waitUntil(self._answered, timeout=60_000)

    def _answered(self) -> bool:
        for reply in self.worker.replies():
            self.classroom.take(reply)
        return self.classroom.resting

    def close(self) -> None:
        """End the worker."""
        assert self.worker.shutdown()


def drag(widget: QWidget, start: QPoint, end: QPoint) -> None:
    """With the left button, in a few steps."""
    left = Qt.MouseButton.LeftButton
    QTest.mousePress(widget, left, pos=start)
    for part in (0.3, 0.7, 1.0):
        at = QPointF(start) + (QPointF(end) - QPointF(start)) * part
        QTest.mouseMove(widget, at.toPoint())
    QTest.mouseRelease(widget, left, pos=end)


def at_latent(plane, x: float, y: float) -> QPoint:
    """The pixel of a plane that is at (x, y)."""
    camera = plane.scene.camera
    return QPointF(camera.x_to_pixel(x), camera.y_to_pixel(y)).toPoint()
