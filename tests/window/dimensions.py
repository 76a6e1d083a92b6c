"""Small models of any number of latent dimensions, trained for a moment."""

import functools
from pathlib import Path

from latentlab.core.checkpoint import save_checkpoint
from latentlab.core.spec import Architecture, Likelihood, LossWeights
from latentlab.data.bundled import load_bundled
from latentlab.training.images import Images
from latentlab.training.messages import Settings
from latentlab.training.trainer import Trainer


def trained(path: Path, latent_dim: int, steps: int = 120) -> str:
    """A model of the bundled digits, as `latentlab train --latent-dim K` writes it."""
    images = _images()
    trainer = Trainer.from_scratch(
        Architecture(images.dataset.image_shape, latent_dim=latent_dim, hidden=(64,)),
        images,
        LossWeights(),
        Likelihood(),
        Settings(batch_size=64),
    )
    for _ in range(steps):
        trainer.step()
    save_checkpoint(trainer.checkpoint(), path)
    return str(path)


@functools.cache
def _images() -> Images:
    return Images(load_bundled("mnist").train)
