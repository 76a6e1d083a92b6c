"""What figures of shipped networks have in common: nothing they ask has to be asked twice."""

from PySide6.QtWidgets import QWidget

from latentlab.ui.learn.classroom import Classroom, Question
from latentlab.ui.learn.figure import Figure


class ShippedFigure(Figure):
    """A figure whose questions are about shipped networks, whatever else is being looked at.

    Every answer says in `asked` which question it is to. So one that was dropped, because another
    model came, is asked again, and one that was answered is not.
    """

    def __init__(self, classroom: Classroom, parent: QWidget) -> None:
        super().__init__(classroom, parent)
        self._open: dict[str, Question] = {}
        classroom.answered.connect(self._answered)
        classroom.changed.connect(self._ask_again)

    def ask(self, topic: str, question: Question) -> None:
        """Have `hear` told the answer, as soon as there can be one; the newest of a topic wins."""
        self._open[topic] = question
        self.classroom.ask(f"{type(self).__name__} {topic}", question)

    def hear(self, answer: object) -> None:
        """An answer came, perhaps to a question that a newer one of this topic follows."""
        raise NotImplementedError(f"{type(self).__name__} hears nothing")

    def _answered(self, topic: str, answer: object) -> None:
        mine, _, own = topic.partition(" ")
        if mine != type(self).__name__:
            return
        if getattr(answer, "asked", None) == self._open.get(own):
            self._open.pop(own, None)
        self.hear(answer)

    def _ask_again(self) -> None:
        for topic, question in list(self._open.items()):
            self.ask(topic, question)
