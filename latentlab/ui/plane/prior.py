"""The prior N(0, I): rings at 1, 2 and 3 sigma, each with the mass inside it."""

import math

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPolygonF

from latentlab.ui.plane.areas import Style, boxed_text, colour, pen
from latentlab.ui.plane.camera import Camera

RINGS = (1, 2, 3)
_LABEL_ANGLES = tuple(math.radians(degrees) for degrees in (90, 60, 120, 45, 135, 0, 180, 270))


def mass_inside(radius: float) -> float:
    """The mass of N(0, I) in two dimensions within `radius`: 1 − exp(−radius²/2)."""
    return -math.expm1(-0.5 * radius * radius)


def arc_angles(radius: float, camera: Camera) -> npt.NDArray[np.float64]:
    """Angles, ascending, that draw the part of a ring in view as a smooth line; empty if none.

    Zoomed in, a whole ring would be millions of pixels long: only what the corners of the view
    enclose is drawn.
    """
    view = camera.viewport
    nearest_x = min(max(0.0, view.x_min), view.x_max)
    nearest_y = min(max(0.0, view.y_min), view.y_max)
    corners = np.array([(x, y) for x in (view.x_min, view.x_max) for y in (view.y_min, view.y_max)])
    if math.hypot(nearest_x, nearest_y) > radius or np.hypot(*corners.T).max() < radius:
        return np.zeros(0)
    if nearest_x == 0 and nearest_y == 0:
        return np.linspace(-math.pi, math.pi, 361)
    middle = math.atan2((view.y_min + view.y_max) / 2, (view.x_min + view.x_max) / 2)
    turned = np.arctan2(corners[:, 1], corners[:, 0]) - middle
    turned = (turned + math.pi) % (2 * math.pi) - math.pi
    return middle + np.linspace(turned.min(), turned.max(), 257)


def paint_prior(painter: QPainter, camera: Camera, style: Style) -> None:
    """Rings in grey, fainter outwards."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for radius in RINGS:
        angles = arc_angles(radius, camera)
        if not len(angles):
            continue
        # On a bed of the ground's colour, so that it can be followed through the points.
        for colour_name, width, strength in (
            (style.theme.plane, 4.0, 0.6),
            (style.theme.prior, 1.6, 1.0 - 0.15 * (radius - 1)),
        ):
            painter.setPen(pen(colour_name, width * style.scale, strength))
            _paint_ring(painter, radius, angles, camera)


def _paint_ring(
    painter: QPainter, radius: float, angles: npt.NDArray[np.float64], camera: Camera
) -> None:
    if angles[-1] - angles[0] >= 2 * math.pi:
        # Qt strokes its few curves four times as fast as hundreds of chords.
        centre = QPointF(camera.x_to_pixel(0.0), camera.y_to_pixel(0.0))
        painter.drawEllipse(centre, radius * camera.scale, radius * camera.scale)
        return
    x = camera.x_to_pixel(radius * np.cos(angles)).tolist()
    y = camera.y_to_pixel(radius * np.sin(angles)).tolist()
    painter.drawPolyline(QPolygonF([QPointF(*at) for at in zip(x, y, strict=True)]))


def paint_masses(painter: QPainter, camera: Camera, style: Style) -> None:
    """Write "39 %", "86 %", "99 %" on the rings, or the last alone where they are too near."""
    metrics = QFontMetricsF(style.small)
    inner = QRectF(camera.left, camera.top, camera.width, camera.height)
    for radius in RINGS:
        if radius * camera.scale < 14 * style.scale:
            continue
        if radius < RINGS[-1] and camera.scale < metrics.height() + 2:
            continue  # it would lie on the next one's
        text = f"{radius}σ: {mass_inside(radius):.0%}".replace("%", " %")
        box = metrics.boundingRect(text)
        inside = inner.adjusted(4, 4, -box.width() - 4, -4)
        for angle in _LABEL_ANGLES:
            at = QPointF(
                camera.x_to_pixel(radius * math.cos(angle)) - box.width() / 2,
                camera.y_to_pixel(radius * math.sin(angle)) + metrics.ascent() * 0.4,
            )
            if inside.contains(at) and inside.contains(at - QPointF(0, box.height())):
                ground = colour(style.theme.plane, 0.8)
                ink = colour(style.theme.muted)
                boxed_text(painter, text, at, style.small, ink=ink, ground=ground)
                break
