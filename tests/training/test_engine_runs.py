"""The engine, tick by tick: runs saved, reset, brought back, and not lost."""

import gc
import weakref
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from latentlab.core.checkpoint import load_checkpoint
from latentlab.core.spec import Architecture, LossWeights
from latentlab.data.dataset import DataPair
from latentlab.errors import InputError
from latentlab.training.messages import (
    RUNS_KEPT,
    Begin,
    Branch,
    Command,
    EndPlan,
    Failed,
    Pause,
    Reset,
    Save,
    Saved,
    SetObjective,
    SetSettings,
    Settings,
    Switch,
    Train,
)
from latentlab.training.plan import Plan
from latentlab.training.rescue import checkpoint_of
from latentlab.training.run import Run
from tests.training.desk import (
    BERNOULLI,
    NO_KL,
    Desk,
    assert_cloud_is_exact,
    assert_same_numbers,
    opening,
)

# --- reset and switch ----------------------------------------------------------------------------


@pytest.fixture
def saved(desk: Desk, mnist: DataPair, tmp_path: Path) -> Path:
    path = tmp_path / "saved.safetensors"
    # One after the other: a save waits for no steps.
    for command in (opening(mnist), Train(25), Save(path)):
        desk.do(command)
    assert desk.notices() == [Saved(path, False, run=0)]
    return path


def test_saving_while_training_saves_what_was_there(desk: Desk, mnist: DataPair, tmp_path) -> None:
    desk.do(opening(mnist))
    desk.engine.send(Train())
    desk.tick(17)
    path = tmp_path / "m.safetensors"
    desk.engine.send(Save(path))
    desk.engine.send(Pause())
    desk.tick()
    assert desk.notices() == [Saved(path, False, run=0)]
    checkpoint = load_checkpoint(path)
    assert checkpoint.training["steps"] == 17
    shown = desk.do(Pause())
    assert not shown.unsaved
    for name, value in shown.parameters.items():
        np.testing.assert_array_equal(checkpoint.parameters[name], value)
    np.testing.assert_array_equal(checkpoint.cloud["mu"], shown.cloud.mu)


def test_an_autosave_is_no_save(desk: Desk, mnist: DataPair, tmp_path: Path) -> None:
    desk.do(opening(mnist), Train(2))
    path = tmp_path / "auto.safetensors"
    shown = desk.do(Save(path, autosave=True))
    assert desk.notices() == [Saved(path, True, run=0)]
    assert shown.unsaved


def test_a_save_says_which_run_it_holds(desk: Desk, mnist: DataPair, tmp_path: Path) -> None:
    desk.do(opening(mnist), Train(2), Reset("scratch", 3), Train(1))
    path = tmp_path / "m.safetensors"
    # Sent at once: by the time of the notice, another run is shown.
    desk.do(Save(path), Switch(0))
    assert desk.notices() == [Saved(path, False, run=3)]
    assert load_checkpoint(path).training["steps"] == 1


def test_a_saved_file_opens_as_it_was(desk: Desk, mnist: DataPair, saved: Path) -> None:
    shown = desk.do(opening(mnist), Train(25))
    opened = Desk().do(opening(mnist, path=saved))
    assert opened.from_file
    assert not opened.unsaved
    assert (opened.step, opened.epoch) == (25, shown.epoch)
    for name, value in shown.parameters.items():
        np.testing.assert_array_equal(opened.parameters[name], value)
    np.testing.assert_array_equal(opened.cloud.mu, shown.cloud.mu)
    np.testing.assert_array_equal(
        opened.curves.train.negative_elbo, shown.curves.train.negative_elbo
    )


def test_the_stored_cloud_of_other_images_is_not_shown(desk: Desk, mnist: DataPair, saved) -> None:
    swapped = DataPair(train=mnist.test, test=mnist.train)
    shown = desk.do(opening(swapped, path=saved))
    assert len(shown.cloud.mu) == len(mnist.test)
    assert_cloud_is_exact(shown, swapped)


