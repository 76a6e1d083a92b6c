"""The frames benchmark while the past of the run holds two million points.

As `frames`, after 200 moments of 10,000 posteriors were put before what the run itself records.
"""

import numpy as np

from latentlab.core.history import History
from tests.bench.benches import frames
from tests.bench.desk import Desk
from tests.bench.result import Options, Result

_MOMENTS = 200


def run(options: Options) -> Result:
    return frames.measured(options, _fill)


def _fill(desk: Desk) -> dict[str, object]:
    snapshot, past = desk.snapshot, desk.shell.past
    steps = np.arange(_MOMENTS, dtype=np.int64)
    growing = np.linspace(0.1, 1.0, _MOMENTS, dtype=np.float32)[:, None, None]
    history = History(
        architecture=snapshot.architecture,
        likelihood=snapshot.likelihood,
        data={},
        steps=steps,
        mu=growing * snapshot.cloud.mu,
        logvar=np.repeat(snapshot.cloud.logvar[None], _MOMENTS, axis=0),
        weight_steps=steps[:1],
        weights={name: array[None] for name, array in snapshot.parameters.items()},
    )
    past.timeline.begin_with(history, snapshot.step)
    return {"points recorded": sum(len(moment.cloud.mu) for moment in past.timeline.moments)}
