"""A figure with one question about the model, asked anew when the model is another."""

from abc import abstractmethod

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from latentlab.ui.learn.classroom import Classroom, Question
from latentlab.ui.learn.figure import Figure


class AskingFigure(Figure):
    """Asks only while its page is seen: while a model is trained there is another one all the time.

    Not only while it is itself in front of the page's figures: a handout has them all.
    TOPIC: its own, as the classroom knows it.
    """

    TOPIC = ""

    def __init__(self, classroom: Classroom, parent: QWidget) -> None:
        super().__init__(classroom, parent)
        self._stale = True
        parent.installEventFilter(self)
        classroom.answered.connect(self._take)
        classroom.changed.connect(self.ask)

    @abstractmethod
    def question(self) -> Question:
        """What to ask now; called once there is a model, so that it may load torch."""

    @abstractmethod
    def show_answer(self, answer: object) -> None:
        """Show what came of it."""

    def ask(self) -> None:
        """Ask, as soon as the page is seen."""
        self._stale = not (self.parentWidget() or self).isVisible()
        if not self._stale and self.classroom.ready:
            self.classroom.ask(self.TOPIC, self.question())

    def event(self, event: QEvent) -> bool:
        """A page puts its figures now here, now there."""
        page = self.parentWidget()
        if event.type() == QEvent.Type.ParentChange and page is not None:
            page.installEventFilter(self)
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The page is seen again."""
        if event.type() == QEvent.Type.Show and watched is self.parentWidget():
            self._catch_up()
        return super().eventFilter(watched, event)

    def showEvent(self, event: QShowEvent) -> None:
        """So is the figure."""
        super().showEvent(event)
        self._catch_up()

    def _catch_up(self) -> None:
        if self._stale:
            self.ask()

    def _take(self, topic: str, answer: object) -> None:
        if topic == self.TOPIC:
            self.show_answer(answer)
