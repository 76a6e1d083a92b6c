from collections.abc import Generator

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from latentlab.ui import turns as module
from latentlab.ui.turns import Turns


class Clock:
    """Time that passes only where a test says so."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture
def turns(qapp: QApplication, clock: Clock) -> Generator[Turns]:
    turns = Turns()
    yield turns
    turns.forget_all()


class Log:
    """What was done, each taking as long as is said."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.did: list[str] = []

    def __call__(self, what: str, takes: float = 0.0) -> None:
        self.did.append(what)
        self.clock.now += takes


@pytest.fixture
def log(clock: Clock) -> Log:
    return Log(clock)


def fire(turns: Turns) -> int:
    """Let the timer run out, as far as it was set; returns for how long that was, in ms."""
    timer = turns.findChild(QTimer)
    assert timer is not None
    assert timer.isActive()
    wait = timer.interval()
    timer.stop()
    module.time.now += wait / 1000  # type: ignore[attr-defined]
    timer.timeout.emit()
    return wait


def idle(turns: Turns) -> bool:
    timer = turns.findChild(QTimer)
    assert timer is not None
    return not timer.isActive()


def test_one_thing_at_a_time_with_a_gap_between(turns: Turns, log: Log) -> None:
    for name in ("a", "b", "c"):
        turns.ask(name, lambda name=name: log(name, 0.004))
    assert log.did == []
    assert fire(turns) == 0
    assert log.did == ["a"]
    assert fire(turns) >= 8
    assert log.did == ["a", "b"]
    assert fire(turns) >= 8
    assert log.did == ["a", "b", "c"]
    assert idle(turns)


def test_the_newest_of_a_name_takes_the_place_of_the_last(turns: Turns, log: Log) -> None:
    turns.ask("a", lambda: log("old"))
    turns.ask("b", lambda: log("b"))
    turns.ask("a", lambda: log("new"))
    fire(turns)
    fire(turns)
    assert log.did == ["new", "b"]
    assert idle(turns)


def test_not_more_often_than_is_asked(turns: Turns, log: Log) -> None:
    turns.ask("a", lambda: log("1"), every=0.25)
    fire(turns)
    turns.ask("a", lambda: log("2"), every=0.25)
    assert 245 < fire(turns) <= 251
    assert log.did == ["1", "2"]


def test_another_does_not_wait_for_what_is_due_later(turns: Turns, log: Log) -> None:
    turns.ask("a", lambda: log("1"), every=0.25)
    fire(turns)
    turns.ask("a", lambda: log("2"), every=0.25)
    turns.ask("b", lambda: log("b"))
    assert fire(turns) <= 9
    assert log.did == ["1", "b"]
    fire(turns)
    assert log.did == ["1", "b", "2"]


def test_what_takes_long_comes_less_often(turns: Turns, log: Log) -> None:
    for _ in range(2):
        turns.ask("a", lambda: log("a", 0.1))
        fire(turns)
    turns.ask("a", lambda: log("a", 0.1))
    assert 295 < fire(turns) <= 301
    # Held up once is not slow.
    for took in (0.01, 0.5, 0.01):
        turns.ask("b", lambda took=took: log("b", took))
        fire(turns)
    turns.ask("b", lambda: log("b"))
    assert fire(turns) <= 31


def test_now_is_now_and_leaves_nothing_waiting(turns: Turns, log: Log) -> None:
    turns.ask("a", lambda: log("waits"))
    turns.do_now("a", lambda: log("now"))
    assert log.did == ["now"]
    assert idle(turns)
    turns.ask("b", lambda: log("b"))
    fire(turns)
    assert log.did == ["now", "b"]


def test_what_is_forgotten_is_not_done(turns: Turns, log: Log) -> None:
    turns.ask("a", lambda: log("a"))
    turns.forget_all()
    assert idle(turns)
    turns.ask("b", lambda: log("b"))
    fire(turns)
    assert log.did == ["b"]


def test_a_failure_does_not_hold_up_the_others(turns: Turns, log: Log, qtbot: QtBot) -> None:
    def fail() -> None:
        raise RuntimeError("no")

    turns.ask("a", fail)
    turns.ask("b", lambda: log("b"))
    with qtbot.captureExceptions() as errors:
        fire(turns)
    assert [str(error[1]) for error in errors] == ["no"]
    fire(turns)
    assert log.did == ["b"]
