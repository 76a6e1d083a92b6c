"""Intervals between frames of the plane while z is dragged, training against idle.

The real window on mnist-2d-live with its 10,000 points. throughput_kept compares the images a
second trained on meanwhile with those of a trainer alone, the window at rest, on as many threads.
"""

import time
from collections.abc import Callable, Mapping

import numpy as np

from latentlab.training.images import Images
from latentlab.training.trainer import Trainer
from tests.bench.desk import SIZE, Desk, open_desk
from tests.bench.dragging import SCREEN, drag
from tests.bench.result import Figure, Options, Result, Target, at_least, at_most

MODEL = "mnist-2d-live"


def run(options: Options) -> Result:
    return measured(options, lambda _desk: {})


def measured(options: Options, prepare: Callable[[Desk], Mapping[str, object]]) -> Result:
    """The figures of a window made ready by `prepare`, which says in facts what it has done."""
    seconds, alone_seconds, rounds = (1.0, 0.5, 1) if options.quick else (10.0, 4.0, 3)
    kept: list[float] = []
    idle: list[list[float]] = []
    train: list[list[float]] = []
    with open_desk(MODEL, options.engine) as desk:
        alone = _trainer_alone(desk)
        prepared = prepare(desk)
        for _ in range(rounds):
            idle.append(drag(desk, seconds, SCREEN).intervals)
            rate = _rate_alone(alone, alone_seconds)
            desk.train()
            dragged = drag(desk, seconds, SCREEN)
            train.append(dragged.intervals)
            kept.append(desk.throughput(dragged.start, dragged.end) / rate)
            desk.pause()
        facts = {
            "engine": desk.engine,
            **prepared,
            "model": MODEL,
            "points": desk.points,
            "batch": desk.snapshot.settings.batch_size,
            "window": f"{SIZE[0]} x {SIZE[1]}",
            "mouse events a second": SCREEN,
            "seconds a phase": seconds,
            "rounds": rounds,
        }
    idle_p99 = percentiles(idle, 99)
    return Result(
        [
            Figure("idle_p95_ms", percentiles(idle, 95)),
            Figure("train_p95_ms", percentiles(train, 95)),
            Figure("ratio_p95", ratios(idle, train, 95), at_most(1.35)),
            Figure("idle_p99_ms", idle_p99),
            Figure("train_p99_ms", percentiles(train, 99), _worst(float(np.median(idle_p99)))),
            Figure("throughput_kept", kept, at_least(0.6)),
        ],
        facts,
    )


def _worst(idle: float) -> Target:
    return at_most(max(33.0, 1.6 * idle))


def percentiles(rounds: list[list[float]], rank: float) -> list[float]:
    return [float(np.percentile(values, rank)) for values in rounds]


def ratios(idle: list[list[float]], train: list[list[float]], rank: float) -> list[float]:
    pairs = zip(percentiles(train, rank), percentiles(idle, rank), strict=True)
    return [one / other for one, other in pairs]


def _trainer_alone(desk: Desk) -> Trainer:
    """What the engine trains, as it stood when the window opened."""
    opened = desk.shell.controller.present
    assert opened is not None
    assert opened.checkpoint is not None
    snapshot = desk.snapshot
    return Trainer.from_checkpoint(
        opened.checkpoint,
        Images(opened.pair.train),
        snapshot.weights,
        snapshot.likelihood,
        snapshot.settings,
    )


def _rate_alone(trainer: Trainer, seconds: float) -> float:
    """Images a second, while no event of the window is handled."""
    trainer.step()
    before, start = trainer.images_seen, time.perf_counter()
    while time.perf_counter() < start + seconds:
        trainer.step()
    return (trainer.images_seen - before) / (time.perf_counter() - start)
