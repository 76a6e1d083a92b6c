"""The frames benchmark while the past of the run holds two million points.

As `frames`, after the run has recorded 200 moments of 10,000 posteriors: as many as are kept in
memory, so that each new one sends the oldest to the disk.
"""

from dataclasses import replace

import numpy as np

from latentlab.app.timeline import MOMENTS
from tests.bench.benches import frames
from tests.bench.desk import Desk
from tests.bench.result import Options, Result


def run(options: Options) -> Result:
    return frames.measured(options, _fill)


def _fill(desk: Desk) -> dict[str, object]:
    now, timeline = desk.snapshot, desk.shell.past.timeline
    for step, part in enumerate(np.linspace(0.1, 1.0, MOMENTS, dtype=np.float32)):
        cloud = replace(now.cloud, step=step, mu=part * now.cloud.mu)
        timeline.add(replace(now, step=step, weights_step=step, cloud=cloud))
    return {"points recorded": sum(moment.points for moment in timeline.moments)}
