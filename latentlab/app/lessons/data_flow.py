"""The data-flow strip of all pages: a few images' way through the model. No torch until asked."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from latentlab.training.dissected import Passed

if TYPE_CHECKING:
    from latentlab.app.lesson_model import LessonModel

COUNT = 9
"""Images, as many as the strip has places for."""


@dataclass(frozen=True, eq=False)
class Passing:
    """passed: the images' way, by the weights of step `step`; class_names: (S,) of each.

    numbers: (S,), what they are called.
    """

    asked: "AskFlow"
    passed: Passed
    class_names: tuple[str, ...]
    numbers: tuple[int, ...]
    binarised: bool
    step: int


@dataclass(frozen=True)
class AskFlow:
    """The selected training image first, then the first ones of other classes; draw: which ε."""

    draw: int = 0

    def answer(self, model: "LessonModel") -> Passing:
        """Takes a few milliseconds."""
        import torch  # noqa: PLC0415

        from latentlab.app.pictures import decoded, pictures, pixels  # noqa: PLC0415
        from latentlab.core.objective import (  # noqa: PLC0415
            kl_to_prior,
            log_likelihood,
            reparameterise,
        )

        vae, likelihood, train = model.vae, model.likelihood, model.train
        indices = _chosen(train.labels, model.selected)
        x = pixels(likelihood, train.images[indices])
        generator = torch.Generator().manual_seed(self.draw)
        eps = torch.randn(len(indices), vae.architecture.latent_dim, generator=generator)
        with torch.inference_mode():
            mu, logvar = vae.encode(x)
            z = reparameterise(mu, logvar, eps)
            reconstruction = -log_likelihood(likelihood, vae.decode(z), x)
            kl = kl_to_prior(mu, logvar)
        shown = (255 * x).round().to(torch.uint8).reshape(len(x), *train.image_shape)
        passed = Passed(
            indices=indices,
            x=pictures(shown.numpy()),
            mu=mu.numpy(),
            logvar=logvar.numpy(),
            eps=eps.numpy(),
            z=z.numpy(),
            decoded=decoded(vae, likelihood, z.numpy()),
            reconstruction=reconstruction.numpy(),
            kl=kl.numpy(),
        )
        names = tuple(train.class_names[label] for label in train.labels[indices])
        numbers = tuple(train.numbers[indices].tolist())
        return Passing(self, passed, names, numbers, likelihood.binarises, model.step)


def _chosen(labels: npt.NDArray[np.int64], selected: int) -> npt.NDArray[np.int64]:
    """`selected`, and of the other classes the first image of each, COUNT in all at most."""
    _, first = np.unique(labels, return_index=True)
    others = [index for index in first.tolist() if labels[index] != labels[selected]]
    return np.array([selected, *others][:COUNT], np.int64)
