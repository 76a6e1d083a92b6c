"""The engine: the one place that owns the training weights.

It takes commands between steps, steps, looks at the data in slices, and leaves a Snapshot in a
mailbox a few times a second. `start` runs it in a thread; tests and the command line may call
`tick` themselves.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import singledispatchmethod
from typing import Any

from latentlab.core.checkpoint import save_checkpoint
from latentlab.errors import InputError, not_written, told
from latentlab.training.device import usable
from latentlab.training.images import Images
from latentlab.training.mailbox import Mailbox
from latentlab.training.messages import (
    RUNS_KEPT,
    Begin,
    Command,
    EndPlan,
    Failed,
    Noted,
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
    Stop,
    Stopped,
    Switch,
    Train,
)
from latentlab.training.rate import Rate
from latentlab.training.run import PlanEndedError, Run, begin_run
from latentlab.training.trainer import DivergedError, NothingToMinimiseError

PUBLISH_SECONDS = 0.1
# The share of the engine's time, while it trains, that goes into looking instead of stepping.
LOOKING_SHARE = 0.25
_IDLE_SECONDS = 0.05

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
        self._failed = False
        self._version = 0
        self._published: tuple[int, int] | None = None
        self._publish_at = 0.0
        self._rate = Rate(0)
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
            if not self._failed:
                self._attempt(self._work, run)
            if time.perf_counter() >= self._publish_at:
                self._attempt(self._publish, run)
        return self._alive

    # --- one round -------------------------------------------------------------------------------

    def _loop(self) -> None:
        while self.tick(_IDLE_SECONDS):
            pass

    def _attempt(self, what: Callable[[Run], None], run: Run) -> None:
        try:
            what(run)
        except Exception as error:
            self._pause()
            if not self._failed:
                _log.exception("the engine failed")
                self._fail(error, "Training stopped")
            # What failed would fail again at once: wait for a command.
            self._failed = True

    @property
    def _running(self) -> bool:
        return self._steps_left is None or self._steps_left > 0 or self._to_epoch_end

    def _take_commands(self, wait_seconds: float) -> None:
        run = self._runs.get(self._current)
        idle = self._failed or (not self._running and (run is None or not run.looking))
        try:
            command = self._inbox.get(block=idle and wait_seconds > 0, timeout=wait_seconds)
            while True:
                self._failed = False
                try:
                    self._do(command)
                except Exception as error:
                    self._fail(error, _failed(command))
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
        if not self._running and not run.heldout_is_current:
            run.look_at_heldout(scheduled=False)
        if not self._running and not run.looking:
            run.trainer.prepare()
        was_looking = run.looking
        run.look_slice()
        self._look_seconds += time.perf_counter() - stepped
        if was_looking and not run.looking:
            self._publish_at = 0.0

    def _step(self, run: Run) -> None:
        started = time.perf_counter()
        try:
            run.step()
        except DivergedError as error:
            self._stop_training(str(error))
            return
        except NothingToMinimiseError:
            self._stop_training("Both terms are off: there is nothing to minimise.")
            return
        except PlanEndedError as ended:
            self._stop_training(str(ended), planned=True)
        except RuntimeError as error:
            if run.trainer.device.type == "cpu" or self._opened is None:
                raise
            self._leave_device(run, self._opened, error)
            return
        trainer = run.trainer
        trainer.seconds += time.perf_counter() - started
        self._rate.update(trainer.images_seen)
        if self._steps_left:
            self._steps_left -= 1
        if self._to_epoch_end and trainer.at_epoch_end():
            self._to_epoch_end = False
        if not self._running:
            self._publish_at = 0.0

    def _leave_device(self, run: Run, opened: Open, error: RuntimeError) -> None:
        _log.warning("the device failed", exc_info=error)
        name, settings = opened.settings.device, replace(opened.settings, device="cpu")
        run.trainer.fall_back()
        self._opened = replace(opened, settings=settings)
        step = f"{run.trainer.weights_step:,}"
        self.notices.put(
            Noted(
                f"{name} has failed ({_reason(error)}): training goes on from the weights of step "
                f"{step}, on the processor (cpu).",
                settings,
            )
        )
        self._publish_at = 0.0

    def _usable(self, settings: Settings) -> Settings:
        """`settings`, on the CPU where their device cannot be used."""
        name = settings.device
        try:
            usable(name)
        except (RuntimeError, AssertionError) as error:
            settings = replace(settings, device="cpu")
            self.notices.put(
                Noted(
                    f"{name} cannot be used here ({_reason(error)}): the processor (cpu) trains "
                    "instead.",
                    settings,
                )
            )
        return settings

    def _pause(self) -> None:
        self._steps_left = 0
        self._to_epoch_end = False

    def _stop_training(self, reason: str, *, planned: bool = False) -> None:
        self._pause()
        self.notices.put(Stopped(reason, planned))
        self._publish_at = 0.0

    def _fail(self, error: Exception, what: str) -> None:
        self.notices.put(
            Failed(str(error)) if isinstance(error, OSError) else Failed(*told(error, what))
        )

    # --- commands --------------------------------------------------------------------------------

    @singledispatchmethod
    def _do(self, command: Command) -> None:
        raise TypeError(f"{command!r} is no command")

    @_do.register
    def _(self, command: Open) -> None:
        command = replace(command, settings=self._usable(command.settings))
        images = Images(command.data.train), Images(command.data.test)
        # The run is made before anything is forgotten: if it fails, all stays as it was.
        run = begin_run(command, *images, from_file=True)
        self._pause()
        self._opened, self._images = replace(command, last=None), images
        self._runs = {command.run: run}
        self._current = command.run
        self._published = None

    @_do.register
    def _(self, command: Train) -> None:
        run = self._runs.get(self._current)
        if run is None:
            return
        self._rate = Rate(run.trainer.images_seen)
        self._step_seconds = self._look_seconds = 0.0
        if command.steps == "epoch":
            self._steps_left, self._to_epoch_end = 0, True
        else:
            self._steps_left, self._to_epoch_end = command.steps, False

    @_do.register
    def _(self, command: Begin) -> None:
        run = self._runs.get(self._current)
        if run is not None:
            run.trainer.begin(command.plan)
            self._do(Train())

    @_do.register
    def _(self, _command: EndPlan) -> None:
        run = self._runs.get(self._current)
        if run is None:
            return
        try:
            run.end_plan()
        except PlanEndedError as ended:
            self._stop_training(str(ended), planned=True)

    @_do.register
    def _(self, _command: Pause) -> None:
        self._pause()

    @_do.register
    def _(self, command: SetObjective) -> None:
        self._set(weights=command.weights, likelihood=command.likelihood)

    @_do.register
    def _(self, command: SetSettings) -> None:
        self._set(settings=self._usable(command.settings))

    def _set(self, **changed: Any) -> None:
        """Change how the present run, and any that is begun or brought back, is trained."""
        if self._opened is not None:
            self._opened = replace(self._opened, **changed)
            self._apply(self._opened)

    def _apply(self, opened: Open) -> None:
        self._runs[self._current].set(opened.weights, opened.likelihood, opened.settings)

    @_do.register
    def _(self, command: Reset) -> None:
        if self._opened is None or self._images is None:
            return
        run = begin_run(self._opened, *self._images, from_file=command.to == "loaded")
        self._pause()
        self._runs[command.run] = run
        self._current = command.run
        for old in sorted(self._runs)[:-RUNS_KEPT]:
            del self._runs[old]

    @_do.register
    def _(self, command: Switch) -> None:
        if self._opened is None or command.run not in self._runs:
            raise InputError("That run is no longer kept, so it cannot be brought back.")
        self._pause()
        self._current = command.run
        self._apply(self._opened)

    @_do.register
    def _(self, command: Save) -> None:
        run = self._runs.get(self._current)
        if run is None:
            return
        # An autosave does not hold up training for the posteriors, which can be had again.
        while not (run.cloud_is_current or command.autosave):
            run.look_at_cloud()
            run.look_slice()
        cloud = run.cloud if run.cloud_is_current else None
        try:
            save_checkpoint(run.trainer.checkpoint(cloud), command.path)
        except OSError as error:
            if command.autosave:
                _log.warning("no autosave at %s: %s", command.path, error.strerror or error)
                return
            self.notices.put(Failed(not_written(command.path, error)))
            return
        if not command.autosave:
            run.saved()
        self.notices.put(Saved(command.path, command.autosave, self._current))

    @_do.register
    def _(self, _command: Stop) -> None:
        self._pause()
        self._alive = False

    # --- snapshots -------------------------------------------------------------------------------

    def _publish(self, run: Run) -> None:
        # Also where this fails: the window must hear, sooner or later, that training stopped.
        self._publish_at = time.perf_counter() + PUBLISH_SECONDS
        shown = (self._current, run.trainer.version)
        if shown != self._published:
            self._version += 1
            self._published = shown
        rate = self._rate.value if self._running else 0.0
        self.mailbox.put(run.snapshot(self._current, self._version, self._running, rate))
        if not self._running:
            self._publish_at = float("inf")


def _failed(command: Command) -> str:
    if isinstance(command, Save):
        return f"{command.path} could not be written"
    return f"{type(command).__name__} failed"


def _reason(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
