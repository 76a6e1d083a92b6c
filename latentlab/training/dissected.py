"""One optimiser step taken apart: what happened in it, in the order in which it did. No torch."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from latentlab.core.spec import LossWeights
from latentlab.training.cloud import Cloud

Floats = npt.NDArray[np.float32]
Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class TermGradient:
    """Of one term's mean over the batch, with its weight: the norms over the weights of each half.

    A term that is switched off has none: both are 0.
    """

    encoder: float
    decoder: float


@dataclass(frozen=True, slots=True)
class Passed:
    """Some images, S of them, in every stage of their way through a VAE.

    indices: (S,) among the training images. x, decoded: (S, H, W) or (S, H, W, 3) uint8, what is
    encoded and E[x|z]. mu, logvar, eps, z: (S, K). reconstruction, kl: (S,) nats, weights 1: of
    this z, and of q.
    """

    indices: npt.NDArray[np.int64]
    x: Picture
    mu: Floats
    logvar: Floats
    eps: Floats
    z: Floats
    decoded: Picture
    reconstruction: Floats
    kl: Floats


@dataclass(frozen=True, slots=True)
class Shown(Passed):
    """Some images of the batch, S of them, in every stage of the step.

    pull_reconstruction, pull_kl: (S, K), nats per latent unit: minus the gradient on mu of each
    term, with its weight, for this eps. mu_before: (S, K), their points before the step, of x as
    every number about them has it. mu_after, logvar_after: (S, K), by the weights after it.
    """

    pull_reconstruction: Floats
    pull_kl: Floats
    mu_before: Floats
    mu_after: Floats
    logvar_after: Floats


@dataclass(frozen=True, slots=True)
class Dissected:
    """An optimiser step that was taken, and what it was made of.

    step: its number, 1 for the first. epoch_images: of how many images the batch was
    drawn. reconstruction, kl: means over the batch, nats per image, weights 1; objective: what was
    minimised, with `weights`; ε is multiplied by `noise`. moved: the norm of the change of all
    weights; norm: that of the weights before. before: where all training images were, in latent
    units.
    """

    step: int
    batch_size: int
    epoch_images: int
    weights: LossWeights
    learning_rate: float
    noise: float
    reconstruction: float
    kl: float
    by_reconstruction: TermGradient
    by_kl: TermGradient
    moved: float
    norm: float
    shown: Shown
    before: Cloud

    @property
    def objective(self) -> float:
        """What was minimised: the weighted sum of the two terms, nats per image."""
        return self.weights.reconstruction * self.reconstruction + self.weights.kl * self.kl
