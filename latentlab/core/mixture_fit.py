"""A Gaussian on its way to a mixture, step by step, down one direction of KL or the other."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from latentlab.core.mixture import Mixture, covering_step, kl_from, kl_to, seeking_step
from latentlab.core.normal import Gaussian

_LENGTH = 0.25  # of a step, as a part of the way
_STANDS_STILL = 1e-6  # nats that a step must gain
_MOST_STEPS = 300


@dataclass
class Fit:
    """covering: down KL(p‖q), else down KL(q‖p). `values` and `way` have one entry more than there
    were steps: nats of the direction taken, and means (2,)."""

    p: Mixture
    start: Gaussian
    covering: bool
    q: Gaussian = field(init=False)
    values: list[float] = field(init=False)
    way: list[npt.NDArray[np.float64]] = field(init=False)
    ended: bool = False

    def __post_init__(self) -> None:
        self.q = self.start
        self.values, self.way = [self.value], [self.q.mean]

    @property
    def steps(self) -> int:
        """How many were made."""
        return len(self.values) - 1

    @property
    def value(self) -> float:
        """What is made small, in nats."""
        return kl_from(self.p, self.q) if self.covering else kl_to(self.q, self.p)

    def step(self) -> None:
        """One more, unless it has ended: where a step gains nothing, or after 300."""
        if self.ended:
            return
        step = covering_step if self.covering else seeking_step
        self.q = step(self.p, self.q, _LENGTH)
        self.values.append(self.value)
        self.way.append(self.q.mean)
        gained = self.values[-2] - self.values[-1]
        self.ended = gained < _STANDS_STILL or self.steps >= _MOST_STEPS
        if self.ended and self.covering and gained < _STANDS_STILL:
            # Moments move a part of the way at each step; the last one goes all of it.
            self.q = self.p.moments
            self.values[-1], self.way[-1] = self.value, self.q.mean
