"""The engine, tick by tick, and in its thread."""

import math
import pickle
import queue
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from latentlab.core.checkpoint import load_checkpoint
from latentlab.core.spec import Architecture, Likelihood, LossWeights
from latentlab.core.vae import vae_from_parameters
from latentlab.data.dataset import DataPair
from latentlab.training.engine import Engine
from latentlab.training.evaluation import evaluate_terms, finish
from latentlab.training.images import Images
from latentlab.training.mailbox import Mailbox
from latentlab.training.messages import (
    Command,
    Failed,
    Notice,
    Open,
    Pause,
    Reset,
    Save,
    Saved,
    SetObjective,
    SetSettings,
    Settings,
    Snapshot,
    Stopped,
    Switch,
    SwitchMark,
    Train,
)
from latentlab.training.run import HELDOUT_EVERY, Run

SMALL = Architecture(hidden=(32,))
NO_KL = LossWeights(kl_on=False)
BOTH_OFF = LossWeights(reconstruction_on=False, kl_on=False)
BERNOULLI = Likelihood()


def opening(pair: DataPair, *, run: int = 0, path: Path | None = None, **changed: Any) -> Open:
    checkpoint = load_checkpoint(path) if path else None
    opened = Open(pair, checkpoint, SMALL, LossWeights(), BERNOULLI, Settings(), run)
    return replace(opened, **changed)


class Desk:
    """Ticks an engine without a thread, and keeps the newest snapshot, as a viewer would."""

    def __init__(self) -> None:
        self.engine = Engine()
        self.snapshot: Snapshot | None = None
        self.versions: list[int] = []

    def tick(self, times: int = 1) -> None:
        for _ in range(times):
            self.engine.tick()
            newest = self.engine.mailbox.take()
            if newest is not None:
                self.snapshot = newest
                self.versions.append(newest.version)

    def do(self, *commands: Command) -> Snapshot:
        """Send, and tick until all is done and everything shown is exact."""
        for command in commands:
            self.engine.send(command)
        self.tick()
        for _ in range(20_000):
            shown = self.shown
            if not shown.running and shown.cloud.step == shown.step:
                break
            self.tick()
        self.tick(10)
        return self.shown

    @property
    def shown(self) -> Snapshot:
        assert self.snapshot is not None
        return self.snapshot

    def notices(self) -> list[Notice]:
        found: list[Notice] = []
        while not self.engine.notices.empty():
            found.append(self.engine.notices.get())
        return found


@pytest.fixture
def desk() -> Desk:
    return Desk()


def assert_same_numbers(a: Snapshot, b: Snapshot) -> None:
    assert a.step == b.step
    assert a.parameters.keys() == b.parameters.keys()
    for name, value in a.parameters.items():
        np.testing.assert_array_equal(value, b.parameters[name])
    np.testing.assert_array_equal(a.cloud.mu, b.cloud.mu)
    np.testing.assert_array_equal(a.cloud.logvar, b.cloud.logvar)
    assert a.curves.marks == b.curves.marks
    for split in ("train", "heldout"):
        for name in ("step", "reconstruction", "kl", "objective"):
            ours, theirs = (getattr(getattr(each.curves, split), name) for each in (a, b))
            np.testing.assert_array_equal(ours, theirs)


def assert_cloud_is_exact(snapshot: Snapshot, pair: DataPair) -> None:
    model = vae_from_parameters(snapshot.architecture, snapshot.parameters)
    x = Images(pair.train).evaluation_batch(slice(None), snapshot.likelihood)
    with torch.no_grad():
        mu, logvar = model.encode(x)
    np.testing.assert_allclose(snapshot.cloud.mu, mu.numpy(), atol=1e-5)
    np.testing.assert_allclose(snapshot.cloud.logvar, logvar.numpy(), atol=1e-5)


# --- open, train, pause --------------------------------------------------------------------------


def test_nothing_happens_before_a_model_is_open(desk: Desk) -> None:
    for command in (Train(), Pause(), Reset("loaded", 1), Save(Path("nowhere"))):
        desk.engine.send(command)
    desk.tick(3)
    assert desk.snapshot is None
    assert desk.notices() == []


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
        other.do(Train(40), Save(Path("/nonexistent/model")))
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
    many = replace(mnist, test=load_all_test())
    desk.do(opening(many, settings=Settings(batch_size=1)))
    shown = desk.do(Train(6 * HELDOUT_EVERY))
    np.testing.assert_array_equal(shown.curves.heldout.step, np.arange(7) * HELDOUT_EVERY)


def load_all_test() -> Any:
    from latentlab.data.bundled import load_bundled

    return load_bundled("mnist").test


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


# --- reset and switch ----------------------------------------------------------------------------


@pytest.fixture
def saved(desk: Desk, mnist: DataPair, tmp_path: Path) -> Path:
    path = tmp_path / "saved.safetensors"
    # One after the other: a save waits for no steps.
    for command in (opening(mnist), Train(25), Save(path)):
        desk.do(command)
    assert desk.notices() == [Saved(path, False)]
    return path


