"""Ten minutes of training while z is dragged, terms and models are switched, the window resized.

slope_mb_min: by how many megabytes a minute the resident memory of all processes of the app grows,
by least squares from the third minute on, over the means of whole rounds of what is done: within a
round it goes up and down by a hundred megabytes, as one model is larger than the other. queue_max:
the longest that any queue between the window and what works behind it, in the engine's own process,
too, was ever seen.
"""

import itertools
import time
from collections.abc import Callable
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QComboBox, QMessageBox

from tests.bench.desk import SIZE, Desk, open_desk
from tests.bench.dragging import MOUSE, drag
from tests.bench.memory import resident_mb
from tests.bench.queues import Lengths, lengths, seen_in_child
from tests.bench.result import BenchError, Figure, Options, Result, at_most

MODELS = ("mnist-2d-live", "mnist-2d")
SIZES = ((1280, 720), (1680, 1050), (1100, 760), SIZE)
_HAND = "tests.bench.hand"
_MEMORY_MILLISECONDS, _QUEUE_MILLISECONDS, _CHILD_MILLISECONDS = 500, 10, 50


def run(options: Options) -> Result:
    seconds, settled, drag_seconds = (1.0, 0.0, 0.5) if options.quick else (600.0, 120.0, 3.0)
    with seen_in_child() as child, open_desk(MODELS[0], options.engine) as desk:
        watch = _Watch(desk, child)
        end = time.monotonic() + seconds
        desk.train()
        acts, done = _acts(desk), 0
        rounds = len(acts) // 2 if options.quick else len(MODELS) * len(acts)
        while done < 2 * rounds or done % rounds or time.monotonic() < end:
            drag(desk, drag_seconds, MOUSE)
            acts[done % len(acts)]()
            done += 1
            if done % rounds == 0:
                watch.end_round()
        watch.stop()
        desk.pause()
        engine = desk.engine
        if engine == "process" and not child():
            raise BenchError("the engine's process has told nothing of its queues")
    return Result(
        [
            Figure("slope_mb_min", [watch.slope(settled)], at_most(1)),
            Figure("queue_max", [max(watch.longest.values())], at_most(2)),
        ],
        {
            "engine": engine,
            "seconds": seconds,
            "slope after": settled,
            "acts": done,
            "MB at the start": round(watch.memory[0]),
            "MB at the end": round(watch.memory[-1]),
            "longest": watch.longest,
        },
    )


class _Watch(QObject):
    """Looks at memory and queues while everything goes on."""

    def __init__(self, desk: Desk, child: Callable[[], Lengths]) -> None:
        super().__init__()
        self._child = child
        self._laboratory = desk.shell.bridge.laboratory
        self._start = time.monotonic()
        self.times: list[float] = []
        self.memory: list[float] = []
        self._rounds: list[int] = [0]
        self.longest: dict[str, int] = {}
        self._timers = [
            self._every(_MEMORY_MILLISECONDS, self._look_at_memory),
            self._every(_QUEUE_MILLISECONDS, self._look_at_queues),
            self._every(_CHILD_MILLISECONDS, self._look_at_child),
        ]

    def stop(self) -> None:
        for timer in self._timers:
            timer.stop()

    def end_round(self) -> None:
        """Everything was done as often as everything else since the last time."""
        self._rounds.append(len(self.times))

    def slope(self, after: float) -> float:
        """MB a minute, of the rounds that begin later than `after` seconds."""
        parts = [slice(a, b) for a, b in pairwise(self._rounds) if self.times[a] >= after]
        minutes = [np.mean(self.times[part]) / 60 for part in parts]
        memory = [np.mean(self.memory[part]) for part in parts]
        return float(np.polyfit(minutes, memory, 1)[0])

    def _every(self, milliseconds: int, look: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.timeout.connect(look)
        timer.start(milliseconds)
        return timer

    def _look_at_memory(self) -> None:
        self.times.append(time.monotonic() - self._start)
        self.memory.append(resident_mb(apart_from=_HAND))

    def _look_at_queues(self) -> None:
        assert self._laboratory is not None
        self._note(lengths(self._laboratory))

    def _look_at_child(self) -> None:
        self._note(self._child())

    def _note(self, found: Lengths) -> None:
        for name, length in found.items():
            self.longest[name] = max(length, self.longest.get(name, 0))


def _acts(desk: Desk) -> list[Callable[[], None]]:
    """What is done between two drags, in turn."""
    sizes, models = itertools.cycle(SIZES), itertools.cycle(reversed(MODELS))
    return [
        lambda: desk.click("klToggle"),
        lambda: desk.click("klToggle"),
        lambda: desk.window.resize(*next(sizes)),
        lambda: desk.click("reconstructionToggle"),
        lambda: desk.click("reconstructionToggle"),
        lambda: _reset(desk),
        lambda: desk.window.resize(*next(sizes)),
        lambda: _open(desk, next(models)),
    ]


def _reset(desk: Desk) -> None:
    """Back to the weights as loaded, and on."""
    run = desk.snapshot.run
    desk.click("resetButton")
    desk.wait(lambda: desk.snapshot.run != run, "the reset")
    _go_on(desk)


def _open(desk: Desk, model: str) -> None:
    """Choose another model, let go of what was trained, and train that."""
    run, box = desk.snapshot.run, desk.child("modelChoice")
    assert isinstance(box, QComboBox)
    box.setCurrentIndex(box.findText(model))
    box.activated.emit(box.currentIndex())
    # It is read first, and the question comes only then.
    desk.wait(lambda: _discarded(desk) or desk.snapshot.run != run, model)
    desk.wait(lambda: desk.snapshot.run != run, model)
    _go_on(desk)


def _discarded(desk: Desk) -> bool:
    """Answer the question whether to keep what was trained, once it is there."""
    question = desk.window.findChild(QMessageBox, "openQuestion")
    if question is None or not question.isVisible():
        return False
    question.button(QMessageBox.StandardButton.Discard).click()
    return True


def _go_on(desk: Desk) -> None:
    if not desk.snapshot.running:
        desk.train()
