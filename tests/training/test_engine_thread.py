"""The engine in its thread, and the mailbox between the threads."""

import queue
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from latentlab.core.checkpoint import load_checkpoint
from latentlab.data.dataset import DataPair
from latentlab.training.engine import Engine
from latentlab.training.mailbox import Mailbox
from latentlab.training.messages import (
    Pause,
    Save,
    Saved,
    Snapshot,
    Train,
)
from tests.training.desk import (
    Desk,
    assert_cloud_is_exact,
    assert_same_numbers,
    opening,
)

# --- mailbox -------------------------------------------------------------------------------------


def test_a_mailbox_holds_the_newest_only() -> None:
    mailbox: Mailbox[int] = Mailbox()
    assert mailbox.take() is None
    for letter in range(1000):
        mailbox.put(letter)
    assert mailbox.take() == 999
    assert mailbox.take() is None


def test_an_unread_mailbox_holds_the_newest_snapshot(desk: Desk, mnist: DataPair) -> None:
    desk.engine.send(opening(mnist))
    for _ in range(30):
        desk.engine.send(Train(1))
        desk.engine.tick()
    newest = desk.engine.mailbox.take()
    assert newest is not None
    assert newest.step == 30
    assert desk.engine.mailbox.take() is None


@pytest.fixture
def engine() -> Generator[Engine]:
    engine = Engine()
    engine.start()
    yield engine
    assert engine.shutdown()


def wait_for(engine: Engine, condition: Callable[[Snapshot], bool]) -> Snapshot:
    deadline = time.monotonic() + 30
    pause = threading.Event()
    while time.monotonic() < deadline:
        snapshot = engine.mailbox.take()
        if snapshot is not None and condition(snapshot):
            return snapshot
        pause.wait(0.002)
    raise AssertionError("no such snapshot came")


def exact_at(step: int) -> Callable[[Snapshot], bool]:
    def is_exact(snapshot: Snapshot) -> bool:
        at_rest = not snapshot.running and snapshot.heldout is not None
        return at_rest and snapshot.step == snapshot.cloud.step == step

    return is_exact


def test_the_thread_gives_the_numbers_of_ticks(engine: Engine, mnist: DataPair) -> None:
    engine.send(opening(mnist))
    engine.send(Train(90))
    threaded = wait_for(engine, exact_at(90))
    assert_same_numbers(threaded, Desk().do(opening(mnist), Train(90)))


def test_the_thread_trains_publishes_and_pauses(engine: Engine, mnist: DataPair) -> None:
    engine.send(opening(mnist))
    engine.send(Train())
    running = wait_for(engine, lambda s: s.running and s.images_per_second > 0)
    later = wait_for(engine, lambda s: s.running and s.cloud.step > running.step)
    assert later.version > running.version
    engine.send(Pause())
    paused = wait_for(engine, lambda s: not s.running and s.cloud.step == s.step)
    assert_cloud_is_exact(paused, mnist)
    assert paused.step >= later.step


def test_the_thread_saves(engine: Engine, mnist: DataPair, tmp_path: Path) -> None:
    engine.send(opening(mnist))
    engine.send(Train())
    engine.send(Save(tmp_path / "m.safetensors"))
    assert engine.notices.get(timeout=30) == Saved(tmp_path / "m.safetensors", False, run=0)
    load_checkpoint(tmp_path / "m.safetensors")


def test_shutdown_ends_the_thread_quickly_while_training(mnist: DataPair) -> None:
    engine = Engine()
    engine.start()
    engine.send(opening(mnist))
    engine.send(Train())
    wait_for(engine, lambda s: s.running and s.step > 0)
    started = time.monotonic()
    assert engine.shutdown()
    assert time.monotonic() - started < 2
    assert not any(t.name == "latentlab-engine" for t in threading.enumerate())
    with pytest.raises(queue.Empty):
        engine.notices.get_nowait()


def test_shutdown_without_a_thread_is_quiet() -> None:
    engine = Engine()
    assert engine.shutdown()
    assert not engine.tick()
