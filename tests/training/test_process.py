"""The engine in a process of its own: the same face, and no process is left behind."""

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Generator
from pathlib import Path

import pytest

from latentlab.core.checkpoint import load_checkpoint
from latentlab.data.dataset import DataPair
from latentlab.system import process_alive
from latentlab.training.child import _Outbox
from latentlab.training.engine import Engine
from latentlab.training.messages import (
    Crashed,
    Failed,
    Pause,
    Save,
    Saved,
    Switch,
    Train,
)
from latentlab.training.process import ProcessEngine
from latentlab.training.wire import Receiver
from tests.check import ROOT
from tests.training.desk import Desk, assert_cloud_is_exact, assert_same_numbers, opening
from tests.training.test_engine_thread import exact_at, wait_for

SECONDS = 60.0

# Trains in a process of its own, and is killed.
PARENT = """
import os, signal, sys, time
from latentlab.app.opening import open_model
from latentlab.core.spec import LossWeights
from latentlab.training.messages import Open, Settings, Train
from latentlab.training.process import ProcessEngine

opened = open_model("mnist-2d-live")
engine = ProcessEngine()
engine.start()
engine.send(Open(opened.pair, opened.checkpoint, opened.architecture, LossWeights(),
                 opened.checkpoint.likelihood, Settings(), 1))
engine.send(Train())
if sys.argv[1] == "training":
    while (snapshot := engine.mailbox.take()) is None or not snapshot.running:
        time.sleep(0.01)
print(engine.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def started() -> Generator[ProcessEngine]:
    engine = ProcessEngine()
    engine.start()
    yield engine
    assert engine.shutdown()
    assert engine.pid is not None
    assert not process_alive(engine.pid)


# It loads torch for seconds, and takes no harm from several tests.
engine = pytest.fixture(started, scope="module")
doomed = pytest.fixture(started)


def test_the_process_gives_the_numbers_of_ticks(engine: ProcessEngine, mnist: DataPair) -> None:
    # Sent before it is up.
    engine.send(opening(mnist))
    engine.send(Train(90))
    assert_same_numbers(wait_for(engine, exact_at(90)), Desk().do(opening(mnist), Train(90)))


def test_the_process_trains_pauses_saves_and_complains(
    engine: ProcessEngine, mnist: DataPair, tmp_path: Path
) -> None:
    engine.send(opening(mnist))
    engine.send(Train())
    running = wait_for(engine, lambda s: s.running and s.images_per_second > 0)
    later = wait_for(engine, lambda s: s.running and s.cloud.step > running.step)
    assert later.version > running.version
    engine.send(Pause())
    paused = wait_for(engine, lambda s: not s.running and s.cloud.step == s.step)
    assert_cloud_is_exact(paused, mnist)
    path = tmp_path / "m.safetensors"
    engine.send(Save(path))
    assert engine.notices.get(timeout=SECONDS) == Saved(path, False, run=0)
    assert load_checkpoint(path).training["steps"] == paused.step
    engine.send(Switch(8))
    failed = engine.notices.get(timeout=SECONDS)
    assert isinstance(failed, Failed)
    assert "no longer kept" in failed.message


def test_what_it_logs_is_in_the_log_here(
    engine: ProcessEngine, mnist: DataPair, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    engine.send(opening(mnist))
    engine.send(Save(tmp_path / "nowhere" / "m.safetensors", autosave=True))
    engine.send(Save(tmp_path / "m.safetensors"))
    assert isinstance(engine.notices.get(timeout=SECONDS), Saved)
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert record.name == "latentlab.training.engine"
    assert "no autosave" in record.getMessage()


def test_a_process_that_is_killed_says_so_last(doomed: ProcessEngine, mnist: DataPair) -> None:
    doomed.send(opening(mnist))
    doomed.send(Train())
    wait_for(doomed, lambda s: s.running and s.step > 0)
    assert doomed.pid is not None
    os.kill(doomed.pid, signal.SIGKILL)
    crashed = doomed.notices.get(timeout=SECONDS)
    assert isinstance(crashed, Crashed)
    assert "SIGKILL" in crashed.reason
    # Nobody hears this, and nobody waits for it.
    doomed.send(opening(mnist))
    doomed.send(Train())


def test_a_process_killed_before_it_is_up_says_so_too(
    doomed: ProcessEngine, mnist: DataPair
) -> None:
    doomed.send(opening(mnist))
    assert doomed.pid is not None
    os.kill(doomed.pid, signal.SIGTERM)
    crashed = doomed.notices.get(timeout=SECONDS)
    assert isinstance(crashed, Crashed)
    assert "SIGTERM" in crashed.reason


def test_a_process_that_cannot_be_started_is_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    engine = ProcessEngine()
    engine.start()
    crashed = engine.notices.get_nowait()
    assert isinstance(crashed, Crashed)
    assert "No such file" in crashed.reason
    assert engine.shutdown()


def test_shutdown_ends_it_at_any_moment(mnist: DataPair) -> None:
    before = set(threading.enumerate())
    for begun in (False, True):
        engine = ProcessEngine()
        engine.start()
        engine.send(opening(mnist))
        engine.send(Train())
        if begun:
            wait_for(engine, lambda s: s.running and s.step > 0)
        assert engine.shutdown()
        assert engine.pid is not None
        assert not process_alive(engine.pid)
        assert set(threading.enumerate()) <= before
        # Whatever the last steps had to say: it did not crash.
        while not engine.notices.empty():
            assert not isinstance(engine.notices.get(), Crashed)
    never = ProcessEngine()
    assert never.shutdown()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="only there can it be killed so")
@pytest.mark.parametrize("when", ["starting", "training"])
def test_it_ends_with_its_parent(when: str) -> None:
    # The pipe of its errors is the child's too: it is closed when both have ended.
    result = subprocess.run(
        [sys.executable, "-c", PARENT, when],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert result.returncode == -signal.SIGKILL, result.stderr
    assert result.stdout.strip().isdigit()
    assert result.stderr == ""


def test_it_imports_no_qt(mnist: DataPair) -> None:
    code = (
        "import sys, latentlab.training.child, latentlab.training.engine;"
        "print([name for name in sys.modules if name.startswith(('PySide6', 'pyqtgraph'))])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


# Sends what the process cannot take out of its pipe.
UNREADABLE = """
import os
from latentlab.training.process import ProcessEngine