@pytest.mark.parametrize("to", ["loaded", "scratch"])
def test_reset_can_be_undone_to_the_last_bit(
    desk: Desk, mnist: DataPair, saved: Path, to: Any
) -> None:
    opened = desk.do(opening(mnist, path=saved))
    trained = desk.do(Train(40))
    reset = desk.do(Reset(to, 1))
    assert reset.run == 1
    assert not reset.running
    if to == "loaded":
        assert_same_numbers(reset, opened)
    else:
        assert reset.step == 0
        assert not reset.from_file
        scratch = Desk().do(opening(mnist))
        assert_same_numbers(reset, scratch)
    moved = desk.do(Train(10))
    back = desk.do(Switch(0))
    assert back.run == 0
    assert_same_numbers(back, trained)
    # And forward again.
    assert_same_numbers(desk.do(Switch(1)), moved)
    assert desk.notices() == []


def test_the_same_steps_after_a_reset_give_the_same_numbers(
    desk: Desk, mnist: DataPair, saved: Path
) -> None:
    desk.do(opening(mnist, path=saved))
    first = desk.do(Train(30))
    desk.do(Reset("loaded", 1))
    assert_same_numbers(desk.do(Train(30)), first)


def test_a_run_brought_back_is_as_it_was_whatever_was_set_meanwhile(
    desk: Desk, mnist: DataPair
) -> None:
    trained = desk.do(opening(mnist), Train(30))
    desk.do(Reset("scratch", 1))
    desk.do(SetObjective(NO_KL, BERNOULLI), Train(5))
    # Undo sets both back; in which order is the sender's affair.
    back = desk.do(Switch(0), SetObjective(LossWeights(), BERNOULLI))
    assert_same_numbers(back, trained)
    desk.do(Switch(1), SetObjective(NO_KL, BERNOULLI))
    assert_same_numbers(desk.do(SetObjective(LossWeights(), BERNOULLI), Switch(0)), trained)


def test_what_is_set_holds_for_runs_begun_and_brought_back(desk: Desk, mnist: DataPair) -> None:
    desk.do(opening(mnist))
    quick = Settings(learning_rate=0.01)
    desk.do(SetObjective(NO_KL, BERNOULLI), SetSettings(quick))
    for command in (Reset("scratch", 1), Switch(0)):
        shown = desk.do(command)
        assert (shown.weights, shown.settings) == (NO_KL, quick)


def test_a_run_no_longer_kept_cannot_be_brought_back(desk: Desk, mnist: DataPair) -> None:
    desk.do(opening(mnist))
    for run in range(1, RUNS_KEPT + 1):
        desk.do(Reset("scratch", run))
    assert desk.do(Switch(0)).run == RUNS_KEPT
    (notice,) = desk.notices()
    assert isinstance(notice, Failed)
    assert "no longer kept" in notice.message
    assert desk.do(Switch(1)).run == 1


