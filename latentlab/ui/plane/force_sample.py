"""Which posteriors are shown with the forces on them: few enough that arrows do not crowd."""

import math

import numpy as np
import numpy.typing as npt

from latentlab.ui.plane.areas import Style
from latentlab.ui.plane.camera import Camera
from latentlab.ui.plane.cloud import Cloud, Ints, Places, pairs

_CELL = 76.0  # pixels, at text scale 1
_MOST = 80


def cell_side(camera: Camera, style: Style) -> float:
    """Pixels of a side of the square cells that hold one posterior each."""
    return max(_CELL * style.scale, math.sqrt(camera.width * camera.height / _MOST))


def spread_sample(
    cloud: Cloud, camera: Camera, style: Style, label: int | None, kept: Ints
) -> Places:
    """Indices of at most one point of each cell of the view, of class `label` or (None) of all.

    One of `kept` that is still alone in its cell stays, so that the same posteriors are followed
    while points move; else it is the one nearest to the cell's middle.
    """
    some = cloud.sample
    if label is not None:
        some = some[cloud.labels.take(some) == label]
    mu = pairs(cloud.mu, some).astype(np.float64)
    side = cell_side(camera, style)
    columns, rows = (max(1, round(length / side)) for length in (camera.width, camera.height))
    across = (camera.x_to_pixel(mu[:, 0]) - camera.left) * (columns / camera.width)
    down = (camera.y_to_pixel(mu[:, 1]) - camera.top) * (rows / camera.height)
    # False for points that are not finite.
    seen = np.flatnonzero((across > 0) & (across < columns) & (down > 0) & (down < rows))
    some, across, down = some[seen], across[seen], down[seen]
    cell = np.floor(across) + columns * np.floor(down)
    middle = np.hypot(across % 1 - 0.5, down % 1 - 0.5)
    order = np.lexsort((middle, ~_among(some, kept, len(cloud)), cell))
    first = np.flatnonzero(np.diff(cell[order], prepend=-1.0))
    chosen: Places = some[order[first]]
    return chosen


def _among(some: Places, kept: Ints, count: int) -> npt.NDArray[np.bool_]:
    is_kept = np.zeros(count, np.bool_)
    is_kept[kept[kept < count]] = True
    return is_kept.take(some)
