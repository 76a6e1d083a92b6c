"""The model in front of the reader, as the figures of a lesson look at it. Imports torch."""

from dataclasses import dataclass, replace
from functools import cache

from latentlab.app.opening import open_model
from latentlab.app.sight import Sight
from latentlab.core.spec import Likelihood
from latentlab.core.vae import Coder, vae_from_parameters
from latentlab.data.dataset import Dataset
from latentlab.errors import InputError

DEFAULT_IMAGE = 0
"""The index of the training image that is looked at while none is selected."""


@dataclass(frozen=True, eq=False)
class LessonModel:
    """A network that nobody changes any more, with its images.

    selected: the index of an image of `train`. step: the training step the weights are of.
    """

    vae: Coder
    likelihood: Likelihood
    train: Dataset
    held_out: Dataset
    selected: int
    step: int

    def shipped(self, name: str) -> "LessonModel":
        """A shipped model, such as "compare-autoencoder", with the images it was trained on.

        It looks at the image of the same index. Each is read once. Raises InputError for a name
        that is none.
        """
        model = _shipped(name)
        return replace(model, selected=min(self.selected, len(model.train) - 1))


def lesson_model(sight: Sight, held_out: Dataset, selected: int | None) -> LessonModel:
    """What is looked at now. selected: None for the default image."""
    index = DEFAULT_IMAGE if selected is None else selected
    return LessonModel(
        sight.model,
        sight.likelihood,
        sight.dataset,
        held_out,
        min(index, len(sight.dataset) - 1),
        sight.step,
    )


@cache
def _shipped(name: str) -> LessonModel:
    opened = open_model(name)
    checkpoint = opened.checkpoint
    if checkpoint is None:
        raise InputError(f"{name} is no model: give the name of a shipped one.")
    return LessonModel(
        vae_from_parameters(checkpoint.architecture, checkpoint.parameters),
        checkpoint.likelihood,
        opened.pair.train,
        opened.pair.test,
        DEFAULT_IMAGE,
        checkpoint.weights_step,
    )
