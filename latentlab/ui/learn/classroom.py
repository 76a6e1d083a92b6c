"""Where the figures of the Learn workspace ask about the model, and hear the answers."""

import logging
from functools import partial
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Signal

from latentlab.app.looks import Reply, Worker
from latentlab.errors import InputError, told

if TYPE_CHECKING:
    from latentlab.app.lesson_model import LessonModel

_KIND = "learn "

_log = logging.getLogger(__name__)


class Question(Protocol):
    """A frozen dataclass of latentlab.app.lessons."""

    def answer(self, model: "LessonModel") -> object:
        """A frozen dataclass of arrays and numbers; called in a worker thread."""


class Classroom(QObject):
    """Has questions answered in a worker thread; the newest of a topic wins.

    A topic is a figure's own, such as "elbo terms". Before there is a model nothing is answered:
    a figure asks when it is made and whenever `changed` comes.
    """

    answered = Signal(str, object)  # the topic, and what the question made of the model
    changed = Signal()  # another model, newer weights, other images or another one selected
    failed = Signal(str, str)  # a sentence, a report
    idle = Signal()  # nothing that was asked is unanswered

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker: Worker | None = None
        self._model: LessonModel | None = None
        self._asked = 0
        self._open: dict[str, int] = {}  # by topic, the number of the newest question

    @property
    def ready(self) -> bool:
        """Whether there is a model to ask about."""
        return self._model is not None

    @property
    def resting(self) -> bool:
        """Whether nothing that was asked is unanswered."""
        return not self._open

    def ask(self, topic: str, question: Question) -> None:
        """Have `answered` tell what the question makes of the model, unless there is none yet."""
        if self._worker is not None and self._model is not None:
            self._asked += 1
            self._open[topic] = self._asked
            look = partial(_answered, self._asked, question, self._model)
            self._worker.submit(_KIND + topic, look)

    def show(self, worker: Worker, model: "LessonModel") -> None:
        """Ask `worker` about this model from now on; what was asked about another is dropped."""
        worker.forget(*(_KIND + topic for topic in self._open))
        self._open.clear()
        self._worker, self._model = worker, model
        self.changed.emit()
        self._rest()

    def take(self, reply: Reply) -> None:
        """Hear a reply of the worker, if it is to a question of the classroom."""
        topic = reply.kind.removeprefix(_KIND)
        if topic == reply.kind:
            return
        number, answer = reply.value
        if self._open.get(topic) == number:
            del self._open[topic]  # else a newer one of the topic is yet to be answered
        if isinstance(answer, Exception):
            self.failed.emit(*told(answer, "The figure could not be computed"))
        else:
            self.answered.emit(topic, answer)
        self._rest()

    def _rest(self) -> None:
        if not self._open:
            self.idle.emit()


def _answered(number: int, question: Question, model: "LessonModel") -> tuple[int, object]:
    """The answer, or the exception that there was in its place, with the question's number."""
    try:
        return number, question.answer(model)
    except InputError as error:
        return number, error  # a file's fault, told to the user
    except Exception as error:
        _log.exception("the question %r failed", question)
        return number, error
