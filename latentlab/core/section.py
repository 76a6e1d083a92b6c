"""A plane through the latent space, along two of its K axes: what a screen can show of it.

Where K = 1 there is but a line: it runs along the plane's first axis, and its second is 0.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

_NO_SPREAD = -40.0  # logvar, along an axis that there is not
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True, slots=True)
class Section:
    """The points whose coordinates are free on `axes`, and those of `origin` on all others.

    axes: two different ones, from 0 to K − 1: the plane's first and second; (0,) where K = 1.
    origin: (K,), 0 on `axes`. The prior N(0, I) and a diagonal Gaussian, cut or projected along
    axes, are again such Gaussians, so the marginals on the plane are exact. Raises ValueError for
    anything else.
    """

    axes: tuple[int, ...] = (0, 1)
    origin: tuple[float, ...] = (0.0, 0.0)

    def __post_init__(self) -> None:
        within = all(0 <= axis < len(self.origin) for axis in self.axes)
        count = len(set(self.axes)) == len(self.axes) == min(len(self.origin), 2)
        if not (within and count and self.axes and np.isfinite(self.origin).all()):
            raise ValueError(f"no plane along the axes {self.axes} through {self.origin}")
        if any(self.origin[axis] for axis in self.axes):
            raise ValueError(f"the origin {self.origin} is not 0 on the axes {self.axes}")

    @classmethod
    def at(cls, axes: tuple[int, ...], z: npt.ArrayLike) -> "Section":
        """The plane along `axes` through the point z (K,)."""
        origin = np.array(z, np.float64)
        origin[list(axes)] = 0.0
        return cls(axes, tuple(origin.tolist()))

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
    def names(self) -> tuple[str, str]:
        """Its axes' names: ("z₁", "z₂") where K = 2, ("z₁", "") where K = 1."""
        first, *second = (axis_name(axis) for axis in self.axes)
        return first, second[0] if second else ""

    @property
    def where(self) -> str:
        """What is to be said of points, which are more than what the plane has of them; or ""."""
        return "" if self.latent_dim <= 2 else f" projected on {' and '.join(self.names)}"

    def through(self, z: npt.ArrayLike) -> "Section":
        """The parallel plane through the point z (K,)."""
        return self if self.latent_dim <= 2 else Section.at(self.axes, z)

    def project(self, values: npt.NDArray[Any], beside: float = 0.0) -> npt.NDArray[Any]:
        """The part of `values` (…, K) along the plane: (…, 2); the same array where it is all.

        beside: what there is along the second axis where K = 1.
        """
        if self.whole:
            return values
        if self.line:
            return np.concatenate([values, np.full_like(values, beside)], axis=-1)
        return values[..., list(self.axes)]

    def posteriors(
        self, mu: npt.NDArray[Any], logvar: npt.NDArray[Any]
    ) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """The marginals on the plane of the Gaussians N(mu, diag e^logvar), (N, K): (N, 2) both."""
        return self.project(mu), self.project(logvar, _NO_SPREAD)

    def lift(self, points: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """The points of the latent space (…, K) that are those of the plane, (…, 2)."""
        flat = np.asarray(points, np.float64)
        if self.whole:
            return flat
        if self.line:
            return flat[..., :1]
        full = np.broadcast_to(np.array(self.origin), (*flat.shape[:-1], self.latent_dim)).copy()
        full[..., list(self.axes)] = flat
        return full


def axis_name(axis: int, letter: str = "z") -> str:
    """Of the axis with this index: "z₁" for 0, "z₁₂" for 11."""
    return f"{letter}{axis + 1}".translate(_SUBSCRIPTS)
