"""Engine and viewer together: looking is free, opening happens beside, and both threads end."""

import os
import threading
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from pytestqt.qtbot import QtBot

from latentlab.app.laboratory import Laboratory
from latentlab.app.looks import Reply
from latentlab.app.opening import DEFAULT_MODEL, Opened, open_images, open_model
from latentlab.app.state import Viewport
from latentlab.core.checkpoint import save_checkpoint
from latentlab.core.section import Section
from latentlab.core.spec import LossWeights
from latentlab.errors import InputError
from latentlab.training.messages import Snapshot, Train
from tests.app.examples import command_to_open, write_images

SECONDS = 60.0
MILLISECONDS = 60_000
STEPS = 60


@pytest.fixture
def laboratory() -> Generator[Laboratory]:
    laboratory = Laboratory()
    laboratory.start_engine()
    torch.set_num_threads(1)
    yield laboratory
    assert laboratory.shutdown()


def trained(
    qtbot: QtBot, laboratory: Laboratory, opened: Opened, look: Callable[[Snapshot], object]
) -> dict[str, np.ndarray]:
    """The weights after STEPS steps, with `look` called at every snapshot."""
    laboratory.viewer.set_data(opened.pair.train)
    laboratory.engine.send(command_to_open(opened))
    laboratory.engine.send(Train(STEPS))
    start = int(opened.checkpoint.training["steps"]) if opened.checkpoint else 0
    newest: list[Snapshot] = []

    def done() -> bool:
        snapshot = laboratory.engine.mailbox.take()
        if snapshot is None:
            return False
        look(snapshot)
        newest[:] = [snapshot]
        return snapshot.step == start + STEPS and not snapshot.running

    qtbot.waitUntil(done, timeout=MILLISECONDS)
    return dict(newest[0].parameters)


def replies_until(qtbot: QtBot, laboratory: Laboratory, kind: str) -> list[Reply]:
    """All replies up to the first of this kind."""
    found: list[Reply] = []

    def come() -> bool:
        found.extend(laboratory.replies())
        return any(reply.kind == kind for reply in found)

    qtbot.waitUntil(come, timeout=MILLISECONDS)
    return found


def opened_by(qtbot: QtBot, laboratory: Laboratory, read: Callable[[], Opened]) -> object:
    laboratory.open(read)
    (reply,) = replies_until(qtbot, laboratory, "open")
    return reply.value


def test_looking_never_changes_a_run(qtbot: QtBot, live: Opened, laboratory: Laboratory) -> None:
    alone = trained(qtbot, laboratory, live, lambda _snapshot: None)
    viewer, looks = laboratory.viewer, 0

    def look(snapshot: Snapshot) -> None:
        nonlocal looks
        viewer.take(snapshot)
        for index in range(20):
            viewer.decode([viewer.noise(2)])
            viewer.explain(index)
        viewer.request_map(Section(), Viewport(), 12, 12)
        viewer.request_strip(Section(), (0.0, 0.0), (1.0, 1.0), 11, True)
        viewer.request_forces(np.arange(20), 3, LossWeights())
        looks += 1

    watched = trained(qtbot, laboratory, live, look)
    assert looks > 1
    assert set(watched) == set(alone)
    for name, value in alone.items():
        np.testing.assert_array_equal(watched[name], value)


def test_what_is_trained_is_what_is_seen(
    qtbot: QtBot, live: Opened, laboratory: Laboratory
) -> None:
    viewer = laboratory.viewer
    pictures: dict[int, np.ndarray] = {}

    def look(snapshot: Snapshot) -> None:
        viewer.take(snapshot)
        pictures[viewer.step] = viewer.decode([(0.3, 0.3)])
        assert viewer.step == snapshot.step

    trained(qtbot, laboratory, live, look)
    first, last = min(pictures), max(pictures)
    assert last > first
    assert (pictures[first] != pictures[last]).any()


def test_a_model_is_read_beside_the_window(qtbot: QtBot, laboratory: Laboratory) -> None:
    readers: list[str] = []

    def read() -> Opened:
        readers.append(threading.current_thread().name)
        return open_model(DEFAULT_MODEL)

    value = opened_by(qtbot, laboratory, read)
    assert isinstance(value, Opened)
    assert value.model == DEFAULT_MODEL
    assert readers == ["latentlab-reader"]


def test_data_for_a_network_from_scratch_is_read(
    qtbot: QtBot, laboratory: Laboratory, tmp_path: Path
) -> None:
    folder = write_images(tmp_path / "dots")
    value = opened_by(qtbot, laboratory, lambda: open_images(str(folder)))
    assert isinstance(value, Opened)
    assert value.checkpoint is None


def test_images_too_large_for_a_network_from_scratch_are_refused(
    qtbot: QtBot, laboratory: Laboratory, tmp_path: Path
) -> None:
    """Of 512×512, it would take 3.4 GB with its optimiser."""
    folder = write_images(tmp_path / "large", side=512)
    value = opened_by(qtbot, laboratory, lambda: open_images(str(folder)))
    assert isinstance(value, InputError)
    assert str(value) == (
        f"{folder} has images of 512×512, which are too large: "
        "the network would learn 210 million numbers, but at most 100 million are possible."
    )


def test_the_reader_never_keeps_looks_waiting(qtbot: QtBot, laboratory: Laboratory) -> None:
    reading, go_on = threading.Event(), threading.Event()

    def slow() -> Opened:
        reading.set()
        assert go_on.wait(SECONDS)
        return open_images("mnist")

    laboratory.open(slow)
    assert reading.wait(SECONDS)
    laboratory.worker.submit("map", lambda: 42)
    try:
        assert replies_until(qtbot, laboratory, "map") == [Reply("map", 42)]
    finally:
        go_on.set()
    assert isinstance(replies_until(qtbot, laboratory, "open")[0].value, Opened)


def test_the_window_takes_no_more_cores_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    """OMP_NUM_THREADS is what torch begins with."""
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    torch.set_num_threads(2)
    laboratory = Laboratory()
    assert laboratory.shutdown()
    assert torch.get_num_threads() == 2


def test_a_model_whose_weights_do_not_fit_is_refused_by_name(
    qtbot: QtBot, laboratory: Laboratory, live: Opened, tmp_path: Path
) -> None:
    assert live.checkpoint is not None
    parameters = dict(live.checkpoint.parameters)
    del parameters["decoder.0.weight"]
    path = tmp_path / "torn.safetensors"
    save_checkpoint(replace(live.checkpoint, parameters=parameters), path)
    value = opened_by(qtbot, laboratory, lambda: open_model(str(path)))
    assert isinstance(value, InputError)
    assert (
        str(value)
        == f"{path} cannot be used: parameter decoder.0.weight is missing; use another copy."
    )


def test_only_the_last_that_was_opened_is_answered(
    qtbot: QtBot, laboratory: Laboratory, live: Opened
) -> None:
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
    laboratory.reader.submit("end", bool)
    replies = replies_until(qtbot, laboratory, "end")
    assert [reply.value.data for reply in replies if reply.kind == "open"] == ["fashion-mnist"]


def test_all_threads_end() -> None:
    before = set(threading.enumerate())
    laboratory = Laboratory()
    laboratory.start_engine()
    laboratory.start_engine()
    assert {t.name for t in set(threading.enumerate()) - before} == {
        "latentlab-engine",
        "latentlab-inference",
        "latentlab-lessons",
        "latentlab-reader",
        "latentlab-viewer",
    }
    assert laboratory.shutdown()
    assert set(threading.enumerate()) <= before
