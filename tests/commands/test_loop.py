"""Training without a window: stopped by Ctrl+C, by a divergence, or at its end."""

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from latentlab.commands.loop import Loop, autosave_of
from latentlab.core.checkpoint import load_checkpoint
from latentlab.core.vae import parameters_of
from latentlab.data.bundled import load_bundled
from latentlab.data.dataset import DataPair
from latentlab.training.plan import Plan
from latentlab.training.trainer import Trainer
from tests.training.conftest import first
from tests.training.test_resume import assert_same_run, fresh

PLAN = Plan(epochs=4, kl_warm_up=2)


@pytest.fixture(scope="module")
def few() -> DataPair:
    pair = load_bundled("mnist")
    return DataPair(first(pair.train, 400), first(pair.test, 10))


class At:
    """Does something after a step, where a run is recorded."""

    def __init__(self, trainer: Trainer, step: int, act: Callable[[], None]) -> None:
        self._trainer, self._step, self._act = trainer, step, act

    def look(self) -> None:
        if self._trainer.step_count == self._step:
            self._act()


def press_ctrl_c() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def planned(pair: DataPair) -> Trainer:
    trainer = fresh(pair)
    trainer.begin(PLAN)
    return trainer


def loop(trainer: Trainer, out: Path, at: At | None = None) -> Loop:
    steps = trainer.course.steps if trainer.course else 20
    return Loop(trainer, steps, autosave_of(out), at)  # type: ignore[arg-type]


def resumed(out: Path, like: Trainer) -> Trainer:
    found = load_checkpoint(autosave_of(out))
    return Trainer.from_checkpoint(
        found, like.images, found.weights, found.likelihood, like.settings
    )


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGINT for one process")
@pytest.mark.parametrize("plan", [True, False], ids=["planned", "steady"])
@pytest.mark.parametrize("step", [3, 12])
def test_what_ctrl_c_stops_goes_on_bit_for_bit(
    few: DataPair, tmp_path: Path, capsys: pytest.CaptureFixture[str], step: int, plan: bool
) -> None:
    out = tmp_path / "m.safetensors"
    whole, stopped = (planned(few) if plan else fresh(few) for _ in range(2))
    whole_loop = loop(whole, tmp_path / "whole.safetensors")
    assert whole_loop.run()

    ended = loop(stopped, out, At(stopped, step, press_ctrl_c))
    assert ended.run()
    assert ended.interrupted
    assert "--resume" in capsys.readouterr().err
    assert stopped.step_count == step
    assert stopped.course is None
    ended.discard_autosave()
    again = resumed(out, stopped)
    assert again.step_count == step
    assert (again.course is not None) is plan
    going_on = loop(again, out)
    assert going_on.run()
    assert not going_on.interrupted
    assert_same_run(again, whole)
    going_on.discard_autosave()
    assert not autosave_of(out).exists()


@pytest.mark.skipif(sys.platform == "win32", reason="has no SIGINT for one process")
def test_what_is_saved_before_an_epoch_has_ended_is_the_average(
    few: DataPair, tmp_path: Path
) -> None:
    trainer = planned(few)
    course = trainer.course
    assert course is not None
    ended = loop(trainer, tmp_path / "m.safetensors", At(trainer, 3, press_ctrl_c))
    ended.run()
    assert ended.best is not None
    assert ended.best.step == trainer.weights_step == 3
    for name, value in course.candidate(trainer.model).items():
        np.testing.assert_array_equal(parameters_of(trainer.model)[name], value.numpy())


def test_after_a_divergence_the_best_is_kept(
    few: DataPair, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trainer = planned(few)
    course = trainer.course
    assert course is not None
    steps = course.epoch_steps

    def go_wrong() -> None:
        trainer.settings = replace(trainer.settings, learning_rate=1e30)

    ended = loop(trainer, tmp_path / "m.safetensors", At(trainer, steps + 1, go_wrong))
    assert not ended.run()
    assert "Training stopped at step" in capsys.readouterr().err
    assert trainer.course is None
    assert ended.best is not None
    assert ended.best.step == trainer.weights_step == steps
    for name, value in ended.best.weights.items():
        np.testing.assert_array_equal(parameters_of(trainer.model)[name], value.numpy())
