"""Posterior means as coloured discs: as pixels for the window, as shapes for an SVG."""

from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QPen

from latentlab.ui.plane.areas import Style, colour
from latentlab.ui.plane.camera import Camera
from latentlab.ui.plane.cloud import Cloud, Floats, Places
from latentlab.ui.plane.raster import OUTLINE, Image, disc_table, rasterise
from latentlab.ui.theme import Theme

_FADED = 0.14
_RIM_OPACITY = 0.7
_RUN = 400  # discs between two changes of the drawing order in an SVG


def dot_radius(count: int, scale: float) -> float:
    """Radius in pixels of the discs of a cloud of `count`; under 1 means one pixel each."""
    if count > 100_000:
        return 0.5 * scale
    if count > 20_000:
        return 1.7 * scale
    return (2.4 if count > 4000 else 3.2) * scale


def rows(cloud: Cloud, style: Style, isolated: int | None) -> Places:
    """(N,) the row in `palette` of each point, in drawing order."""
    tones = cloud.drawn_tones
    hues = len(style.theme.classes)
    row = np.where(tones >= 0, tones % hues, hues)
    bright = cloud.bright(isolated)
    if bright is not None:
        row = row + np.where(bright.take(cloud.order), 0, hues + 1)
    return row.astype(np.intp, copy=False)


def palette(theme: Theme) -> npt.NDArray[np.uint8]:
    """(2C + 2, 4) RGBA: the classes' hues, the colour of no class, and all of them faded."""
    result = []
    for opacity in (1.0, _FADED):
        for name in (*theme.classes, theme.muted):
            tone = QColor(name)
            result.append((tone.red(), tone.green(), tone.blue(), round(255 * opacity)))
    return np.array(result, np.uint8)


@lru_cache(maxsize=16)
def _table(theme: Theme, radius: float) -> npt.NDArray[np.uint32]:
    rim = QColor(theme.plane)
    return disc_table(palette(theme), (rim.red(), rim.green(), rim.blue()), radius)


def device_radius(count: int, style: Style, ratio: float) -> float:
    """Device pixels of the discs of a cloud of `count`; under 1 means one pixel each."""
    radius = dot_radius(count, style.scale)
    # One-pixel points stay one pixel: a cloud of that size has no room for larger ones.
    return radius * ratio if radius >= 1 else radius


def raster(drawn: Floats, camera: Camera, style: Style, row: Places, radius: float) -> Image:
    """The points of the camera's rectangle, a pixel for each of its pixels, as `rasterise` says.

    drawn: (N, 2) means in drawing order. row: (N,) of each in `palette`. radius: of their discs, in
    pixels.
    """
    return rasterise(
        _along(drawn[:, 0], camera.viewport.x_min, camera.scale),
        _along(drawn[:, 1], camera.viewport.y_max, -camera.scale),
        row,
        _table(style.theme, radius),
        radius=radius,
        width=round(camera.width),
        height=round(camera.height),
    )


def _along(values: Floats, start: float, scale: float) -> Floats:
    """`scale` times how far `values` are from `start`, in float32 and yet exact.

    Near to `start` the difference of two of these numbers is exact; what `start` loses when it
    becomes one is added afterwards.
    """
    origin = np.float32(start)
    result = values - origin
    result *= np.float32(scale)
    result += np.float32((float(origin) - start) * scale)
    return result


def paint_points(
    painter: QPainter, cloud: Cloud, camera: Camera, style: Style, isolated: int | None
) -> None:
    """The same discs as shapes, those that reach into the camera's rectangle."""
    radius = max(dot_radius(len(cloud), style.scale), 0.5)
    means = cloud.drawn.astype(np.float64)
    x, y = camera.x_to_pixel(means[:, 0]), camera.y_to_pixel(means[:, 1])
    seen = (x > camera.left - radius) & (x < camera.left + camera.width + radius)
    seen &= (y > camera.top - radius) & (y < camera.top + camera.height + radius)
    x, y = x[seen], y[seen]
    row = rows(cloud, style, isolated)[seen]
    tones = palette(style.theme)
    rim = QPen(colour(style.theme.plane, _RIM_OPACITY), OUTLINE)
    # Within a short run of the drawing order discs are sorted by colour, which keeps the file small
    # and still lets no class hide the others.
    run = np.arange(len(x)) // _RUN
    previous = -1
    for index in np.lexsort((row, run)):
        if row[index] != previous:
            previous = int(row[index])
            painter.setPen(rim)
            painter.setBrush(QColor(*(int(part) for part in tones[previous])))
        painter.drawEllipse(QPointF(float(x[index]), float(y[index])), radius, radius)