class Unreadable:
    def __reduce__(self):
        return os.fspath, (5,)

engine = ProcessEngine()
engine.start()
engine.send(Unreadable())
print(engine.notices.get(timeout=60))
assert engine.shutdown()
"""


def test_a_process_that_cannot_read_a_command_ends_with_a_report() -> None:
    result = subprocess.run(
        [sys.executable, "-c", UNREADABLE], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == str(Crashed("it ended with code 1"))
    assert "TypeError: expected str, bytes or os.PathLike object, not int" in result.stderr


def test_a_process_that_cannot_say_something_ends_with_a_report() -> None:
    code = (
        "import sys, time; from latentlab.training.child import _Outbox;"
        "outbox = _Outbox(sys.stdout.buffer); outbox.letters.put(lambda: None); time.sleep(60)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert "lambda" in result.stderr


def test_for_a_slow_window_no_more_than_one_snapshot_waits(mnist: DataPair) -> None:
    reading, writing = os.pipe()
    engine = Engine()
    engine.publish_seconds = 0
    engine.send(opening(mnist))
    engine.send(Train())
    with os.fdopen(writing, "wb") as pipe, os.fdopen(reading, "rb") as window:
        outbox = _Outbox(pipe)
        while outbox.letters.empty():  # the sender stands at the first, larger than the pipe
            engine.tick()
            outbox.post_from(engine)
        lengths = []
        for _ in range(20):
            engine.tick()
            outbox.post_from(engine)
            lengths.append(outbox.letters.qsize())
        receiver = Receiver(window)
        first, then = receiver.receive(), receiver.receive()
        outbox.close()
    assert max(lengths) == 1
    assert then.step - first.step > 10  # the newest, not the next


def test_a_command_that_cannot_be_sent_ends_the_process(
    doomed: ProcessEngine, caplog: pytest.LogCaptureFixture
) -> None:
    doomed.send(lambda: None)  # type: ignore[arg-type]
    assert isinstance(doomed.notices.get(timeout=SECONDS), Crashed)
    assert "a command cannot be sent" in caplog.text
