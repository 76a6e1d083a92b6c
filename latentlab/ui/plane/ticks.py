"""Ticks: round numbers a comfortable distance apart, and the frame they stand on."""

import math

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from latentlab.ui.plane.areas import Areas, Style, colour, pen
from latentlab.ui.plane.camera import Camera

_SPACING = 64  # pixels at least between ticks


def ticks(low: float, high: float, pixels: float, spacing: float) -> list[tuple[float, str]]:
    """Multiples of 1, 2 or 5 times a power of ten in [low, high], at least `spacing` pixels apart.

    Each with its text, written with as many decimals as the step needs and a true minus sign.
    """
    least = (high - low) * spacing / pixels
    power = math.floor(math.log10(least))
    # The margin keeps a step that is just wide enough when its logarithm rounds up.
    step = next(m * 10.0**power for m in (1, 2, 5, 10) if m * 10.0**power >= least * (1 - 1e-9))
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    result = []
    for multiple in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1):
        text = f"{multiple * step:.{decimals}f}".replace("-", "−")
        result.append((multiple * step, text))
    return result


def paint_grid(painter: QPainter, camera: Camera, style: Style, *, upright: bool = True) -> None:
    """Faint lines at the ticks, stronger through zero. upright: of the second axis, too."""
    view, spacing = camera.viewport, _SPACING * style.scale
    ink, through_zero = colour(style.theme.line, 0.4), colour(style.theme.line, 0.9)
    # Each is one pixel wide, and Qt fills a rectangle sooner than it strokes a line.
    for value, _ in ticks(view.x_min, view.x_max, camera.width, spacing):
        line = QRectF(round(camera.x_to_pixel(value)), camera.top, 1, camera.height)
        painter.fillRect(line, ink if value else through_zero)
    others = ticks(view.y_min, view.y_max, camera.height, spacing) if upright else []
    for value, _ in others:
        line = QRectF(camera.left, round(camera.y_to_pixel(value)), camera.width, 1)
        painter.fillRect(line, ink if value else through_zero)


def paint_axes(
    painter: QPainter, areas: Areas, camera: Camera, style: Style, names: tuple[str, str]
) -> None:
    """The plane's frame, tick marks, their numbers and, unless bare, the axes' names."""
    view, spacing, plane = camera.viewport, _SPACING * style.scale, QRectF(areas.plane)
    muted, scale = colour(style.theme.muted), style.scale
    painter.setFont(style.small)
    line = pen(style.theme.line, 1)
    row = 14 * scale
    for value, text in ticks(view.x_min, view.x_max, camera.width, spacing):
        x = camera.x_to_pixel(value)
        painter.setPen(line)
        painter.drawLine(QLineF(x, plane.bottom(), x, plane.bottom() + 4 * scale))
        painter.setPen(muted)
        box = QRectF(x - spacing, plane.bottom() + 5 * scale, 2 * spacing, row)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    upright = ticks(view.y_min, view.y_max, camera.height, spacing) if names[1] else []
    for value, text in upright:
        y = camera.y_to_pixel(value)
        painter.setPen(line)
        painter.drawLine(QLineF(plane.left() - 4 * scale, y, plane.left(), y))
        painter.setPen(muted)
        _write_left_of(painter, QPointF(plane.left() - 6 * scale, y), text)
    painter.setPen(line)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(plane.adjusted(-0.5, -0.5, 0.5, 0.5))
    if areas.bare:
        return
    painter.setPen(colour(style.theme.text))
    painter.setFont(style.text)
    below = QRectF(plane.left(), plane.bottom() + 18 * scale, plane.width(), 16 * scale)
    painter.drawText(below, Qt.AlignmentFlag.AlignCenter, names[0])
    # One part above the other, as there is no room beside the plane for more.
    parts = names[1].partition(" (")
    lines = [parts[0], parts[1].lstrip() + parts[2]] if parts[1] else [names[1]]
    step = painter.fontMetrics().height()
    for row, part in enumerate(reversed(lines)):
        painter.drawText(QPointF(3 * scale, plane.top() - 6 * scale - row * step), part)


def _write_left_of(painter: QPainter, at: QPointF, text: str) -> None:
    """Write `text` so that it ends at `at`, made narrower where it is longer than the margin."""
    metrics = painter.fontMetrics()
    width, height = metrics.horizontalAdvance(text), metrics.height()
    squeeze = min(1.0, (at.x() - 1) / max(width, 1))
    painter.save()
    painter.translate(at)
    painter.scale(squeeze, 1)
    box = QRectF(-width - 1, -height / 2, width + 1, height)
    painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
    painter.restore()
