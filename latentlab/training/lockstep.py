"""Several trainers that step on the same batches and the same noise: only their losses differ."""

import math
from collections import deque
from collections.abc import Generator, Sequence

import torch

from latentlab.core.aggregate import aggregate_figures
from latentlab.core.objective import mean_image
from latentlab.core.regime import Regime
from latentlab.core.spec import Architecture
from latentlab.core.vae import VAE, copy_of, parameters_of
from latentlab.training.evaluation import look_closely
from latentlab.training.images import Images
from latentlab.training.messages import (
    Cloud,
    Compared,
    Entrant,
    Figures,
    Member,
    Settings,
)
from latentlab.training.trainer import DivergedError, NothingToMinimiseError, Trainer

_PRIOR_SAMPLES = 256
_PRIOR_SEED = 20_234

Look = Generator[None, None, None]


class _Runner:
    """One of a lockstep: its trainer, and what has been seen of it."""

    def __init__(self, entrant: Entrant, trainer: Trainer) -> None:
        self.number = entrant.number
        self.trainer = trainer
        self.cloud: Cloud | None = None
        self.figures: Figures | None = None
        self.ended = ""
        self.seen: tuple[int, Regime] | None = None  # of which weights cloud and figures are
        self.take(entrant.regime)

    def take(self, regime: Regime) -> None:
        """Be trained so from the next step on."""
        self.regime = regime
        trainer = self.trainer
        trainer.weights, trainer.likelihood = regime.weights, regime.likelihood
        trainer.noise = regime.noise
        self.ended = ""

    @property
    def now(self) -> tuple[int, Regime]:
        return self.trainer.version, self.regime

    def look(self) -> Look:
        """Look at all training images with the weights of this moment."""
        trainer, regime, now = self.trainer, self.regime, self.now
        step, model = trainer.weights_step, copy_of(trainer.model)
        terms, mu, logvar = yield from look_closely(
            model, trainer.images, regime.likelihood, noise=regime.noise
        )
        self.cloud = Cloud(step, mu, regime.logvar_of_z(logvar))
        yield
        self.figures = _figures(model, self.cloud, regime, terms.mean().reconstruction)
        self.seen = now

    def member(self) -> Member:
        trainer = self.trainer
        return Member(
            number=self.number,
            regime=self.regime,
            version=trainer.version,
            step=trainer.weights_step,
            architecture=trainer.model.architecture,
            parameters=parameters_of(trainer.model),
            cloud=self.cloud,
            figures=self.figures,
            ended=self.ended,
        )


