"""The cross-hair z, and z1 and z2 with the way between them."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

from latentlab.app.state import Z_LIMIT, Point
from latentlab.ui.plane.areas import Style, colour, haloed_text, pen
from latentlab.ui.plane.camera import Camera

HANDLE_RADIUS = 9.0
"""Pixels, at text scale 1."""
_CROSS_RADIUS = 7.0
_FAR = 30_000.0  # pixels; a mark out there is out of view, and Qt's painter is still exact
_BEYOND = 10.0  # pixels around the view in which a thick line may still reach in


def clamped(x: float, y: float, otherwise: Point) -> Point:
    """(x, y) within ±Z_LIMIT; `otherwise` where either is not a number."""
    if math.isnan(x) or math.isnan(y):
        return otherwise
    return min(max(x, -Z_LIMIT), Z_LIMIT), min(max(y, -Z_LIMIT), Z_LIMIT)


@dataclass(slots=True)
class Handles:
    """z, z1 and z2 in latent units. path: (M, 2) between z1 and z2, or None for a straight line.

    ends: whether the handles z1 and z2 are there; joined: whether the way between them is.
    """

    z: Point = (0.0, 0.0)
    z1: Point = (-1.5, 0.0)
    z2: Point = (1.5, 0.0)
    path: npt.NDArray[np.float64] | None = None
    midpoint: Point | None = None
    ends: bool = True
    joined: bool = True

    def move_ends(self, z1: Point, z2: Point) -> bool:
        """Put them there; False where they were. The path and ẑ of the old ones are gone."""
        if (z1, z2) == (self.z1, self.z2):
            return False
        self.z1, self.z2 = z1, z2
        self.path = self.midpoint = None
        return True

    def lead(self, path: npt.NDArray[np.floating] | None, midpoint: Point | None) -> None:
        """Take this path (M, 2) and ẑ; None: straight, and the middle. Raises ValueError."""
        way = None if path is None else np.array(path, np.float64)
        if way is not None and not (
            way.ndim == 2 and way.shape[1] == 2 and len(way) >= 2 and np.isfinite(way).all()
        ):
            raise ValueError(f"a path needs finite points (M, 2), M ≥ 2, not {way.shape}")
        self.path = way
        self.midpoint = None if midpoint is None else clamped(*midpoint, self.middle())

    def way(self) -> npt.NDArray[np.float64]:
        """The points to join, (M, 2)."""
        return np.array([self.z1, self.z2]) if self.path is None else self.path

    def middle(self) -> Point:
        """ẑ: the midpoint given, else (z1 + z2) / 2."""
        if self.midpoint is not None:
            return self.midpoint
        return (self.z1[0] + self.z2[0]) / 2, (self.z1[1] + self.z2[1]) / 2

    def under(self, camera: Camera, px: float, py: float, scale: float) -> int:
        """1 or 2 for the handle z1 or z2 at a pixel position, 0 for neither."""
        if not self.ends:
            return 0
        reach = (HANDLE_RADIUS + 3) * scale
        distances = [
            math.hypot(camera.x_to_pixel(x) - px, camera.y_to_pixel(y) - py)
            for x, y in (self.z1, self.z2)
        ]
        if min(distances) > reach:
            return 0
        return 1 if distances[0] <= distances[1] else 2


def paint_handles(painter: QPainter, handles: Handles, camera: Camera, style: Style) -> None:
    """The cross-hair, then the two handles; over the way between them."""
    _paint_cross(painter, handles.z, camera, style)
    if not handles.ends:
        return
    for name, at in (("1", handles.z1), ("2", handles.z2)):
        _paint_handle(painter, name, _pixel(at, camera), style)


def _pixel(point: Point, camera: Camera) -> QPointF:
    x = min(max(camera.x_to_pixel(point[0]), -_FAR), _FAR)
    y = min(max(camera.y_to_pixel(point[1]), -_FAR), _FAR)
    return QPointF(x, y)


def segments_in_view(way: npt.NDArray[np.float64], camera: Camera) -> list[QLineF]:
    """The parts of the polyline `way` (M, 2) in view, in pixels.

    Zoomed in, its ends lie millions of pixels away, where Qt's painter loses lines.
    """
    points = np.stack([camera.x_to_pixel(way[:, 0]), camera.y_to_pixel(way[:, 1])], axis=1)
    start, step = points[:-1], np.diff(points, axis=0)
    low = np.array([camera.left, camera.top]) - _BEYOND
    high = np.array([camera.left + camera.width, camera.top + camera.height]) + _BEYOND
    # Along an axis on which a segment stands still it is in view always or never.
    still = step == 0
    safe = np.where(still, 1.0, step)
    first, last = (low - start) / safe, (high - start) / safe
    never = still & ((start < low) | (start > high))
    enter = np.where(still, np.where(never, 2.0, 0.0), np.minimum(first, last)).max(axis=1)
    leave = np.where(still, 1.0, np.maximum(first, last)).min(axis=1)
    enter, leave = np.maximum(enter, 0.0), np.minimum(leave, 1.0)
    seen = enter < leave
    begin = start[seen] + enter[seen, None] * step[seen]
    end = start[seen] + leave[seen, None] * step[seen]
    return [QLineF(*a, *b) for a, b in zip(begin.tolist(), end.tolist(), strict=True)]


def paint_way(painter: QPainter, handles: Handles, camera: Camera, style: Style) -> None:
    """The way from z1 to z2, with ẑ on it."""
    if not handles.joined:
        return
    line = segments_in_view(handles.way(), camera)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen(style.theme.plane, 5 * style.scale, 0.7))
    painter.drawLines(line)
    painter.setPen(pen(style.theme.text, 2 * style.scale, 0.85))
    painter.drawLines(line)
    middle = _pixel(handles.middle(), camera)
    half = 5.5 * style.scale
    diamond = [(0, -half), (half, 0), (0, half), (-half, 0)]
    painter.setPen(pen(style.theme.plane, 1.5 * style.scale))
    painter.setBrush(colour(style.theme.text))
    painter.drawPolygon(QPolygonF([middle + QPointF(x, y) for x, y in diamond]))
    haloed_text(
        painter,
        "ẑ",
        middle + QPointF(-0.8 * half, 4.4 * half),
        style.bold,
        ink=colour(style.theme.text),
        halo=colour(style.theme.plane, 0.85),
        width=4 * style.scale,
    )


def _paint_cross(painter: QPainter, z: Point, camera: Camera, style: Style) -> None:
    at = _pixel(z, camera)
    gap = _CROSS_RADIUS * style.scale
    _paint_rays(
        painter, at, gap, camera, width=3 * style.scale, ink=colour(style.theme.plane, 0.45)
    )
    _paint_rays(
        painter, at, gap, camera, width=1.2 * style.scale, ink=colour(style.theme.accent, 0.75)
    )
    paint_mark(painter, z, camera, style)


def paint_mark(painter: QPainter, z: Point, camera: Camera, style: Style) -> None:
    """The middle of the cross-hair: a ring around z, with its name."""
    at = _pixel(z, camera)
    gap = _CROSS_RADIUS * style.scale
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for name, width in ((style.theme.plane, 5.0), (style.theme.accent, 2.4)):
        painter.setPen(pen(name, width * style.scale))
        painter.drawEllipse(at, gap, gap)
    painter.setPen(pen(style.theme.plane, 1))
    painter.setBrush(colour(style.theme.accent))
    painter.drawEllipse(at, 2.2 * style.scale, 2.2 * style.scale)
    haloed_text(
        painter,
        "z",
        at + QPointF(1.4 * gap, -1.1 * gap),
        style.bold,
        ink=colour(style.theme.accent),
        halo=colour(style.theme.plane, 0.9),
        width=4 * style.scale,
    )


def _paint_rays(
    painter: QPainter, at: QPointF, gap: float, camera: Camera, *, width: float, ink: QColor
) -> None:
    """From `gap` pixels around `at` to the edges; Qt fills a rectangle sooner than it strokes."""
    plane = QRectF(camera.left, camera.top, camera.width, camera.height)
    left, top = at.x() - width / 2, at.y() - width / 2
    for ray in (
        QRectF(plane.left(), top, at.x() - gap - plane.left(), width),
        QRectF(at.x() + gap, top, plane.right() - at.x() - gap, width),
        QRectF(left, plane.top(), width, at.y() - gap - plane.top()),
        QRectF(left, at.y() + gap, width, plane.bottom() - at.y() - gap),
    ):
        painter.fillRect(ray & plane, ink)


def _paint_handle(painter: QPainter, name: str, at: QPointF, style: Style) -> None:
    radius = HANDLE_RADIUS * style.scale
    painter.setPen(pen(style.theme.plane, 2 * style.scale))
    painter.setBrush(colour(style.theme.text))
    painter.drawEllipse(at, radius, radius)
    painter.setFont(style.text)
    painter.setPen(colour(style.theme.plane))
    box = QRectF(at.x() - radius, at.y() - radius, 2 * radius, 2 * radius)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)
