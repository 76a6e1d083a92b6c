"""The weights to look with, and the images to look at."""

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from latentlab.app.pictures import Picture, decoded, pixels
from latentlab.app.subject import Drawn, Subject
from latentlab.core.exponential import Decoder
from latentlab.core.normal import Gaussian
from latentlab.core.section import Section
from latentlab.core.spec import Likelihood
from latentlab.core.vae import VAE, Coder
from latentlab.data.dataset import Dataset


@dataclass(frozen=True, eq=False)
class Sight:
    """A network that nobody changes any more, with the step it is of, and the training images.

    section: where it is cut to a plane, of which z then is a point, (2,), or of a line, (1,); see
    `cut`.
    """

    model: Coder
    likelihood: Likelihood
    dataset: Dataset
    step: int
    section: Section = field(default_factory=Section)

    def same_weights(self, other: "Sight") -> bool:
        """Whether the same is decoded, and means the same."""
        if self.likelihood != other.likelihood or self.section != other.section:
            return False
        if self.model is other.model:
            return True
        if not (isinstance(self.model, VAE) and isinstance(other.model, VAE)):
            return False
        # What an engine says first of a file's weights is a copy of them.
        one, two = self.model.state_dict(), other.model.state_dict()
        return (
            self.model.architecture == other.model.architecture
            and one.keys() == two.keys()
            and all(torch.equal(one[name], two[name]) for name in one)
        )

    def x(self, subjects: Subject | npt.NDArray[np.int64]) -> Tensor:
        """The x of every number, (N, D): images binarised once, or as they are.

        subjects: one, or the indices (N,) of training images.
        """
        if isinstance(subjects, Drawn):
            return pixels(self.likelihood, subjects.image[None])
        return pixels(self.likelihood, self.dataset.images[np.atleast_1d(subjects)])

    def encoded(self, subject: Subject) -> Gaussian:
        """q(z|x) of an image; where this is cut, given that z is on the plane."""
        with torch.inference_mode():
            mu, logvar = self.model.encode(self.x(subject))
        mean, sigma = mu[0].double().numpy(), torch.exp(0.5 * logvar[0]).double().numpy()
        # Along its axes a diagonal Gaussian is the same wherever it is cut.
        axes = slice(None) if self.section.whole else list(self.section.axes)
        return Gaussian.diagonal(mean[axes], sigma[axes])

    def cut(self, subject: Subject, section: Section) -> "Sight":
        """A model of two latent dimensions: those of the plane, parallel to `section`, through the
        mean of q(z|x) of an image, the others being fixed. Of a tilted one it is the plane along
        its axes, where q(z|x) is diagonal. Its prior is that of the two, so its posterior is p(z|x)
        given that z is on the plane. Of one latent dimension all is on it, and where the plane is
        all it is this itself.
        """
        if section.whole:
            return self
        return replace(self, section=section.upright.through(self.encoded(subject).mean))

    def decoder(self) -> Decoder:
        """What a quadrature asks of it."""
        if self.section.whole:
            return Decoder(self.model.decode, self.likelihood, self.model.architecture.latent_dim)
        origin, axes = torch.tensor(self.section.origin), list(self.section.axes)

        def decode(points: Tensor) -> Tensor:
            z = origin.to(points.dtype).repeat(len(points), 1)
            z[:, axes] = points
            return self.model.decode(z)

        return Decoder(decode, self.likelihood, len(axes))

    def images(self, z: npt.NDArray[np.float64]) -> Picture:
        """The mean images at z (M, 2): (M, H, W) or (M, H, W, 3), 0 to 255."""
        return decoded(self.model, self.likelihood, self.section.lift(z).astype(np.float32))
