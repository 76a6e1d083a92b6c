"""The lens's geometry, in latent units."""

import math

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

_ARC_POINTS = 129
_NEIGHBOURS = 60


def round_length(longest: float) -> float:
    """The largest of 1, 2 or 5 times a power of ten that is at most `longest` (> 0, finite)."""
    power = 10.0 ** math.floor(math.log10(longest))
    return max((n * power for n in (1, 2, 5) if n * power <= longest * (1 + 1e-12)), default=power)


def ring_arc(centre: tuple[float, float], radius: float, reach: float) -> FloatArray | None:
    """The part of the origin's circle of `radius` within `reach` of `centre`, from there.

    Points (P, 2) relative to `centre`; None when the circle is not within reach. Only the near
    arc is made, so that a circle a million times larger than the view stays smooth.
    """
    distance = math.hypot(*centre)
    if abs(distance - radius) > reach:
        return None
    # Points of the circle in reach lie within 2·reach of its point nearest to the centre.
    half_angle = 2 * math.asin(min(1.0, reach / radius))
    towards = math.atan2(centre[1], centre[0])
    angles = towards + np.linspace(-half_angle, half_angle, _ARC_POINTS)
    circle: FloatArray = radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return circle - np.asarray(centre, np.float64)


def near(
    offsets: FloatArray, sigma: FloatArray, half_width: float, half_height: float
) -> BoolArray:
    """Which ellipses (offsets, sigma: (M, 2)) touch the view, and are not vast: (M,) bool."""
    half = np.array([half_width, half_height])
    touches = np.all(np.abs(offsets) <= half + sigma, axis=1)
    drawable = np.all(sigma < 100 * half, axis=1) & np.all(np.isfinite(offsets), axis=1)
    near_enough: BoolArray = touches & drawable
    return near_enough


def neighbours(
    mu: npt.NDArray[np.float32], point: tuple[float, float], index: int
) -> npt.NDArray[np.int64]:
    """Indices of the means (N, 2) nearest to `point`, but not `index`."""
    distance = np.square(mu - np.asarray(point)).sum(axis=1)
    distance[index] = np.inf
    count = min(_NEIGHBOURS, len(distance) - 1)
    return np.argpartition(distance, count)[:count]
