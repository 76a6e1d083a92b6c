"""An engine without a thread, and what is asked of what it shows."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from latentlab.core.checkpoint import load_checkpoint
from latentlab.core.spec import Architecture, Likelihood, LossWeights
from latentlab.core.vae import vae_from_parameters
from latentlab.data.dataset import DataPair
from latentlab.training.engine import Engine
from latentlab.training.images import Images
from latentlab.training.messages import (
    Command,
    Notice,
    Open,
    Settings,
    Snapshot,
)

SMALL = Architecture(hidden=(32,))
NO_KL = LossWeights(kl_on=False)
BOTH_OFF = LossWeights(reconstruction_on=False, kl_on=False)
BERNOULLI = Likelihood()


def opening(pair: DataPair, *, run: int = 0, path: Path | None = None, **changed: Any) -> Open:
    checkpoint = load_checkpoint(path) if path else None
    opened = Open(pair, checkpoint, SMALL, LossWeights(), BERNOULLI, Settings(), run)
    return replace(opened, **changed)


class Desk:
    """Ticks an engine without a thread, and keeps the newest snapshot, as a viewer would."""

    def __init__(self) -> None:
        self.engine = Engine()
        self.snapshot: Snapshot | None = None
        self.versions: list[int] = []

    def tick(self, times: int = 1) -> None:
        for _ in range(times):
            self.engine.tick()
            newest = self.engine.mailbox.take()
            if newest is not None:
                self.snapshot = newest
                self.versions.append(newest.version)

    def do(self, *commands: Command) -> Snapshot:
        """Send, and tick until all is done and everything shown is exact."""
        for command in commands:
            self.engine.send(command)
        self.tick()
        for _ in range(20_000):
            shown = self.shown
            if not shown.running and shown.cloud.step == shown.weights_step:
                break
            self.tick()
        self.tick(10)
        return self.shown

    @property
    def shown(self) -> Snapshot:
        assert self.snapshot is not None
        return self.snapshot

    def close(self) -> None:
        """Give up the engine, and with it the thread that reads for it: pytest keeps the desk."""
        del self.engine

    def notices(self) -> list[Notice]:
        found: list[Notice] = []
        while not self.engine.notices.empty():
            found.append(self.engine.notices.get())
        return found


def assert_same_numbers(a: Snapshot, b: Snapshot) -> None:
    assert a.step == b.step
    assert a.parameters.keys() == b.parameters.keys()
    for name, value in a.parameters.items():
        np.testing.assert_array_equal(value, b.parameters[name])
    np.testing.assert_array_equal(a.cloud.mu, b.cloud.mu)
    np.testing.assert_array_equal(a.cloud.logvar, b.cloud.logvar)
    assert a.curves.marks == b.curves.marks
    for split in ("train", "heldout"):
        for name in ("step", "reconstruction", "kl", "objective"):
            ours, theirs = (getattr(getattr(each.curves, split), name) for each in (a, b))
            np.testing.assert_array_equal(ours, theirs)


def assert_cloud_is_exact(snapshot: Snapshot, pair: DataPair) -> None:
    model = vae_from_parameters(snapshot.architecture, snapshot.parameters)
    x = Images(pair.train).evaluation_batch(slice(None), snapshot.likelihood)
    with torch.no_grad():
        mu, logvar = model.encode(x)
    np.testing.assert_allclose(snapshot.cloud.mu, mu.numpy(), atol=1e-5)
    np.testing.assert_allclose(snapshot.cloud.logvar, logvar.numpy(), atol=1e-5)
