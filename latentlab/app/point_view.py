"""All that is shown of one data point, computed once and handed to the window."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from latentlab.core.spec import Likelihood

Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class VectorView:
    """x̂ drawn over x, (H, W, 3). names, x, x_hat: of a few features, in the data's units, or ()."""

    over_x: Picture
    names: tuple[str, ...]
    x: tuple[float, ...]
    x_hat: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class PointView:
    """An image, its posterior and its numbers.

    index: among the images on the plane; number: what it is called, its place in a larger set.
    grey, x, reconstruction_image: (H, W) or (H, W, 3), 0 to 255. x is the binarised image, which
    is the x of every number; None when the `likelihood`, the decoder's p(x|z), takes
    the image as it is. mu, sigma: (K,) of q(z|x). reconstruction: E_q[−log p(x|z)], kl:
    KL(q(z|x)‖p(z)); both in nats. samples: of the noise, over which the reconstruction is a mean,
    or None where it is a quadrature. vector: of a vector, what its values are.
    """

    index: int
    number: int
    class_name: str
    grey: Picture
    x: Picture | None
    reconstruction_image: Picture
    mu: tuple[float, ...]
    sigma: tuple[float, ...]
    reconstruction: float
    kl: float
    samples: int | None = None
    likelihood: Likelihood = field(default_factory=Likelihood)
    vector: VectorView | None = None

    @property
    def reconstruction_shown(self) -> Picture:
        """The reconstruction; of a vector, over x."""
        return self.reconstruction_image if self.vector is None else self.vector.over_x

    @property
    def kl_per_axis(self) -> tuple[float, ...]:
        """(K,): what each axis adds to `kl`, nats."""
        mu, sigma = np.array(self.mu), np.array(self.sigma)
        with np.errstate(divide="ignore"):
            kl: list[float] = (0.5 * (sigma**2 + mu**2 - 1) - np.log(sigma)).tolist()
        return tuple(kl)

    @property
    def negative_elbo(self) -> float:
        """−ELBO in nats."""
        return self.reconstruction + self.kl
