"""The weights to look with, and the images to look at."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from latentlab.app.pictures import Picture, decoded, pixels
from latentlab.core.exponential import Decoder
from latentlab.core.normal import Gaussian
from latentlab.core.spec import Likelihood
from latentlab.core.vae import VAE
from latentlab.data.dataset import Dataset


@dataclass(frozen=True, eq=False)
class Sight:
    """A network that nobody changes any more, with the step it is of, and the training images."""

    model: VAE
    likelihood: Likelihood
    dataset: Dataset
    step: int

    def same_weights(self, other: "Sight") -> bool:
        """Whether the same is decoded, and means the same."""
        if self.likelihood != other.likelihood:
            return False
        if self.model is other.model:
            return True
        # What an engine says first of a file's weights is a copy of them.
        one, two = self.model.state_dict(), other.model.state_dict()
        return (
            self.model.architecture == other.model.architecture
            and one.keys() == two.keys()
            and all(torch.equal(one[name], two[name]) for name in one)
        )

    def x(self, indices: int | npt.NDArray[np.int64]) -> Tensor:
        """The x of every number, (N, D): images binarised once, or as they are."""
        return pixels(self.likelihood, self.dataset.images[np.atleast_1d(indices)])

    def encoded(self, index: int) -> Gaussian:
        """q(z|x) of an image."""
        with torch.inference_mode():
            mu, logvar = self.model.encode(self.x(index))
        return Gaussian.diagonal(mu[0].double(), torch.exp(0.5 * logvar[0]).double())

    def decoder(self) -> Decoder:
        """What a quadrature asks of it."""
        return Decoder(self.model.decode, self.likelihood, self.model.architecture.latent_dim)

    def images(self, z: npt.NDArray[np.float64]) -> Picture:
        """The mean images at z (M, 2): (M, H, W) or (M, H, W, 3), 0 to 255."""
        return decoded(self.model, self.likelihood, z.astype(np.float32))
