"""Intervals between frames of a plane while z is dragged and three networks train in lockstep.

The Compare workspace on the shipped regimes: z is dragged in the plane in the middle, the
cross-hairs of all move, and every network decodes there. Training against idle.
"""

import time

from PySide6.QtCore import QObject

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

    def _hear(self, _compared: Compared) -> None:
        self._heard = time.monotonic()

    def _calm(self) -> bool:
        newest = self._compare.newest
        rests = newest is not None and newest.exact and not newest.running
        return rests and time.monotonic() - self._heard > _CALM_SECONDS
