"""The reconstruction as a likelihood: pixel by pixel, and what a Gaussian's σ² does to a fit."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch

from latentlab.app.lessons.exact import Exact, exact
from latentlab.app.lessons.pixel_cost import bernoulli_cost_of_logit, gaussian_cost
from latentlab.app.pictures import Picture, pictures
from latentlab.core.exponential import Decoder
from latentlab.core.gaussian import elbo
from latentlab.core.normal import Gaussian
from latentlab.core.spec import Likelihood
from latentlab.data.binarise import binarise_fixed

if TYPE_CHECKING:
    from latentlab.app.lesson_model import LessonModel

Floats = npt.NDArray[np.float64]

WIDER = 3.0
"""q is made narrower and wider by up to e to this power."""

_PLACES = 41
# With 2σ² = 1 the Gaussian's exponent is the squared error itself.
_HALF = 0.5


@dataclass(frozen=True, eq=False)
class Reading:
    """An image x and what the decoder makes of the mean of its q(z|x).

    grey, binary: x of every pixel, 0 to 1, and the same binarised: (H, W), or (H, W, 3). logit:
    the decoder's, of the same shape. grey_image, binary_image, mean_image: as pictures.
    """

    index: int
    title: str
    grey: Floats
    binary: Floats
    logit: Floats
    grey_image: Picture
    binary_image: Picture
    mean_image: Picture

    @property
    def mean(self) -> Floats:
        """x̂ of every pixel, the logit's sigmoid: the mean of the Gaussian and the Bernoulli."""
        result: Floats = 1 / (1 + np.exp(-self.logit))
        return result

    @property
    def pixels(self) -> int:
        """D: how many numbers x is."""
        return self.grey.size

    @property
    def squared_error(self) -> float:
        """‖x − x̂‖²."""
        return float(np.square(self.grey - self.mean).sum())

    def gaussian(self, variance: float) -> Floats:
        """−log N(x_i; x̂_i, σ²) of every pixel in nats; may be negative, being of a density."""
        return gaussian_cost(self.grey, self.mean, variance)

    def bernoulli(self) -> Floats:
        """−x log x̂ − (1 − x) log(1 − x̂) of every pixel of the binarised image, in nats."""
        return bernoulli_cost_of_logit(self.binary, self.logit)

    def bernoulli_parts(self) -> tuple[float, float]:
        """What the white pixels of the binarised image add to log p(x|z), and the black; nats."""
        costs = self.bernoulli()
        white = self.binary > 0.5
        return -float(costs[white].sum()), -float(costs[~white].sum())

    def gaussian_parts(self, variance: float) -> tuple[float, float, float]:
        """The three terms of log N(x; x̂, σ²I), nats.

        −½(x−x̂)ᵀΣ⁻¹(x−x̂), −½ log|Σ| and −(D/2) log 2π, with Σ = σ²I.
        """
        return (
            -self.squared_error / (2 * variance),
            -0.5 * self.pixels * math.log(variance),
            -0.5 * self.pixels * math.log(2 * math.pi),
        )


@dataclass(frozen=True, eq=False)
class Family:
    """Gaussians q_t around the q(z|x) of an image: place (T,) is t, where the encoder's is at 0.

    squared_error: E_q‖x − x̂‖², by Gauss–Hermite quadrature; kl: KL(q ‖ p(z)), nats; (T,) each.
    """

    place: Floats
    squared_error: Floats
    kl: Floats

    def likelihood_terms(self, variance: float) -> tuple[Floats, Floats]:
        """‖x − x̂‖²/(2σ²) and KL, (T,): −ELBO of a Gaussian decoder but for what all q share."""
        return self.squared_error / (2 * variance), self.kl

    def weighted_terms(self, variance: float) -> tuple[Floats, Floats]:
        """‖x − x̂‖²/2 and σ²·KL, (T,): a squared error, and a KL term weighted by β = σ²."""
        return 0.5 * self.squared_error, variance * self.kl

    def minimum(self, objective: Floats) -> float:
        """The t at which it is lowest: of the parabola through the three lowest neighbours."""
        at = int(objective.argmin())
        if at in (0, len(objective) - 1):
            return float(self.place[at])
        below, here, above = objective[at - 1 : at + 2]
        step = 0.5 * (below - above) / (below - 2 * here + above)
        return float(self.place[at] + step * (self.place[1] - self.place[0]))


@dataclass(frozen=True, eq=False)
class Fits:
    """What q might be, narrower or wider, and on its way from the encoder's to the prior.

    width: q_t = N(μ, (e^t σ)²), t from −WIDER to WIDER. to_prior: q_t = N((1−t)μ, ((1−t)σ + t)²),
    t from 0 to 1.
    """

    index: int
    title: str
    width: Family
    to_prior: Family


@dataclass(frozen=True)
class ReadingQuestion:
    """The pixels of the image `step` after the selected one."""

    step: int

    def answer(self, model: "LessonModel") -> Reading:
        """Raises InputError unless the model has 2 latent dimensions."""
        return reading(exact(model, self.step))


@dataclass(frozen=True)
class FitsQuestion:
    """The families of the image `step` after the selected one."""

    step: int

    def answer(self, model: "LessonModel") -> Fits:
        """Raises InputError unless the model has 2 latent dimensions."""
        return fits(exact(model, self.step))


def reading(one: Exact) -> Reading:
    """Decoded at q's mean."""
    sight = one.sight
    shape = sight.model.architecture.image_shape
    stored = sight.dataset.images[one.index : one.index + 1]
    binary = binarise_fixed(stored)
    with torch.inference_mode():
        z = torch.as_tensor(one.q.mean[None]).float()
        logit = sight.model.decode(z).double().numpy().reshape(1, *shape)
    mean = 1 / (1 + np.exp(-logit))
    return Reading(
        one.index,
        one.title,
        _drawn(stored / 255),
        _drawn(binary.astype(np.float64)),
        _drawn(logit),
        pictures(stored)[0],
        pictures(np.uint8(255) * binary.astype(np.uint8))[0],
        pictures(np.rint(255 * mean).astype(np.uint8))[0],
    )


def _drawn(values: Floats) -> Floats:
    """(1, C, H, W) as (H, W), or (H, W, C) for more channels than one."""
    one = values[0, 0] if values.shape[1] == 1 else values[0].transpose(1, 2, 0)
    return np.asarray(one)


def fits(one: Exact) -> Fits:
    """Both families."""
    q = one.q
    width, way = np.linspace(-WIDER, WIDER, _PLACES), np.linspace(0, 1, _PLACES)
    wider = [Gaussian.diagonal(q.mean, math.exp(t) * q.sigma) for t in width]
    nearer = [Gaussian.diagonal((1 - t) * q.mean, (1 - t) * q.sigma + t) for t in way]
    return Fits(one.index, one.title, _family(one, width, wider), _family(one, way, nearer))


def _family(one: Exact, place: Floats, members: list[Gaussian]) -> Family:
    stored = one.sight.dataset.images[one.index : one.index + 1]
    x = (torch.from_numpy(stored).float() / 255).flatten(1)
    decoder = Decoder(one.sight.model.decode, Likelihood("gaussian", _HALF), 2)
    constant = 0.5 * x.shape[1] * math.log(2 * math.pi * _HALF)
    found = [elbo(decoder, x, q) for q in members]
    return Family(
        place,
        np.array([-terms.log_likelihood - constant for terms in found]),
        np.array([terms.kl for terms in found]),
    )
