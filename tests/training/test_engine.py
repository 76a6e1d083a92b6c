"""The engine, tick by tick: opening, training, the objective, failures."""

import math
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from latentlab.core.checkpoint import load_checkpoint
from latentlab.core.spec import Likelihood, LossWeights
from latentlab.core.vae import vae_from_parameters
from latentlab.data.bundled import load_bundled
from latentlab.data.dataset import DataPair
from latentlab.training.evaluation import evaluate_terms, finish
from latentlab.training.images import Images
from latentlab.training.messages import (
    Failed,
    Pause,
    Reset,
    Save,
    SetObjective,
    SetSettings,
    Settings,
    Stopped,
    SwitchMark,
    Train,
)
from latentlab.training.run import HELDOUT_EVERY
from tests.training.desk import (
    BERNOULLI,
    BOTH_OFF,
    NO_KL,
    Desk,
    assert_cloud_is_exact,
    assert_same_numbers,
    opening,
)

# --- open, train, pause --------------------------------------------------------------------------


def test_nothing_happens_before_a_model_is_open(desk: Desk) -> None:
    for command in (Train(), Pause(), Reset("loaded", 1), Save(Path("nowhere"), autosave=True)):
        desk.engine.send(command)
    desk.tick(3)
    assert desk.snapshot is None
    assert desk.notices() == []
    # Whoever asked for this waits for an answer.
    desk.engine.send(Save(Path("nowhere")))
    desk.tick(3)
    assert desk.notices() == [Failed("There is no model to save: none is open.")]


def test_open_shows_the_model_untrained_with_its_terms(desk: Desk, mnist: DataPair) -> None:
    shown = desk.do(opening(mnist, run=3))
    assert (shown.run, shown.step, shown.epoch) == (3, 0, 0.0)
    assert not shown.running
    assert not shown.unsaved
    assert not shown.from_file
    assert shown.latest is None
    assert shown.heldout is not None
    assert shown.heldout.negative_elbo == pytest.approx(784 * math.log(2), rel=0.05)
    assert_cloud_is_exact(shown, mnist)


def test_train_takes_just_the_steps_asked_for(desk: Desk, mnist: DataPair) -> None:
    desk.do(opening(mnist))
    assert desk.do(Train(1)).step == 1
    assert desk.do(Train(1)).step == 2
    shown = desk.do(Train(30))
    assert shown.step == 32
    assert shown.unsaved
    assert_cloud_is_exact(shown, mnist)


def test_an_epoch_ends_at_its_end(desk: Desk, mnist: DataPair) -> None:
    desk.do(opening(mnist))
    assert desk.do(Train("epoch")).epoch == 1.0
    # The rest of an epoch already begun.
    desk.do(Train(5))
    shown = desk.do(Train("epoch"))
    assert shown.epoch == 2.0
    assert shown.step == 2 * math.ceil(1000 / 64)


def test_training_goes_on_until_paused(desk: Desk, mnist: DataPair) -> None:
    desk.do(opening(mnist))
    desk.engine.send(Train())
    desk.tick(40)
    assert desk.shown.running
    shown = desk.do(Pause())
    assert shown.step == 40
    assert not shown.running
    assert shown.images_per_second == 0
    desk.tick(5)
    assert desk.shown.step == 40


def test_versions_grow_with_the_weights(desk: Desk, mnist: DataPair) -> None:
    first = desk.do(opening(mnist))
    again = desk.do(Pause())
    assert again.version == first.version
    desk.do(Train(50))
    assert desk.do(Reset("scratch", 1)).version > again.version
    before = desk.shown.version
    # Another model under the number of an old run is another version too.
    assert desk.do(opening(mnist, run=1, settings=Settings(seed=5))).version > before
    assert desk.versions == sorted(desk.versions)


def test_snapshots_are_picklable_and_copies(desk: Desk, mnist: DataPair) -> None:
    desk.do(opening(mnist))
    early = desk.do(Train(3))
    kept = pickle.loads(pickle.dumps(early))
    desk.do(Train(20))
    assert_same_numbers(early, kept)


