"""Which points lie inside a polygon."""

import numpy as np
import numpy.typing as npt


def inside(
    points: npt.NDArray[np.floating], polygon: npt.NDArray[np.floating]
) -> npt.NDArray[np.bool_]:
    """(N,) whether each of `points` (N, 2) is inside `polygon` (M, 2), whose last corner is joined
    to its first; inside is where a ray to the right crosses the outline an odd number of times.

    Points that are not finite are outside, as all are where M < 3. The polygon must be finite.
    Sorted by height, the points that an edge can concern are neighbours, so the cost hardly grows
    with M: only with how often the outline passes each height.
    """
    result = np.zeros(len(points), np.bool_)
    if len(polygon) < 3:
        return result
    corners = polygon.astype(np.float64)
    low, high = corners.min(axis=0), corners.max(axis=0)
    # NaN compares false.
    near = np.flatnonzero(((points >= low) & (points <= high)).all(axis=1))
    near = near[np.argsort(points[near, 1], kind="stable")]
    x, y = points[near].astype(np.float64).T
    odd = np.zeros(len(near), np.bool_)
    ends = np.roll(corners, -1, axis=0)
    # Heights are half open: a corner between two edges is crossed once.
    places = np.searchsorted(y, np.sort(np.stack([corners[:, 1], ends[:, 1]]), axis=0))
    for (x0, y0), (x1, y1), first, last in zip(corners, ends, *places, strict=True):
        if first < last:
            crossing = x0 + (y[first:last] - y0) * ((x1 - x0) / (y1 - y0))
            odd[first:last] ^= x[first:last] < crossing
    result[near] = odd
    return result
