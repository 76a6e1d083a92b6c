"""What is kept of networks that are compared, and what of it is shown at a step."""

import math
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from latentlab.app import comparing
from latentlab.app.archive import Archive
from latentlab.app.compared_past import ComparedPast
from latentlab.app.comparing import shipped_history
from latentlab.core.aggregate import aggregate_figures
from latentlab.core.history import history_beside
from latentlab.core.regime import LEAST_LOGVAR, PRESETS, Regime
from latentlab.core.spec import Likelihood, LossWeights
from latentlab.data.bundled import load_bundled
from latentlab.errors import InputError
from latentlab.paths import find_model
from latentlab.training.cloud import Cloud
from latentlab.training.messages import Member
from tests.core.examples import TINY, parameters

WEIGHTS = parameters(TINY)
BOTH, KL = PRESETS["both"], PRESETS["KL only"]


def member(number: int, step: int, regime: Regime = BOTH, cloud_step: int | None = None) -> Member:
    """Whose weights and posteriors tell their step."""
    of = step if cloud_step is None else cloud_step
    return Member(
        number=number, regime=regime, version=step, step=step, architecture=TINY,
        parameters={name: 0 * array + step for name, array in WEIGHTS.items()},
        cloud=Cloud(of, np.full((5, 2), of, np.float32), np.zeros((5, 2), np.float32)),
        figures=None,
    )  # fmt: skip


def test_all_are_shown_at_the_same_step_and_one_that_stands_where_it_stands() -> None:
    past = ComparedPast()
    for step in (0, 10, 20, 30):
        past.add(member(0, step), member(1, min(step, 10)))
    assert past.steps([0, 1]) == [0, 10, 20, 30]
    shown = past.at(20, [0, 1])
    assert [shown[n].cloud.step for n in (0, 1)] == [20, 10]
    assert past.at(29, [0])[0].cloud.mu.max() == 20


def test_no_weights_are_newer_than_the_posteriors_beside_them() -> None:
    past = ComparedPast()
    past.add(member(0, 0), member(1, 0))
    # Weights come with every snapshot, posteriors when they have been looked at.
    past.add(member(0, 8, cloud_step=5), member(1, 9))
    shown = past.at(9, [0, 1])
    assert (shown[0].cloud.step, shown[0].kept.step) == (5, 0)
    assert (shown[1].cloud.step, shown[1].kept.step) == (9, 9)


def test_what_was_minimised_then_is_told() -> None:
    past = ComparedPast()
    past.add(member(0, 0))
    past.add(member(0, 10))
    # Switched while paused: the weights of step 10 are still those that `both` made.
    past.add(member(0, 10, KL))
    past.add(member(0, 20, KL))
    assert [past.at(step, [0])[0].regime for step in (0, 10, 20)] == [BOTH, BOTH, KL]
    past.add(member(0, 5, KL))  # it went back
    assert past.steps([0]) == [0, 5]


def test_a_long_past_goes_to_the_disk_step_by_step_for_all(tmp_path: Path) -> None:
    past, in_memory = ComparedPast(Archive(tmp_path)), ComparedPast()
    for step in range(150):
        past.add(member(0, step), member(1, step))
        in_memory.add(member(0, step))
    assert past.steps([0, 1]) == list(range(150))
    assert [past.at(step, [1])[1].cloud.mu.max() for step in (0, 3, 149)] == [0, 3, 149]
    assert len(in_memory.steps([0])) <= 100  # thinned out


def test_a_branch_has_the_past_up_to_its_weights() -> None:
    past = ComparedPast()
    for step in (0, 10, 20, 30):
        past.add(member(0, step), member(1, step))
    for number, other in ((7, 0), (8, 1)):
        common = past.until(other, 20)
        assert common is not None
        assert common.kept.step == 20
        past.share(number, common.past, common.minimised)
    assert past.steps([7, 8]) == [0, 10, 20]
    past.add(member(7, 21), member(8, 21))
    assert past.steps([7, 8]) == [0, 10, 20, 21]
    assert past.steps([0, 1]) == [0, 10, 20, 30]


def test_memory_is_bounded() -> None:
    past = ComparedPast()
    for step in range(400):
        past.add(member(0, step), member(1, step))
    assert len(past.steps([0])) <= 100
    assert past.steps([0]) == past.steps([1])
    for number in range(2, 20):
        past.add(member(number, 1))
    assert past.at(1, range(20)).keys() == set(range(12, 20))


@pytest.mark.parametrize("name", ["both", "autoencoder"])
def test_figures_of_then_are_of_the_posteriors_of_a_file(name: str) -> None:
    pair, regime = load_bundled("mnist"), PRESETS[name]
    history = shipped_history(regime, pair.test)
    assert history is not None
    assert shipped_history(regime, pair.train) is None, "of other images"
    past = ComparedPast()
    past.begin_with(3, history, regime, last=10**9)
    step = int(history.steps[50])
    figures = past.at(step, [3])[3].figures()
    assert (figures.step, figures.count, figures.split) == (step, 2_000, "test")
    assert figures.reconstruction is None
    if name == "both":
        expected = aggregate_figures(history.mu[50], history.logvar[50])
        assert figures.kl_aggregate == expected.kl_aggregate
        assert figures.mean_sigma == expected.mean_sigma
    else:
        assert figures.kl == figures.kl_aggregate == math.inf
        assert figures.mean_sigma == 0
        assert past.at(step, [3])[3].cloud.logvar.max() == LEAST_LOGVAR


def test_a_regime_of_ones_own_has_no_shipped_history() -> None:
    own = Regime(LossWeights(beta=3.0), Likelihood())
    assert shipped_history(own, load_bundled("mnist").test) is None


def test_a_history_of_other_weights_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, other = find_model("compare-both"), find_model("compare-kl")
    found = Path(shutil.copy(model, tmp_path))
    shutil.copy(history_beside(other), history_beside(found))
    monkeypatch.setattr(comparing, "pretrained_models", lambda: {found.stem: found})
    with pytest.raises(InputError, match="is of another network than the model beside it"):
        shipped_history(BOTH, load_bundled("mnist").test)


def test_points_that_are_nowhere_do_not_count() -> None:
    past = ComparedPast()
    mu = np.random.default_rng(0).normal(size=(25_000, 2)).astype(np.float32)
    wide = Cloud(1, mu, np.zeros_like(mu))
    past.add(replace(member(0, 1), cloud=wide))
    assert past.at(1, [0])[0].figures().count == 10_000
