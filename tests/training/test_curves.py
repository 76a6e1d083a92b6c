"""Curves keep means and marks, in bounded memory."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latentlab.core.spec import Likelihood, LossWeights
from latentlab.training.curves import CAPACITY, CurveRecorder
from latentlab.training.messages import SwitchMark, Terms

ON = LossWeights()
NO_KL = LossWeights(kl_on=False)


def recorded(steps: int, weights: LossWeights = ON) -> CurveRecorder:
    recorder = CurveRecorder()
    for step in range(1, steps + 1):
        recorder.add(step, Terms(float(step), 2.0 * step), weights)
    return recorder


def marked(recorder: CurveRecorder, step: int, before: LossWeights, after: LossWeights) -> None:
    recorder.mark(step, (before, Likelihood()), (after, Likelihood()))


def test_an_empty_recorder_has_empty_curves() -> None:
    curves = CurveRecorder().curves()
    assert len(curves.train.step) == len(curves.heldout.step) == len(curves.marks) == 0


def test_few_steps_are_kept_one_by_one() -> None:
    train = recorded(5, LossWeights(beta=3)).curves().train
    np.testing.assert_array_equal(train.step, [1, 2, 3, 4, 5])
    np.testing.assert_array_equal(train.reconstruction, [1, 2, 3, 4, 5])
    np.testing.assert_array_equal(train.kl, [2, 4, 6, 8, 10])
    np.testing.assert_array_equal(train.objective, [7, 14, 21, 28, 35])
    np.testing.assert_array_equal(train.negative_elbo, [3, 6, 9, 12, 15])


@given(st.integers(1, 4 * CAPACITY))
def test_bins_are_means_of_successive_steps(steps: int) -> None:
    train = recorded(steps).curves().train
    assert train.step[-1] == steps
    begins = np.concatenate([[0], train.step[:-1]])
    # The mean of begin+1 .. end.
    np.testing.assert_allclose(train.reconstruction, (begins + 1 + train.step) / 2)
    widths = np.diff(np.concatenate([[0], train.step]))
    assert len(set(widths[:-1])) <= 1
    assert widths[-1] <= widths[0]


def test_memory_is_bounded_over_100_000_steps() -> None:
    recorder = CurveRecorder()
    most = 0
    for step in range(1, 100_001):
        recorder.add(step, Terms(1.0, 2.0), ON)
        if step % 200 == 0:
            recorder.add_heldout(step, Terms(3.0, 4.0), ON)
        if step % 997 == 0:
            arrays = recorder.to_arrays()
            most = max(most, len(arrays["train"]), len(arrays["heldout"]))
    curves = recorder.curves()
    assert CAPACITY / 2 <= len(curves.train.step) <= CAPACITY
    assert most <= CAPACITY
    assert curves.train.step[-1] == curves.heldout.step[-1] == 100_000
    assert curves.heldout.step[0] == 200
    np.testing.assert_allclose(curves.train.negative_elbo, 3.0)


def test_heldout_points_stay_bounded_and_keep_first_and_last() -> None:
    recorder = CurveRecorder()
    for step in range(3 * CAPACITY):
        recorder.add_heldout(step, Terms(float(step), 0.0), ON)
    heldout = recorder.curves().heldout
    assert len(heldout.step) <= CAPACITY
    assert (heldout.step[0], heldout.step[-1]) == (0, 3 * CAPACITY - 1)
    assert (np.diff(heldout.step) > 0).all()
    np.testing.assert_array_equal(heldout.reconstruction, heldout.step)


def test_a_second_heldout_value_of_a_step_replaces_the_first() -> None:
    recorder = CurveRecorder()
    recorder.add_heldout(200, Terms(5.0, 1.0), ON)
    recorder.add_heldout(200, Terms(6.0, 1.0), NO_KL)
    heldout = recorder.curves().heldout
    np.testing.assert_array_equal(heldout.step, [200])
    np.testing.assert_array_equal(heldout.objective, [6.0])


def test_the_objective_keeps_the_weights_of_its_time() -> None:
    recorder = CurveRecorder()
    recorder.add(1, Terms(10.0, 1.0), ON)
    recorder.add(2, Terms(10.0, 1.0), NO_KL)
    np.testing.assert_array_equal(recorder.curves().train.objective, [11.0, 10.0])


# --- marks ---------------------------------------------------------------------------------------


def test_a_dragged_factor_is_one_mark() -> None:
    recorder = CurveRecorder()
    before = ON
    for i in range(10):
        after = LossWeights(beta=2.0 + i)
        marked(recorder, 100 + 3 * i, before, after)
        before = after
    assert recorder.curves().marks == (SwitchMark(127, "rec + 11·KL"),)


def test_a_later_gesture_is_another_mark() -> None:
    recorder = CurveRecorder()
    marked(recorder, 100, ON, LossWeights(beta=2))
    marked(recorder, 125, LossWeights(beta=2), LossWeights(beta=3))
    assert [mark.step for mark in recorder.curves().marks] == [100, 125]


def test_a_switch_is_never_merged_into_a_drag() -> None:
    recorder = CurveRecorder()
    beta_2 = LossWeights(beta=2)
    off = LossWeights(beta=2, kl_on=False)
    marked(recorder, 100, ON, beta_2)
    marked(recorder, 101, beta_2, off)
    marked(recorder, 102, off, beta_2)
    formulas = [mark.formula for mark in recorder.curves().marks]
    assert formulas == ["rec + 2·KL", "rec", "rec + 2·KL"]


def test_of_several_changes_at_one_step_the_last_counts() -> None:
    recorder = CurveRecorder()
    marked(recorder, 50, ON, NO_KL)
    marked(recorder, 50, NO_KL, LossWeights(beta=9))
    assert recorder.curves().marks == (SwitchMark(50, "rec + 9·KL"),)


def test_a_change_taken_back_before_it_acted_leaves_no_mark() -> None:
    recorder = CurveRecorder()
    marked(recorder, 50, ON, NO_KL)
    marked(recorder, 50, NO_KL, ON)
    assert recorder.curves().marks == ()


def test_a_drag_there_and_back_is_marked_where_it_was_used() -> None:
    recorder = CurveRecorder()
    marked(recorder, 50, ON, LossWeights(beta=9))
    marked(recorder, 60, LossWeights(beta=9), ON)
    assert recorder.curves().marks == (SwitchMark(60, "rec + KL"),)


def test_a_mark_names_the_likelihood_where_that_changed() -> None:
    recorder = CurveRecorder()
    bernoulli, gaussian = Likelihood(), Likelihood("gaussian", 0.25)
    recorder.mark(10, (ON, bernoulli), (ON, gaussian))
    # Weights changed and changed back: the likelihood's change stays marked.
    recorder.mark(10, (ON, gaussian), (NO_KL, gaussian))
    recorder.mark(10, (NO_KL, gaussian), (ON, gaussian))
    recorder.mark(80, (ON, gaussian), (NO_KL, gaussian))
    assert recorder.curves().marks == (
        SwitchMark(10, "rec + KL (gaussian, σ² = 0.25)"),
        SwitchMark(80, "rec"),
    )


def test_a_factor_of_a_term_that_is_off_changes_no_objective() -> None:
    recorder = CurveRecorder()
    marked(recorder, 10, NO_KL, LossWeights(kl_on=False, beta=7))
    assert recorder.curves().marks == ()


# --- to a file and back --------------------------------------------------------------------------


def round_trip(recorder: CurveRecorder) -> CurveRecorder:
    training = {"marks": recorder.marks_to_json()}
    return CurveRecorder.from_checkpoint(recorder.to_arrays(), training)


@pytest.mark.parametrize("steps", [0, 1, 7, CAPACITY - 1, CAPACITY, 3 * CAPACITY - 1])
def test_curves_go_through_arrays_unchanged(steps: int) -> None:
    recorder = recorded(steps)
    recorder.add_heldout(0, Terms(7.0, 8.0), ON)
    marked(recorder, 3, ON, NO_KL)
    ours, theirs = recorder.curves(), round_trip(recorder).curves()
    for split in ("train", "heldout"):
        for name in ("step", "reconstruction", "kl", "objective"):
            np.testing.assert_array_equal(
                getattr(getattr(theirs, split), name), getattr(getattr(ours, split), name)
            )
    assert theirs.marks == ours.marks


def test_reopened_curves_go_on_in_bounds() -> None:
    recorder = round_trip(recorded(5 * CAPACITY))
    for step in range(5 * CAPACITY + 1, 20 * CAPACITY):
        recorder.add(step, Terms(float(step), 0.0), ON)
    train = recorder.curves().train
    assert len(train.step) <= 2 * CAPACITY
    assert (np.diff(train.step) > 0).all()
    assert train.step[-1] == 20 * CAPACITY - 1


def test_a_reopened_run_is_again_seen_step_by_step() -> None:
    recorder = round_trip(recorded(5 * CAPACITY))
    before = len(recorder.curves().train.step)
    for step in range(5 * CAPACITY + 1, 5 * CAPACITY + 4):
        recorder.add(step, Terms(float(step), 0.0), ON)
    new = recorder.curves().train.step[before:]
    assert new.tolist() == [5 * CAPACITY + 1, 5 * CAPACITY + 2, 5 * CAPACITY + 3]


def test_curves_longer_than_ours_are_thinned() -> None:
    rows = np.ones((10 * CAPACITY, 4))
    rows[:, 0] = np.arange(10 * CAPACITY)
    curves = CurveRecorder.from_checkpoint({"train": rows, "heldout": rows}, {}).curves()
    for series in (curves.train, curves.heldout):
        assert CAPACITY / 2 <= len(series.step) <= CAPACITY
        assert series.step[-1] == 10 * CAPACITY - 1
        # The whole history, and not its end.
        assert series.step[0] < 100


@pytest.mark.parametrize(
    "rows",
    [
        np.zeros(4),
        np.zeros((3, 5)),
        np.full((3, 4), np.nan),
        np.array([[-1.0, 0, 0, 0]]),
        np.array([[1e300, 0, 0, 0]]),
    ],
)
def test_absurd_arrays_are_left_out(rows: np.ndarray) -> None:
    curves = CurveRecorder.from_checkpoint({"train": rows, "heldout": rows}, {}).curves()
    assert len(curves.train.step) == len(curves.heldout.step) == 0


def test_steps_that_go_backwards_are_left_out() -> None:
    rows = np.zeros((4, 4))
    rows[:, 0] = [1, 3, 2, 4]
    recorder = CurveRecorder.from_checkpoint({"train": rows}, {})
    assert len(recorder.curves().train.step) == 0
