"""Plans: schedules, what makes sense in them, and what is held back."""

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from latentlab.core.spec import Architecture, Likelihood, LossWeights
from latentlab.core.vae import parameters_of
from latentlab.data.dataset import DataPair
from latentlab.errors import InputError
from latentlab.training.evaluation import finish
from latentlab.training.images import Images
from latentlab.training.judging import judge
from latentlab.training.messages import Settings
from latentlab.training.plan import Plan, held_back
from latentlab.training.trainer import Trainer

SMALL = Architecture(hidden=(32,))


def trainer_on(pair: DataPair, plan: Plan | None = None, **settings: Any) -> Trainer:
    trainer = Trainer.from_scratch(
        SMALL, Images(pair.train), LossWeights(), Likelihood(), Settings(**settings)
    )
    if plan is not None:
        trainer.begin(plan)
    return trainer


def run_through(trainer: Trainer) -> None:
    course = trainer.course
    assert course is not None
    while not course.ended(trainer.step_count):
        trainer.step()
        if trainer.at_epoch_end():
            finish(judge(trainer, course))


# --- schedules -----------------------------------------------------------------------------------


def test_one_cycle_is_the_one_torch_has() -> None:
    steps = 1000
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=1.0)
    theirs = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, 1.0, total_steps=steps + 1, pct_start=0.15, final_div_factor=1000
    )
    plan = Plan(schedule="one-cycle")
    for step in range(steps):
        assert plan.rate(step / steps) == pytest.approx(theirs.get_last_lr()[0], abs=0.02)
        optimizer.step()
        theirs.step()


def test_cosine_falls_from_one_to_nothing() -> None:
    rates = [Plan(schedule="cosine").rate(i / 100) for i in range(101)]
    assert rates[0] == 1
    assert rates[50] == pytest.approx(0.5)
    assert rates[-1] == pytest.approx(0)
    assert all(a > b for a, b in itertools.pairwise(rates))


@given(st.floats(0, 1), st.sampled_from(["constant", "cosine", "one-cycle"]))
def test_no_schedule_leaves_its_range(progress: float, schedule: Any) -> None:
    assert 0 <= Plan(schedule=schedule).rate(progress) <= 1


def test_the_learning_rate_of_a_run_follows_its_plan(mnist: DataPair) -> None:
    trainer = trainer_on(mnist, Plan(epochs=2, schedule="cosine"), learning_rate=0.01)
    assert trainer.course is not None
    steps = trainer.course.steps
    rates = []
    for _ in range(steps):
        trainer.step()
        rates.append(trainer._optimizer.param_groups[0]["lr"])
    expected = 0.005 * (1 + np.cos(np.pi * np.arange(steps) / steps))
    np.testing.assert_allclose(rates, expected)


def test_kl_warms_up_to_what_the_switches_say(mnist: DataPair) -> None:
    trainer = trainer_on(mnist, Plan(epochs=3, kl_warm_up=2))
    course = trainer.course
    assert course is not None
    weights = LossWeights(beta=4)
    per_epoch = course.epoch_steps
    assert course.weights(weights, 0).kl == pytest.approx(4 / (2 * per_epoch))
    assert course.weights(weights, per_epoch - 1).kl == pytest.approx(2)
    assert course.weights(weights, 2 * per_epoch).kl == 4
    off = LossWeights(kl_on=False)
    assert course.weights(off, 0).kl == 0
    # The curve says what was minimised.
    terms = trainer.step()
    train = trainer.curves.curves().train
    assert train.objective[0] == pytest.approx(terms.reconstruction + terms.kl / (2 * per_epoch))


# --- what is held back ---------------------------------------------------------------------------


@given(st.integers(1, 10**6))
def test_what_is_held_back_leaves_most_to_train_on(count: int) -> None:
    assert 0 <= held_back(count) <= count // 3


def test_an_epoch_sees_every_image_but_those_held_back(mnist: DataPair) -> None:
    trainer = trainer_on(mnist, Plan(epochs=2))
    course = trainer.course
    assert course is not None
    both = torch.cat([course.held_back, course.trained_on]).sort().values
    assert torch.equal(both, torch.arange(1000))
    seen = []
    for _ in range(course.epoch_steps):
        trainer.step()
        seen.append(len(trainer.order))
    assert trainer.at_epoch_end()
    assert trainer.images_seen == 1000 - held_back(1000)
    assert trainer.epochs == 1


# --- the best ------------------------------------------------------------------------------------


