"""What drives training: commands between steps, looks in slices, news a few times a second.

`start` runs it in a thread; a process of its own, tests and the command line call `tick`.
"""

import logging
import queue
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from latentlab.errors import InputError, told
from latentlab.training.mailbox import Mailbox
from latentlab.training.messages import (
    Command,
    Failed,
    Notice,
    Open,
    Pause,
    Save,
    Stop,
    Stopped,
    Train,
)
from latentlab.training.rate import Rate
from latentlab.training.run import PlanEndedError
from latentlab.training.trainer import DivergedError, NothingToMinimiseError

_IDLE_SECONDS = 0.05

_log = logging.getLogger(__name__)


class Driven(Protocol):
    """What is trained: a run, or several in lockstep."""

    @property
    def version(self) -> int:
        """Grows with every change of the weights."""

    @property
    def images_seen(self) -> int:
        """Since it was opened."""

    @property
    def looking(self) -> bool:
        """Whether a look is under way."""

    def step(self) -> None:
        """Take one step."""

    def at_epoch_end(self) -> bool:
        """Whether the next step begins a new epoch."""

    def look_around(self, *, running: bool) -> None:
        """Begin the looks that are due."""

    def look_slice(self) -> None:
        """Do one slice of the looks under way."""


D = TypeVar("D", bound=Driven)
S = TypeVar("S")


class Driver(ABC, Generic[D, S]):
    """Trains a D in the background. Send commands with `send`; take from `mailbox`, which has the
    newest S, and `notices`.
    """

    publish_seconds = 0.1
    # The share of the time, while it trains, that goes into looking instead of stepping.
    looking_share = 0.25

    def __init__(self) -> None:
        self.mailbox: Mailbox[S] = Mailbox()
        self.notices: queue.SimpleQueue[Notice] = queue.SimpleQueue()
        self._inbox: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._alive = True
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
        name = f"latentlab-{type(self).__name__.lower()}"
        self._thread = threading.Thread(target=self._loop, name=name, daemon=True)
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
        it goes on.
        """
        self._take_commands(wait_seconds)
        driven = self._driven
        if self._alive and driven is not None:
            if not self._failed:
                self._attempt(self._work, driven)
            if time.perf_counter() >= self._publish_at:
                self._attempt(self._publish, driven)
        return self._alive

    # --- for those that say what is driven -------------------------------------------------------

    @property
    @abstractmethod
    def _driven(self) -> D | None:
        """What is trained now."""

    @property
    @abstractmethod
    def _run_number(self) -> int:
        """By which the window knows what is trained now."""

    @abstractmethod
    def _do(self, command: Command) -> None:
        """Do a command that is not Train, Pause or Stop."""

    @abstractmethod
    def _snapshot(self, driven: D, running: bool, rate: float) -> S:
        """All that can be seen of it now; `rate` in images a second."""

    def _device_failed(self, _driven: D, error: RuntimeError) -> None:
        """Leave the device, where that is what has failed; else raises `error`."""
        raise error

    def _pause(self) -> None:
        self._steps_left = 0
        self._to_epoch_end = False

    def _stop_training(self, reason: str, *, planned: bool = False) -> None:
        self._pause()
        self.notices.put(Stopped(reason, planned))
        self._publish_at = 0.0

    def _train(self, command: Train) -> None:
        driven = self._driven
        if driven is None:
            return
        self._rate = Rate(driven.images_seen)
        self._step_seconds = self._look_seconds = 0.0
        if command.steps == "epoch":
            self._steps_left, self._to_epoch_end = 0, True
        else:
            self._steps_left, self._to_epoch_end = command.steps, False

    # --- one round -------------------------------------------------------------------------------

    def _loop(self) -> None:
        while self.tick(_IDLE_SECONDS):
            pass

    def _attempt(self, what: Callable[[D], None], driven: D) -> None:
        try:
            try:
                what(driven)
            except RuntimeError as error:
                self._device_failed(driven, error)
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
        driven = self._driven
        idle = self._failed or (not self._running and (driven is None or not driven.looking))
        try:
            command = self._inbox.get(block=idle and wait_seconds > 0, timeout=wait_seconds)
            while True:
                self._failed = False
                try:
                    self._take_anywhere(command)
                except Exception as error:
                    run = command.run if isinstance(command, Open) else None
                    self._fail(error, _failed(command), run)
                self._publish_at = 0.0
                command = self._inbox.get_nowait()
        except queue.Empty:
            return

    def _take_anywhere(self, command: Command) -> None:
        """Do a command; once more where the device has failed in the midst of it."""
        try:
            self._take(command)
        except RuntimeError as error:
            driven = self._driven
            if driven is None:
                raise
            self._device_failed(driven, error)
            self._take(command)

    def _take(self, command: Command) -> None:
        if isinstance(command, Train):
            self._train(command)
        elif isinstance(command, Pause):
            self._pause()
        elif isinstance(command, Stop):
            self._pause()
            self._alive = False
        else:
            self._do(command)

    def _work(self, driven: D) -> None:
        start = time.perf_counter()
        if self._running:
            self._step(driven)
        stepped = time.perf_counter()
        self._step_seconds += stepped - start
        if self._running and self._look_seconds > self.looking_share * (
            self._step_seconds + self._look_seconds
        ):
            return
        driven.look_around(running=self._running)
        was_looking = driven.looking
        driven.look_slice()
        self._look_seconds += time.perf_counter() - stepped
        if was_looking and not driven.looking:
            self._publish_at = 0.0

    def _step(self, driven: D) -> None:
        try:
            driven.step()
        except (DivergedError, InputError) as error:
            # The latter where images stay in a file that can no longer be read.
            self._stop_training(str(error))
            return
        except NothingToMinimiseError:
            self._stop_training("Both terms are off: there is nothing to minimise.")
            return
        except PlanEndedError as ended:
            self._stop_training(str(ended), planned=True)
        self._rate.update(driven.images_seen)
        if self._steps_left:
            self._steps_left -= 1
        if self._to_epoch_end and driven.at_epoch_end():
            self._to_epoch_end = False
        if not self._running:
            self._publish_at = 0.0

    def _fail(self, error: Exception, what: str, run: int | None = None) -> None:
        sentence, report = (str(error), "") if isinstance(error, OSError) else told(error, what)
        self.notices.put(Failed(sentence, report, run))

    def _publish(self, driven: D) -> None:
        # Also where this fails: the window must hear, sooner or later, that training stopped.
        self._publish_at = time.perf_counter() + self.publish_seconds
        shown = (self._run_number, driven.version)
        if shown != self._published:
            self._version += 1
            self._published = shown
        rate = self._rate.value if self._running else 0.0
        self.mailbox.put(self._snapshot(driven, self._running, rate))
        if not self._running:
            self._publish_at = float("inf")


def _failed(command: Command) -> str:
    if isinstance(command, Save):
        return f"{command.path} could not be written"
    if isinstance(command, Open):
        return "The model could not be opened for training"
    return f"{type(command).__name__} failed"