def test_saving_while_training_saves_what_was_there(desk: Desk, mnist: DataPair, tmp_path) -> None:
    desk.do(opening(mnist))
    desk.engine.send(Train())
    desk.tick(17)
    path = tmp_path / "m.safetensors"
    desk.engine.send(Save(path))
    desk.engine.send(Pause())
    desk.tick()
    assert desk.notices() == [Saved(path, False)]
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
    assert desk.notices() == [Saved(path, True)]
    assert shown.unsaved


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
    for run in range(1, 10):
        desk.do(Reset("scratch", run))
    assert desk.do(Switch(0)).run == 9
    (notice,) = desk.notices()
    assert isinstance(notice, Failed)
    assert "no longer kept" in notice.message
    assert desk.do(Switch(3)).run == 3


# --- failures ------------------------------------------------------------------------------------


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


def test_a_model_that_does_not_fit_is_refused_and_the_open_one_stays(
    desk: Desk, mnist: DataPair, saved: Path
) -> None:
    before = desk.do(opening(mnist), Train(5))
    checkpoint = load_checkpoint(saved)
    wrong = replace(checkpoint, architecture=Architecture(hidden=(33,)))
    other = Architecture(image_shape=(1, 32, 32), hidden=(32,))
    desk.notices()
    for command in (
        opening(mnist, run=7, checkpoint=wrong),
        opening(mnist, run=7, architecture=other),
    ):
        shown = desk.do(command)
        (notice,) = desk.notices()
        assert isinstance(notice, Failed)
        assert notice.report == ""
        assert shown.run == 0
        assert_same_numbers(shown, before)
    assert desk.do(Train(1)).step == 6


def test_an_unexpected_error_is_told_once_and_training_can_go_on(
    desk: Desk, mnist: DataPair, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.do(opening(mnist))
    with monkeypatch.context() as broken:

        def fail(self: Run) -> None:
            raise MemoryError

        broken.setattr(Run, "look_slice", fail)
        desk.engine.send(Train())
        desk.tick(10)
    (notice,) = desk.notices()
    assert isinstance(notice, Failed)
    assert "MemoryError" in notice.report
    assert not desk.shown.running
    assert desk.do(Train(3)).step > 0


# --- mailbox -------------------------------------------------------------------------------------


def test_a_mailbox_holds_the_newest_only() -> None:
    mailbox: Mailbox[int] = Mailbox()
    assert mailbox.take() is None
    for letter in range(1000):
        mailbox.put(letter)
    assert mailbox.take() == 999
    assert mailbox.take() is None


def test_an_unread_mailbox_holds_the_newest_snapshot(desk: Desk, mnist: DataPair) -> None:
    desk.engine.send(opening(mnist))
    for _ in range(30):
        desk.engine.send(Train(1))
        desk.engine.tick()
    newest = desk.engine.mailbox.take()
    assert newest is not None
    assert newest.step == 30
    assert desk.engine.mailbox.take() is None


# --- the thread ----------------------------------------------------------------------------------


@pytest.fixture
def engine() -> Generator[Engine]:
    engine = Engine()
    engine.start()
    yield engine
    assert engine.shutdown()


def wait_for(engine: Engine, condition: Callable[[Snapshot], bool]) -> Snapshot:
    deadline = time.monotonic() + 30
    pause = threading.Event()
    while time.monotonic() < deadline:
        snapshot = engine.mailbox.take()
        if snapshot is not None and condition(snapshot):
            return snapshot
        pause.wait(0.002)
    raise AssertionError("no such snapshot came")


def exact_at(step: int) -> Callable[[Snapshot], bool]:
    def is_exact(snapshot: Snapshot) -> bool:
        at_rest = not snapshot.running and snapshot.heldout is not None
        return at_rest and snapshot.step == snapshot.cloud.step == step

    return is_exact


def test_the_thread_gives_the_numbers_of_ticks(engine: Engine, mnist: DataPair) -> None:
    engine.send(opening(mnist))
    engine.send(Train(90))
    threaded = wait_for(engine, exact_at(90))
    assert_same_numbers(threaded, Desk().do(opening(mnist), Train(90)))


def test_the_thread_trains_publishes_and_pauses(engine: Engine, mnist: DataPair) -> None:
    engine.send(opening(mnist))
    engine.send(Train())
    running = wait_for(engine, lambda s: s.running and s.images_per_second > 0)
    later = wait_for(engine, lambda s: s.running and s.cloud.step > running.step)
    assert later.version > running.version
    engine.send(Pause())
    paused = wait_for(engine, lambda s: not s.running and s.cloud.step == s.step)
    assert_cloud_is_exact(paused, mnist)
    assert paused.step >= later.step


def test_the_thread_saves(engine: Engine, mnist: DataPair, tmp_path: Path) -> None:
    engine.send(opening(mnist))
    engine.send(Train())
    engine.send(Save(tmp_path / "m.safetensors"))
    assert engine.notices.get(timeout=30) == Saved(tmp_path / "m.safetensors", False)
    load_checkpoint(tmp_path / "m.safetensors")


def test_shutdown_ends_the_thread_quickly_while_training(mnist: DataPair) -> None:
    engine = Engine()
    engine.start()
    engine.send(opening(mnist))
    engine.send(Train())
    wait_for(engine, lambda s: s.running and s.step > 0)
    started = time.monotonic()
    assert engine.shutdown()
    assert time.monotonic() - started < 2
    assert not any(t.name == "latentlab-engine" for t in threading.enumerate())
    with pytest.raises(queue.Empty):
        engine.notices.get_nowait()


def test_shutdown_without_a_thread_is_quiet() -> None:
    engine = Engine()
    assert engine.shutdown()
    assert not engine.tick()
