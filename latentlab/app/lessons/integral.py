"""p(x) as a sum over the cells of a grid, and as a mean over a few draws, of one image."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch

from latentlab.app.lessons.exact import Exact, exact
from latentlab.app.pictures import Picture
from latentlab.core.cells import log_prior, steps
from latentlab.core.coarse import HALF_WIDTH
from latentlab.core.evidence import log_sum
from latentlab.core.gaussian import Gaussian
from latentlab.core.importance import DRAWS, Rung, climbing

if TYPE_CHECKING:
    from latentlab.app.lesson_model import LessonModel

Floats = npt.NDArray[np.float64]

# What the count of the cells that matter has to hold of the sum.
SHARE = 0.99
AXIS = 128
"""Cells along an axis, ±6, at which the sum is right to a few hundredths of a nat."""
_SEED = 0


@dataclass(frozen=True, eq=False)
class GridSum:
    """Σ p(x|z) p(z) dz of one image over side² equal cells of a square, ±half_width each way.

    log_joint: log p(x|z) p(z) at the centres, (side, side), from the lowest z₁ and, within it, the
    lowest z₂. running: the log of the sum up to and with each cell in that order, (side²,), nats.
    log_evidence: log p(x) by cells that are halved until it stands still; problem: empty, or why
    that is not sure. without_prior: log Σ p(x|z) dz over the same square with the finest of those
    cells, where p(z) has been dropped. needed: the fewest cells that hold `SHARE` of the sum.
    image: x.
    """

    index: int
    class_name: str
    image: Picture
    side: int
    half_width: float
    log_joint: Floats
    running: Floats
    log_evidence: float
    without_prior: float
    needed: int
    problem: str

    @property
    def total(self) -> float:
        """The log of the whole sum, nats."""
        return float(self.running[-1])


@dataclass(frozen=True)
class GridQuestion:
    """The sum over side² cells for the image `step` after the selected one."""

    step: int
    side: int

    def answer(self, model: "LessonModel") -> GridSum:
        """Raises InputError unless the model has 2 latent dimensions."""
        return grid_sum(exact(model, self.step), self.side)


def grid_sum(one: Exact, side: int) -> GridSum:
    """The midpoint rule, cell by cell."""
    evidence = one.evidence
    width = 2 * HALF_WIDTH / side
    z = steps(2, (np.arange(side) + 0.5) * width - HALF_WIDTH)
    log_joint = one.decoder.log_likelihood(one.x, z)[0] + log_prior(z)
    terms = log_joint + 2 * np.log(width)
    within = (np.abs(evidence.cells.centre) < HALF_WIDTH).all(axis=1)
    without_prior = log_sum((evidence.log_likelihood + evidence.cells.log_volume)[within])
    return GridSum(
        one.index,
        one.class_name,
        one.image,
        side,
        HALF_WIDTH,
        log_joint.reshape(side, side),
        np.logaddexp.accumulate(terms),
        evidence.log_evidence,
        without_prior,
        _fewest(terms),
        evidence.problem,
    )


def _fewest(terms: Floats) -> int:
    held = np.cumsum(np.sort(np.exp(terms - terms.max()))[::-1])
    return int(np.searchsorted(held, SHARE * held[-1])) + 1


@dataclass(frozen=True, eq=False)
class Draws:
    """log p(x) of one image by means over draws: of p(x|z) p(z)/q(z|x) with z from q(z|x), and of
    p(x|z) with z from the prior. Each rung is for another number of draws; nats. With one draw
    from q the mean is the ELBO.

    seconds: that one decoding took, on this machine, while these were drawn.
    """

    index: int
    class_name: str
    log_evidence: float
    from_q: tuple[Rung, ...]
    from_prior: tuple[Rung, ...]
    seconds: float

    def cost(self, latent_dim: int) -> "Cost":
        """Of a grid of `AXIS` cells along each of so many axes instead."""
        points = AXIS**latent_dim
        return Cost(points, points * self.seconds)


@dataclass(frozen=True, slots=True)
class Cost:
    """How many points have to be decoded, and for how long on this machine, in seconds."""

    points: int
    seconds: float


@dataclass(frozen=True)
class DrawsQuestion:
    """The two estimates for the image `step` after the selected one."""

    step: int

    def answer(self, model: "LessonModel") -> Draws:
        """Raises InputError unless the model has 2 latent dimensions."""
        return draws(exact(model, self.step))


def draws(one: Exact) -> Draws:
    """From the same random numbers each time, those of a generator of its own."""
    prior = Gaussian.diagonal(np.zeros(2), np.ones(2))
    evidence = one.evidence
    start = time.perf_counter()
    from_q, from_prior = _ladder(one, one.q), _ladder(one, prior)
    seconds = (time.perf_counter() - start) / (2 * DRAWS)
    return Draws(one.index, one.class_name, evidence.log_evidence, from_q, from_prior, seconds)


def _ladder(one: Exact, q: Gaussian) -> tuple[Rung, ...]:
    work = climbing(one.decoder, one.x, q, torch.Generator().manual_seed(_SEED))
    while True:
        try:
            next(work)
        except StopIteration as end:
            rungs: tuple[Rung, ...] = end.value
            return rungs
