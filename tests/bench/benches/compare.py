"""Intervals between frames of a plane while z is dragged and three networks train in lockstep.

The Compare workspace on the shipped regimes: z is dragged in the plane in the middle, the
cross-hairs of all move, and every network decodes there. Training against idle. Then the slider of
the history is moved step by step, until all planes are painted as they were.
"""

import time

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtWidgets import QSlider

from latentlab.training.messages import Compared
from tests.bench.benches.frames import MODEL, percentiles, ratios
from tests.bench.desk import SIZE, Desk, open_desk
from tests.bench.dragging import SCREEN, drag
from tests.bench.result import Figure, Options, Result, at_most

# The engine says something at least this often while it has anything to do.
_CALM_SECONDS = 0.5


def run(options: Options) -> Result:
    seconds, rounds = (1.0, 1) if options.quick else (10.0, 3)
    idle: list[list[float]] = []
    train: list[list[float]] = []
    with open_desk(MODEL, options.engine) as desk:
        comparison = _Comparison(desk)
        for _ in range(rounds):
            idle.append(drag(desk, seconds, SCREEN).intervals)
            comparison.train()
            train.append(drag(desk, seconds, SCREEN).intervals)
            comparison.pause()
        scrub = [comparison.scrub() for _ in range(rounds)]
        facts = {
            "engine": desk.engine,
            "networks": len(comparison.newest.members),
            "points": desk.points,
            "batch": desk.shell.compare.settings.batch_size,
            "window": f"{SIZE[0]} x {SIZE[1]}",
            "mouse events a second": SCREEN,
            "seconds a phase": seconds,
            "rounds": rounds,
        }
    return Result(
        [
            Figure("idle_p95_ms", percentiles(idle, 95)),
            Figure("train_p95_ms", percentiles(train, 95)),
            Figure("ratio_p95", ratios(idle, train, 95), at_most(1.35)),
            Figure("scrub_median_ms", percentiles(scrub, 50), at_most(16)),
            Figure("scrub_p95_ms", percentiles(scrub, 95)),
        ],
        facts,
    )


class _Comparison(QObject):
    """The Compare workspace in front of a desk, whose plane is then the one in the middle."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._compare = desk.shell.compare
        self._heard = 0.0
        self._compare.compared.connect(self._hear)
        desk.shell.store.set_quietly(workspace="compare")
        desk.wait(self._calm, "the comparison to rest")
        panels = sorted(desk.window.compare.panels.values(), key=lambda panel: panel.x())
        middle = panels[len(panels) // 2]
        desk.plane = middle.plane
        desk.decoded = desk.child(f"comparedDecoded{middle.number}")

    @property
    def newest(self) -> Compared:
        newest = self._compare.newest
        assert newest is not None
        return newest

    def train(self) -> None:
        """Press Train, and wait until it does."""
        self._desk.click("trainButton")
        self._desk.wait(lambda: self.newest.images_per_second > 0, "training in lockstep")

    def pause(self) -> None:
        """Press it again, and wait until nothing is going on any more."""
        self._desk.click("trainButton")
        self._desk.wait(self._calm, "the comparison to rest")

    def scrub(self) -> list[float]:
        """How long each step back through the history took to be painted, in ms."""
        slider = self._desk.child("comparedHistorySlider")
        assert isinstance(slider, QSlider)
        took = []
        for value in range(slider.maximum() - 1, -1, -1):
            start = time.perf_counter()
            slider.setValue(value)
            for _ in range(2):  # what is laid out anew is painted in the second
                QCoreApplication.processEvents()
            took.append(1e3 * (time.perf_counter() - start))
        slider.setValue(slider.maximum())
        return took

    def _hear(self, _compared: Compared) -> None:
        self._heard = time.monotonic()

    def _calm(self) -> bool:
        newest = self._compare.newest
        rests = newest is not None and newest.exact and not newest.running
        return rests and time.monotonic() - self._heard > _CALM_SECONDS
