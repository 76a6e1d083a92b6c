"""Small models of any number of latent dimensions, trained for a moment, and what they show."""

import functools
from pathlib import Path

import numpy as np

from latentlab.core.checkpoint import save_checkpoint
from latentlab.core.interpolate import path
from latentlab.core.spec import Architecture, Likelihood, LossWeights
from latentlab.data.bundled import load_bundled
from latentlab.training.images import Images
from latentlab.training.messages import Settings
from latentlab.training.trainer import Trainer
from latentlab.ui.strip_frames import FrameRow
from tests.window.lab import Lab, pixels


def trained(file: Path, latent_dim: int, steps: int = 120) -> str:
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
    save_checkpoint(trainer.checkpoint(), file)
    return str(file)


@functools.cache
def _images() -> Images:
    return Images(load_bundled("mnist").train)


def is_decoded(lab: Lab) -> bool:
    z = lab.state.section.lift([lab.state.z])
    return np.array_equal(lab.decoded(), lab.viewer.decode(z)[0])


def strip_is_right(lab: Lab) -> bool:
    state = lab.state
    points = state.section.lift(path(state.z1, state.z2, state.strip_count, state.spherical))
    expected = lab.viewer.decode(points.astype(np.float32))
    shown = [pixels(image) for image in lab.child("stripFrames", FrameRow)._images]
    return len(shown) == len(expected) and all(map(np.array_equal, shown, expected))
