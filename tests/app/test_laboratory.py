"""Engine and viewer together: looking is free, opening happens beside, and both threads end."""

import threading
import time
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from latentlab.app.laboratory import Laboratory
from latentlab.app.looks import Reply
from latentlab.app.opening import DEFAULT_MODEL, Opened, open_images, open_model
from latentlab.app.state import Viewport
from latentlab.core.checkpoint import save_checkpoint
from latentlab.errors import InputError
from latentlab.training.messages import Snapshot, Train
from tests.app.examples import command_to_open, write_images

SECONDS = 30.0
STEPS = 60


@pytest.fixture
def laboratory() -> Generator[Laboratory]:
    laboratory = Laboratory()
    torch.set_num_threads(1)
    yield laboratory
    assert laboratory.shutdown()


def until(found: Callable[[], object]) -> None:
    deadline = time.monotonic() + SECONDS
    while not found():
        assert time.monotonic() < deadline, "it did not happen in time"


def trained(
    laboratory: Laboratory, opened: Opened, meanwhile: Callable[[Snapshot], object]
) -> dict[str, np.ndarray]:
    """The weights after STEPS steps, with `meanwhile` called all along."""
    laboratory.viewer.set_data(opened.pair.train)
    laboratory.engine.send(command_to_open(opened))
    laboratory.engine.send(Train(STEPS))
    start = int(opened.checkpoint.training["steps"]) if opened.checkpoint else 0
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        snapshot = laboratory.engine.mailbox.take()
        if snapshot is None:
            continue
        meanwhile(snapshot)
        if snapshot.step == start + STEPS and not snapshot.running:
            return dict(snapshot.parameters)
    raise AssertionError("the steps were not taken in time")


def test_looking_never_changes_a_run(live: Opened, laboratory: Laboratory) -> None:
    alone = trained(laboratory, live, lambda _snapshot: None)
    viewer, looks = laboratory.viewer, 0

    def look(snapshot: Snapshot) -> None:
        nonlocal looks
        viewer.take(snapshot)
        for index in range(20):
            viewer.decode([viewer.noise()])
            viewer.explain(index)
        viewer.request_map(Viewport(), 12, 12)
        viewer.request_strip((0.0, 0.0), (1.0, 1.0), 11, True)
        looks += 1

    watched = trained(laboratory, live, look)
    assert looks > 1
    assert set(watched) == set(alone)
    for name, value in alone.items():
        np.testing.assert_array_equal(watched[name], value)


def test_what_is_trained_is_what_is_seen(live: Opened, laboratory: Laboratory) -> None:
    viewer = laboratory.viewer
    pictures: dict[int, np.ndarray] = {}

    def look(snapshot: Snapshot) -> None:
        viewer.take(snapshot)
        pictures[viewer.step] = viewer.decode([(0.3, 0.3)])
        assert viewer.step == snapshot.step

    trained(laboratory, live, look)
    first, last = min(pictures), max(pictures)
    assert last > first
    assert (pictures[first] != pictures[last]).any()


def opened_by(laboratory: Laboratory, read: Callable[[], Opened]) -> Reply:
    laboratory.open(read)
    replies: list[Reply] = []

    def come() -> bool:
        replies.extend(laboratory.worker.replies())
        return bool(replies)

    until(come)
    (reply,) = replies
    assert reply.kind == "open"
    return reply


def test_a_model_is_read_beside_the_window(laboratory: Laboratory) -> None:
    readers: list[str] = []

    def read() -> Opened:
        readers.append(threading.current_thread().name)
        return open_model(DEFAULT_MODEL)

    value = opened_by(laboratory, read).value
    assert isinstance(value, Opened)
    assert value.model == DEFAULT_MODEL
    assert readers == ["latentlab-viewer"]


def test_data_for_a_network_from_scratch_is_read(laboratory: Laboratory, tmp_path: Path) -> None:
    folder = write_images(tmp_path / "dots")
    value = opened_by(laboratory, lambda: open_images(str(folder))).value
    assert isinstance(value, Opened)
    assert value.checkpoint is None


def test_a_model_whose_weights_do_not_fit_is_refused_by_name(
    laboratory: Laboratory, live: Opened, tmp_path: Path
) -> None:
    assert live.checkpoint is not None
    parameters = dict(live.checkpoint.parameters)
    del parameters["decoder.0.weight"]
    path = tmp_path / "torn.safetensors"
    save_checkpoint(replace(live.checkpoint, parameters=parameters), path)
    value = opened_by(laboratory, lambda: open_model(str(path))).value
    assert isinstance(value, InputError)
    assert str(value) == f"{path} cannot be used: parameter decoder.0.weight is missing."


def test_only_the_last_that_was_opened_is_answered(laboratory: Laboratory, live: Opened) -> None:
    """Or a session's choices would be given to the model that was asked for before it."""
    reading, go_on = threading.Event(), threading.Event()

    def slow() -> Opened:
        reading.set()
        assert go_on.wait(SECONDS)
        return live

    laboratory.open(slow)
    assert reading.wait(SECONDS)
    laboratory.open(lambda: open_images("fashion-mnist"))
    go_on.set()
    replies: list[Reply] = []
    laboratory.worker.submit("end", 0, bool)

    def ended() -> bool:
        replies.extend(laboratory.worker.replies())
        return any(reply.kind == "end" for reply in replies)

    until(ended)
    assert [reply.value.data for reply in replies if reply.kind == "open"] == ["fashion-mnist"]


def test_both_threads_end() -> None:
    before = set(threading.enumerate())
    laboratory = Laboratory()
    assert {t.name for t in set(threading.enumerate()) - before} == {
        "latentlab-engine",
        "latentlab-viewer",
    }
    assert laboratory.shutdown()
    assert set(threading.enumerate()) <= before
