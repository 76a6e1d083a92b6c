"""One run: a network, its optimiser, and the next step."""

import copy
import math
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from latentlab.core.checkpoint import Checkpoint
from latentlab.core.objective import kl_to_prior, log_likelihood, reparameterise
from latentlab.core.spec import Architecture, Likelihood, LossWeights
from latentlab.core.vae import VAE, new_vae, parameters_of, vae_from_parameters
from latentlab.errors import InputError
from latentlab.training.curves import CurveRecorder
from latentlab.training.images import Images
from latentlab.training.messages import Cloud, Settings, Terms
from latentlab.training.moments import load_moments, moments_of

# How often the weights are put aside, to go back to when a step goes wrong.
_KEEP_EVERY = 100


class DivergedError(Exception):
    """A step gave values that are not finite. The weights are the last good ones."""


class NothingToMinimiseError(Exception):
    """Both terms have weight 0."""


class Trainer:
    """Trains `model` on `images`; `weights`, `likelihood` and `settings` may change between steps.

    All randomness (batches, binarisation, noise) comes from one generator, so that the same seed
    gives the same run, whatever else happens meanwhile. `version` grows with every change of the
    weights, `step_count` with every step, `images_seen` with every image since the run was opened.
    `weights_step` is the step whose weights these are: `step_count`, until a divergence brings
    earlier ones back, and again from the next step on.
    Raises InputError when the images are not of the shape the network takes.
    """

    def __init__(
        self,
        model: VAE,
        images: Images,
        *,
        weights: LossWeights,
        likelihood: Likelihood,
        settings: Settings,
        generator: torch.Generator,
    ) -> None:
        takes, given = model.architecture.image_shape, images.dataset.image_shape
        if takes != given:
            raise InputError(f"The network takes images of shape {takes}, but these are {given}.")
        self.model = model
        self.images = images
        self.weights = weights
        self.likelihood = likelihood
        self.version = 0
        self.step_count = self.weights_step = 0
        self.images_seen = 0
        self.seconds = 0.0
        self._epochs_before = 0.0
        self.curves = CurveRecorder()
        self._generator = generator
        self.settings = settings
        self._order = torch.empty(0, dtype=torch.int64)
        self._good: tuple[dict[str, Any], dict[str, Any]] | None = None
        self._good_step = 0

    @classmethod
    def from_scratch(
        cls,
        architecture: Architecture,
        images: Images,
        weights: LossWeights,
        likelihood: Likelihood,
        settings: Settings,
    ) -> "Trainer":
        """A run with fresh weights from the seed."""
        generator = torch.Generator().manual_seed(settings.seed)
        model = new_vae(architecture, generator)
        return cls(
            model,
            images,
            weights=weights,
            likelihood=likelihood,
            settings=settings,
            generator=generator,
        )

    @classmethod
    def from_checkpoint(
        cls,
        checkpoint: Checkpoint,
        images: Images,
        weights: LossWeights,
        likelihood: Likelihood,
        settings: Settings,
    ) -> "Trainer":
        """A run that goes on from `checkpoint`. Raises InputError when its shapes are wrong.

        Whatever makes no sense in its curves and its optimiser's moments is left out.
        """
        model = vae_from_parameters(checkpoint.architecture, checkpoint.parameters)
        known = checkpoint.training
        step = int(known.get("steps", 0))
        generator = torch.Generator().manual_seed(settings.seed + step)
        trainer = cls(
            model,
            images,
            weights=weights,
            likelihood=likelihood,
            settings=settings,
            generator=generator,
        )
        trainer.step_count = trainer.weights_step = step
        trainer.seconds = known.get("seconds", 0.0)
        trainer._epochs_before = known.get("epochs", 0.0)
        trainer.curves = CurveRecorder.from_checkpoint(checkpoint.curves, known)
        if checkpoint.optimizer:
            load_moments(model, trainer._optimizer, checkpoint.optimizer)
        return trainer

    @property
    def epoch(self) -> float:
        """How many times the run has seen its images; a whole number where an epoch ends."""
        return self._epochs_before + self.images_seen / len(self.images)

    def prepare(self) -> None:
        """Make now what the first step needs: the first optimiser of a process takes seconds."""
        _ = self._optimizer

    @cached_property
    def _optimizer(self) -> torch.optim.Adam:
        rate = self.settings.learning_rate
        return torch.optim.Adam(self.model.parameters(), lr=rate, fused=True)

    def set_objective(self, weights: LossWeights, likelihood: Likelihood) -> None:
        """Minimise this from the next step on, and mark the curves where it changes."""
        before, after = (self.weights, self.likelihood), (weights, likelihood)
        if before != after:
            self.curves.mark(self.step_count, before, after)
        self.weights, self.likelihood = weights, likelihood

    def step(self) -> Terms:
        """Take one optimiser step; return the batch's terms before it, means per image in nats.

        Raises DivergedError, with the last good weights in place, and NothingToMinimiseError.
        """
        weights = self.weights
        if weights.nothing:
            raise NothingToMinimiseError
        x = self._next_batch()
        mu, logvar = self.model.encode(x)
        eps = torch.randn(mu.shape, generator=self._generator)
        # A term of weight 0 stays out of the graph: then a network it alone would train gets no
        # gradient, and Adam leaves it just as it is instead of following old momentum.
        with torch.set_grad_enabled(weights.reconstruction != 0):
            output = self.model.decode(reparameterise(mu, logvar, eps))
            reconstruction = -log_likelihood(self.likelihood, output, x).mean()
        with torch.set_grad_enabled(weights.kl != 0):
            kl = kl_to_prior(mu, logvar).mean()
        objective = weights.reconstruction * reconstruction + weights.kl * kl
        terms = Terms(reconstruction.item(), kl.item())
        self._optimizer.zero_grad()
        objective.backward()  # type: ignore[no-untyped-call]
        self._check_finite(terms)
        if self._good is None or self.step_count % _KEEP_EVERY == 0:
            self._keep_good()
        for group in self._optimizer.param_groups:
            group["lr"] = self.settings.learning_rate
        self._optimizer.step()
        self.version += 1
        self.step_count += 1
        self.weights_step = self.step_count
        self.images_seen += len(x)
        self.curves.add(self.step_count, terms, weights)
        return terms

    def at_epoch_end(self) -> bool:
        """Whether the next step begins a new epoch."""
        return len(self._order) == 0

    def checkpoint(self, cloud: Cloud | None = None) -> Checkpoint:
        """The run as it is now."""
        dataset = self.images.dataset
        return Checkpoint(
            architecture=self.model.architecture,
            likelihood=self.likelihood,
            weights=self.weights,
            parameters=parameters_of(self.model),
            optimizer=moments_of(self.model, self._optimizer),
            cloud={"mu": cloud.mu, "logvar": cloud.logvar} if cloud else {},
            curves=self.curves.to_arrays(),
            data={
                "name": dataset.name,
                "sha256": dataset.sha256,
                "n": len(dataset),
                "cloud_sha256": dataset.sha256,
            },
            training={
                "seed": self.settings.seed,
                "steps": self.step_count,
                "epochs": self.epoch,
                "learning_rate": self.settings.learning_rate,
                "batch_size": self.settings.batch_size,
                "seconds": self.seconds,
                "marks": self.curves.marks_to_json(),
            },
        )

    def _next_batch(self) -> Tensor:
        if self.at_epoch_end():
            self._order = torch.randperm(len(self.images), generator=self._generator)
        size = self.settings.batch_size
        indices, self._order = self._order[:size], self._order[size:]
        return self.images.training_batch(indices, self.likelihood, self._generator)

    def _check_finite(self, terms: Terms) -> None:
        gradients = [p.grad for p in self.model.parameters() if p.grad is not None]
        if not math.isfinite(terms.negative_elbo):
            what = f"reconstruction is {terms.reconstruction:g} and KL {terms.kl:g}"
        elif not math.isfinite(torch.nn.utils.get_total_norm(gradients).item()):
            what = "the gradient is not finite"
        else:
            return
        self._back_to_good()
        raise DivergedError(
            f"Training stopped at step {self.step_count}: {what}. The weights of step "
            f"{self.weights_step} are back; lower the learning rate or raise σ² before going on."
        )

    def _keep_good(self) -> None:
        self._good_step = self.weights_step
        self._good = copy.deepcopy((self.model.state_dict(), self._optimizer.state_dict()))

    def _back_to_good(self) -> None:
        if self._good is None:
            return  # no step was ever taken
        # A copy again: Adam goes on in the very tensors it is given.
        parameters, moments = copy.deepcopy(self._good)
        self.model.load_state_dict(parameters)
        self._optimizer.load_state_dict(moments)
        self.weights_step = self._good_step
        self.version += 1
