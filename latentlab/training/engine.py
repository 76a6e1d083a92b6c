"""The engine: the one place that owns the training weights.

It takes commands between steps, steps, looks at the data in slices, and leaves a Snapshot in a
mailbox a few times a second. `start` runs it in a thread; tests and the command line may call
`tick` themselves.
"""

import logging
import queue
import threading
import time
import traceback
from dataclasses import replace
from functools import singledispatchmethod

from latentlab.core.checkpoint import save_checkpoint
from latentlab.core.vae import parameters_of
from latentlab.errors import InputError
from latentlab.training.images import Images
from latentlab.training.mailbox import Mailbox
from latentlab.training.messages import (
    Cloud,
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
    Snapshot,
    Stop,
    Stopped,
    Switch,
    Train,
)
from latentlab.training.run import Run
from latentlab.training.trainer import DivergedError, NothingToMinimiseError, Trainer

PUBLISH_SECONDS = 0.1
# The share of the engine's time, while it trains, that goes into looking instead of stepping.
LOOKING_SHARE = 0.25
_IDLE_SECONDS = 0.05
_RUNS_KEPT = 8

_log = logging.getLogger(__name__)


class Engine:
    """Trains in the background. Send commands with `send`; take from `mailbox` and `notices`."""

    def __init__(self) -> None:
        self.mailbox: Mailbox[Snapshot] = Mailbox()
        self.notices: queue.SimpleQueue[Notice] = queue.SimpleQueue()
        self._inbox: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._alive = True
        self._opened: Open | None = None
        self._images: tuple[Images, Images] | None = None
        self._runs: dict[int, Run] = {}
        self._current = 0
        self._steps_left: int | None = 0
        self._to_epoch_end = False
        self._version = 0
        self._published_step: tuple[int, int] | None = None
        self._publish_at = 0.0
        self._rate = _Rate()
        self._step_seconds = 0.0
        self._look_seconds = 0.0

    # --- for others ------------------------------------------------------------------------------

    def start(self) -> None:
        """Run in a thread until `shutdown`."""
        self._thread = threading.Thread(target=self._loop, name="latentlab-engine", daemon=True)
        self._thread.start()

    def send(self, command: Command) -> None:
        """Have `command` done between two steps, in the order of sending; returns at once."""
        self._inbox.put(command)

    def shutdown(self, timeout: float = 10.0) -> bool:
        """End the thread; False if it did not end within `timeout` seconds."""
        self.send(Stop())
        if self._thread is None:
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def tick(self, wait_seconds: float = 0.0) -> bool:
        """One round: commands, one step, a slice of looking, a snapshot when due.

        Waits up to `wait_seconds` for a command when there is nothing else to do. Returns whether
        the engine goes on.
        """
        self._take_commands(wait_seconds)
        run = self._runs.get(self._current)
        if self._alive and run is not None:
            try:
                self._work(run)
            except Exception as error:
                _log.exception("the engine failed")
                self._pause()
                self._fail(error, "Training stopped by an unexpected error.")
                self._publish_at = 0.0
            if time.perf_counter() >= self._publish_at:
                self._publish(run)
        return self._alive

    # --- one round -------------------------------------------------------------------------------

    def _loop(self) -> None:
        while self.tick(_IDLE_SECONDS):
            pass

    @property
    def _running(self) -> bool:
        return self._steps_left is None or self._steps_left > 0 or self._to_epoch_end

    def _take_commands(self, wait_seconds: float) -> None:
        run = self._runs.get(self._current)
        idle = not self._running and (run is None or not run.looking)
        try:
            command = self._inbox.get(block=idle and wait_seconds > 0, timeout=wait_seconds)
            while True:
                try:
                    self._do(command)
                except Exception as error:
                    self._fail(error, f"{type(command).__name__} failed unexpectedly.")
                self._publish_at = 0.0
                command = self._inbox.get_nowait()
        except queue.Empty:
            return

    def _work(self, run: Run) -> None:
        start = time.perf_counter()
        if self._running:
            self._step(run)
        stepped = time.perf_counter()
        self._step_seconds += stepped - start
        if self._running and self._look_seconds > LOOKING_SHARE * (
            self._step_seconds + self._look_seconds
        ):
            return
        if not run.cloud_is_current:
            run.look_at_cloud()
        was_looking = run.looking
        run.look_slice()
        self._look_seconds += time.perf_counter() - stepped
        if was_looking and not run.looking:
            self._publish_at = 0.0

    def _step(self, run: Run) -> None:
        try:
            started = time.perf_counter()
            run.step()
            run.trainer.seconds += time.perf_counter() - started
        except DivergedError as error:
            run.look_again()
            self._stop_training(str(error))
            return
        except NothingToMinimiseError:
            self._stop_training("Both terms are off: there is nothing to minimise.")
            return
        self._rate.count(run.trainer.settings.batch_size)
        if self._steps_left:
            self._steps_left -= 1
        if self._to_epoch_end and run.trainer.at_epoch_end():
            self._to_epoch_end = False
        if not self._running:
            self._publish_at = 0.0

    def _pause(self) -> None:
        self._steps_left = 0
        self._to_epoch_end = False

    def _stop_training(self, reason: str) -> None:
        self._pause()
        self.notices.put(Stopped(reason))
        self._publish_at = 0.0

    def _fail(self, error: Exception, what: str) -> None:
        if isinstance(error, InputError | OSError):
            self.notices.put(Failed(str(error)))
        else:
            report = "".join(traceback.format_exception(error))
            self.notices.put(Failed(what, report))

    # --- commands --------------------------------------------------------------------------------

    @singledispatchmethod
    def _do(self, command: Command) -> None:
        raise TypeError(f"{command!r} is no command")

    @_do.register
    def _(self, command: Open) -> None:
        images = Images(command.data.train), Images(command.data.test)
        # The run is made before anything is forgotten: if it fails, all stays as it was.
        run = self._begin(command, images, from_file=command.checkpoint is not None)
        self._pause()
        self._opened, self._images = command, images
        self._runs = {command.run: run}
        self._current = command.run

    @_do.register
    def _(self, command: Train) -> None:
        run = self._runs.get(self._current)
        if run is None:
            return
        self._rate = _Rate()
        self._step_seconds = self._look_seconds = 0.0
        if command.steps == "epoch":
            self._steps_left, self._to_epoch_end = 0, True
        else:
            self._steps_left, self._to_epoch_end = command.steps, False

    @_do.register
    def _(self, _command: Pause) -> None:
        self._pause()

    @_do.register
    def _(self, command: SetObjective) -> None:
        for run in self._runs.values():
            changed = run.trainer.likelihood != command.likelihood
            run.trainer.set_objective(command.weights, command.likelihood)
            if changed:
                run.look_again()

    @_do.register
    def _(self, command: SetSettings) -> None:
        for run in self._runs.values():
            run.trainer.settings = command.settings

    @_do.register
    def _(self, command: Reset) -> None:
        if self._opened is None or self._images is None:
            return
        from_file = command.to == "loaded" and self._opened.checkpoint is not None
        before = self._runs[self._current].trainer
        as_set_now = replace(
            self._opened,
            weights=before.weights,
            likelihood=before.likelihood,
            settings=before.settings,
        )
        run = self._begin(as_set_now, self._images, from_file)
        self._pause()
        self._runs[command.run] = run
        self._current = command.run
        for old in sorted(self._runs)[:-_RUNS_KEPT]:
            del self._runs[old]

    @_do.register
    def _(self, command: Switch) -> None:
        if command.run not in self._runs:
            raise InputError("That run is no longer kept, so it cannot be brought back.")
        self._pause()
        self._current = command.run

    @_do.register
    def _(self, command: Save) -> None:
        run = self._runs.get(self._current)
        if run is None:
            return
        while not run.cloud_is_current:
            run.look_at_cloud()
            run.look_slice()
        try:
            save_checkpoint(run.trainer.checkpoint(run.cloud), command.path)
        except OSError as error:
            reason = error.strerror or str(error)
            self.notices.put(Failed(f"{command.path} could not be written: {reason}."))
            return
        if not command.autosave:
            run.saved_step = run.trainer.step_count
        self.notices.put(Saved(command.path, command.autosave))

    @_do.register
    def _(self, _command: Stop) -> None:
        self._pause()
        self._alive = False

    # --- runs and snapshots ----------------------------------------------------------------------

    def _begin(self, opened: Open, images: tuple[Images, Images], from_file: bool) -> Run:
        train, heldout = images
        checkpoint = opened.checkpoint
        if not from_file or checkpoint is None:
            trainer = Trainer.from_scratch(
                opened.architecture, train, opened.weights, opened.likelihood, opened.settings
            )
            return Run(trainer, heldout, from_file=False)
        trainer = Trainer.from_checkpoint(
            checkpoint, train, opened.weights, opened.likelihood, opened.settings
        )
        stored = checkpoint.cloud
        cloud = None
        if (
            stored
            and checkpoint.data.get("cloud_sha256") == train.dataset.sha256
            and opened.likelihood.binarises == checkpoint.likelihood.binarises
        ):
            cloud = Cloud(trainer.step_count, stored["mu"], stored["logvar"])
        return Run(trainer, heldout, from_file=True, cloud=cloud)

    def _publish(self, run: Run) -> None:
        trainer = run.trainer
        shown = (self._current, trainer.step_count)
        if shown != self._published_step:
            self._version += 1
            self._published_step = shown
        self.mailbox.put(
            Snapshot(
                run=self._current,
                version=self._version,
                step=trainer.step_count,
                epoch=trainer.epoch,
                running=self._running,
                images_per_second=self._rate.value if self._running else 0.0,
                architecture=trainer.model.architecture,
                likelihood=trainer.likelihood,
                weights=trainer.weights,
                settings=trainer.settings,
                parameters=parameters_of(trainer.model),
                cloud=run.cloud,
                curves=trainer.curves.curves(),
                latest=run.latest,
                heldout=run.heldout,
                from_file=run.from_file,
                unsaved=run.unsaved,
            )
        )
        pause = PUBLISH_SECONDS if self._running else float("inf")
        self._publish_at = time.perf_counter() + pause


class _Rate:
    """Images per second over the last second or two."""

    def __init__(self) -> None:
        self.value = 0.0
        self._since = time.perf_counter()
        self._images = 0

    def count(self, images: int) -> None:
        self._images += images
        elapsed = time.perf_counter() - self._since
        if elapsed >= 1.0 or (self.value == 0 and elapsed >= 0.25):
            self.value = self._images / elapsed
            self._since, self._images = time.perf_counter(), 0
