"""Takes the engine's memory away at one moment of a step after another; run by its test.

Prints a line of JSON for each: what was said, and whether all was as before.
"""

import json
import resource
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np

from latentlab.core.checkpoint import load_checkpoint
from latentlab.core.spec import LIVE_ARCHITECTURE, Likelihood, LossWeights
from latentlab.data.bundled import load_bundled
from latentlab.training.engine import Engine
from latentlab.training.messages import Open, Reset, Save, Saved, Settings, Snapshot, Train

_HARD = resource.getrlimit(resource.RLIMIT_AS)[1]
_STEPS = 3


def address_space() -> int:
    """Bytes that this process has mapped."""
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def leave(kilobytes: int | None) -> None:
    """Let the process have so much more memory; None: as much as there is."""
    limit = _HARD if kilobytes is None else address_space() + (kilobytes << 10)
    resource.setrlimit(resource.RLIMIT_AS, (limit, _HARD))


class Desk:
    def __init__(self) -> None:
        self.engine = Engine()

    def tick(self, count: int = 25) -> Snapshot:
        """So many rounds; the newest snapshot."""
        snapshot = None
        for _ in range(count):
            self.engine.tick(0.01)
            snapshot = self.engine.mailbox.take() or snapshot
        assert snapshot is not None
        return snapshot

    def said(self) -> list[dict[str, str]]:
        found = []
        while not self.engine.notices.empty():
            notice = self.engine.notices.get_nowait()
            if not isinstance(notice, Saved):
                found.append(asdict(notice))
        return found


def main(folder: Path) -> None:
    desk = Desk()
    opening = Open(
        data=load_bundled("mnist"),
        checkpoint=None,
        architecture=LIVE_ARCHITECTURE,
        weights=LossWeights(),
        likelihood=Likelihood(),
        settings=Settings(batch_size=16),
        run=1,
    )
    desk.engine.send(opening)
    desk.engine.send(Train(1))  # what torch loads at its first step
    desk.tick()
    for run, kilobytes in enumerate(range(0, 30_000, 1_500), start=2):
        desk.engine.send(Reset("scratch", run))
        before = desk.tick()
        desk.said()
        desk.engine.send(Train(_STEPS))
        leave(kilobytes)
        desk.engine.tick()
        for _ in range(_STEPS):
            desk.engine.tick()
        leave(None)
        after = desk.tick()
        said = desk.said()
        path = folder / f"{kilobytes}.safetensors"
        desk.engine.send(Save(path))
        desk.engine.send(Train(_STEPS))
        end = desk.tick()
        same = all(
            np.array_equal(before.parameters[name], after.parameters[name])
            for name in before.parameters
        )
        print(
            json.dumps(
                {
                    "kilobytes": kilobytes,
                    "said": said,
                    "steps": after.step,
                    "moved": not same,
                    "saved": load_checkpoint(path).training["steps"] if path.exists() else None,
                    "steps_after": end.step - after.step,
                    "said_after": desk.said(),
                }
            ),
            flush=True,
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
