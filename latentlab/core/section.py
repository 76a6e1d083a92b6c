"""A plane through the latent space, of K dimensions: what a screen can show of it.

It runs along two of the axes or, with a `Tilt`, along any two directions. Where K = 1 there is but
a line: it runs along the plane's first axis, and its second is 0.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from latentlab.core.tilt import Tilt

_NO_SPREAD = -40.0  # logvar, along an axis that there is not
_OFF = 1e-6  # how far an origin may be from orthogonal to the plane, relative to its length
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True, slots=True)
class Section:
    """The points whose coordinates are free on `axes`, and those of `origin` on all others.

    axes: two different ones, from 0 to K − 1: the plane's first and second; (0,) where K = 1.
    origin: (K,), 0 on `axes`. The prior N(0, I) and a diagonal Gaussian, cut or projected along
    axes, are again such Gaussians, so the marginals on the plane are exact.
    tilt: where the plane runs along its directions instead, from K = 3 on; `origin` is orthogonal
    to them, and `axes` are those to go back to. Raises ValueError for anything else.
    """

    axes: tuple[int, ...] = (0, 1)
    origin: tuple[float, ...] = (0.0, 0.0)
    tilt: Tilt | None = None

    def __post_init__(self) -> None:
        within = all(0 <= axis < len(self.origin) for axis in self.axes)
        count = len(set(self.axes)) == len(self.axes) == min(len(self.origin), 2)
        if not (within and count and self.axes and np.isfinite(self.origin).all()):
            raise ValueError(f"no plane along the axes {self.axes} through {self.origin}")
        if self.tilt is not None:
            if len(self.tilt.home) != len(self.origin):
                raise ValueError(f"a basis of {len(self.tilt.home)} for {len(self.origin)} axes")
            limit = _OFF * (1 + float(np.linalg.norm(self.origin)))
            if np.abs(self.tilt.project(np.array(self.origin))).max() > limit:
                raise ValueError(f"the origin {self.origin} is not orthogonal to the plane")
        elif any(self.origin[axis] for axis in self.axes):
            raise ValueError(f"the origin {self.origin} is not 0 on the axes {self.axes}")

    @classmethod
    def at(cls, axes: tuple[int, ...], z: npt.ArrayLike) -> "Section":
        """The plane along `axes` through the point z (K,)."""
        origin = np.array(z, np.float64)
        origin[list(axes)] = 0.0
        return cls(axes, tuple(origin.tolist()))

    @classmethod
    def tilted(cls, tilt: Tilt, z: npt.ArrayLike, axes: tuple[int, ...] = (0, 1)) -> "Section":
        """The plane along the directions of `tilt` through the point z (K,)."""
        return cls(axes, tilt.beside(z), tilt)

    @classmethod
    def of(cls, latent_dim: int) -> "Section":
        """The plane along the first two of so many axes, through 0."""
        return cls((0, 1)[:latent_dim], (0.0,) * latent_dim)

    @property
    def latent_dim(self) -> int:
        """K."""
        return len(self.origin)

    @property
    def whole(self) -> bool:
        """Whether it is all of the latent space, as it is where K = 2."""
        return self.latent_dim == 2 and self.axes == (0, 1)

    @property
    def part(self) -> bool:
        """Whether it is but a part of the latent space, as it is where K > 2."""
        return self.latent_dim > 2

    @property
    def line(self) -> bool:
        """Whether there is but one axis."""
        return self.latent_dim == 1

    @property
    def others(self) -> tuple[int, ...]:
        """The axes that it does not run along."""
        return tuple(axis for axis in range(self.latent_dim) if axis not in self.axes)

    @property
    def upright(self) -> "Section":
        """The plane along its axes at the same other coordinates; itself where it has no tilt."""
        return self if self.tilt is None else Section.at(self.axes, self.origin)

    def is_parallel(self, other: "Section") -> bool:
        """Whether both run along the same directions, so that points project alike."""
        bases = [None if each.tilt is None else each.tilt.basis for each in (self, other)]
        return self.axes == other.axes and bases[0] == bases[1]

    @property
    def names(self) -> tuple[str, str]:
        """Its axes' names: ("z₁", "z₂") where K = 2, ("z₁", "") where K = 1; of a tilted one those
        of its directions.
        """
        if self.tilt is not None:
            return self.tilt.names
        first, *second = (axis_name(axis) for axis in self.axes)
        return first, second[0] if second else ""

    @property
    def titles(self) -> tuple[str, str]:
        """The names as they stand on the plane's axes."""
        return self.names if self.tilt is None else self.tilt.titles

    @property
    def where(self) -> str:
        """What is to be said of points, which are more than what the plane has of them; or ""."""
        return "" if self.latent_dim <= 2 else f" projected on {' and '.join(self.names)}"

    def through(self, z: npt.ArrayLike) -> "Section":
        """The parallel plane through the point z (K,)."""
        if self.tilt is not None:
            return Section.tilted(self.tilt, z, self.axes)
        return self if self.latent_dim <= 2 else Section.at(self.axes, z)

    def project(self, values: npt.NDArray[Any], beside: float = 0.0) -> npt.NDArray[Any]:
        """The part of `values` (…, K) along the plane: (…, 2); the same array where it is all.

        beside: what there is along the second axis where K = 1.
        """
        if self.whole:
            return values
        if self.tilt is not None:
            return self.tilt.project(values)
        if self.line:
            return np.concatenate([values, np.full_like(values, beside)], axis=-1)
        return values[..., list(self.axes)]

    def posteriors(
        self, mu: npt.NDArray[Any], logvar: npt.NDArray[Any]
    ) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """The marginals on the plane of the Gaussians N(mu, diag e^logvar), (N, K): (N, 2) both.

        On a tilted plane the two coordinates are correlated besides; see `correlation`.
        """
        if self.tilt is not None:
            return self.tilt.project(mu), self.tilt.log_variances(logvar)
        return self.project(mu), self.project(logvar, _NO_SPREAD)

    def correlation(self, logvar: npt.NDArray[Any]) -> npt.NDArray[Any] | None:
        """That of the marginals' two coordinates, (N,); None where it is 0 for all: along axes."""
        return None if self.tilt is None else self.tilt.correlation(logvar)

    def marginal(
        self, mu: npt.ArrayLike, sigma: npt.ArrayLike
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], float]:
        """Of N(mu, diag sigma²), (K,): the mean and the σ of both coordinates, (2,), and their
        correlation.
        """
        mean, spread = np.asarray(mu, np.float64), np.asarray(sigma, np.float64)
        if self.tilt is None:
            return self.project(mean), self.project(spread), 0.0
        with np.errstate(divide="ignore"):
            logvar = 2 * np.log(spread)
        sigmas = np.exp(0.5 * self.tilt.log_variances(logvar))
        return self.project(mean), sigmas, float(self.tilt.correlation(logvar[None])[0])

    def lift(self, points: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """The points of the latent space (…, K) that are those of the plane, (…, 2)."""
        flat = np.asarray(points, np.float64)
        if self.whole:
            return flat
        if self.line:
            return flat[..., :1]
        if self.tilt is not None:
            lifted: npt.NDArray[np.float64] = np.array(self.origin) + flat @ self.tilt.rows
            return lifted
        full = np.broadcast_to(np.array(self.origin), (*flat.shape[:-1], self.latent_dim)).copy()
        full[..., list(self.axes)] = flat
        return full


def axis_name(axis: int, letter: str = "z") -> str:
    """Of the axis with this index: "z₁" for 0, "z₁₂" for 11."""
    return f"{letter}{axis + 1}".translate(_SUBSCRIPTS)
