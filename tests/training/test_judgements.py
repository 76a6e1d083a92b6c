"""The judgements of a long run: none is lost, of another objective, or in its way."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from latentlab.core.checkpoint import load_checkpoint
from latentlab.core.spec import LossWeights
from latentlab.data.dataset import DataPair
from latentlab.training.images import Images
from latentlab.training.messages import (
    Begin,
    EndPlan,
    Failed,
    Save,
    SetSettings,
    Settings,
    Stopped,
    Terms,
    Train,
)
from latentlab.training.plan import Plan, held_back
from latentlab.training.run import HELDOUT_EVERY, PlanEndedError, Run, begin_run
from latentlab.training.trainer import DivergedError
from tests.training.desk import BERNOULLI, Desk, opening
from tests.training.test_engine_plan import STEPS

PLAN = Plan(epochs=4, averaging=False)


@pytest.fixture
def run(mnist: DataPair) -> Run:
    """With a plan that has just begun."""
    found = begin_run(opening(mnist), Images(mnist.train), Images(mnist.test), from_file=False)
    while found.looking:
        found.look_slice()
    found.trainer.begin(PLAN)
    return found


def take(run: Run, steps: int) -> None:
    for _ in range(steps):
        run.step()


def look_until_done(run: Run) -> None:
    while run.looking:
        run.look_slice()


def best_step(run: Run) -> int | None:
    course = run.trainer.course
    assert course is not None
    return course.best.step if course.best else None


@pytest.mark.parametrize("end", [True, False], ids=["ended", "gone on with"])
def test_a_judgement_that_fails_is_not_in_the_plans_way(
    desk: Desk, mnist: DataPair, monkeypatch: pytest.MonkeyPatch, end: bool
) -> None:
    desk.do(opening(mnist))
    desk.engine.send(Begin(PLAN))
    with monkeypatch.context() as broken:
        broken.setattr("latentlab.training.judging.evaluate_terms", failing_look)
        desk.tick(10 * STEPS)
        (notice,) = desk.notices()
        assert isinstance(notice, Failed)
        assert "memory ran out" in notice.message
    shown = desk.do(EndPlan() if end else Train())
    assert shown.plan is None
    (notice,) = desk.notices()
    assert isinstance(notice, Stopped)
    assert notice.planned
    assert "are kept, the best on" in notice.reason


def failing_look(*_of: object) -> Any:
    yield
    raise MemoryError


def test_another_objective_drops_what_is_judged_by_the_old_one(run: Run) -> None:
    take(run, STEPS)
    assert run.looking
    # Its values are far below any of the objective that follows.
    run.set(LossWeights(beta=50), BERNOULLI, Settings())
    look_until_done(run)
    assert best_step(run) is None
    take(run, STEPS)
    look_until_done(run)
    assert best_step(run) == 2 * STEPS
    course = run.trainer.course
    assert course is not None
    assert course.best is not None
    assert course.best.objective > -course.best.elbo


def test_settings_that_change_nothing_of_it_leave_it(run: Run) -> None:
    take(run, STEPS)
    run.set(LossWeights(), BERNOULLI, Settings(learning_rate=0.01))
    look_until_done(run)
    assert best_step(run) == STEPS


def test_a_file_of_an_epochs_end_has_its_judgement(
    desk: Desk, mnist: DataPair, tmp_path: Path
) -> None:
    path = tmp_path / "m.safetensors"
    desk.do(opening(mnist))
    desk.engine.looking_share = 0.0  # so that no look is done in passing
    desk.engine.send(Begin(replace(PLAN, epochs=20)))
    desk.tick(STEPS)
    desk.engine.send(Save(path, autosave=True))
    desk.engine.tick()
    saved = load_checkpoint(path)
    assert saved.training["course"]["best"][2] == saved.training["steps"] == STEPS


def test_a_file_has_the_point_of_the_curve_that_is_due(run: Run) -> None:
    run.trainer.end_course()
    take(run, HELDOUT_EVERY)
    assert run.looking
    run.finish_due_looks()
    steps = run.trainer.checkpoint().curves["heldout"][:, 0]
    np.testing.assert_array_equal(steps, [0, HELDOUT_EVERY])


@pytest.mark.parametrize(("before", "after"), [(64, 300), (300, 20), (100, 90)])
@pytest.mark.parametrize("at", [1, 2, 3])
def test_another_batch_size_in_mid_epoch_leaves_the_plan_its_length(
    desk: Desk, mnist: DataPair, before: int, after: int, at: int
) -> None:
    settings = Settings(batch_size=before)
    desk.do(opening(mnist, settings=settings))
    desk.engine.send(Begin(PLAN))
    desk.tick(at)
    shown = desk.do(SetSettings(replace(settings, batch_size=after)))
    assert shown.plan is None
    assert shown.epoch == PLAN.epochs
    (notice,) = desk.notices()
    assert isinstance(notice, Stopped)
    assert "after 4 epochs" in notice.reason


def test_what_is_not_finite_is_never_the_best(run: Run) -> None:
    course = run.trainer.course
    assert course is not None
    weights = course.candidate(run.trainer.model)
    for value in (float("nan"), float("-inf")):
        course.judge(weights, Terms(value, 1.0), LossWeights(), 5)
        assert course.best is None
    course.judge(weights, Terms(100.0, 1.0), LossWeights(), 10)
    course.judge(weights, Terms(float("nan"), 1.0), LossWeights(), 15)
    assert course.best is not None
    assert course.best.step == 10


def test_after_a_divergence_the_average_begins_with_the_weights_that_are_back(run: Run) -> None:
    run.trainer.begin(Plan(epochs=20))
    course = run.trainer.course
    assert course is not None
    take(run, 5)
    run.set(LossWeights(), BERNOULLI, Settings(learning_rate=1e30))
    run.step()
    with pytest.raises(DivergedError):
        run.step()
    # The step that went wrong was averaged in.
    kept = course.candidate(run.trainer.model)
    for name, value in run.trainer.model.state_dict().items():
        np.testing.assert_array_equal(kept[name].numpy(), value.numpy())


def test_what_is_kept_after_a_divergence_is_of_the_step_whose_weights_it_is(run: Run) -> None:
    take(run, 5)
    run.set(LossWeights(), BERNOULLI, Settings(learning_rate=1e30))
    run.step()
    with pytest.raises(DivergedError):
        run.step()
    with pytest.raises(PlanEndedError, match="The weights of step 0 are kept"):
        run.end_plan()
    assert run.trainer.weights_step == 0


def test_the_images_held_back_are_made_ready_once(run: Run) -> None:
    course = run.trainer.course
    assert course is not None
    assert len(course.judged_on) == held_back(1000)
    assert course.judged_on is course.judged_on