class Lockstep:
    """Trains everyone who takes part on what the first of them draws.

    All have the same images and settings. Whoever diverges, or has nothing to minimise, stands
    still while the others go on. Raises what Trainer raises.
    """

    def __init__(
        self,
        images: Images,
        architecture: Architecture,
        entrants: Sequence[Entrant],
        settings: Settings,
    ) -> None:
        self.images_seen = 0
        self._images = images
        self._architecture = architecture
        self._settings = settings
        self._changes = 0
        self._look: Look | None = None
        self._turns: deque[int] = deque()  # numbers, whoever waited longest for a look first
        self._all: dict[int, _Runner] = {}  # also those that may come back
        self._runners: dict[int, _Runner] = {}
        self.set_entrants(entrants)

    def set_entrants(self, entrants: Sequence[Entrant]) -> None:
        """These take part from now on; who ever did goes on with its weights."""
        if not entrants:
            raise ValueError("a comparison needs someone to compare")
        runners = {}
        for entrant in entrants:
            runner = self._all.get(entrant.number)
            if runner is None:
                runner = self._all[entrant.number] = _Runner(entrant, self._trainer(entrant))
            elif runner.regime != entrant.regime:
                runner.take(entrant.regime)
            runners[entrant.number] = runner
        lead = next(iter(self._runners.values()), None)
        self._runners = runners
        if lead is not None and self._lead is not lead.trainer:
            # The rest of the epoch, and the noise to come, are not to depend on who leads.
            self._lead.order = lead.trainer.order
            self._lead.generator.set_state(lead.trainer.generator.get_state())
        self._turns = deque(runners)
        self._look = None
        self._changes += 1

    def _trainer(self, entrant: Entrant) -> Trainer:
        regime = entrant.regime
        run = (self._images, regime.weights, regime.likelihood, self._settings)
        if entrant.checkpoint is None:
            return Trainer.from_scratch(self._architecture, *run)
        return Trainer.from_checkpoint(entrant.checkpoint, *run)

    @property
    def trainers(self) -> list[Trainer]:
        """Of everyone who takes part, in their order."""
        return [runner.trainer for runner in self._runners.values()]

    @property
    def _lead(self) -> Trainer:
        return next(iter(self._runners.values())).trainer

    # --- driven ----------------------------------------------------------------------------------

    @property
    def version(self) -> int:
        """Grows with every change of any weights, and of who takes part."""
        return self._changes + sum(runner.trainer.version for runner in self._runners.values())

    @property
    def exact(self) -> bool:
        """Whether all that is seen is of the weights of now."""
        return all(runner.seen == runner.now for runner in self._runners.values())

    @property
    def looking(self) -> bool:
        """Whether a look is under way."""
        return self._look is not None

    def step(self) -> None:
        """One step of everyone, on one batch."""
        runners = self._runners.values()
        batch = self._lead.draw(
            binarise=any(runner.regime.likelihood.binarises for runner in runners)
        )
        for runner in runners:
            if runner.ended:
                continue
            try:
                runner.trainer.step_on(batch)
            except DivergedError as error:
                runner.ended = str(error)
            except NothingToMinimiseError:
                runner.ended = "Both terms are off: there is nothing to minimise."
        self.images_seen += len(batch.grey)

    def at_epoch_end(self) -> bool:
        """Whether the next step begins a new epoch."""
        return self._lead.at_epoch_end()

    def look_around(self, *, running: bool) -> None:
        """Begin a look at whoever waited longest for one; at rest get ready for the first step."""
        if self._look is not None:
            return
        for number in tuple(self._turns):
            runner = self._runners[number]
            if runner.seen != runner.now:
                self._turns.remove(number)
                self._turns.append(number)
                self._look = runner.look()
                return
        if not running:
            for runner in self._runners.values():
                runner.trainer.prepare()

    def look_slice(self) -> None:
        """Do one slice of the look under way."""
        if self._look is not None:
            try:
                next(self._look)
            except StopIteration:
                self._look = None

    def snapshot(self, run: int, running: bool, images_per_second: float) -> Compared:
        """All that can be seen now; shares no memory with it."""
        return Compared(
            run=run,
            epoch=self._lead.epochs,
            running=running,
            exact=self.exact,
            images_per_second=images_per_second,
            members=tuple(runner.member() for runner in self._runners.values()),
        )


def _figures(model: VAE, cloud: Cloud, regime: Regime, reconstruction: float) -> Figures:
    found = aggregate_figures(cloud.mu, cloud.logvar)
    points = regime.noise == 0  # a code has no density to compare with the prior's
    return Figures(
        step=cloud.step,
        count=found.n,
        reconstruction=reconstruction,
        kl=math.inf if points else found.mean_kl,
        mean_sigma=0.0 if points else found.mean_sigma,
        kl_aggregate=math.inf if points else found.kl_aggregate,
        mutual_information=found.mutual_information,
        holes=found.holes,
        active_units=found.active_units,
        decoded_spread=_decoded_spread(model, regime),
    )


def _decoded_spread(model: VAE, regime: Regime) -> float:
    generator = torch.Generator().manual_seed(_PRIOR_SEED)
    z = torch.randn((_PRIOR_SAMPLES, model.architecture.latent_dim), generator=generator)
    with torch.inference_mode():
        images = mean_image(regime.likelihood, model.decode(z))
    return float(images.std(0).mean())
