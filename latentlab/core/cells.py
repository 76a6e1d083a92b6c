"""Square cells of many widths, which tile a box of the latent space: where a quadrature looks."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

# Widths are this times a power of 2, so that halving them and adding them up is exact.
BASE_WIDTH = 3 / 32
FINEST_WIDTH = BASE_WIDTH / (1 << 14)
_UNIT = FINEST_WIDTH / 2  # every centre is a whole number of these
_BITS = 31
_FAR = 1000.0


@dataclass(frozen=True)
class Cells:
    """M cells that do not overlap. centre: (M, K); width: (M,); both in latent units."""

    centre: Floats
    width: Floats

    def __len__(self) -> int:
        return len(self.width)

    @cached_property
    def log_volume(self) -> Floats:
        """(M,), the log of width^K."""
        result: Floats = self.centre.shape[1] * np.log(self.width)
        return result

    @cached_property
    def log_prior(self) -> Floats:
        """log N(z; 0, I) at the centres, (M,)."""
        return log_prior(self.centre)

    def at(self, which: Bools | Ints) -> "Cells":
        """Some of them."""
        return Cells(self.centre[which], self.width[which])

    def and_also(self, other: "Cells") -> "Cells":
        """These and the others."""
        return Cells(
            np.concatenate([self.centre, other.centre]), np.concatenate([self.width, other.width])
        )

    def children(self) -> "Cells":
        """Each halved along every axis: (2^K·M), the children of a cell one after the other."""
        corner = steps(self.centre.shape[1], (-0.25, 0.25))
        centre = self.centre[:, None] + corner * self.width[:, None, None]
        width = np.repeat(0.5 * self.width, len(corner))
        return Cells(centre.reshape(-1, self.centre.shape[1]), width)

    def holding(self, points: Floats) -> Ints:
        """(P,): which cell each of the points (P, K) lies in; −1 where there is none."""
        # No cell lies out there, and further on they would not be told apart.
        near = np.clip(points, -_FAR, _FAR)
        order = np.argsort(keys(self.centre))
        known = keys(self.centre)[order]
        result = np.full(len(points), -1)
        for width in np.unique(self.width):
            wanted = keys((np.floor(near / width) + 0.5) * width)
            place = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
            hit = known[place] == wanted
            result[hit] = order[place[hit]]
        return result

    def beside(self, which: Bools) -> Bools:
        """(M,): whether a cell touches one of `which` that is as wide or half as wide."""
        some = self.at(which)
        around = steps(self.centre.shape[1], (-1, 0, 1))
        parent = (np.floor(some.centre / (2 * some.width[:, None])) + 0.5) * 2 * some.width[:, None]
        near = [
            keys((base[:, None] + around * width[:, None, None]).reshape(-1, around.shape[1]))
            for base, width in ((some.centre, some.width), (parent, 2 * some.width))
        ]
        return np.isin(keys(self.centre), np.concatenate(near))


def box(half_width: float, width: float, latent_dim: int) -> Cells:
    """Equal cells over [−half_width, half_width]^K, the last axis the fastest."""
    count = round(2 * half_width / width)
    centre = steps(latent_dim, (np.arange(count) + 0.5) * width - half_width)
    return Cells(centre, np.full(len(centre), width))


def keys(centre: Floats) -> Ints:
    """One whole number for each centre (M, K), K at most 2; of different cells never the same."""
    index = np.rint(centre / _UNIT).astype(np.int64) + (1 << (_BITS - 1))
    result = index[:, 0]
    for axis in range(1, centre.shape[1]):
        result = (result << _BITS) | index[:, axis]
    return result


def steps(latent_dim: int, along: npt.ArrayLike) -> Floats:
    """All vectors with each component among `along` (n,): (n^K, K), the last axis the fastest."""
    axes = [np.asarray(along, np.float64)] * latent_dim
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, latent_dim)


def log_prior(z: Floats) -> Floats:
    """log N(z; 0, I) in nats; (M, K) → (M,)."""
    result: Floats = -0.5 * (z**2).sum(axis=1) - 0.5 * z.shape[1] * math.log(2 * math.pi)
    return result
