"""The worker answers the newest request of a kind, survives every failure, and ends when told."""

import logging
import threading
import time
from collections.abc import Callable, Generator
from typing import Any

import pytest

from latentlab.app.looks import Reply, Worker
from latentlab.errors import InputError

SECONDS = 60.0


class Gate:
    """A look that lasts until it is opened."""

    def __init__(self) -> None:
        self.entered, self.opened = threading.Event(), threading.Event()

    def __call__(self) -> str:
        self.entered.set()
        assert self.opened.wait(SECONDS)
        return "through"


@pytest.fixture
def worker() -> Generator[Worker]:
    worker = Worker("latentlab-viewer")
    yield worker
    assert worker.shutdown()


def busy(worker: Worker, kind: str = "gate") -> Gate:
    """A gate that the worker stands at."""
    gate = Gate()
    worker.submit(kind, gate)
    assert gate.entered.wait(SECONDS)
    return gate


def done(worker: Worker) -> list[Reply]:
    """All replies, after the last request so far is answered."""
    done = threading.Event()
    worker.submit("last", done.set)
    assert done.wait(SECONDS)
    # The reply comes right after the look has ended.
    found: list[Reply] = []
    deadline = time.monotonic() + SECONDS
    while not any(reply.kind == "last" for reply in found):
        assert time.monotonic() < deadline
        found += worker.replies()
    return [reply for reply in found if reply.kind != "last"]


def answer(value: Any) -> Callable[[], Any]:
    return lambda: value


def test_a_look_is_answered(worker: Worker) -> None:
    worker.submit("map", answer(42))
    assert done(worker) == [Reply("map", 42)]
    assert worker.replies() == []


def test_a_reply_says_how_long_it_took_without_the_wait_for_its_turn(worker: Worker) -> None:
    gate = busy(worker)
    start = time.perf_counter()
    worker.submit("map", answer(42))
    while time.perf_counter() - start < 0.05:
        pass
    gate.opened.set()
    through, found = done(worker)
    assert through.seconds >= 0.05
    assert 0 < found.seconds < through.seconds


def test_looks_run_beside_the_caller(worker: Worker) -> None:
    worker.submit("thread", threading.get_ident)
    assert done(worker)[0].value != threading.get_ident()


def test_the_newest_of_a_kind_wins(worker: Worker) -> None:
    called: list[int] = []
    gate = busy(worker)
    for number in range(5):
        worker.submit("map", lambda number=number: called.append(number))  # type: ignore[misc]
    gate.opened.set()
    assert [reply.kind for reply in done(worker)] == ["gate", "map"]
    assert called == [4]


def test_of_two_replies_only_the_newest_is_taken(worker: Worker) -> None:
    finished = threading.Event()
    gate = busy(worker, "map")
    worker.submit("map", answer("second"))
    worker.submit("end", finished.set)
    gate.opened.set()
    assert finished.wait(SECONDS)
    assert [reply.value for reply in worker.replies() if reply.kind == "map"] == ["second"]


def test_kinds_take_turns(worker: Worker) -> None:
    """However often one is asked for, the others get theirs."""
    gate = busy(worker)
    worker.submit("map", answer(0))
    worker.submit("strip", answer(0))
    worker.submit("map", answer(1))
    gate.opened.set()
    assert [reply.kind for reply in done(worker)] == ["gate", "map", "strip"]


def test_an_exception_is_a_value(worker: Worker, caplog: pytest.LogCaptureFixture) -> None:
    worker.submit("map", lambda: 1 // 0)
    (reply,) = done(worker)
    assert isinstance(reply.value, ZeroDivisionError)
    assert reply.kind == "map"
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    worker.submit("map", answer("fine again"))
    assert done(worker)[0].value == "fine again"


def test_bad_input_is_no_failure_of_ours(worker: Worker, caplog: pytest.LogCaptureFixture) -> None:
    def refuse() -> None:
        raise InputError("x is empty.")

    worker.submit("open", refuse)
    (reply,) = done(worker)
    assert isinstance(reply.value, InputError)
    assert caplog.records == []


def test_what_is_forgotten_is_never_answered(worker: Worker) -> None:
    answered = threading.Event()
    worker.submit("map", answer("answered, not yet taken"))
    worker.submit("end", answered.set)
    assert answered.wait(SECONDS)
    worker.forget("map")
    assert [reply.kind for reply in worker.replies()] == ["end"]
    gate = busy(worker, "map")
    worker.submit("strip", answer("waiting"))
    worker.forget("map", "strip")
    gate.opened.set()
    assert done(worker) == []


def test_what_is_asked_after_forgetting_is_answered(worker: Worker) -> None:
    gate = busy(worker, "map")
    worker.forget("map")
    worker.submit("map", answer("new"))
    gate.opened.set()
    assert done(worker) == [Reply("map", "new")]


def test_shutdown_waits_for_the_look_under_way_alone() -> None:
    worker = Worker("latentlab-viewer")
    called = threading.Event()
    gate = busy(worker)
    worker.submit("map", called.set)
    threading.Timer(0.05, gate.opened.set).start()
    start = time.monotonic()
    assert worker.shutdown()
    assert time.monotonic() - start < 2
    assert not called.is_set()
    assert "latentlab-viewer" not in {thread.name for thread in threading.enumerate()}


def test_shutdown_says_when_a_look_does_not_end() -> None:
    worker = Worker("latentlab-viewer")
    gate = busy(worker)
    assert not worker.shutdown(timeout=0.02)
    gate.opened.set()
    assert worker.shutdown()


def test_shutdown_of_an_idle_worker_is_quick_and_may_be_repeated() -> None:
    worker = Worker("latentlab-viewer")
    start = time.monotonic()
    assert worker.shutdown()
    assert worker.shutdown()
    assert time.monotonic() - start < 1
