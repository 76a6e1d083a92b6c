"""One run as the engine keeps it: its trainer, and what has been seen of it."""

from collections import deque
from collections.abc import Generator

from latentlab.core.vae import copy_of
from latentlab.training.evaluation import PerImageTerms, encode_cloud, evaluate_terms, finish
from latentlab.training.images import Images
from latentlab.training.messages import Cloud, Terms
from latentlab.training.trainer import Trainer

# Held-out points stand at fixed steps, so that two runs of a seed have the same curve.
HELDOUT_EVERY = 200


class Run:
    """A trainer with its newest cloud and terms.

    Looks (at the cloud, at the held-out images) are taken with a copy of the weights of their
    step, a slice at a time. `cloud` may be older than the trainer: it says its own step.
    """

    def __init__(
        self, trainer: Trainer, heldout_images: Images, from_file: bool, cloud: Cloud | None = None
    ) -> None:
        self.trainer = trainer
        self.heldout_images = heldout_images
        self.from_file = from_file
        self.saved_step = trainer.step_count
        self.latest: Terms | None = None
        self.heldout: Terms | None = None
        self.cloud = cloud or finish(self._encode())
        self._looks: deque[Generator[None]] = deque()
        self._cloud_is_coming = False
        self.look_at_heldout()

    @property
    def unsaved(self) -> bool:
        """Whether there is training that no file holds."""
        return self.trainer.step_count != self.saved_step

    @property
    def cloud_is_current(self) -> bool:
        """Whether the cloud shows the trainer's own weights."""
        return self.cloud.step == self.trainer.step_count

    @property
    def looking(self) -> bool:
        """Whether a look is under way."""
        return bool(self._looks)

    def step(self) -> None:
        """One optimiser step, and a look at the held-out images when one is due."""
        self.latest = self.trainer.step()
        if self.trainer.step_count % HELDOUT_EVERY == 0:
            self.look_at_heldout()

    def look_at_cloud(self) -> None:
        """Encode the cloud with the weights of now, unless a look at it is under way."""
        if not self._cloud_is_coming:
            self._cloud_is_coming = True
            self._looks.append(self._take_cloud(self._encode()))

    def look_at_heldout(self) -> None:
        """Evaluate the held-out images with the weights of now."""
        trainer = self.trainer
        terms = evaluate_terms(copy_of(trainer.model), self.heldout_images, trainer.likelihood)
        self._looks.append(self._take_heldout(terms, trainer.step_count))

    def look_again(self) -> None:
        """Begin all looks anew: the weights were replaced, or x is another."""
        self._looks.clear()
        self._cloud_is_coming = False
        self.look_at_cloud()
        self.look_at_heldout()

    def look_slice(self) -> bool:
        """Do one slice of the looks; False when there was nothing to do."""
        if not self._looks:
            return False
        try:
            next(self._looks[0])
        except StopIteration:
            self._looks.popleft()
        return True

    def _encode(self) -> Generator[None, None, Cloud]:
        trainer = self.trainer
        return encode_cloud(
            copy_of(trainer.model), trainer.images, trainer.likelihood, trainer.step_count
        )

    def _take_cloud(self, look: Generator[None, None, Cloud]) -> Generator[None]:
        self.cloud = yield from look
        self._cloud_is_coming = False

    def _take_heldout(
        self, look: Generator[None, None, PerImageTerms], step: int
    ) -> Generator[None]:
        weights = self.trainer.weights
        self.heldout = (yield from look).mean()
        self.trainer.curves.add_heldout(step, self.heldout, weights)
