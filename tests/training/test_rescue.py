"""A run goes on, or is saved, from what was last seen of it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from latentlab.core.checkpoint import load_checkpoint
from latentlab.data.dataset import DataPair
from latentlab.training.messages import (
    Failed,
    Reset,
    Save,
    Saved,
    SetObjective,
    Settings,
    Snapshot,
    Train,
)
from latentlab.training.rescue import rescue
from tests.training.desk import (
    BERNOULLI,
    NO_KL,
    Desk,
    assert_cloud_is_exact,
    assert_same_numbers,
    opening,
)


@pytest.fixture
def last(desk: Desk, mnist: DataPair) -> Snapshot:
    """Of a run that was trained, switched and trained on."""
    desk.do(opening(mnist), Train(30))
    return desk.do(SetObjective(NO_KL, BERNOULLI), Train(70))


def test_another_engine_goes_on_from_a_snapshot(last: Snapshot, mnist: DataPair) -> None:
    desk = Desk()
    found = desk.do(opening(mnist, run=5, weights=NO_KL, last=last))
    assert found.run == 5
    assert not found.running
    assert found.unsaved
    assert not found.from_file
    assert found.epoch == pytest.approx(last.epoch)
    assert_same_numbers(found, last)
    later = desk.do(Train(2))
    assert later.step == last.step + 2
    assert_cloud_is_exact(later, mnist)


def test_another_engine_goes_on_from_an_autosave(
    desk: Desk, mnist: DataPair, tmp_path: Path
) -> None:
    path = tmp_path / "autosave.safetensors"
    for command in (opening(mnist), Train(100), Save(path, autosave=True)):
        saved = desk.do(command)
    other = Desk()
    assert_same_numbers(other.do(opening(mnist, run=5, last=load_checkpoint(path))), saved)
    assert other.shown.unsaved
    assert not other.shown.from_file
    # With its optimiser and its random numbers: bit for bit.
    after, before = other.do(Train(3)), desk.do(Train(3))
    for name, value in before.parameters.items():
        np.testing.assert_array_equal(after.parameters[name], value)


def test_what_is_switched_after_it_is_marked(last: Snapshot, mnist: DataPair) -> None:
    desk = Desk()
    desk.do(opening(mnist, weights=NO_KL, last=last))
    found = desk.do(SetObjective(opening(mnist).weights, BERNOULLI), Train(1))
    assert [mark.formula for mark in found.curves.marks] == ["rec", "rec + KL"]
    assert [mark.step for mark in found.curves.marks] == [30, 100]


def test_back_to_loaded_is_back_to_the_file(desk: Desk, mnist: DataPair, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    for command in (opening(mnist), Train(5), Save(path)):
        desk.do(command)
    loaded = desk.shown
    trained = desk.do(Train(9))
    other = Desk()
    assert other.do(opening(mnist, path=path, run=1, last=trained)).step == 14
    back = other.do(Reset("loaded", 2))
    assert back.step == 5
    assert back.from_file
    assert not back.unsaved
    for name, value in loaded.parameters.items():
        np.testing.assert_array_equal(back.parameters[name], value)


def test_a_snapshot_is_saved_as_the_engine_would(
    last: Snapshot, mnist: DataPair, tmp_path: Path
) -> None:
    path = tmp_path / "rescued.safetensors"
    assert rescue(last, mnist.train, path) == Saved(path, False, last.run)
    opened = Desk().do(opening(mnist, path=path, weights=NO_KL))
    assert_same_numbers(opened, last)
    assert not opened.unsaved
    checkpoint = load_checkpoint(path)
    assert checkpoint.weights == NO_KL
    assert set(checkpoint.cloud) == {"mu", "logvar"}


def test_a_cloud_of_earlier_weights_is_not_saved(
    desk: Desk, mnist: DataPair, tmp_path: Path
) -> None:
    desk.do(opening(mnist))
    desk.engine.send(Train())
    while desk.shown.cloud.step == desk.shown.weights_step or desk.shown.step < 20:
        desk.tick()
    path = tmp_path / "rescued.safetensors"
    rescue(desk.shown, mnist.train, path)
    assert load_checkpoint(path).cloud == {}
    found = Desk().do(opening(mnist, path=path, settings=Settings(seed=3)))
    assert found.step == desk.shown.step
    assert_cloud_is_exact(found, mnist)


def test_a_rescue_for_which_there_is_no_memory_says_so_too(
    last: Snapshot, mnist: DataPair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_of: object) -> None:
        raise MemoryError

    monkeypatch.setattr("latentlab.core.checkpoint.write_atomic", fail)
    path = tmp_path / "m.safetensors"
    notice = rescue(last, mnist.train, path)
    assert isinstance(notice, Failed)
    assert notice.message.startswith(f"{path} could not be written because memory ran out")
    assert rescue(last, mnist.train, path, autosave=True) is None


def test_a_rescue_keeps_the_step_of_the_weights(
    last: Snapshot, mnist: DataPair, tmp_path: Path
) -> None:
    path = tmp_path / "m.safetensors"
    earlier = replace(last, weights_step=60)
    assert rescue(earlier, mnist.train, path, autosave=True) == Saved(path, True, last.run)
    checkpoint = load_checkpoint(path)
    assert (checkpoint.training["steps"], checkpoint.weights_step) == (100, 60)
    assert checkpoint.cloud == {}


def test_a_rescue_that_fails_says_where(last: Snapshot, mnist: DataPair, tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "m.safetensors"
    notice = rescue(last, mnist.train, path)
    assert isinstance(notice, Failed)
    assert str(path) in notice.message
    assert notice.report == ""
