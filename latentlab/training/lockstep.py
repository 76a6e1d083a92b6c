"""Several trainers that step on the same batches and the same noise: only their losses differ."""

from collections import deque
from collections.abc import Generator, Sequence
from dataclasses import replace

import torch

from latentlab.core.objective import mean_image
from latentlab.core.regime import Regime
from latentlab.core.spec import Architecture
from latentlab.core.vae import VAE, copy_of, parameters_of
from latentlab.training.cloud import Cloud
from latentlab.training.evaluation import encode_cloud, look_closely
from latentlab.training.figures import figures_of
from latentlab.training.images import Images
from latentlab.training.messages import NETWORKS_KEPT, Compared, Entrant, Figures, Member, Settings
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
        # Of which weights and regime the cloud is, and the figures.
        self.placed: tuple[int, Regime] | None = None
        self.measured: tuple[int, Regime] | None = None
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

    def encode(self) -> Generator[None, None, Cloud]:
        """Where all training images are with the weights of this moment, from the call on."""
        trainer, regime = self.trainer, self.regime
        look = encode_cloud(
            copy_of(trainer.model), trainer.images, regime.likelihood, trainer.weights_step
        )
        return _as_seen(look, regime)

    def look(self) -> Look:
        """Look closely at all training images with the weights of this moment."""
        trainer, regime, now = self.trainer, self.regime, self.now
        step, model = trainer.weights_step, copy_of(trainer.model)
        terms, mu, logvar = yield from look_closely(
            model, trainer.images, regime.likelihood, noise=regime.noise
        )
        yield
        self.figures = figures_of(
            Cloud(step, mu, regime.logvar_of_z(logvar)),
            regime,
            reconstruction=terms.mean().reconstruction,
            decoded_spread=_decoded_spread(model, regime),
        )
        self.measured = now

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
        self._turns: deque[int] = deque()  # numbers, whoever waited longest for figures first
        self._placed_last = False  # whether the last look was for places, not for figures
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
        self._keep(runners)
        lead = next(iter(self._runners.values()), None)
        self._runners = runners
        if lead is not None and self._lead is not lead.trainer:
            # The rest of the epoch, and the noise to come, are not to depend on who leads.
            self._lead.order = lead.trainer.order
            self._lead.generator.set_state(lead.trainer.generator.get_state())
        self._turns = deque(runners)
        self._look = None
        self._changes += 1

    def _keep(self, runners: dict[int, _Runner]) -> None:
        """Of those that do not take part forget whoever has not for longest."""
        others = {n: runner for n, runner in self._all.items() if n not in runners}
        self._all = dict(list((others | runners).items())[-NETWORKS_KEPT:])

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
        return all(
            runner.placed == runner.measured == runner.now for runner in self._runners.values()
        )

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
        """Begin a look that is due; at rest get ready for the first step.

        By turns where the posteriors of all are at one moment, and the figures of whoever waited
        longest for some.
        """
        if self._look is not None:
            return
        self._look = self._next_look()
        if self._look is None and not running:
            for runner in self._runners.values():
                runner.trainer.prepare()

    def _next_look(self) -> Look | None:
        stale = [runner for runner in self._runners.values() if runner.placed != runner.now]
        if stale and not self._placed_last:
            self._placed_last = True
            return self._place(stale)
        self._placed_last = False
        for number in tuple(self._turns):
            runner = self._runners[number]
            if runner.measured != runner.now:
                self._turns.remove(number)
                self._turns.append(number)
                return runner.look()
        return self._place(stale) if stale else None

    def _place(self, runners: Sequence[_Runner]) -> Look:
        """See where the posteriors of these are, all with the weights of the same step."""
        looks = [(runner, runner.now, runner.encode()) for runner in runners]
        clouds = []
        for _, _, look in looks:
            clouds.append((yield from look))
        for (runner, now, _), cloud in zip(looks, clouds, strict=True):
            runner.cloud, runner.placed = cloud, now

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


def _as_seen(look: Generator[None, None, Cloud], regime: Regime) -> Generator[None, None, Cloud]:
    cloud = yield from look
    return replace(cloud, logvar=regime.logvar_of_z(cloud.logvar))


def _decoded_spread(model: VAE, regime: Regime) -> float:
    generator = torch.Generator().manual_seed(_PRIOR_SEED)
    z = torch.randn((_PRIOR_SAMPLES, model.architecture.latent_dim), generator=generator)
    with torch.inference_mode():
        images = mean_image(regime.likelihood, model.decode(z))
    return float(images.std(0).mean())
