"""A plane through the latent space, along two of its K axes: what a screen can show of it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True, slots=True)
class Section:
    """The points whose coordinates are free on `axes`, and those of `origin` on all others.

    axes: two different ones, from 0 to K − 1: the plane's first and second. origin: (K,), 0 on
    `axes`. The prior N(0, I) and a diagonal Gaussian, cut or projected along axes, are again such
    Gaussians, so the marginals on the plane are exact. Raises ValueError for anything else.
    """

    axes: tuple[int, int] = (0, 1)
    origin: tuple[float, ...] = (0.0, 0.0)

    def __post_init__(self) -> None:
        first, second = self.axes
        within = all(0 <= axis < len(self.origin) for axis in self.axes)
        if first == second or not within or not np.isfinite(self.origin).all():
            raise ValueError(f"no plane along the axes {self.axes} through {self.origin}")
        if self.origin[first] or self.origin[second]:
            raise ValueError(f"the origin {self.origin} is not 0 on the axes {self.axes}")

    @classmethod
    def at(cls, axes: tuple[int, int], z: npt.ArrayLike) -> "Section":
        """The plane along `axes` through the point z (K,)."""
        origin = np.array(z, np.float64)
        origin[list(axes)] = 0.0
        return cls(axes, tuple(origin.tolist()))

    @classmethod
    def of(cls, latent_dim: int) -> "Section":
        """The plane along the first two of so many axes, through 0. `latent_dim`: 2 or more."""
        return cls((0, 1), (0.0,) * latent_dim)

    @property
    def latent_dim(self) -> int:
        """K."""
        return len(self.origin)

    @property
    def whole(self) -> bool:
        """Whether it is all of the latent space, as it is where K = 2."""
        return self.latent_dim == 2 and self.axes == (0, 1)

    @property
    def others(self) -> tuple[int, ...]:
        """The axes that it does not run along."""
        return tuple(axis for axis in range(self.latent_dim) if axis not in self.axes)

    @property
    def names(self) -> tuple[str, str]:
        """Its axes' names: ("z₁", "z₂") where K = 2."""
        first, second = self.axes
        return axis_name(first), axis_name(second)

    def through(self, z: npt.ArrayLike) -> "Section":
        """The parallel plane through the point z (K,)."""
        return self if self.whole else Section.at(self.axes, z)

    def project(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The part of `values` (…, K) along the plane: (…, 2); the same array where it is all."""
        return values if self.whole else values[..., list(self.axes)]

    def lift(self, points: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """The points of the latent space (…, K) that are those of the plane, (…, 2)."""
        flat = np.asarray(points, np.float64)
        if self.whole:
            return flat
        full = np.broadcast_to(np.array(self.origin), (*flat.shape[:-1], self.latent_dim)).copy()
        full[..., list(self.axes)] = flat
        return full


def axis_name(axis: int, letter: str = "z") -> str:
    """Of the axis with this index: "z₁" for 0, "z₁₂" for 11."""
    return f"{letter}{axis + 1}".translate(_SUBSCRIPTS)
