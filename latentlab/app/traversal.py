"""Walks along each latent axis, decoded."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from latentlab.app.point_view import Picture
from latentlab.core.axes import AxisFigures

STEPS = 11
_REACH = 3.0  # standard deviations of q(z_k), either way


@dataclass(frozen=True, slots=True, eq=False)
class Traversal:
    """images (A, T, H, W) or (A, T, H, W, 3) uint8: decoded where each of `axes` (A,) in turn is at
    its `values`, (A, T) rising, and all other coordinates are those of z.
    """

    axes: tuple[int, ...]
    values: npt.NDArray[np.float64]
    images: Picture


def places(figures: AxisFigures, steps: int = STEPS) -> npt.NDArray[np.float64]:
    """(K, steps): from 3σ below the mean of q(z_k) to 3σ above, for the axes by their KL."""
    order = list(figures.order)
    mean, sigma = np.array(figures.mean)[order], np.array(figures.sigma)[order]
    reach = np.linspace(-_REACH, _REACH, steps)
    return mean[:, None] + sigma[:, None] * reach


def points(
    z: npt.NDArray[np.float64], axes: tuple[int, ...], values: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """The points (A, T, K) of a traversal at z (K,)."""
    result = np.broadcast_to(z, (*values.shape, len(z))).copy()
    for row, axis in enumerate(axes):
        result[row, :, axis] = values[row]
    return result
