"""The monkey: draws act after act, does it, and sees whether the app still is as it should be."""

import faulthandler
import logging
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import numpy as np
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton, QWidget

from latentlab.app.opening import Opened
from latentlab.app.profile import Profile
from latentlab.training.messages import Snapshot
from latentlab.ui.error_dialog import ErrorDialog
from latentlab.ui.images import ImageView
from latentlab.ui.shell import Shell, WindowOptions
from tests.leaks import Leaks
from tests.window.lab import pixels
from tests.window.monkey.acts import WEIGHTS, Act, Acts, acts_on, answers_to
from tests.window.monkey.ground import Ground
from tests.window.monkey.hands import top

# Long, since the machine may be busy with other things; what hangs does so for ever.
HANG_SECONDS = 60
# Where an act waits for an answer to what it has opened, it is given one after so long.
_ANSWER_MILLISECONDS = 150
_LOOK_EVERY = 20
_SETTLE_SECONDS = 60
# How often it leaves training paused.
_REST = 0.9

# Said by the offscreen platform only; a real one does it.
_OFFSCREEN = ("propagateSizeHints()", "raise()", "grabbing the keyboard")


class Faults(logging.Handler):
    """Whatever is logged as wrong: unexpected errors, Qt's warnings, files that went wrong."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name != "qt" or not record.getMessage().endswith(_OFFSCREEN):
            self.found.append(self.format(record))
            print(self.found[-1], flush=True)


class FaultError(Exception):
    """What the monkey has found."""


@dataclass
class Tally:
    """What the monkey has done."""

    acts: int = 0
    while_training: int = 0
    steps: int = 0
    opened: int = 0
    windows: int = 0
    slowest_ms: int = 0  # of the processor's time
    slowest: str = ""
    saved: int = 0
    kinds: Counter[str] = field(default_factory=Counter)


class Monkey:
    """Opens the app in `folder` and plays with it. Raises FaultError at the first fault."""

    def __init__(self, app: QApplication, folder: Path, seed: int, faults: Faults) -> None:
        self.tally = Tally()
        self._app = app
        self._folder = folder
        self._seed = seed
        self._faults = faults
        self._ground = Ground(folder / "ground", Random(f"{seed}"))
        self._shell: Shell | None = None
        self._began = 0.0
        self._over: list[int] = []  # what lay over the window at each act that is under way
        self._asked = 0
        self._run_and_step = (0, 0)
        self._answering = QTimer()
        self._answering.setSingleShot(True)
        self._answering.setInterval(_ANSWER_MILLISECONDS)
        self._answering.timeout.connect(self._answer_what_waits)

    def play(self, seconds: float, acts: int | None) -> None:
        """Act for so long, and at most so often; then see that all ends well."""
        self._answering.start()
        self._open()
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.tally.acts != acts:
            self.tally.acts += 1
            self._asked = 0
            self._act(f"{self.tally.acts}")
            self._check(look=self.tally.acts % _LOOK_EVERY == 0)
            if not self.shell.window.isVisible():
                self._forget()
                self._open()
        faulthandler.dump_traceback_later(_SETTLE_SECONDS, exit=True)
        self._settle()
        self._forget()
        self.tally.saved = self._ground.saved_files()
        if self._ground.leftovers():
            raise FaultError(f"{self._ground.leftovers()} were left behind")

    @property
    def shell(self) -> Shell:
        assert self._shell is not None
        return self._shell

    # --- one act ---------------------------------------------------------------------------------

    def _act(self, number: str) -> None:
        faulthandler.dump_traceback_later(HANG_SECONDS, exit=True)
        kind, act = self._draw(number)
        how, do = act.plan(Random(f"{self._seed} {number}"))
        words = f"{number} {kind} {act.where} {how}"
        print(words, flush=True)
        self.tally.kinds[kind] += 1
        self.tally.while_training += self.shell.controller.running
        self._began, processor_time = time.monotonic(), time.thread_time()
        self._over.append(_address(top()))
        do()
        self._app.processEvents()
        self._over.pop()
        milliseconds = round(1000 * (time.thread_time() - processor_time))
        if kind != "wait" and not self._asked and milliseconds > self.tally.slowest_ms:
            self.tally.slowest_ms, self.tally.slowest = milliseconds, words

    def _draw(self, number: str) -> tuple[str, Act]:
        """One act of all there are; one more or less of them seldom changes which it is."""

        def luck(name: str, weight: float) -> float:
            return Random(f"{self._seed} {number} {name}").random() ** (1 / weight)

        def best(acts: Acts) -> Act | None:
            return max(acts, key=lambda act: luck(act.where, act.weight), default=None)

        over = top()
        act = best(answers_to(over, self._ground)) if over is not None else None
        if act is not None:
            return "answer", act
        controller = self.shell.controller
        if not controller.running and luck("train", 1.0) > _REST:
            return "train", Act("", lambda _rng: ("", controller.toggle_training))
        for kind in sorted(WEIGHTS, key=lambda kind: luck(kind, WEIGHTS[kind]), reverse=True):
            act = best(acts_on(self.shell.window, kind, self._ground))
            if act is not None:
                return kind, act
        raise FaultError("there is nothing to do")

    def _answer_what_waits(self) -> None:
        """Some acts open a menu or a question and come back only when it is closed."""
        # Started anew first: what follows may come back only after more of them.
        self._answering.start()
        waited = 1000 * (time.monotonic() - self._began) > _ANSWER_MILLISECONDS
        # What lay there before the act may be in the middle of it: that must come back first.
        if self._over and waited and _address(top()) not in (0, *self._over):
            self._asked += 1
            self._act(f"{self.tally.acts}.{self._asked}")

    # --- the window ------------------------------------------------------------------------------

    def _open(self) -> None:
        faulthandler.dump_traceback_later(HANG_SECONDS, exit=True)
        self.tally.windows += 1
        self._leaks = Leaks()
        profile = Profile(self._folder / "profile")
        options = WindowOptions(theme="light", engine="thread" if self._odd() else "process")
        self._shell = Shell(self._app, profile, options)
        self._shell.controller.snapshot.connect(self._count_steps)
        self._shell.controller.opened.connect(self._count_opened)
        self._shell.start()

    def _odd(self) -> bool:
        """Both kinds of engine have their turn."""
        return bool((self._seed + self.tally.windows) % 2)

    def _forget(self) -> None:
        """Leave nothing of a window that was closed."""
        shiboken6.delete(self.shell.window)
        shiboken6.delete(self.shell)
        self._shell = None
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        left = self._leaks.found()
        if left:
            raise FaultError(f"the closed window left behind: {'; '.join(left)}")

    def _count_opened(self, _opened: Opened) -> None:
        self.tally.opened += 1

    def _count_steps(self, snapshot: Snapshot) -> None:
        run, step = self._run_and_step
        if snapshot.run == run:
            self.tally.steps += max(0, snapshot.step - step)
        self._run_and_step = snapshot.run, snapshot.step

    def _settle(self) -> None:
        """Bring it to rest and close it: what it shows then is so, and nothing is lost."""
        while (over := top()) is not None:
            over.close()
            self._app.processEvents()
        self._play_button.setChecked(False)
        self.shell.controller.train(False)
        while not self._rests():
            QTest.qWait(20)
        self._check(look=True)
        self.shell.close_at_once()
        self._check()

    @property
    def _play_button(self) -> QToolButton:
        return self.shell.window.findChild(QToolButton, "stripPlay")

    def _rests(self) -> bool:
        controller, laboratory = self.shell.controller, self.shell.bridge.laboratory
        return laboratory is not None and laboratory.viewer.ready and not controller.running

    # --- what must hold --------------------------------------------------------------------------

    def _check(self, look: bool = False) -> None:
        if self._faults.found:
            raise FaultError(f"{len(self._faults.found)} logged above")
        dialog = self.shell.window.findChild(ErrorDialog)
        if dialog is not None and dialog.isVisible():
            raise FaultError(dialog.text)
        if look:
            self._look()

    def _look(self) -> None:
        """What is shown at z is what the weights shown say of z."""
        laboratory = self.shell.bridge.laboratory
        view = self.shell.window.findChild(ImageView, "decodedImage")
        if laboratory is None or not laboratory.viewer.ready or self._play_button.isChecked():
            return
        state = self.shell.store.state
        z = state.section.lift(state.z)
        if view is None or view.image is None:
            raise FaultError(f"nothing is decoded at z = {z}")
        if not np.array_equal(pixels(view.image), laboratory.viewer.decode([z])[0]):
            raise FaultError(f"what is shown is not what z = {z} decodes to")


def _address(widget: QWidget | None) -> int:
    """0 for None. Of one widget there may be several objects in Python."""
    return 0 if widget is None else int(shiboken6.getCppPointer(widget)[0])
