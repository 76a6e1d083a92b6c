"""What is kept of a run's past, how much, and what a branch takes from it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from latentlab.app.archive import Archive
from latentlab.app.timeline import (
    MOMENTS,
    MOMENTS_ON_DISK,
    WEIGHTS,
    WEIGHTS_ON_DISK,
    Kept,
    Moment,
    Timeline,
    branched,
)
from latentlab.core.history import history_beside, load_history
from latentlab.core.spec import Likelihood, LossWeights
from latentlab.data.bundled import load_bundled
from latentlab.paths import find_model
from latentlab.training.cloud import Cloud
from latentlab.training.messages import Curves, Series, Settings, Snapshot, SwitchMark
from tests.core.examples import TINY, parameters
from tests.faults import full_disk

WEIGHTS_OF_STEP = parameters(TINY)


def snapshot(step: int, cloud_step: int | None = None, points: int = 3) -> Snapshot:
    """Of a run whose weights and posteriors tell their step."""
    steps = np.arange(step + 1)
    column = np.linspace(5.0, 1.0, step + 1)
    series = Series(steps, column, column, column)
    of = step if cloud_step is None else cloud_step
    return Snapshot(
        run=1, version=step, step=step, weights_step=step, epoch=step / 10, running=True,
        images_per_second=1.0, architecture=TINY, likelihood=Likelihood(), weights=LossWeights(),
        settings=Settings(), parameters={n: 0 * a + step for n, a in WEIGHTS_OF_STEP.items()},
        cloud=Cloud(of, np.full((points, 2), of, np.float32), np.zeros((points, 2), np.float32)),
        curves=Curves(series, series, (SwitchMark(3, "rec"), SwitchMark(30, "rec + KL"))),
        latest=None, heldout=None, from_file=False, unsaved=True,
    )  # fmt: skip


def run_of(*steps: int) -> Timeline:
    timeline = Timeline()
    for step in steps:
        timeline.add(snapshot(step))
    return timeline


def steps(timeline: Timeline) -> tuple[list[int], list[int]]:
    return [m.step for m in timeline.moments], [kept.step for kept in timeline.kept]


def test_every_new_cloud_and_the_first_weights_are_kept() -> None:
    timeline = Timeline()
    assert timeline.add(snapshot(0))
    assert not timeline.add(snapshot(4, cloud_step=0))
    assert timeline.add(snapshot(5, cloud_step=4))
    assert steps(timeline)[0] == [0, 4]
    assert timeline.nearest(4).cloud.mu.max() == 4


@given(st.lists(st.integers(1, 500), min_size=1, max_size=1500))
@settings(max_examples=20)
def test_memory_is_bounded_and_the_ends_are_always_kept(gaps: list[int]) -> None:
    seen = [0, *np.cumsum(gaps).tolist()]
    timeline = run_of(*seen)
    moments, kept = steps(timeline)
    assert len(moments) <= MOMENTS
    assert len(kept) <= WEIGHTS
    assert (moments[0], moments[-1]) == (0, seen[-1])
    assert kept[0] == 0
    assert moments == sorted(set(moments))
    assert kept == sorted(set(kept))
    # The copies of the weights lie over all of the run, not at one end of it.
    if len(seen) > 200:
        assert max(np.diff([*kept, seen[-1]])) < 0.5 * seen[-1]


@given(st.integers(0, 700))
def test_a_moment_has_the_weights_of_the_nearest_earlier_step(step: int) -> None:
    timeline = run_of(*range(0, 600, 7))
    kept = timeline.weights_before(step)
    moment = timeline.nearest(step)
    assert kept.step <= step
    assert moment.step <= step
    assert not any(kept.step < other.step <= step for other in timeline.kept)
    assert not any(moment.step < other.step <= step for other in timeline.moments)
    assert all((array == kept.step).all() for array in kept.whole().values())


def long_run(folder: Path, told: list[OSError], count: int) -> Timeline:
    timeline = Timeline(archive=Archive(folder, told.append))
    for step in range(0, 10 * count, 10):
        timeline.add(snapshot(step))
    return timeline


def in_memory(entries: Sequence[Moment] | Sequence[Kept]) -> int:
    return sum(not entry.copy.on_disk for entry in entries)


def check_all(timeline: Timeline, last: int) -> None:
    """Everything that is kept is what was to be kept, and of all of the run."""
    moments, kept = steps(timeline)
    assert (moments[0], moments[-1], kept[0]) == (0, last, 0)
    assert kept[-1] > 0.9 * last
    for moment in timeline.moments:
        assert (moment.cloud.mu == moment.step).all()
    for each in timeline.kept:
        half = np.float16(each.step)  # what half precision makes of it
        assert all((array == half).all() for array in each.whole().values())


def test_a_long_run_is_kept_on_disk_and_bounded_there_too(tmp_path: Path) -> None:
    told: list[OSError] = []
    timeline = long_run(tmp_path, told, 190)
    assert in_memory(timeline.moments) == len(timeline.moments) == 190  # not long enough
    timeline = long_run(tmp_path, told, 900)
    assert len(timeline.moments) == 900
    timeline = long_run(tmp_path, told, 2_050)
    assert len(timeline.moments) > 2 * MOMENTS
    assert len(timeline.moments) <= MOMENTS + MOMENTS_ON_DISK
    assert WEIGHTS < len(timeline.kept) <= WEIGHTS + WEIGHTS_ON_DISK
    assert in_memory(timeline.moments) <= MOMENTS
    assert in_memory(timeline.kept) <= WEIGHTS
    # The newest are the ones in memory.
    where = [moment.copy.on_disk for moment in timeline.moments]
    assert where == sorted(where, reverse=True)
    check_all(timeline, 20_490)
    branch = timeline.until(5_000)
    del timeline
    check_all(branch, branch.moments[-1].step)
    assert 4_900 < branch.moments[-1].step <= 5_000
    assert not told
    assert list(tmp_path.iterdir()) == []


def test_on_a_full_disk_the_run_is_thinned_out_in_memory(tmp_path: Path) -> None:
    told: list[OSError] = []
    timeline = long_run(tmp_path, told, 400)
    assert len(timeline.moments) == 400
    with full_disk():
        for step in range(4_000, 12_000, 10):
            timeline.add(snapshot(step))
            assert in_memory(timeline.moments) <= MOMENTS + 1
            assert in_memory(timeline.kept) <= WEIGHTS + 1
    assert len(told) == 1
    check_all(timeline, 11_990)


def test_what_a_run_went_back_behind_is_forgotten() -> None:
    timeline = run_of(0, 10, 20, 30)
    timeline.add(snapshot(15))
    moments, kept = steps(timeline)
    assert max(moments) == max(kept) == 15


def test_of_very_many_points_some_are_kept_where_they_are() -> None:
    timeline = Timeline()
    timeline.add(snapshot(7, points=25_000))
    mu = timeline.moments[0].cloud.mu
    there = np.isfinite(mu[:, 0])
    assert len(mu) == 25_000
    assert there.sum() == 10_000
    assert (mu[there] == 7).all()


# --- a file's history ----------------------------------------------------------------------------


def test_a_shipped_history_comes_before_what_was_seen() -> None:
    history = load_history(history_beside(find_model("mnist-2d-live")))
    last = int(history.steps[-1])
    timeline = run_of(last, last + 5)
    timeline.begin_with(history, last)
    moments, kept = steps(timeline)
    assert moments == [*history.steps[:-1].tolist(), last, last + 5]
    assert kept[: len(history.weight_steps) - 1] == history.weight_steps[:-1].tolist()
    assert {m.split for m in timeline.moments[:50]} == {"test"}
    early = timeline.weights_before(20)
    _, expected = history.parameters_before(20)
    for name, array in early.whole().items():
        np.testing.assert_allclose(array, expected[name], rtol=2e-3, atol=1e-6)


# --- branches ------------------------------------------------------------------------------------


def test_a_branch_shares_the_past_up_to_its_step_and_no_more() -> None:
    timeline = run_of(*range(0, 200, 10))
    branch = timeline.until(95)
    assert max(steps(branch)[0]) == 90
    branch.add(snapshot(97))
    assert max(steps(timeline)[0]) == 190
    assert 97 in steps(branch)[0]


def test_a_branch_goes_on_with_those_weights_and_the_curves_until_then() -> None:
    train = load_bundled("mnist").train
    kept = run_of(*range(0, 50, 10)).weights_before(25)
    assert isinstance(kept, Kept)
    checkpoint = branched(replace(snapshot(40), version=9), kept, train)
    assert checkpoint.training["steps"] == 20
    assert checkpoint.training["epochs"] == pytest.approx(2.0)
    assert [mark["step"] for mark in checkpoint.training["marks"]] == [3]
    assert checkpoint.curves["train"][:, 0].max() == 20
    assert checkpoint.cloud == {}
    for array in checkpoint.parameters.values():
        assert array.dtype == np.float32
        assert (array == 20).all()
