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
from latentlab.core.regime import Regime
from latentlab.core.spec import Architecture, Likelihood, LossWeights
from latentlab.data.dataset import DataPair, Split
from latentlab.training.cloud import Cloud
from latentlab.training.dissected import Dissected
from latentlab.training.plan import Plan

FloatArray = npt.NDArray[np.float64]
Float32Array = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]

Precision = Literal["auto", "float32", "bfloat16"]
DeviceName = Literal["cpu", "cuda", "mps"]

# What an engine trains: the run that is explored, or several networks in lockstep.
Trained = Literal["run", "comparison"]

# How many runs the engine keeps for Switch, the present one included.
RUNS_KEPT = 8
# How many networks of a comparison it keeps, in case those that left come back.
NETWORKS_KEPT = 16


@dataclass(frozen=True, slots=True)
class Settings:
    """How a run takes its steps. `seed` fixes initial weights, batches, binarisation and noise.

    weight_decay: AdamW's, on weights but not on biases. precision: "auto" is bfloat16 where the
    device computes in it natively; weights, latent values and losses are float32 always.
    """

    learning_rate: float = 1e-3
    batch_size: int = 64
    seed: int = 0
    weight_decay: float = 0.0
    precision: Precision = "auto"
    device: DeviceName = "cpu"


# --- to the engine -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Open:
    """Take this model and data; every earlier run is forgotten, also where this one cannot be
    opened. `checkpoint` None: from scratch.

    last: what was last seen of a run whose engine is gone, or its autosave, to go on from there.
    Reset goes back to `checkpoint` all the same.
    """

    data: DataPair
    checkpoint: Checkpoint | None
    architecture: Architecture
    weights: LossWeights
    likelihood: Likelihood
    settings: Settings
    run: int
    last: "Snapshot | Checkpoint | None" = None


@dataclass(frozen=True, slots=True)
class Train:
    """Train for `steps` more steps, or for the rest of this epoch, or (None) until paused.

    A plan under way goes on; with none, and None, there is no end.
    """

    steps: int | Literal["epoch"] | None = None


@dataclass(frozen=True, slots=True)
class Dissect:
    """Take one step, and answer with what happened in it: a Dissected notice."""


@dataclass(frozen=True, slots=True)
class Begin:
    """Train by this plan, from the present weights, until it ends; in place of one under way."""

    plan: Plan


@dataclass(frozen=True, slots=True)
class EndPlan:
    """End the plan under way: the best weights so far are kept, and training pauses."""


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
class Branch:
    """Begin run number `run` from `checkpoint`; the present run is kept for Switch."""

    checkpoint: Checkpoint
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


@dataclass(frozen=True, slots=True)
class Entrant:
    """Who takes part in a comparison, by a number of its own. checkpoint None: from scratch."""

    number: int
    regime: Regime
    checkpoint: Checkpoint | None = None


@dataclass(frozen=True, slots=True)
class OpenComparison:
    """Train these in lockstep from now on; whoever took part before is forgotten.

    architecture: of those from scratch, which all begin with the weights of the settings' seed.
    """

    data: DataPair
    architecture: Architecture
    entrants: tuple[Entrant, ...]
    settings: Settings
    run: int


@dataclass(frozen=True, slots=True)
class SetEntrants:
    """Who takes part from now on: whoever did goes on with its weights, the others begin."""

    entrants: tuple[Entrant, ...]


Running = Open | Begin | Dissect | EndPlan | Reset | Branch | Switch | Save
Exploring = Running | SetObjective | SetSettings
Comparing = OpenComparison | SetEntrants
Command = Exploring | Comparing | Train | Pause | Stop


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
class PlanProgress:
    """How far a plan is. `epoch` counts from its beginning; `seconds_left` if it runs its course.

    best_elbo: of the best weights so far, nats per image, over the training images held back.
    kl_factor: what the warm-up has the KL term's weight times, 0 to 1, in the next step.
    """

    plan: Plan
    epoch: float
    seconds_left: float | None
    best_elbo: float | None
    best_step: int | None
    kl_factor: float = 1.0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that can be seen of a run, a few times a second.

    `weights_step` is the step whose weights these are: `step`, or the earlier one whose weights a
    divergence brought back, until the next step. `version` grows with every change of the weights,
    over all runs. `parameters` are copies, by the network's own names. `unsaved`: whether there is
    training that no file holds. `bfloat16`: whether the network's layers are computed in that.
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
    plan: PlanProgress | None = None
    bfloat16: bool = False


@dataclass(frozen=True, slots=True)
class Figures:
    """What a comparison says of one network, over `count` images of `split`; in nats but for some.

    step: whose weights. reconstruction, kl: means per image. mean_sigma: over images and latent
    dimensions, in latent units. kl_aggregate: KL(q(z) ‖ p(z)). mutual_information: of x and z, at
    most log `count`. holes: the share of the prior's mass within 3σ where q(z) < p(z)/10, 0 to 1.
    active_units: latent dimensions whose mean varies over images by more than 0.01 (variance).
    decoded_spread: how much the decoded images of z ~ N(0, I) differ: the standard deviation of a
    pixel, 0 to 1, mean over pixels. Of a plain autoencoder, whose codes are points, `kl` and
    `kl_aggregate` are infinite. None: cannot be told from posteriors alone, all that is kept of a
    moment of the past.
    """

    step: int
    count: int
    reconstruction: float | None
    kl: float
    mean_sigma: float
    kl_aggregate: float
    mutual_information: float
    holes: float
    active_units: int
    decoded_spread: float | None
    split: Split = "train"


@dataclass(frozen=True, slots=True)
class Member:
    """One of a comparison. cloud and figures may be of an earlier step than the weights: `step`.

    version grows with every change of the weights. ended: why it takes no more steps, or "".
    """

    number: int
    regime: Regime
    version: int
    step: int
    architecture: Architecture
    parameters: Mapping[str, Float32Array]
    cloud: Cloud | None
    figures: Figures | None
    ended: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """All that can be seen of a comparison, a few times a second.

    images_per_second: of each member. exact: every cloud and all figures are of the weights of now.
    """

    run: int
    epoch: float
    running: bool
    exact: bool
    images_per_second: float
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Saved:
    """The file of run number `run` is whole and on the disk, with the plan it has under way."""

    path: Path
    autosave: bool
    run: int
    plan: Plan | None = None


@dataclass(frozen=True, slots=True)
class Stopped:
    """Training stopped, and why, in a sentence; `planned`: because its plan has ended."""

    reason: str
    planned: bool = False


@dataclass(frozen=True, slots=True)
class Noted:
    """Something the user should know; training goes on.

    settings: what it goes on with, where that is not what was asked for.
    """

    message: str
    settings: Settings | None = None


@dataclass(frozen=True, slots=True)
class Crashed:
    """The engine's process has ended unasked, and how; it was its last message."""

    reason: str


@dataclass(frozen=True, slots=True)
class Failed:
    """A command could not be done; nothing was changed. `report` is a traceback when unexpected.

    run: that could not be opened, where that was the command; then none is open.
    """

    message: str
    report: str = field(default="")
    run: int | None = None


Notice = Crashed | Dissected | Saved | Stopped | Noted | Failed
