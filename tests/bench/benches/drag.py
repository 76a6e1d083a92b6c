"""Milliseconds from a mouse event to the painted decode, idle and training.

The real window, z dragged with the mouse. Counted from when the event came, so a wait until the
window has time for it is part of it, until the window has painted the image decoded at its place.
On mnist-2d-live and, under strong, on mnist-2d.
"""

import numpy as np

from tests.bench.desk import SIZE, open_desk
from tests.bench.dragging import MOUSE, drag
from tests.bench.result import Figure, Options, Result, at_most

MODELS = {"": "mnist-2d-live", "strong.": "mnist-2d"}


def run(options: Options) -> Result:
    seconds, rounds = (1.0, 1) if options.quick else (5.0, 3)
    figures: list[Figure] = []
    for prefix, model in MODELS.items():
        idle, train = [], []
        with open_desk(model, options.engine) as desk:
            engine = desk.engine
            for _ in range(rounds):
                idle.append(drag(desk, seconds, MOUSE).latencies)
                desk.train()
                train.append(drag(desk, seconds, MOUSE).latencies)
                desk.pause()
        figures += [
            Figure(f"{prefix}idle_p50_ms", _percentiles(idle, 50), at_most(10)),
            Figure(f"{prefix}idle_p95_ms", _percentiles(idle, 95), at_most(16.7)),
            Figure(f"{prefix}train_p95_ms", _percentiles(train, 95), at_most(25)),
        ]
    facts = {
        "engine": engine,
        "window": f"{SIZE[0]} x {SIZE[1]}",
        "mouse events a second": MOUSE,
        "seconds a phase": seconds,
        "rounds": rounds,
    }
    return Result(figures, facts)


def _percentiles(rounds: list[list[float]], rank: float) -> list[float]:
    return [float(np.percentile(values, rank)) for values in rounds]
