"""One image, its q(z|x) and its log p(x) to the core's tolerance: what several lessons begin from.

The plane of latent codes is decoded once for each version of the weights.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
from torch import Tensor

from latentlab.app.infer_view import Field, Normal
from latentlab.app.lattice import over
from latentlab.app.opening import DEFAULT_MODEL
from latentlab.app.pictures import Picture, pictures
from latentlab.app.sight import Sight
from latentlab.app.state import Viewport
from latentlab.core.coarse import Grid
from latentlab.core.evidence import Evidence, integrate
from latentlab.core.exponential import Decoder
from latentlab.core.normal import Gaussian
from latentlab.core.spec import Likelihood
from latentlab.core.true_posterior import TruePosterior
from latentlab.core.vae import VAE
from latentlab.errors import InputError

if TYPE_CHECKING:
    from latentlab.app.lesson_model import LessonModel

_CELLS = 4_096
_MOST_PIXELS = 3 * 64 * 64  # over all channels: what is decoded once then takes 0.8 GB
# Of the standard deviations of q and of the posterior, so many are in view.
_REACH = 5.0


@dataclass(frozen=True)
class Exact:
    """An image of a model with a plane of latent codes.

    model_name: of a shipped model that stands in for the one in front of the reader, or "".
    Raises InputError for any other number of latent dimensions, and where q(z|x) is not finite.
    """

    sight: Sight
    index: int
    model_name: str = ""

    def __post_init__(self) -> None:
        latent_dim = self.sight.model.architecture.latent_dim
        if latent_dim != 2:
            raise InputError(
                "The lessons integrate over a plane of latent codes, and this model has "
                f"{latent_dim} latent dimensions: choose one with 2."
            )
        if not (np.isfinite(self.q.mean).all() and np.isfinite(self.q.covariance).all()):
            raise InputError(f"q(z|x) of image {self.number:,} is not finite.")

    @property
    def number(self) -> int:
        """What the image is called."""
        return self.sight.dataset.number(self.index)

    @cached_property
    def x(self) -> Tensor:
        """(1, D), as the likelihood sees it."""
        return self.sight.x(self.index)

    @cached_property
    def q(self) -> Gaussian:
        """q(z|x)."""
        return self.sight.encoded(self.index)

    @property
    def normal(self) -> Normal:
        """q(z|x) as the window takes it."""
        mu, sigma = self.q.mean.tolist(), self.q.sigma.tolist()
        return Normal((mu[0], mu[1]), (sigma[0], sigma[1]))

    @property
    def grid(self) -> Grid:
        """The plane in coarse cells, decoded when it is first wanted."""
        return _grid(self.sight.model, self.sight.likelihood)

    @property
    def decoder(self) -> Decoder:
        """p(x|z)."""
        return self.grid.decoder

    @cached_property
    def evidence(self) -> Evidence:
        """log p(x) by cells that are halved until it stands still."""
        q = self.q
        (found,) = integrate(self.grid, self.x, q.mean[None], q.sigma[None])
        return found

    @property
    def image(self) -> Picture:
        """x, (H, W) or (H, W, 3), 0 to 255."""
        shape = self.sight.model.architecture.image_shape
        values: Picture = (self.x * 255).round().byte().numpy()
        (image,) = pictures(values.reshape(1, *shape))
        return np.asarray(image)

    @property
    def decoded(self) -> Picture:
        """The mean image at q's mean, of the same shape."""
        (image,) = self.sight.images(self.q.mean[None])
        return np.asarray(image)

    @property
    def title(self) -> str:
        """What the image is called."""
        dataset = self.sight.dataset
        class_name = dataset.class_names[int(dataset.labels[self.index])]
        of_model = f" ({self.model_name})" if self.model_name else ""
        return f"Image {self.number:,}, a “{class_name}”{of_model}"

    def log_posterior(self) -> Field:
        """log p(z|x) over a square that holds q and nearly all of the posterior."""
        posterior = TruePosterior(self.evidence)
        spread = np.sqrt(np.diag(posterior.covariance))
        low = np.minimum(posterior.mean - _REACH * spread, self.q.mean - _REACH * self.q.sigma)
        high = np.maximum(posterior.mean + _REACH * spread, self.q.mean + _REACH * self.q.sigma)
        (x, y), half = 0.5 * (low + high), 0.5 * float((high - low).max())
        lattice = over(Viewport(x - half, x + half, y - half, y + half), _CELLS)
        likelihood = self.decoder.log_likelihood(self.x, lattice.cells.centre)[0]
        return lattice.field(likelihood + lattice.cells.log_prior - self.evidence.log_evidence)


def exact(model: "LessonModel", step: int) -> Exact:
    """The image `step` after the selected one, round and round.

    A shipped model stands in for one without a plane of codes, or with images too large for one.
    """
    architecture, name = model.vae.architecture, ""
    if architecture.latent_dim != 2 or architecture.pixels > _MOST_PIXELS:
        name = DEFAULT_MODEL
        model = model.shipped(name)
    sight = Sight(model.vae, model.likelihood, model.train, model.step)
    return Exact(sight, (model.selected + step) % len(model.train), name)


@lru_cache(maxsize=1)
def _grid(model: VAE, likelihood: Likelihood) -> Grid:
    return Grid(Decoder(model.decode, likelihood, model.architecture.latent_dim))