@pytest.fixture
def by_counting_alone() -> Iterator[None]:
    """What is referred to in a circle stays."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("by_counting_alone")
def test_what_is_no_longer_kept_leaves_the_memory_at_once(desk: Desk, mnist: DataPair) -> None:
    resets = [Reset("scratch", run) for run in range(1, RUNS_KEPT + 1)]
    for commands in ([opening(mnist, run=RUNS_KEPT + 1)], resets):
        desk.engine.send(opening(mnist))
        desk.engine.send(Train())
        desk.tick(2)
        (run,) = desk.engine._runs.values()
        assert run.looking
        gone = weakref.ref(run)
        del run
        for command in commands:
            desk.engine.send(command)
        desk.tick()
        assert gone() is None


def told(desk: Desk, *commands: Command) -> list[Failed]:
    """What is answered where nothing is open to be shown."""
    for command in commands:
        desk.engine.send(command)
    desk.tick(3)
    found = [notice for notice in desk.notices() if isinstance(notice, Failed)]
    assert all(notice.report == "" for notice in found)
    return found


# --- failures ------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [OSError("full"), InputError("too large"), MemoryError()])
def test_an_autosave_that_fails_is_quiet_and_a_save_is_not(
    desk: Desk, mnist: DataPair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    desk.do(opening(mnist), Train(2))

    def fail(*_of: object) -> None:
        raise error

    monkeypatch.setattr("latentlab.core.checkpoint.write_atomic", fail)
    path = tmp_path / "m.safetensors"
    desk.do(Save(path, autosave=True))
    assert desk.notices() == []
    desk.do(Save(path))
    (notice,) = desk.notices()
    assert isinstance(notice, Failed)
    assert notice.report == ""


def test_the_step_of_the_weights_is_kept_where_it_is_not_the_last(
    desk: Desk, mnist: DataPair, tmp_path: Path
) -> None:
    path = tmp_path / "m.safetensors"
    frozen = Settings(learning_rate=0.0)
    desk.do(opening(mnist, settings=frozen))
    # Nothing moves, so the first epoch stays the best.
    shown = desk.do(Begin(Plan(epochs=2, averaging=False)))
    assert shown.weights_step < shown.step
    desk.do(Save(path))
    opened = Desk().do(opening(mnist, path=path))
    assert (opened.step, opened.weights_step) == (shown.step, shown.weights_step)
    assert opened.cloud.step == shown.weights_step
    assert not opened.unsaved


def test_saving_into_a_missing_folder_fails_and_loses_nothing(
    desk: Desk, mnist: DataPair, tmp_path: Path
) -> None:
    before = desk.do(opening(mnist), Train(5))
    path = tmp_path / "missing" / "m.safetensors"
    shown = desk.do(Save(path))
    (notice,) = desk.notices()
    assert isinstance(notice, Failed)
    assert str(path) in notice.message
    assert notice.report == ""
    assert shown.unsaved
    assert_same_numbers(shown, before)
    assert desk.do(Train(1)).step == 6


def test_where_a_model_cannot_be_opened_no_other_is_trained_or_saved_as_it(
    desk: Desk, mnist: DataPair, saved: Path, tmp_path: Path
) -> None:
    path = tmp_path / "other.safetensors"
    checkpoint = load_checkpoint(saved)
    wrong = replace(checkpoint, architecture=Architecture(hidden=(33,)))
    other = Architecture(image_shape=(1, 32, 32), hidden=(32,))
    desk.notices()
    for command in (
        opening(mnist, run=7, checkpoint=wrong),
        opening(mnist, run=7, architecture=other),
    ):
        desk.do(opening(mnist), Train(5))
        desk.engine.send(Train())
        desk.tick(3)
        refused, unsaved = told(desk, command, Save(path))
        assert (refused.report, refused.run) == ("", 7)
        assert "none is open" in unsaved.message
        assert told(desk, Train(1), Save(path, autosave=True), EndPlan()) == []
        assert desk.shown.run == 0
        assert not path.exists()
    assert desk.do(opening(mnist, path=saved, run=8), Train(1)).step == 26
    assert desk.notices() == []


def test_an_unexpected_error_is_told_once_and_training_can_go_on(
    desk: Desk, mnist: DataPair, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.do(opening(mnist))
    with monkeypatch.context() as broken:

        def fail(self: Run) -> None:
            raise ArithmeticError

        broken.setattr(Run, "look_slice", fail)
        desk.engine.send(Train())
        desk.tick(10)
    (notice,) = desk.notices()
    assert isinstance(notice, Failed)
    assert "ArithmeticError" in notice.report
    assert not desk.shown.running
    assert desk.do(Train(3)).step > 0


def test_a_snapshot_that_fails_does_not_end_the_engine(
    desk: Desk, mnist: DataPair, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.do(opening(mnist))
    with monkeypatch.context() as broken:

        def fail(*_of: object) -> None:
            raise ArithmeticError

        broken.setattr(Run, "snapshot", fail)
        desk.engine.send(Train())
        desk.tick(10)
    (notice,) = desk.notices()
    assert isinstance(notice, Failed)
    assert "ArithmeticError" in notice.report
    assert not desk.do(Pause()).running
    assert desk.do(Train(3)).step > 0


# --- branches ------------------------------------------------------------------------------------


def test_a_branch_begins_with_the_weights_given_and_the_old_run_is_kept(
    desk: Desk, mnist: DataPair
) -> None:
    first = desk.do(opening(mnist), Train(10))
    then = checkpoint_of(first, mnist.train)
    later = desk.do(Train(10))
    branch = desk.do(SetObjective(NO_KL, BERNOULLI), Branch(then, 1))
    assert (branch.run, branch.step, branch.unsaved) == (1, 10, True)
    assert branch.weights == NO_KL
    for name, array in first.parameters.items():
        np.testing.assert_array_equal(branch.parameters[name], array)
    assert_cloud_is_exact(branch, mnist)
    on = desk.do(Train(5))
    assert (on.run, on.step) == (1, 15)
    back = desk.do(Switch(0))
    assert (back.run, back.step) == (0, 20)
    for name, array in later.parameters.items():
        np.testing.assert_array_equal(back.parameters[name], array)
