"""How the shapes on a plane of Gaussians are drawn, and where their handles are."""

import math

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from latentlab.ui.learn.gaussians.shapes import Dots, Shape
from latentlab.ui.plane.areas import Style, colour, haloed_text, pen
from latentlab.ui.plane.camera import Camera
from latentlab.ui.plane.ticks import ticks

RADIUS = 7.0
"""Of a handle, pixels at text scale 1."""
STEM = 13.0
"""From the end of an axis to its handle, so that no handle hides another."""
_NAME = 18.0  # from a mean to the middle of its name
_SPACING = 40  # pixels at least between two lines of the grid


def end_of(shape: Shape, part: int) -> tuple[float, float]:
    """On the plane: the mean for part 0, the end of the first or second axis for 1 and 2."""
    x, y = shape.ellipse.mean
    if part == 0:
        return x, y
    dx, dy = shape.ellipse.direction(part - 1)
    length = shape.side * shape.ellipse.sigmas[part - 1]
    return x + length * dx, y + length * dy


def place_of(shape: Shape, part: int, camera: Camera, scale: float) -> QPointF:
    """Where the handle is, in pixels; scale: of the text."""
    x, y = end_of(shape, part)
    at = QPointF(camera.x_to_pixel(x), camera.y_to_pixel(y))
    if part == 0:
        return at
    dx, dy = shape.ellipse.direction(part - 1)
    stem = shape.side * STEM * scale
    return QPointF(at.x() + stem * dx, at.y() - stem * dy)


def paint_grid(painter: QPainter, camera: Camera, look: Style) -> None:
    """Faint lines, stronger through 0, with their numbers along the lower and the left edge."""
    painter.setFont(look.small)
    gap, spacing, view = 3 * look.scale, _SPACING * look.scale, camera.viewport
    for value, text in ticks(view.x_min, view.x_max, camera.width, spacing):
        x = round(camera.x_to_pixel(value))
        # Qt fills a rectangle a hundred times sooner than it strokes a line that shines through.
        painter.fillRect(x, 0, 1, round(camera.height), _grid_ink(value, look))
        # None in the corner, where those of the other edge are, nor cut off.
        if spacing / 2 < x < camera.width - spacing / 2:
            painter.setPen(colour(look.theme.muted))
            painter.drawText(QPointF(x + gap, camera.height - gap), text)
    for value, text in ticks(view.y_min, view.y_max, camera.height, spacing):
        y = round(camera.y_to_pixel(value))
        painter.fillRect(0, y, round(camera.width), 1, _grid_ink(value, look))
        if spacing / 2 < y < camera.height - spacing / 2:
            painter.setPen(colour(look.theme.muted))
            painter.drawText(QPointF(gap, y - gap), text)


def paint_dots(painter: QPainter, dots: Dots, camera: Camera, look: Style) -> None:
    """Points, and the way along them if they are joined."""
    x, y = camera.x_to_pixel(dots.points[:, 0]), camera.y_to_pixel(dots.points[:, 1])
    places = [QPointF(*at) for at in zip(x.tolist(), y.tolist(), strict=True)]
    ink: str = getattr(look.theme, dots.role)
    if dots.joined:
        painter.setPen(pen(ink, 1.6 * look.scale, 0.8))
        painter.drawPolyline(places)
    painter.setPen(pen(ink, (4.0 if dots.joined else 2.6) * look.scale, 0.75))
    painter.drawPoints(places)


def paint_ellipse(painter: QPainter, shape: Shape, camera: Camera, look: Style) -> None:
    """At 1σ, to scale."""
    ellipse = shape.ellipse
    line = pen(getattr(look.theme, shape.role), 2.2 * look.scale)
    if shape.dashed:
        line.setDashPattern([3.2, 2.4])
    first, second = (sigma * camera.scale for sigma in ellipse.sigmas)
    painter.save()
    painter.translate(place_of(shape, 0, camera, look.scale))
    painter.rotate(-math.degrees(ellipse.angle))
    painter.setPen(line)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(QPointF(0, 0), first, second)
    painter.restore()


def paint_handle(
    painter: QPainter, shape: Shape, part: int, camera: Camera, look: Style, *, ringed: bool
) -> None:
    """A disc with the shape's name at its mean, a ring on a stem at the end of an axis."""
    theme, scale = look.theme, look.scale
    at, ink = place_of(shape, part, camera, scale), getattr(theme, shape.role)
    radius = (RADIUS if part == 0 else 0.75 * RADIUS) * scale
    if part:
        painter.setPen(pen(ink, 1.2 * scale, 0.8))
        painter.drawLine(place_of(shape, 0, camera, scale), at)
    if ringed:
        painter.setPen(QPen(colour(theme.text), 2 * scale))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(at, radius + 4 * scale, radius + 4 * scale)
    painter.setPen(pen(theme.plane, 1.5 * scale))
    painter.setBrush(colour(ink if part == 0 else theme.plane))
    painter.drawEllipse(at, radius, radius)
    if part:
        painter.setPen(pen(ink, 2 * scale))
        painter.drawEllipse(at, radius - scale, radius - scale)
        return
    metrics = QFontMetricsF(look.bold)
    dx, dy = _away(shape)
    haloed_text(
        painter,
        shape.name,
        QPointF(
            at.x() + _NAME * scale * dx - metrics.horizontalAdvance(shape.name) / 2,
            at.y() - _NAME * scale * dy + 0.3 * metrics.ascent(),
        ),
        look.bold,
        ink=colour(ink),
        halo=colour(theme.plane, 0.85),
        width=4 * scale,
    )


def _grid_ink(value: float, look: Style) -> QColor:
    return colour(look.theme.line, 0.9 if value == 0 else 0.4)


def _away(shape: Shape) -> tuple[float, float]:
    """The direction from the mean in which there is no handle, as a unit vector."""
    if not shape.axes:
        return 0.0, 1.0
    angle = shape.ellipse.angle + math.pi / 4
    return -shape.side * math.cos(angle), -shape.side * math.sin(angle)
