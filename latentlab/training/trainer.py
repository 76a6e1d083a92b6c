"""One run: a network, its optimiser, and the next step."""

import math
from dataclasses import replace
from functools import cached_property
from typing import Any

import torch

from latentlab.core.checkpoint import Checkpoint
from latentlab.core.objective import kl_to_prior, log_likelihood, reparameterise
from latentlab.core.spec import Architecture, Likelihood, LossWeights
from latentlab.core.vae import VAE, new_vae, parameters_of, vae_from_parameters
from latentlab.errors import InputError
from latentlab.training.cloud import Cloud
from latentlab.training.course import Course
from latentlab.training.curves import CurveRecorder
from latentlab.training.device import computes_in_bfloat16, usable
from latentlab.training.images import Batch, Images
from latentlab.training.messages import Settings, Terms
from latentlab.training.moments import load_moments, moments_of
from latentlab.training.plan import Plan, held_back
from latentlab.training.progress import load_progress, progress_of

# How often the weights are put aside, to go back to when a step goes wrong.
_KEEP_EVERY = 100


class DivergedError(Exception):
    """A step gave values that are not finite. The weights are the last good ones."""


class NothingToMinimiseError(Exception):
    """Both terms have weight 0."""


class Trainer:
    """Trains `model` on `images`; `weights`, `likelihood` and `settings` may change between steps.

    `epochs`: how many times the run has seen its images. `course`: the plan under way, if any.
    `noise`: what ε is multiplied by in z = μ + σ·ε; 0 makes of it a plain autoencoder.
    All randomness (batches, binarisation, noise) comes from one `generator`, so that the same seed
    gives the same run, whatever else happens meanwhile. `order`: the images left of this epoch.
    `version` grows with every change of the weights, `step_count` with every step, `images_seen`
    with every image since the run was opened. `weights_step` is the step whose weights these are:
    `step_count`, until a divergence or a plan's end brings earlier ones back, and again from the
    next step on.
    Raises InputError when the images are not of the shape the network takes, and what `usable`
    raises when the settings' device cannot be used.
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
        self.noise = 1.0
        self.version = 0
        self.step_count = self.weights_step = 0
        self.images_seen = 0
        self.seconds = 0.0
        self.epochs = 0.0
        self.curves = CurveRecorder()
        self.course: Course | None = None
        self.generator = generator
        self.order = torch.empty(0, dtype=torch.int64)
        self._settings = settings
        self._device = usable(settings.device)
        self._keep_good()  # here on the CPU, whatever becomes of the device
        self.model.to(self._device)

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
        trainer.step_count, trainer.weights_step = step, checkpoint.weights_step
        trainer.seconds = known.get("seconds", 0.0)
        trainer.epochs = known.get("epochs", 0.0)
        trainer.curves = CurveRecorder.from_checkpoint(checkpoint.curves, known)
        if checkpoint.optimizer:
            load_moments(model, trainer._optimizer, checkpoint.optimizer)
        trainer._keep_good()
        load_progress(trainer, checkpoint)
        return trainer

    @property
    def settings(self) -> Settings:
        """How steps are taken from now on."""
        return self._settings

    @settings.setter
    def settings(self, settings: Settings) -> None:
        if settings.device != self._settings.device:
            self._move_to(usable(settings.device))
        if settings.batch_size != self._settings.batch_size and self.course is not None:
            self.course.rebatch(self.step_count, len(self.order), settings.batch_size)
        self._settings = settings

    @property
    def minimised(self) -> LossWeights:
        """What the next step minimises: `weights`, with KL as far as a plan's warm-up lets it."""
        course = self.course
        return course.weights(self.weights, self.step_count) if course else self.weights

    @property
    def device(self) -> torch.device:
        """Where the steps are computed."""
        return self._device

    def prepare(self) -> None:
        """Make now what the first step needs: the first optimiser of a process takes seconds."""
        _ = self._optimizer

    @cached_property
    def _optimizer(self) -> torch.optim.AdamW:
        parameters = list(self.model.parameters())
        matrices = [p for p in parameters if p.ndim > 1]
        vectors = [p for p in parameters if p.ndim <= 1]
        groups: list[dict[str, Any]] = [{"params": matrices}, {"params": vectors}]
        return torch.optim.AdamW(groups, lr=self.settings.learning_rate, weight_decay=0, fused=True)

    def _move_to(self, device: torch.device) -> None:
        self._keep_good()
        # If it fails half-way, `fall_back` is the way out: to just these weights.
        self._device = device
        self.model.to(device)
        if self.course is not None:
            self.course.move_to(device)
        self._forget_optimizer()
        load_moments(self.model, self._optimizer, self._good[1])

    def fall_back(self) -> None:
        """Go on on the CPU after the device has failed, from the weights put aside last.

        What is on the device may be out of reach by now.
        """
        self._settings = replace(self._settings, device="cpu")
        self._device = torch.device("cpu")
        self.model.to_empty(device="cpu")
        self._forget_optimizer()
        self._back_to_good()

    def _forget_optimizer(self) -> None:
        """Its moments are of other weights, or elsewhere: another is made when it is needed."""
        self.__dict__.pop("_optimizer", None)

    def begin(self, plan: Plan) -> None:
        """Train by `plan` from the next step on, and on all images but those it holds back.

        Raises InputError where there are too few images to hold any back.
        """
        if held_back(self.images.total) == 0:
            raise InputError(
                "A long run holds training images back from the steps: it needs 3 at least, and "
                f"here is no more than {self.images.total}."
            )
        self.course = Course(plan, self.step_count, self.images, self.settings.batch_size)
        self.order = self.order[:0]

    def end_course(self) -> None:
        """Leave the plan; its best weights are the run's from now on, with a fresh optimiser.

        `weights_step` says of which step they are.
        """
        course, self.course = self.course, None
        self.order = self.order[:0]
        if course is None or course.best is None:
            return
        self.model.load_state_dict(course.best.weights)
        self._forget_optimizer()
        self.weights_step = course.best.step
        self._keep_good()
        self.version += 1

    def set_objective(self, weights: LossWeights, likelihood: Likelihood) -> None:
        """Minimise this from the next step on, and mark the curves where it changes."""
        before, after = (self.weights, self.likelihood), (weights, likelihood)
        if before != after:
            self.curves.mark(self.step_count, before, after)
            if self.course is not None:
                self.course.forget_best()
        self.weights, self.likelihood = weights, likelihood

    def step(self) -> Terms:
        """Take one optimiser step; return the batch's terms before it, means per image in nats.

        Raises DivergedError, with the last good weights in place, and NothingToMinimiseError.
        """
        if self.weights.nothing:
            raise NothingToMinimiseError
        return self.step_on(self.draw())

    def step_on(self, batch: Batch) -> Terms:
        """`step` on a batch that this trainer, or one in lockstep with it, has drawn."""
        if self.weights.nothing:
            raise NothingToMinimiseError
        weights, rate = self.minimised, self.settings.learning_rate
        if self.course is not None:
            rate *= self.course.rate(self.step_count)
        x, eps = batch.x(self.likelihood).to(self._device), batch.eps.to(self._device)
        with self.mixed():
            mu, logvar = self.model.encode(x)
        # A term of weight 0 stays out of the graph: then a network it alone would train gets no
        # gradient, and Adam leaves it just as it is instead of following old momentum.
        with torch.set_grad_enabled(weights.reconstruction != 0):
            with self.mixed():
                output = self.model.decode(reparameterise(mu, logvar, self.noise * eps))
            reconstruction = -log_likelihood(self.likelihood, output.float(), x).mean()
        with torch.set_grad_enabled(weights.kl != 0):
            kl = kl_to_prior(mu, logvar).mean()
        objective = weights.reconstruction * reconstruction + weights.kl * kl
        terms = Terms(reconstruction.item(), kl.item())
        for parameter in self.model.parameters():
            parameter.grad = None  # what zero_grad does, in a tenth of its time
        objective.backward()  # type: ignore[no-untyped-call]
        self._check_finite(terms)
        if self.step_count % _KEEP_EVERY == 0:
            self._keep_good()
        matrices, vectors = self._optimizer.param_groups
        matrices["lr"] = vectors["lr"] = rate
        matrices["weight_decay"] = self.settings.weight_decay  # on weights, not on biases
        try:
            self._optimizer.step()
        except (MemoryError, RuntimeError) as error:
            # It may have made some of its moments, and moved some weights, and not the others.
            self._back_to_good()
            if self.weights_step != self.step_count:
                error.add_note(f"The weights of step {self.weights_step:,} are back.")
            raise
        self.version += 1
        self.step_count += 1
        self.weights_step = self.step_count
        self.images_seen += len(x)
        self.epochs += len(x) / self.epoch_images
        if self.at_epoch_end():
            self.epochs = round(self.epochs, 6)
        self.curves.add(self.step_count, terms, weights)
        if self.course is not None:
            self.course.average(self.model, self.step_count)
        return terms

    def draw(self, *, binarise: bool = False) -> Batch:
        """The next batch; `binarise` where another trainer that binarises is to step on it, too."""
        if self.at_epoch_end():
            self.order = torch.randperm(self.epoch_images, generator=self.generator)
            if self.course is not None:
                self.order = self.course.trained_on[self.order]
        size = self.settings.batch_size
        indices, self.order = self.order[:size], self.order[size:]
        batch = self.images.training_batch(
            indices,
            self.model.architecture.latent_dim,
            self.generator,
            binarise=binarise or self.likelihood.binarises,
        )
        self.images.expect(self.order[:size])
        return batch

    @property
    def epoch_images(self) -> int:
        """How many images an epoch has."""
        return self.images.total if self.course is None else len(self.course.trained_on)

    def at_epoch_end(self) -> bool:
        """Whether the next step begins a new epoch."""
        return len(self.order) == 0

    def checkpoint(self, cloud: Cloud | None = None) -> Checkpoint:
        """The run as it is now."""
        dataset = self.images.dataset
        course = {"course": self.course.to_json()} if self.course else {}
        return Checkpoint(
            architecture=self.model.architecture,
            likelihood=self.likelihood,
            weights=self.weights,
            parameters=parameters_of(self.model),
            optimizer=self._moments(),
            cloud={"mu": cloud.mu, "logvar": cloud.logvar} if cloud else {},
            curves=self.curves.to_arrays(),
            progress=progress_of(self),
            data={**dataset.provenance, "cloud_sha256": dataset.sha256},
            training={
                "seed": self.settings.seed,
                "steps": self.step_count,
                "weights_step": self.weights_step,
                "epochs": self.epochs,
                "learning_rate": self.settings.learning_rate,
                "weight_decay": self.settings.weight_decay,
                "batch_size": self.settings.batch_size,
                "seconds": self.seconds,
                "marks": self.curves.marks_to_json(),
                **course,
            },
        )

    def mixed(self) -> torch.autocast:
        """What the network's layers are computed in, as the settings have it."""
        mixed = computes_in_bfloat16(self.settings.precision, self._device)
        return torch.autocast(self._device.type, torch.bfloat16, enabled=mixed)

    def _check_finite(self, terms: Terms) -> None:
        # One value that is not finite makes its sum so, which is half the work of a norm.
        sums = [p.grad.sum() for p in self.model.parameters() if p.grad is not None]
        if not math.isfinite(terms.negative_elbo):
            what = f"reconstruction is {terms.reconstruction:g} and KL {terms.kl:g}"
        elif not math.isfinite(torch.stack(sums).sum().item()):
            what = "the gradient is not finite"
        else:
            return
        self._back_to_good()
        raise DivergedError(
            f"Training stopped at step {self.step_count}: {what}. The weights of step "
            f"{self.weights_step} are back; lower the learning rate or raise σ² before going on."
        )

    def _keep_good(self) -> None:
        self._good = parameters_of(self.model), self._moments()
        self._good_step = self.weights_step

    def _moments(self) -> dict[str, Any]:
        """Of the optimiser; none where there is no optimiser yet."""
        made = "_optimizer" in self.__dict__
        return moments_of(self.model, self._optimizer) if made else {}

    def _back_to_good(self) -> None:
        parameters, moments = self._good
        self.model.load_state_dict({n: torch.from_numpy(array) for n, array in parameters.items()})
        # Not emptied in place: a parameter that had not moved yet has no moments.
        self._optimizer.state.clear()
        load_moments(self.model, self._optimizer, moments)
        if self.course is not None:
            self.course.forget_average()
        self.weights_step = self._good_step
        self.version += 1
