"""Page 12: the way between two images' codes, without KL and with it. No torch until asked."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from latentlab.app.state import Point
from latentlab.core.aggregate_density import log_aggregate, nearest_distance
from latentlab.core.interpolate import linear

if TYPE_CHECKING:
    from latentlab.app.lesson_model import LessonModel

WITHOUT_KL, WITH_KL = "compare-reconstruction", "compare-both"
NETWORKS = (WITHOUT_KL, WITH_KL)
"""Shipped, and trained in lockstep: the same images, weights to begin with and noise."""

Floats = npt.NDArray[np.float64]
Picture = npt.NDArray[np.uint8]

# Looked at on the way of each pair that is tried.
_PLACES = 21


@dataclass(frozen=True, eq=False)
class Way:
    """From z1 to z2 in one network. Along t (S,), 0 to 1, nats but for the distance:

    log_q: of the aggregate posterior of the `n` training images. log_p: of the prior.
    distance: to the nearest of their codes, latent units. edge: what log q is below at 1 % of q's
    own draws; a z below is in a hole. pictures: (count, H, W), at equal steps of t.
    """

    asked: "AskWay"
    z1: Point
    z2: Point
    t: Floats
    log_q: Floats
    log_p: Floats
    distance: Floats
    edge: float
    n: int
    pictures: Picture

    @property
    def in_hole(self) -> npt.NDArray[np.bool_]:
        """(S,): where the way is in a hole."""
        return self.log_q < self.edge

    @property
    def share_in_holes(self) -> float:
        """Of the way, 0 to 1."""
        return float(self.in_hole.mean())


@dataclass(frozen=True)
class AskWay:
    """The way of `network` between the codes of two held-out images."""

    network: str
    first: int
    second: int
    count: int = 11
    samples: int = 201

    def answer(self, model: "LessonModel") -> Way:
        """Takes a tenth of a second, and half a one more at the first."""
        from latentlab.app.lessons import networks as look  # noqa: PLC0415

        held_out = look.codes(model, self.network, "test").mu
        train = look.codes(model, self.network, "train")
        t = np.linspace(0, 1, self.samples)
        z1, z2 = held_out[self.first].astype(np.float64), held_out[self.second].astype(np.float64)
        z = linear(z1, z2, t)
        return Way(
            asked=self,
            z1=(float(z1[0]), float(z1[1])),
            z2=(float(z2[0]), float(z2[1])),
            t=t,
            log_q=log_aggregate(z, train.mu, train.logvar),
            log_p=-0.5 * (z**2).sum(axis=1) - np.log(2 * np.pi),
            distance=nearest_distance(z, train.mu),
            edge=train.edge,
            n=len(train.mu),
            pictures=look.decodes(
                model, self.network, linear(z1, z2, np.linspace(0, 1, self.count))
            ),
        )


@dataclass(frozen=True)
class Pair:
    """Two held-out images, and what their way was found to be."""

    title: str
    first: int
    second: int


@dataclass(frozen=True)
class Pairs:
    """Worth seeing, each for another reason."""

    asked: "AskPairs"
    pairs: tuple[Pair, ...]


@dataclass(frozen=True)
class AskPairs:
    """Pairs of held-out images of two classes, found by looking at `count` drawn at random."""

    count: int = 250
    seed: int = 0

    def answer(self, model: "LessonModel") -> Pairs:
        """Takes half a second."""
        from latentlab.app.lessons import networks as look  # noqa: PLC0415

        labels = model.shipped(WITHOUT_KL).held_out.labels
        drawn = np.random.default_rng(self.seed).integers(len(labels), size=(2 * self.count, 2))
        first, second = drawn[labels[drawn[:, 0]] != labels[drawn[:, 1]]][: self.count].T
        ends = look.codes(model, WITHOUT_KL, "test").mu
        t = np.linspace(0, 1, _PLACES)
        z = np.concatenate(
            [linear(ends[a], ends[b], t) for a, b in zip(first, second, strict=True)]
        )
        distance = nearest_distance(z, look.codes(model, WITHOUT_KL, "train").mu)
        distance = distance.reshape(len(first), len(t))
        widest, at_ends = distance.max(axis=1), distance[:, [0, -1]].max(axis=1)
        # A way out of the cloud is no way through a hole in it.
        through = np.where(at_ends <= np.median(at_ends), widest, 0.0)
        ends = look.codes(model, WITH_KL, "test").mu
        length = np.linalg.norm(ends[first] - ends[second], axis=1)
        found = {
            "through the widest hole": np.argmax(through),
            "among codes all the way": np.argmin(widest),
            "the longest way": np.argmax(length),
        }
        return Pairs(
            self, tuple(Pair(name, int(first[n]), int(second[n])) for name, n in found.items())
        )
