"""A figure with one question about the model, asked anew when the model is another."""

from abc import abstractmethod

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from latentlab.ui.learn.classroom import Classroom, Question
from latentlab.ui.learn.figure import Figure


class AskingFigure(Figure):
    """Asks only while it is seen: while a model is trained there is another one all the time.

    TOPIC: its own, as the classroom knows it.
    """

    TOPIC = ""

    def __init__(self, classroom: Classroom, parent: QWidget) -> None:
        super().__init__(classroom, parent)
        self._stale = True
        classroom.answered.connect(self._take)
        classroom.changed.connect(self.ask)

    @abstractmethod
    def question(self) -> Question:
        """What to ask now; called once there is a model, so that it may load torch."""

    @abstractmethod
    def show_answer(self, answer: object) -> None:
        """Show what came of it."""

    def ask(self) -> None:
        """Ask, as soon as it is seen."""
        self._stale = not self.isVisible()
        if not self._stale and self.classroom.ready:
            self.classroom.ask(self.TOPIC, self.question())

    def showEvent(self, event: QShowEvent) -> None:
        """Ask what has not been asked behind other pages."""
        super().showEvent(event)
        if self._stale:
            self.ask()

    def _take(self, topic: str, answer: object) -> None:
        if topic == self.TOPIC:
            self.show_answer(answer)
