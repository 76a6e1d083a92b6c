"""A small plot for a figure: linear axes with ticks, curves, and lines across."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPen, QPolygonF

from latentlab.ui.plane.areas import Style, boxed_text, colour, pen, style
from latentlab.ui.plane.ticks import ticks
from latentlab.ui.theme import Theme

Floats = npt.NDArray[np.float64]

_FAR = 1e6  # pixels; Qt overflows beyond
_BEYOND = 2000.0  # pixels by which a curve leaves its room: Qt draws no line to infinity


def lettering(theme: Theme, scale: float, font: QFont) -> Style:
    """How a figure paints; `font` is the application's, as the figure follows it."""
    return style(theme, scale, font)


@dataclass(frozen=True, slots=True)
class Chart:
    """Where values lie in `room`, pixels. x, y: lowest and highest value, not equal."""

    room: QRectF
    x: tuple[float, float]
    y: tuple[float, float]

    def px(self, value: float) -> float:
        """The pixel of a value along x."""
        return self.room.left() + self.room.width() * (value - self.x[0]) / (self.x[1] - self.x[0])

    def py(self, value: float) -> float:
        """The pixel of a value along y, which grows upwards."""
        part = (value - self.y[0]) / (self.y[1] - self.y[0])
        return self.room.bottom() - self.room.height() * part

    def at(self, x: float, y: float) -> QPointF:
        """The pixel of a value."""
        across, down = self.px(x), self.py(y)
        return QPointF(min(max(across, -_FAR), _FAR), min(max(down, -_FAR), _FAR))

    def value_at(self, pixel: float) -> float:
        """The value along x at a pixel, kept within what is shown."""
        part = (pixel - self.room.left()) / max(self.room.width(), 1.0)
        return self.x[0] + min(max(part, 0.0), 1.0) * (self.x[1] - self.x[0])

    def curve(self, x: Floats, y: Floats) -> QPolygonF:
        """A curve in pixels; far beyond the room it is drawn no farther."""
        low, high = self.room.top() - _BEYOND, self.room.bottom() + _BEYOND
        return QPolygonF(
            [
                QPointF(self.px(a), min(max(self.py(b), low), high))
                for a, b in zip(x.tolist(), y.tolist(), strict=True)
            ]
        )

    def paint_axes(
        self, painter: QPainter, style: Style, x_name: str, *, x_ticks: bool = True
    ) -> None:
        """Ticks and their numbers on the left and below, faint lines, and what x is.

        Below, it takes two lines of the small font, and 8 pixels. x_ticks: or room for others.
        """
        room, scale = self.room, style.scale
        painter.setFont(style.small)
        height = painter.fontMetrics().height()
        flags = Qt.AlignmentFlag
        for value, text in ticks(*self.y, room.height(), 2.4 * height):
            y = self.at(self.x[0], value).y()
            painter.setPen(pen(style.theme.line, 1, 0.6))
            painter.drawLine(QLineF(room.left(), y, room.right(), y))
            painter.setPen(colour(style.theme.muted))
            box = QRectF(0, y - height, room.left() - 5 * scale, 2 * height)
            painter.drawText(box, flags.AlignRight | flags.AlignVCenter, text)
        spacing = 64 * scale
        for value, text in ticks(*self.x, room.width(), spacing) if x_ticks else ():
            x = self.at(value, self.y[0]).x()
            painter.setPen(pen(style.theme.line, 1))
            painter.drawLine(QLineF(x, room.bottom(), x, room.bottom() + 4 * scale))
            painter.setPen(colour(style.theme.muted))
            box = QRectF(x - spacing / 2, room.bottom() + 4 * scale, spacing, height)
            painter.drawText(box, flags.AlignCenter, text)
        painter.setPen(colour(style.theme.muted))
        under = QRectF(room.left(), room.bottom() + 5 * scale + height, room.width(), height)
        painter.drawText(under, flags.AlignCenter, x_name)
        painter.setPen(pen(style.theme.line, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(room)

    def paint_curve(self, painter: QPainter, x: Floats, y: Floats, ink: QPen) -> None:
        """A line through the values, cut off at the frame."""
        painter.save()
        painter.setClipRect(self.room)
        painter.setPen(ink)
        painter.drawPolyline(self.curve(x, y))
        painter.restore()

    def paint_level(self, painter: QPainter, style: Style, y: float, ink: str, text: str) -> None:
        """A dashed line across at `y`, with what it is, above its left end where there is room."""
        line = pen(ink, 1.6)
        line.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(line)
        place = self.at(self.x[0], y).y()
        painter.drawLine(QLineF(self.room.left(), place, self.room.right(), place))
        above = place - self.room.top() > 22 * style.scale
        down = -6 * style.scale if above else 15 * style.scale
        start = QPointF(self.room.left() + 8 * style.scale, place + down)
        ground = colour(style.theme.panel, 0.8)
        boxed_text(painter, text, start, style.small, ink=colour(ink), ground=ground)
