"""Questions and answers between figures and the worker."""

import threading
from dataclasses import dataclass, field

from pytestqt.qtbot import QtBot

from latentlab.app.lesson_model import LessonModel
from latentlab.errors import InputError
from latentlab.ui.learn.classroom import Classroom
from tests.ui.learn.live_class import LiveClass, shipped_model


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


def test_a_question_is_answered_in_the_worker(qtbot: QtBot, room: LiveClass) -> None:
    with qtbot.waitSignal(room.classroom.changed):
        room.begin()
    assert room.classroom.ready
    with qtbot.waitSignal(room.classroom.answered) as heard:
        room.classroom.ask("step", Step(1))
        assert not room.classroom.resting
    assert heard.args == ["step", (shipped_model().step + 1, "class")]
    assert room.classroom.resting


def test_the_newest_of_a_topic_wins(qtbot: QtBot, room: LiveClass) -> None:
    room.begin()
    heard: list[tuple[str, object]] = []
    room.classroom.answered.connect(lambda topic, answer: heard.append((topic, answer)))
    held = Held()
    room.classroom.ask("held", held)
    for more in range(5):
        room.classroom.ask("step", Step(more))
    held.go_on.set()
    qtbot.waitUntil(lambda: len(heard) == 2 and room.classroom.resting)
    assert [topic for topic, _ in heard] == ["held", "step"]
    assert heard[1][1][0] == shipped_model().step + 4


def test_an_answer_to_an_older_question_is_no_rest(qtbot: QtBot, room: LiveClass) -> None:
    room.begin()
    rests: list[bool] = []
    idle: list[int] = []
    first, second = Held(), Held()
    room.classroom.answered.connect(lambda _topic, _answer: rests.append(room.classroom.resting))
    room.classroom.ask("held", first)
    qtbot.waitUntil(first.begun.is_set)
    room.classroom.ask("held", second)
    room.classroom.idle.connect(lambda: idle.append(len(rests)))
    first.go_on.set()
    qtbot.waitUntil(lambda: len(rests) == 1)
    second.go_on.set()
    qtbot.waitUntil(lambda: len(rests) == 2)
    assert rests == [False, True]
    assert idle == [2]


def test_what_was_asked_of_another_model_is_dropped(qtbot: QtBot, room: LiveClass) -> None:
    room.begin()
    heard: list[str] = []
    room.classroom.answered.connect(lambda topic, _answer: heard.append(topic))
    held = Held()
    room.classroom.ask("held", held)
    room.begin()
    assert room.classroom.resting
    held.go_on.set()
    room.classroom.ask("step", Step())
    qtbot.waitUntil(lambda: room.classroom.resting)
    assert heard == ["step"]


def test_a_failure_is_told(qtbot: QtBot, room: LiveClass) -> None:
    room.begin()
    with qtbot.waitSignal(room.classroom.failed) as heard:
        room.classroom.ask("wrong", Wrong())
    assert heard.args == ["There is no such thing.", ""]
    room.failures.clear()  # it was meant to
    assert room.classroom.resting
