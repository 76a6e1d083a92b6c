"""The engine of a model that cannot be trained: it shows its posteriors and its figures."""

from collections.abc import Generator

from latentlab.core.spec import Likelihood, LossWeights, Unseen
from latentlab.core.vae import Coder
from latentlab.training.curves import CurveRecorder
from latentlab.training.driver import Driver
from latentlab.training.evaluation import encode_cloud, evaluate_terms, finish
from latentlab.training.frozen_words import NOT_SAVED, NOT_TRAINED
from latentlab.training.images import Images
from latentlab.training.messages import (
    Command,
    Failed,
    Noted,
    Open,
    Pause,
    Save,
    SetObjective,
    SetSettings,
    Snapshot,
    Stop,
    Terms,
)


class FrozenRun:
    """A model as it is: the posteriors of all training images, the terms of the held-out ones."""

    version = 0
    images_seen = 0

    def __init__(self, model: Coder, opened: Open) -> None:
        self._model = model
        self._images, self._heldout_images = Images(opened.data.train), Images(opened.data.test)
        self.weights, self.likelihood = opened.weights, opened.likelihood
        self.cloud = finish(encode_cloud(model, self._images, self.likelihood, 0))
        self.heldout: Terms | None = None
        self._look: Generator[None, None, None] | None = self._measure()

    @property
    def looking(self) -> bool:
        """Whether images are being looked at."""
        return self._look is not None

    def step(self) -> None:
        """There is none to be taken."""

    def at_epoch_end(self) -> bool:
        """Always."""
        return True

    def look_around(self, *, running: bool) -> None:
        """Only `set` gives a reason to."""

    def look_slice(self) -> None:
        """Go on looking."""
        if self._look is None:
            return
        try:
            next(self._look)
        except StopIteration:
            self._look = None
        except Exception:
            self._look = None  # what failed would fail again
            raise

    def set(self, weights: LossWeights, likelihood: Likelihood) -> None:
        """Measure by these from now on."""
        before, self.weights, self.likelihood = self.likelihood, weights, likelihood
        if likelihood != before:
            self.heldout = None
            self._look = self._measure(anew=likelihood.binarises != before.binarises)

    def _measure(self, *, anew: bool = False) -> Generator[None, None, None]:
        """anew: the encoder gets another x."""
        if anew:
            look = encode_cloud(self._model, self._images, self.likelihood, 0)
            self.cloud = yield from look
        terms = yield from evaluate_terms(self._model, self._heldout_images, self.likelihood)
        self.heldout = terms.mean()


class FrozenEngine(Driver[FrozenRun, Snapshot]):
    """Behind the messages of Engine; what would train or save is answered by why it cannot."""

    def __init__(self, model: Coder) -> None:
        super().__init__()
        self._model = model
        self._opened: Open | None = None
        self._run: FrozenRun | None = None

    @property
    def _driven(self) -> FrozenRun | None:
        return self._run

    @property
    def _run_number(self) -> int:
        return self._opened.run if self._opened is not None else 0

    def _take(self, command: Command) -> None:
        if isinstance(command, Stop | Pause):
            super()._take(command)
        else:
            self._do(command)

    def _do(self, command: Command) -> None:
        if isinstance(command, Open):
            self._run, self._opened = None, command
            self._run = FrozenRun(self._model, command)
        elif isinstance(command, SetObjective) and self._run is not None:
            self._run.set(command.weights, command.likelihood)
        elif isinstance(command, Save) and not command.autosave:
            self.notices.put(Failed(NOT_SAVED))
        elif not isinstance(command, Save | SetObjective | SetSettings):
            self.notices.put(Noted(NOT_TRAINED))

    def _snapshot(self, driven: FrozenRun, running: bool, rate: float) -> Snapshot:
        opened, sizes = self._opened, self._model.architecture
        assert opened is not None
        return Snapshot(
            run=opened.run,
            version=self._version,
            step=0,
            weights_step=0,
            epoch=0.0,
            running=running,
            images_per_second=rate,
            architecture=Unseen(image_shape=sizes.image_shape, latent_dim=sizes.latent_dim),
            likelihood=driven.likelihood,
            weights=driven.weights,
            settings=opened.settings,
            parameters={},
            cloud=driven.cloud,
            curves=CurveRecorder().curves(),
            latest=None,
            heldout=driven.heldout,
            from_file=True,
            unsaved=False,
        )
