"""What the engine and the rest of the app say to each other: frozen, picklable, no torch.

The engine could sit in another process or on another machine without a change above it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from latentlab.core.checkpoint import Checkpoint
from latentlab.core.spec import Architecture, Likelihood, LossWeights
from latentlab.data.dataset import DataPair

FloatArray = npt.NDArray[np.float64]
Float32Array = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]

# How many runs the engine keeps for Switch, the present one included.
RUNS_KEPT = 8


@dataclass(frozen=True, slots=True)
class Settings:
    """How a run takes its steps. `seed` fixes initial weights, batches, binarisation and noise."""

    learning_rate: float = 1e-3
    batch_size: int = 64
    seed: int = 0


# --- to the engine -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Open:
    """Take this model and data; every earlier run is forgotten. `checkpoint` None: from scratch."""

    data: DataPair
    checkpoint: Checkpoint | None
    architecture: Architecture
    weights: LossWeights
    likelihood: Likelihood
    settings: Settings
    run: int


@dataclass(frozen=True, slots=True)
class Train:
    """Train for `steps` more steps, or for the rest of this epoch, or (None) until paused."""

    steps: int | Literal["epoch"] | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """Stop after the step under way."""


@dataclass(frozen=True, slots=True)
class SetObjective:
    """Minimise this from the next step on."""

    weights: LossWeights
    likelihood: Likelihood


@dataclass(frozen=True, slots=True)
class SetSettings:
    """Take the next steps so. The seed counts at the next start from scratch."""

    settings: Settings


@dataclass(frozen=True, slots=True)
class Reset:
    """Begin run number `run`, as loaded or from scratch; the present run is kept for Switch."""

    to: Literal["loaded", "scratch"]
    run: int


@dataclass(frozen=True, slots=True)
class Switch:
    """Go back (or forward again) to a run that Reset left."""

    run: int


@dataclass(frozen=True, slots=True)
class Save:
    """Write the run as it is now to `path`; answered by a Saved or a Failed notice.

    An autosave is kept quiet: the user did not ask for it.
    """

    path: Path
    autosave: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """End the engine."""


Command = Open | Train | Pause | SetObjective | SetSettings | Reset | Switch | Save | Stop


# --- from the engine -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Terms:
    """Means per image, in nats, at one moment. −ELBO = reconstruction + kl, weights 1 always."""

    reconstruction: float
    kl: float

    @property
    def negative_elbo(self) -> float:
        """−ELBO."""
        return self.reconstruction + self.kl

    def objective(self, weights: LossWeights) -> float:
        """The objective these weights make of the terms."""
        return weights.reconstruction * self.reconstruction + weights.kl * self.kl


@dataclass(frozen=True, slots=True)
class SwitchMark:
    """At `step` the objective became `formula`."""

    step: int
    formula: str


@dataclass(frozen=True, slots=True)
class Series:
    """Curves over steps: arrays (B,), nats per image; `objective` with the weights of its time."""

    step: IntArray
    reconstruction: FloatArray
    kl: FloatArray
    objective: FloatArray

    @property
    def negative_elbo(self) -> FloatArray:
        """−ELBO: weights 1, whatever the switches said."""
        return self.reconstruction + self.kl


@dataclass(frozen=True, slots=True)
class Curves:
    """Training (means over bins of steps) and held-out curves, and the marks on them."""

    train: Series
    heldout: Series
    marks: tuple[SwitchMark, ...]


@dataclass(frozen=True, slots=True)
class Cloud:
    """The posteriors of all training images, from the weights of one step. mu, logvar: (N, K)."""

    step: int
    mu: Float32Array
    logvar: Float32Array


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that can be seen of a run, a few times a second.

    `weights_step` is the step whose weights these are: `step`, or the earlier one whose weights a
    divergence brought back, until the next step. `version` grows with every change of the weights,
    over all runs. `parameters` are copies, by the network's own names. `unsaved`: whether there is
    training that no file holds.
    """

    run: int
    version: int
    step: int
    weights_step: int
    epoch: float
    running: bool
    images_per_second: float
    architecture: Architecture
    likelihood: Likelihood
    weights: LossWeights
    settings: Settings
    parameters: Mapping[str, Float32Array]
    cloud: Cloud
    curves: Curves
    latest: Terms | None
    heldout: Terms | None
    from_file: bool
    unsaved: bool


@dataclass(frozen=True, slots=True)
class Saved:
    """The file of run number `run` is whole and on the disk."""

    path: Path
    autosave: bool
    run: int


@dataclass(frozen=True, slots=True)
class Stopped:
    """Training stopped by itself, and why, in a sentence."""

    reason: str


@dataclass(frozen=True, slots=True)
class Failed:
    """A command could not be done; nothing was changed. `report` is a traceback when unexpected."""

    message: str
    report: str = field(default="")


Notice = Saved | Stopped | Failed
