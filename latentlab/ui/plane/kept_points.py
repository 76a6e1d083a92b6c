"""The rastered points of a view, kept for the next frame."""

from dataclasses import dataclass, replace

import numpy as np
from PySide6.QtGui import QImage

from latentlab.app.state import Viewport
from latentlab.ui.plane.areas import Style
from latentlab.ui.plane.camera import Camera
from latentlab.ui.plane.cloud import Cloud, Ints, Places, pairs
from latentlab.ui.plane.points import device_radius, raster, rows
from latentlab.ui.plane.raster import Image

MOVED_FROM = 20_000
"""With more points than this, a view that is being panned is moved, and painted anew at rest."""
_BESIDE = 3.0  # pixels, more than a disc reaches beyond its radius


@dataclass(frozen=True, slots=True)
class _Kept:
    """`picture` of what `camera` sees, in device pixels; exact: painted in one go."""

    picture: Image
    camera: Camera
    version: int
    style: Style
    exact: bool


class KeptPoints:
    """Paints the points, or takes them from the frame before.

    While a view of many points is panned, what stays in view is moved by whole pixels, and only
    what comes into view is painted. Asked for a frame that is not passing, it paints all anew.
    """

    def __init__(self) -> None:
        self._kept: _Kept | None = None
        self._tones: Ints | None = None
        self._rows: tuple[Style, int | None, Places] | None = None

    def image(
        self,
        cloud: Cloud,
        camera: Camera,
        style: Style,
        isolated: int | None,
        ratio: float,
        *,
        passing: bool = False,
    ) -> QImage:
        """The points of the camera's rectangle at `ratio` device pixels for each pixel."""
        device = camera.at(0.0, 0.0, ratio)
        kept = self._kept
        if kept is not None and (kept.version, kept.style) != (cloud.version, style):
            kept = None
        if kept is None or kept.camera != device or not (kept.exact or passing):
            row = self._row(cloud, style, isolated)
            radius = device_radius(len(cloud), style, ratio)
            moved = None
            if kept is not None and passing and len(cloud) > MOVED_FROM:
                moved = _moved(kept, device, cloud, row, radius)
            kept = moved or _Kept(
                raster(cloud.drawn, device, style, row, radius), device, cloud.version, style, True
            )
            self._kept = kept
        height, width = kept.picture.shape
        image = QImage(
            kept.picture.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied
        ).copy()
        image.setDevicePixelRatio(ratio)
        return image

    def _row(self, cloud: Cloud, style: Style, isolated: int | None) -> Places:
        # What stands out is drawn last: when that changes, the order does, and these with it.
        tones = cloud.drawn_tones
        if self._rows is None or self._tones is not tones or self._rows[:2] != (style, isolated):
            self._tones = tones
            self._rows = (style, isolated, rows(cloud, style, isolated))
        return self._rows[2]


def _moved(kept: _Kept, to: Camera, cloud: Cloud, row: Places, radius: float) -> _Kept | None:
    """What `kept` shows of `to`, and the rest painted; None where it has nothing of it.

    Its camera may be half a pixel beside `to`, but no more, however often it was moved.
    """
    height, width = kept.picture.shape
    before, after, scale = kept.camera.viewport, to.viewport, kept.camera.scale
    right = round((before.x_min - after.x_min) * scale)
    down = round((after.y_max - before.y_max) * scale)
    same_size = (round(to.height), round(to.width)) == (height, width)
    same_scale = abs(to.scale / scale - 1) * max(width, height) < 0.01
    if not (same_size and same_scale and abs(right) < width and abs(down) < height):
        return None
    view = Viewport(
        before.x_min - right / scale,
        before.x_max - right / scale,
        before.y_min + down / scale,
        before.y_max + down / scale,
    )
    camera = replace(kept.camera, viewport=view)
    picture = np.empty_like(kept.picture)
    rows_there, rows_here = _overlap(down, height)
    columns_there, columns_here = _overlap(right, width)
    picture[rows_there, columns_there] = kept.picture[rows_here, columns_here]
    for part_rows, part_columns in (
        (_rest(down, height), slice(0, width)),
        (rows_there, _rest(right, width)),
    ):
        if part_rows.start < part_rows.stop and part_columns.start < part_columns.stop:
            part = _part(camera, part_rows, part_columns)
            near = cloud.drawn_near(part.viewport, (radius + _BESIDE) / scale)
            picture[part_rows, part_columns] = raster(
                pairs(cloud.drawn, near), part, kept.style, row.take(near), radius
            )
    return _Kept(picture, camera, kept.version, kept.style, False)


def _overlap(shift: int, length: int) -> tuple[slice, slice]:
    """Where what stays in view is afterwards, and where it was."""
    return (
        slice(max(shift, 0), length + min(shift, 0)),
        slice(max(-shift, 0), length - max(shift, 0)),
    )


def _rest(shift: int, length: int) -> slice:
    """What has come into view."""
    return slice(0, shift) if shift >= 0 else slice(length + shift, length)


def _part(camera: Camera, part_rows: slice, part_columns: slice) -> Camera:
    """What a rectangle of the camera's pixels sees."""
    view, scale = camera.viewport, camera.scale
    return Camera(
        Viewport(
            view.x_min + part_columns.start / scale,
            view.x_min + part_columns.stop / scale,
            view.y_max - part_rows.stop / scale,
            view.y_max - part_rows.start / scale,
        ),
        0.0,
        0.0,
        part_columns.stop - part_columns.start,
        part_rows.stop - part_rows.start,
    )
