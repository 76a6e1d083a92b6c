"""Questions and answers between figures and the worker."""

import threading
from dataclasses import dataclass, field

from pytestqt.qtbot import QtBot

from latentlab.app.lesson_model import LessonModel
from latentlab.errors import InputError
from latentlab.ui.learn.classroom import Classroom
from tests.ui.learn.conftest import Taught


@dataclass(frozen=True)
class Step:
    more: int = 0

    def answer(self, model: LessonModel) -> tuple[int, str]:
        return model.step + self.more, threading.current_thread().name


@dataclass(frozen=True)
class Held:
    """Answers once it is let go."""

    go_on: threading.Event = field(default_factory=threading.Event)
    begun: threading.Event = field(default_factory=threading.Event)

    def answer(self, _model: LessonModel) -> str:
        self.begun.set()
        assert self.go_on.wait(30)
        return "held"


@dataclass(frozen=True)
class Wrong:
    def answer(self, _model: LessonModel) -> None:
        raise InputError("There is no such thing.")


def test_before_there_is_a_model_nothing_is_answered(classroom: Classroom) -> None:
    classroom.ask("step", Step())
    assert not classroom.ready
    assert classroom.resting


def test_a_question_is_answered_in_the_worker(qtbot: QtBot, taught: Taught) -> None:
    with qtbot.waitSignal(taught.changed):
        taught.begin()
    assert taught.ready
    with qtbot.waitSignal(taught.answered) as heard:
        taught.ask("step", Step(1))
        assert not taught.resting
    assert heard.args == ["step", (taught.model.step + 1, "latentlab-lessons")]
    assert taught.resting


def test_the_newest_of_a_topic_wins(qtbot: QtBot, taught: Taught) -> None:
    taught.begin()
    heard: list[tuple[str, object]] = []
    taught.answered.connect(lambda topic, answer: heard.append((topic, answer)))
    held = Held()
    taught.ask("held", held)
    for more in range(5):
        taught.ask("step", Step(more))
    held.go_on.set()
    qtbot.waitUntil(lambda: len(heard) == 2 and taught.resting)
    assert [topic for topic, _ in heard] == ["held", "step"]
    assert heard[1][1][0] == taught.model.step + 4


def test_an_answer_to_an_older_question_is_no_rest(qtbot: QtBot, taught: Taught) -> None:
    taught.begin()
    rests: list[bool] = []
    idle: list[int] = []
    first, second = Held(), Held()
    taught.answered.connect(lambda _topic, _answer: rests.append(taught.resting))
    taught.ask("held", first)
    qtbot.waitUntil(first.begun.is_set)
    taught.ask("held", second)
    taught.idle.connect(lambda: idle.append(len(rests)))
    first.go_on.set()
    qtbot.waitUntil(lambda: len(rests) == 1)
    second.go_on.set()
    qtbot.waitUntil(lambda: len(rests) == 2)
    assert rests == [False, True]
    assert idle == [2]


def test_what_was_asked_of_another_model_is_dropped(qtbot: QtBot, taught: Taught) -> None:
    taught.begin()
    heard: list[str] = []
    taught.answered.connect(lambda topic, _answer: heard.append(topic))
    held = Held()
    taught.ask("held", held)
    taught.show(taught.worker, taught.model)
    assert taught.resting
    held.go_on.set()
    taught.ask("step", Step())
    qtbot.waitUntil(lambda: taught.resting)
    assert heard == ["step"]


def test_a_failure_is_told(qtbot: QtBot, taught: Taught) -> None:
    taught.begin()
    with qtbot.waitSignal(taught.failed) as heard:
        taught.ask("wrong", Wrong())
    assert heard.args == ["There is no such thing.", ""]
    assert taught.resting
