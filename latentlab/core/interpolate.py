"""Paths from z1 to z2 in the latent space; ẑ is their middle, t = ½."""

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

# Below this norm, and this near to the same or opposite directions (radians), the great circle
# through z1 and z2 is not defined by floating-point numbers.
_TINY = 1e-6


def linear(z1: npt.ArrayLike, z2: npt.ArrayLike, t: npt.ArrayLike) -> FloatArray:
    """z(t) = (1−t)·z1 + t·z2. z1, z2: (K,). t: a number or (T,). Returns (K,) or (T, K)."""
    start, end = np.asarray(z1, np.float64), np.asarray(z2, np.float64)
    time = np.asarray(t, np.float64)[..., None]
    return (1 - time) * start + time * end


def spherical(z1: npt.ArrayLike, z2: npt.ArrayLike, t: npt.ArrayLike) -> FloatArray:
    """Turn from z1 to z2 at a constant rate (Shoemake 1985), the radius changing linearly.

    z1, z2: (K,). t: a number or (T,). Returns (K,) or (T, K). Where there is no one great circle
    (an end at the origin, or opposite directions) it is the linear path.
    """
    start, end = np.asarray(z1, np.float64), np.asarray(z2, np.float64)
    radius1, radius2 = float(np.linalg.norm(start)), float(np.linalg.norm(end))
    if min(radius1, radius2) < _TINY:
        return linear(start, end, t)
    u1, u2 = start / radius1, end / radius2
    # This form of the angle keeps its digits near 0 and π, where the arc cosine loses half.
    angle = 2 * float(np.arctan2(np.linalg.norm(u1 - u2), np.linalg.norm(u1 + u2)))
    if angle < _TINY or np.pi - angle < _TINY:
        return linear(start, end, t)
    time = np.asarray(t, np.float64)[..., None]
    direction: FloatArray = (np.sin((1 - time) * angle) * u1 + np.sin(time * angle) * u2) / np.sin(
        angle
    )
    radius: FloatArray = (1 - time) * radius1 + time * radius2
    return radius * direction


def point(z1: npt.ArrayLike, z2: npt.ArrayLike, t: float, spherical_path: bool) -> FloatArray:
    """The point (K,) of the path at t, 0 (z1) to 1 (z2)."""
    return (spherical if spherical_path else linear)(z1, z2, t)


def path(z1: npt.ArrayLike, z2: npt.ArrayLike, count: int, spherical_path: bool) -> FloatArray:
    """`count` points (count, K) at equal steps of t from z1 to z2, both included.

    With an odd count the middle row is ẑ. Raises ValueError when count < 2.
    """
    if count < 2:
        raise ValueError(f"a path needs at least its two ends, not {count} points")
    return (spherical if spherical_path else linear)(z1, z2, np.linspace(0.0, 1.0, count))
