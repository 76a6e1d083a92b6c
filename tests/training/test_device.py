"""A device that fails, at any moment: a sentence, and on it goes on the processor.

The part of the failing device is played by torch's "meta", which holds no data: whatever is moved
there can be computed with, and never be read again.
"""

import re
from pathlib import Path

import numpy as np
import pytest
import torch

from latentlab.core.checkpoint import load_checkpoint
from latentlab.data.dataset import DataPair
from latentlab.training.messages import (
    Begin,
    Command,
    Noted,
    Reset,
    Save,
    Saved,
    SetSettings,
    Settings,
    Snapshot,
    Switch,
    Train,
)
from latentlab.training.plan import Plan
from latentlab.training.trainer import Trainer
from tests.training.desk import Desk, assert_cloud_is_exact, assert_same_numbers, opening

ELSEWHERE = Settings(device="cuda")


@pytest.fixture(autouse=True)
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The device that the settings call cuda passes its first trial, and no other."""

    def usable(name: str) -> torch.device:
        return torch.device("meta" if name == "cuda" else name)

    for module in ("engine", "trainer"):
        monkeypatch.setattr(f"latentlab.training.{module}.usable", usable)


def fell_back(desk: Desk, step: int) -> None:
    (notice,) = desk.notices()
    assert isinstance(notice, Noted)
    assert re.fullmatch(
        rf"meta has failed \(.+\): training goes on from the weights of step {step:,}, on the "
        r"processor \(cpu\)\.",
        notice.message,
    )
    assert notice.settings == Settings()


def same_weights(one: Snapshot, other: Snapshot) -> bool:
    return all(
        np.array_equal(value, other.parameters[name]) for name, value in one.parameters.items()
    )


def test_a_model_that_cannot_be_opened_there_is_opened_here(desk: Desk, mnist: DataPair) -> None:
    shown = desk.do(opening(mnist, settings=ELSEWHERE))
    (notice,) = desk.notices()
    assert isinstance(notice, Noted)
    assert "cuda cannot be used here (" in notice.message
    assert notice.settings == shown.settings == Settings()
    assert_same_numbers(desk.do(Train(30)), Desk().do(opening(mnist), Train(30)))
    assert desk.notices() == []


@pytest.mark.parametrize("steps", [0, 150])
def test_a_device_that_fails_at_its_first_step_loses_none(
    desk: Desk, mnist: DataPair, steps: int
) -> None:
    desk.do(opening(mnist), Train(steps))
    desk.engine.send(SetSettings(ELSEWHERE))
    shown = desk.do(Train(1))
    fell_back(desk, steps)
    assert shown.settings == Settings()
    # The step that failed is taken all the same.
    assert shown.step == steps + 1
    after = desk.do(Train(1))
    assert after.step == steps + 2
    assert_cloud_is_exact(after, mnist)
    assert desk.notices() == []


def test_a_failing_look_or_picture_is_one_of_the_device(desk: Desk, mnist: DataPair) -> None:
    before = desk.do(opening(mnist), Train(130))
    shown = desk.do(SetSettings(ELSEWHERE))
    fell_back(desk, 130)
    assert shown.weights_step == 130
    assert same_weights(before, shown)
    # What was under way is looked at anew.
    assert_cloud_is_exact(shown, mnist)
    assert shown.heldout == before.heldout
    assert desk.do(Train(5)).step == 135


def test_a_device_that_fails_later_is_left_with_the_weights_put_aside(
    desk: Desk, mnist: DataPair, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.do(opening(mnist))
    step_on = Trainer.step_on

    def fail_at_150(trainer: Trainer, batch: object) -> object:
        if trainer.step_count == 150 and trainer.device.type == "cpu":
            trainer.model.to("meta")
            trainer._device = torch.device("meta")
        return step_on(trainer, batch)  # type: ignore[arg-type]

    with monkeypatch.context() as broken:
        broken.setattr(Trainer, "step_on", fail_at_150)
        desk.engine.send(Train())
        desk.tick(151)
    fell_back(desk, 100)
    assert desk.shown.running
    shown = desk.do(Train(5))
    assert shown.step >= 155
    assert_cloud_is_exact(shown, mnist)


def test_what_is_saved_from_a_dead_device_is_what_was_put_aside(
    desk: Desk, mnist: DataPair, tmp_path: Path
) -> None:
    before = desk.do(opening(mnist), Train(30))
    path = tmp_path / "m.safetensors"
    for command in (SetSettings(ELSEWHERE), Save(path)):
        desk.engine.send(command)
    desk.engine.tick()
    noted, saved = desk.notices()
    assert isinstance(noted, Noted)
    assert saved == Saved(path, False, run=0)
    for name, value in load_checkpoint(path).parameters.items():
        np.testing.assert_array_equal(value, before.parameters[name])


@pytest.mark.parametrize("back", [False, True])
def test_the_runs_that_are_kept_leave_it_too(desk: Desk, mnist: DataPair, back: bool) -> None:
    trained = desk.do(opening(mnist), Train(30))
    commands: list[Command] = [SetSettings(ELSEWHERE), Reset("scratch", 1)]
    for command in [*commands, *([Switch(0)] if back else [])]:
        desk.engine.send(command)
    desk.do(Train(3))
    assert [type(notice) for notice in desk.notices()] == [Noted]
    shown = desk.do(Switch(0))
    assert shown.settings == Settings()
    if not back:
        assert same_weights(shown, trained)
    assert desk.do(Train(3)).step > 30
    assert desk.notices() == []


def test_a_plan_goes_on_where_its_device_has_failed(desk: Desk, mnist: DataPair) -> None:
    desk.do(opening(mnist))
    desk.engine.send(Begin(Plan(epochs=6)))
    desk.tick(40)
    assert desk.shown.plan is not None
    desk.engine.send(SetSettings(ELSEWHERE))
    shown = desk.do()
    noted, stopped = desk.notices()
    assert isinstance(noted, Noted)
    assert shown.plan is None
    assert "The weights of step" in str(stopped)