def test_the_same_seed_gives_the_same_run_however_it_is_paced(mnist: DataPair) -> None:
    one, other = Desk(), Desk()
    for each in (one, other):
        each.do(opening(mnist))
    shown = one.do(Train(HELDOUT_EVERY + 30))
    for _ in range(5):
        other.do(Train(HELDOUT_EVERY // 5), Save(Path("/nonexistent/model")))
    slow = other.do(Train(30))
    assert_same_numbers(shown, slow)


def test_heldout_points_stand_at_fixed_steps(desk: Desk, mnist: DataPair) -> None:
    desk.do(opening(mnist))
    shown = desk.do(Train(2 * HELDOUT_EVERY + 50))
    np.testing.assert_array_equal(shown.curves.heldout.step, [0, HELDOUT_EVERY, 2 * HELDOUT_EVERY])
    at_end = desk.do(Train(HELDOUT_EVERY - 50))
    model = vae_from_parameters(at_end.architecture, at_end.parameters)
    true = finish(evaluate_terms(model, Images(mnist.test), BERNOULLI)).mean()
    assert at_end.curves.heldout.step[-1] == 3 * HELDOUT_EVERY
    assert at_end.heldout is not None
    assert at_end.heldout.negative_elbo == pytest.approx(true.negative_elbo, rel=1e-6)
    assert at_end.curves.heldout.negative_elbo[-1] == pytest.approx(true.negative_elbo, rel=1e-6)


def test_no_heldout_point_is_lost_when_steps_outrun_the_looks(desk: Desk, mnist: DataPair) -> None:
    many = replace(mnist, test=load_bundled("mnist").test)
    desk.do(opening(many, settings=Settings(batch_size=1)))
    shown = desk.do(Train(6 * HELDOUT_EVERY))
    np.testing.assert_array_equal(shown.curves.heldout.step, np.arange(7) * HELDOUT_EVERY)


# --- the objective -------------------------------------------------------------------------------


def test_a_switch_acts_at_the_next_step_and_is_marked_there(desk: Desk, mnist: DataPair) -> None:
    desk.do(opening(mnist))
    desk.engine.send(Train())
    desk.tick(20)
    desk.engine.send(SetObjective(NO_KL, BERNOULLI))
    desk.tick()
    desk.tick(9)
    shown = desk.do(Pause())
    assert shown.weights == NO_KL
    assert shown.curves.marks == (SwitchMark(20, "rec"),)
    train = shown.curves.train
    np.testing.assert_array_equal(train.step, np.arange(1, 31))
    np.testing.assert_allclose(train.objective[:20], train.negative_elbo[:20])
    np.testing.assert_allclose(train.objective[20:], train.reconstruction[20:])


def test_another_likelihood_changes_x_and_so_the_cloud(desk: Desk, mnist: DataPair) -> None:
    binary = desk.do(opening(mnist), Train(20))
    grey = desk.do(SetObjective(LossWeights(), Likelihood("gaussian", 0.1)))
    assert grey.step == binary.step
    assert not np.array_equal(grey.cloud.mu, binary.cloud.mu)
    assert_cloud_is_exact(grey, mnist)
    assert grey.heldout != binary.heldout
    assert grey.curves.marks == (SwitchMark(20, "rec + KL (gaussian, σ² = 0.1)"),)


def test_a_model_saved_right_after_a_switch_of_likelihood_holds_the_new_cloud(
    desk: Desk, mnist: DataPair, tmp_path: Path
) -> None:
    desk.do(opening(mnist), Train(20))
    path = tmp_path / "m.safetensors"
    shown = desk.do(SetObjective(LossWeights(), Likelihood("gaussian", 0.1)), Save(path))
    np.testing.assert_array_equal(load_checkpoint(path).cloud["mu"], shown.cloud.mu)
    assert_cloud_is_exact(shown, mnist)


def test_settings_change_between_steps(desk: Desk, mnist: DataPair) -> None:
    desk.do(opening(mnist), Train(2))
    before = desk.shown
    frozen = Settings(learning_rate=0.0, batch_size=100)
    shown = desk.do(SetSettings(frozen), Train(2))
    assert shown.settings == frozen
    assert shown.epoch == pytest.approx(before.epoch + 0.2)
    for name, value in before.parameters.items():
        np.testing.assert_array_equal(shown.parameters[name], value)


def test_with_both_terms_off_training_stops_and_says_why(desk: Desk, mnist: DataPair) -> None:
    desk.do(opening(mnist), Train(3))
    shown = desk.do(SetObjective(BOTH_OFF, BERNOULLI), Train())
    assert shown.step == 3
    assert not shown.running
    (notice,) = desk.notices()
    assert isinstance(notice, Stopped)
    assert "nothing to minimise" in notice.reason


def test_divergence_stops_and_shows_the_last_good_weights(desk: Desk, mnist: DataPair) -> None:
    good = desk.do(opening(mnist), Train(100))
    desk.do(SetSettings(Settings(learning_rate=1e30)), Train(1))
    broken = desk.shown
    shown = desk.do(Train())
    (notice,) = desk.notices()
    assert isinstance(notice, Stopped)
    assert "step 100" in notice.reason
    assert not shown.running
    # The very step that was shown before, but other weights: a new version, and a new cloud.
    assert shown.version > broken.version
    for name, value in good.parameters.items():
        np.testing.assert_array_equal(shown.parameters[name], value)
    assert_cloud_is_exact(shown, mnist)
    model = vae_from_parameters(good.architecture, good.parameters)
    assert shown.heldout == finish(evaluate_terms(model, Images(mnist.test), BERNOULLI)).mean()
    again = desk.do(SetSettings(Settings()), Train(20))
    assert again.step == shown.step + 20
    assert math.isfinite(again.latest.negative_elbo if again.latest else math.nan)
