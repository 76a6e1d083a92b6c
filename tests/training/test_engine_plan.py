"""What the engine says of a plan under way, of its end, and of where it computes."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from latentlab.core.spec import LossWeights
from latentlab.data.dataset import DataPair
from latentlab.training.device import computes_in_bfloat16, devices, usable
from latentlab.training.messages import (
    Begin,
    DeviceName,
    EndPlan,
    Failed,
    Noted,
    Pause,
    Save,
    SetSettings,
    Settings,
    Stopped,
    Train,
)
from latentlab.training.plan import Plan, held_back
from tests.training.desk import Desk, opening

# What no machine of this kind has.
ABSENT: DeviceName = "cuda" if sys.platform == "darwin" else "mps"
HELD_BACK = held_back(1000)
# Of 64 images, in an epoch of what is not held back.
STEPS = -(-(1000 - HELD_BACK) // 64)


def stopped(desk: Desk) -> Stopped:
    (notice,) = desk.notices()
    assert isinstance(notice, Stopped)
    return notice


def test_a_plan_is_shown_from_its_beginning_to_its_end(desk: Desk, mnist: DataPair) -> None:
    plan = Plan(epochs=3)
    desk.do(opening(mnist))
    desk.engine.send(Begin(plan))
    epochs = []
    for _ in range(3 * STEPS - 1):
        desk.tick()
        # So that each tick is shown.
        desk.engine.send(SetSettings(desk.shown.settings))
        assert desk.shown.plan is not None
        epochs.append(desk.shown.plan.epoch)
    assert epochs == sorted(epochs)
    assert epochs[-1] > 2.5
    shown = desk.do()
    assert shown.plan is None
    assert shown.step == 3 * STEPS
    assert shown.weights_step in (STEPS, 2 * STEPS, 3 * STEPS)
    notice = stopped(desk)
    assert notice.planned
    assert re.fullmatch(
        r"The long run has ended after 3 epochs\. The weights of step "
        rf"{shown.weights_step} are kept, the best on {HELD_BACK} training images held back from "
        r"the steps: ELBO −\d+\.\d\d nats\.",
        notice.reason,
    )


def test_a_plan_that_is_ended_early_keeps_the_best(desk: Desk, mnist: DataPair) -> None:
    # Nothing moves, so the first epoch stays the best.
    desk.do(opening(mnist, settings=Settings(learning_rate=0.0)))
    desk.engine.send(Begin(Plan(epochs=10, averaging=False)))
    desk.tick()
    while desk.shown.step < 2 * STEPS:
        desk.tick()
    shown = desk.do(EndPlan())
    assert shown.plan is None
    assert shown.weights_step == STEPS
    assert " of 10 epochs. " in stopped(desk).reason
    # There is nothing to end now.
    desk.do(EndPlan())
    assert desk.notices() == []


def test_patience_is_asked_once_the_newest_weights_are_judged(desk: Desk, mnist: DataPair) -> None:
    frozen = Settings(learning_rate=0.0)
    plan = Plan(epochs=50, averaging=False, patience=2)
    shown = desk.do(opening(mnist, settings=frozen), Begin(plan))
    assert shown.step == 3 * STEPS
    assert shown.weights_step == STEPS
    assert "after 3 epochs, since nothing better came for 2." in stopped(desk).reason


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_plan_needs_images_to_hold_back(desk: Desk, mnist: DataPair, count: int) -> None:
    few = DataPair(mnist.train.at(np.arange(count)), mnist.test.at(np.arange(5)))
    shown = desk.do(opening(few), Begin(Plan(epochs=2)))
    (notice,) = desk.notices()
    if count == 3:
        assert isinstance(notice, Stopped)
        assert "the best on 1 training image held back from" in notice.reason
        return
    assert isinstance(notice, Failed)
    assert notice.message.endswith(f"here is no more than {count}.")
    assert notice.report == ""
    assert shown.step == 0
    assert shown.plan is None
    assert desk.do(Train(1)).step == 1


def test_a_warm_up_says_what_it_makes_of_the_kl_term(desk: Desk, mnist: DataPair) -> None:
    desk.do(opening(mnist, weights=LossWeights(beta=4)))
    desk.engine.send(Begin(Plan(epochs=4, kl_warm_up=4)))
    shown = desk.do(Train(STEPS))
    assert shown.plan is not None
    assert shown.plan.kl_factor == pytest.approx((STEPS + 1) / (4 * STEPS))
    # The switches say what they said, and the curves hold what was minimised.
    assert shown.weights.beta == 4
    train = shown.curves.train
    np.testing.assert_allclose(
        train.objective,
        train.reconstruction + 4 * train.step / (4 * STEPS) * train.kl,
        rtol=1e-6,
    )


@pytest.mark.parametrize("when", ["opened", "chosen"])
def test_a_device_that_is_not_there_gives_way_to_the_processor(
    desk: Desk, mnist: DataPair, when: str
) -> None:
    wanted = Settings(device=ABSENT)
    if when == "opened":
        desk.do(opening(mnist, settings=wanted))
    else:
        desk.do(opening(mnist), SetSettings(wanted))
    (notice,) = desk.notices()
    assert isinstance(notice, Noted)
    assert re.fullmatch(
        rf"{ABSENT} cannot be used here \(.+\): the processor \(cpu\) trains instead\.",
        notice.message,
    )
    assert notice.settings == Settings()
    assert desk.do(Train(2)).settings == Settings()
    assert desk.notices() == []


def test_what_torch_has_can_be_used() -> None:
    found = devices()
    assert found[0] == "cpu"
    assert ABSENT not in found
    for name in found:
        assert usable(name).type == name


@pytest.mark.parametrize("native", [True, False])
def test_each_kind_of_device_is_asked_for_itself(
    monkeypatch: pytest.MonkeyPatch, native: bool
) -> None:
    monkeypatch.setattr("latentlab.training.device.native_bfloat16", lambda: not native)
    monkeypatch.setattr("latentlab.training.device.cuda_bfloat16", lambda: native)
    assert computes_in_bfloat16("auto", torch.device("cuda")) is native
    assert computes_in_bfloat16("auto", torch.device("cpu")) is not native
    assert not computes_in_bfloat16("auto", torch.device("mps"))


def test_a_snapshot_says_in_what_it_is_computed(desk: Desk, mnist: DataPair) -> None:
    auto = computes_in_bfloat16("auto", usable("cpu"))
    for precision, mixed in (("float32", False), ("bfloat16", True), ("auto", auto)):
        shown = desk.do(opening(mnist, settings=Settings(precision=precision)), Train(1))
        assert shown.bfloat16 is mixed


def test_a_plan_that_cannot_go_on_is_told(desk: Desk, mnist: DataPair, tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    desk.do(opening(mnist))
    desk.engine.send(Begin(Plan(epochs=9)))
    desk.tick(5)
    desk.do(Save(path), Pause())
    desk.notices()
    # In other batches it goes on.
    larger = Settings(batch_size=100)
    assert desk.do(opening(mnist, path=path, settings=larger)).plan is not None
    assert desk.notices() == []
    other = DataPair(mnist.test, mnist.test)
    assert desk.do(opening(other, path=path)).plan is None
    (notice,) = desk.notices()
    assert isinstance(notice, Noted)
    assert notice.message.endswith("training goes on without it.")
