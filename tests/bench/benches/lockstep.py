"""Milliseconds a step of three networks in lockstep takes, against one alone.

The network and the images of the Compare workspace, batch 128, one thread; the one is `both`, the
three are the regimes of the lecture. three_alone_ms: a step of each of the three, one after
another, with batches and noise of their own.
"""

import itertools
import time
from collections.abc import Callable

import torch

from latentlab.app.comparing import architecture_for
from latentlab.core.regime import PRESETS
from latentlab.data.bundled import load_bundled
from latentlab.training.images import Images
from latentlab.training.lockstep import Lockstep
from latentlab.training.messages import Entrant, Settings
from tests.bench.result import Figure, Options, Result, at_most

BATCH = 128
NAMES = ("reconstruction only", "KL only", "both")


def run(options: Options) -> Result:
    seconds, rounds = (0.3, 1) if options.quick else (2.0, 7)
    torch.set_num_threads(1)
    train = load_bundled("mnist").train
    images, architecture = Images(train), architecture_for(train)

    def lockstep(*names: str) -> Lockstep:
        entrants = [Entrant(number, PRESETS[name]) for number, name in enumerate(names)]
        return Lockstep(images, architecture, entrants, Settings(batch_size=BATCH))

    one, three, alone = lockstep("both"), lockstep(*NAMES), [lockstep(name) for name in NAMES]

    def each_alone() -> None:
        for runs in alone:
            runs.step()

    ways = {"one_ms": one.step, "three_ms": three.step, "three_alone_ms": each_alone}
    times: dict[str, list[float]] = {key: [] for key in ways}
    for _, (key, step) in itertools.product(range(rounds), ways.items()):
        times[key].append(_milliseconds(step, seconds))
    ratios = [a / b for a, b in zip(times["three_ms"], times["one_ms"], strict=True)]
    figures = [Figure(key, values) for key, values in times.items()]
    return Result(
        [*figures, Figure("ratio", ratios, at_most(3.2))],
        {
            "network": architecture.summary,
            "batch": BATCH,
            "rounds": rounds,
            "seconds each": seconds,
        },
    )


def _milliseconds(step: Callable[[], None], seconds: float) -> float:
    """A step's time, over so long, after one."""
    step()
    taken, start = 0, time.perf_counter()
    while time.perf_counter() < start + seconds:
        step()
        taken += 1
    return 1000 * (time.perf_counter() - start) / taken