def test_the_best_by_images_held_back_is_kept(mnist: DataPair) -> None:
    trainer = trainer_on(mnist, Plan(epochs=4), learning_rate=2e-3)
    run_through(trainer)
    best = trainer.course.best if trainer.course else None
    assert best is not None
    assert best.epoch in (1, 2, 3, 4)
    weights = {name: value.numpy() for name, value in best.weights.items()}
    before = trainer.version
    trainer.end_course()
    assert trainer.course is None
    assert trainer.version > before
    assert trainer.weights_step == best.step
    for name, value in parameters_of(trainer.model).items():
        np.testing.assert_array_equal(value, weights[name])
    # And training goes on from there.
    trainer.step()
    assert trainer.weights_step == trainer.step_count


def test_what_is_kept_is_a_moving_average_of_the_weights(mnist: DataPair) -> None:
    trainer = trainer_on(mnist, Plan(epochs=4), learning_rate=5e-3)
    course = trainer.course
    assert course is not None
    name = "decoder.0.weight"
    expected: np.ndarray[Any, Any] | None = None
    for step in range(1, 41):
        trainer.step()
        new = parameters_of(trainer.model)[name].astype(np.float64)
        share = 9 / (10 + step)
        expected = new if expected is None else expected + share * (new - expected)
    kept = course.candidate(trainer.model)[name].numpy()
    np.testing.assert_allclose(kept, expected, atol=1e-5)
    assert not np.allclose(kept, parameters_of(trainer.model)[name], atol=1e-3)


def test_without_averaging_the_weights_themselves_are_kept(mnist: DataPair) -> None:
    trainer = trainer_on(mnist, Plan(epochs=1, averaging=False))
    course = trainer.course
    assert course is not None
    trainer.step()
    kept = course.candidate(trainer.model)
    for name, value in parameters_of(trainer.model).items():
        np.testing.assert_array_equal(kept[name].numpy(), value)


def test_patience_ends_a_run_that_gets_no_better(mnist: DataPair) -> None:
    trainer = trainer_on(mnist, Plan(epochs=50, averaging=False, patience=2), learning_rate=0.0)
    run_through(trainer)
    course = trainer.course
    assert course is not None
    # Nothing moves, so the first epoch stays the best.
    assert trainer.step_count == 3 * course.epoch_steps
    assert course.best is not None
    assert course.best.epoch == 1


def test_another_objective_forgets_what_was_best(mnist: DataPair) -> None:
    trainer = trainer_on(mnist, Plan(epochs=3))
    course = trainer.course
    assert course is not None
    for _ in range(course.epoch_steps):
        trainer.step()
    finish(judge(trainer, course))
    assert course.best is not None
    trainer.set_objective(LossWeights(beta=4), trainer.likelihood)
    assert course.best is None


def test_another_batch_size_leaves_the_plan_as_far_as_it_was(mnist: DataPair) -> None:
    trainer = trainer_on(mnist, Plan(epochs=4), batch_size=20)
    course = trainer.course
    assert course is not None
    for _ in range(course.epoch_steps):
        trainer.step()
    trainer.settings = replace(trainer.settings, batch_size=100)
    assert course.progress(trainer.step_count, 0.0).epoch == pytest.approx(1)
    steps = 0
    while not course.ended(trainer.step_count):
        trainer.step()
        steps += 1
    assert steps == 3 * course.epoch_steps


def test_time_left_is_what_is_left_to_see(mnist: DataPair) -> None:
    trainer = trainer_on(mnist, Plan(epochs=10))
    course = trainer.course
    assert course is not None
    shown = course.progress(5 * course.epoch_steps, rate=100.0)
    assert shown.epoch == 5
    assert shown.seconds_left == pytest.approx(5 * len(course.trained_on) / 100)
    assert course.progress(0, rate=0.0).seconds_left is None


# --- nonsense ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("epochs", 0),
        ("epochs", 1.5),
        ("epochs", True),
        ("epochs", 10**9),
        ("schedule", "warm"),
        ("kl_warm_up", -1),
        ("kl_warm_up", float("nan")),
        ("kl_warm_up", "2"),
        ("averaging", 1),
        ("patience", -1),
        ("patience", None),
    ],
    ids=repr,
)
def test_nonsense_in_a_plan_is_refused(field: str, value: Any) -> None:
    with pytest.raises(InputError, match=rf"plan\.{field}"):
        Plan.from_json({field: value})


@pytest.mark.parametrize("value", [None, [], "plan", {"epoch": 5}])
def test_what_is_no_plan_is_refused(value: object) -> None:
    with pytest.raises(InputError, match="plan must be an object"):
        Plan.from_json(value)


def test_a_plan_goes_there_and_back() -> None:
    plan = Plan(7, "cosine", 1.5, averaging=False, patience=3)
    assert Plan.from_json(plan.to_json()) == plan
