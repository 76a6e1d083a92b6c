"""A plan under way: how far it is, the averaged weights, and the best so far."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from latentlab.core.checkpoint import Checkpoint
from latentlab.core.spec import LossWeights
from latentlab.core.vae import VAE, vae_from_parameters
from latentlab.errors import InputError
from latentlab.training.images import Images
from latentlab.training.messages import PlanProgress, Terms
from latentlab.training.plan import Plan, held_back

# The average reaches back over about this many steps, and over less at the beginning.
_AVERAGED_STEPS = 1_000
# Which images are held back depends on their number alone, so that a run that goes on after a
# crash holds back the same.
_SPLIT_SEED = 58_000

State = dict[str, Tensor]


@dataclass(frozen=True)
class Best:
    """The best weights so far, and how good: the objective's mean over the images held back."""

    weights: State
    objective: float
    elbo: float
    step: int
    epoch: float


class Course:
    """`plan`, begun at step `start` on `images` in batches of `batch_size`."""

    def __init__(self, plan: Plan, start: float, images: Images, batch_size: int) -> None:
        self.plan = plan
        self.start = float(start)
        self._images = images
        count = images.total
        order = torch.randperm(count, generator=torch.Generator().manual_seed(_SPLIT_SEED))
        back = held_back(count)
        self.held_back, self.trained_on = order[:back].sort().values, order[back:].sort().values
        self.epoch_steps = math.ceil(len(self.trained_on) / batch_size)
        self.best: Best | None = None
        self.judged = 0.0
        self._average: State | None = None

    @property
    def steps(self) -> int:
        """Of the whole plan."""
        return self.plan.epochs * self.epoch_steps

    @cached_property
    def judged_on(self) -> Images:
        """The images held back."""
        return self._images.at(self.held_back)

    def rebatch(self, step: int, left: int, batch_size: int) -> None:
        """From `step` on, with `left` images left of its epoch, batches have this size.

        The epoch under way stays the one it is, and the plan's epochs end where the batches' do.
        """
        epochs = math.ceil((step - self.start) / self.epoch_steps)
        self.epoch_steps = math.ceil(len(self.trained_on) / batch_size)
        self.start = step + math.ceil(left / batch_size) - epochs * self.epoch_steps

    def rate(self, step: int) -> float:
        """The factor of the learning rate of the step after `step`."""
        return self.plan.rate((step - self.start) / self.steps)

    def kl_factor(self, step: int) -> float:
        """The factor of the KL term's weight in the step after `step`."""
        return self.plan.kl((step + 1 - self.start) / self.epoch_steps)

    def weights(self, weights: LossWeights, step: int) -> LossWeights:
        """What the step after `step` minimises where the switches say `weights`."""
        return weights.warmed(self.kl_factor(step))

    def ended(self, step: int) -> bool:
        """Whether no step is left, or nothing better has come for too long."""
        return step - self.start >= self.steps or self.out_of_patience

    @property
    def out_of_patience(self) -> bool:
        """Whether nothing better has come for as many epochs as the plan waits."""
        patience = self.plan.patience
        return patience > 0 and self.best is not None and self.judged - self.best.epoch >= patience

    def average(self, model: VAE, step: int) -> None:
        """Take the weights after `step` into the average."""
        if not self.plan.averaging:
            return
        state = _state(model)
        if self._average is None:
            self._average = {name: value.clone() for name, value in state.items()}
            return
        taken = step - self.start  # so that the average soon forgets the first weights
        share = max(1 / _AVERAGED_STEPS, 9 / (10 + taken))
        torch._foreach_lerp_(list(self._average.values()), list(state.values()), share)

    def move_to(self, device: torch.device) -> None:
        """The model is on this device from now on."""
        if self._average is not None:
            self._average = {name: value.to(device) for name, value in self._average.items()}

    def forget_average(self) -> None:
        """Other weights are in place; a new average begins at the next step."""
        self._average = None

    def candidate(self, model: VAE) -> State:
        """A copy of the weights that would be kept now, on the CPU."""
        state = self._average if self._average is not None else _state(model)
        return {name: value.to("cpu", copy=True) for name, value in state.items()}

    def judge(self, weights: State, terms: Terms, objective: LossWeights, step: int) -> None:
        """Keep `weights`, of `step`, if they are the best so far on the images held back."""
        value = terms.objective(objective)
        self.judged = (step - self.start) / self.epoch_steps
        if not math.isfinite(value):
            return
        if self.best is None or value < self.best.objective:
            self.best = Best(weights, value, -terms.negative_elbo, step, self.judged)

    def forget_best(self) -> None:
        """What was best by another objective is not so by this one."""
        self.best = None

    def progress(self, step: int, rate: float) -> PlanProgress:
        """For a window; `rate` is of images a second, 0 if it is not known."""
        epoch = (step - self.start) / self.epoch_steps
        images = max(self.plan.epochs - epoch, 0) * len(self.trained_on)
        return PlanProgress(
            plan=self.plan,
            epoch=epoch,
            seconds_left=images / rate if rate > 0 else None,
            best_elbo=self.best.elbo if self.best else None,
            best_step=self.best.step if self.best else None,
            kl_factor=self.kl_factor(step),
        )

    def summary(self, step: int) -> str:
        """How it went, now that it ends at `step`, in two sentences."""
        epochs, best = f"{(step - self.start) / self.epoch_steps:.3g}", self.best
        if self.out_of_patience:
            after = f"{epochs} epochs, since nothing better came for {self.plan.patience}"
        elif self.ended(step):
            after = f"{epochs} epochs"
        else:
            after = f"{epochs} of {self.plan.epochs} epochs"
        text = f"The long run has ended after {after}."
        if best is None:
            return text
        elbo = f"{best.elbo:.2f}".replace("-", "−")
        count = len(self.held_back)
        images = f"{count:,} training image{'s' if count > 1 else ''}"
        return (
            f"{text} The weights of step {best.step:,} are kept, the best on {images} held back "
            f"from the steps: ELBO {elbo} nats."
        )

    # --- in a file -------------------------------------------------------------------------------

    def to_json(self) -> dict[str, Any]:
        """What of it is no array."""
        best = self.best
        return {
            "plan": self.plan.to_json(),
            "start": self.start,
            "epoch_steps": self.epoch_steps,
            "judged": self.judged,
            "best": best and [best.objective, best.elbo, best.step, best.epoch],
        }

    def to_arrays(self) -> dict[str, npt.NDArray[np.float32]]:
        """The average and the best weights."""
        groups = {"average": self._average, "best": self.best.weights if self.best else None}
        return {
            f"{group}.{name}": value.cpu().numpy().copy()
            for group, state in groups.items()
            for name, value in (state or {}).items()
        }

    @classmethod
    def from_checkpoint(
        cls, checkpoint: Checkpoint, images: Images, device: torch.device
    ) -> "Course | None":
        """The course of a run that stopped; None if there was none, or it makes no sense."""
        known: Any = checkpoint.training.get("course")
        batch_size: Any = checkpoint.training.get("batch_size")
        try:
            plan = Plan.from_json(known["plan"])
            course = cls(plan, float(known["start"]), images, batch_size)
            if known["epoch_steps"] != course.epoch_steps:
                return None
            course.judged = float(known["judged"])
            course._average = _group(checkpoint, "average")
            course.move_to(device)
            best = _group(checkpoint, "best")
            if best is not None:
                objective, elbo, step, epoch = map(float, known["best"])
                course.best = Best(best, objective, elbo, int(step), epoch)
        except (InputError, TypeError, KeyError, ValueError, ArithmeticError):
            return None
        return course


def _state(model: VAE) -> State:
    return {name: value.detach() for name, value in model.state_dict().items()}


def _group(checkpoint: Checkpoint, group: str) -> State | None:
    """The weights of one group of `progress`. Raises InputError if they do not fit the network."""
    found: Mapping[str, Any] = {
        name.removeprefix(f"{group}."): array
        for name, array in checkpoint.progress.items()
        if name.startswith(f"{group}.")
    }
    if not found:
        return None
    return _state(vae_from_parameters(checkpoint.architecture, found))
