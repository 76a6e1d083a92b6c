"""How long something takes, on a line from a millisecond to far beyond the age of the universe."""

import math

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from latentlab.ui.learn.chart import lettering
from latentlab.ui.learn.plot import Plot
from latentlab.ui.plane.areas import colour, pen

_YEAR = 365.25 * 24 * 3600
_LOW, _HIGH = -5.0, 39.0  # powers of ten of a second
_MARKS = (
    (1.0, "a second"),
    (24 * 3600.0, "a day"),
    (100 * _YEAR, "a life"),
    (1.38e10 * _YEAR, "age of the universe"),
)


class TimeLine(Plot):
    """A logarithmic axis with some well-known times, and a bar as long as the time shown."""

    USUAL = QSize(400, 44)
    LEAST = QSize(340, 44)

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(
            name,
            "How long a sum over the grid takes",
            "Seconds on a logarithmic scale: points of the grid times what one decoding takes on "
            "this machine, measured a moment ago",
            parent,
        )
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._seconds: float | None = None

    def show_seconds(self, seconds: float) -> None:
        """Show this time, more than 0."""
        self._seconds = seconds
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The bar, the marks, their names."""
        theme, scale, width = self._theme, self._scale, self.width()
        fonts = lettering(theme, scale, self.font())
        top, height = 3 * scale, 14 * scale

        def x(seconds: float) -> float:
            return width * (math.log10(seconds) - _LOW) / (_HIGH - _LOW)

        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour(theme.line))
            painter.drawRoundedRect(QRectF(0, top, width, height), 4, 4)
            if self._seconds is not None:
                end = min(max(x(self._seconds), 4.0), float(width))
                beyond = self._seconds > _MARKS[-1][0]
                painter.setBrush(colour(theme.warning if beyond else theme.accent))
                painter.drawRoundedRect(QRectF(0, top, end, height), 4, 4)
                if x(self._seconds) > width:
                    middle = top + height / 2
                    tip = [QPointF(width - 9, middle - 5), QPointF(width - 2, middle)]
                    painter.setPen(pen(theme.panel, 2))
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                    painter.drawPolyline(QPolygonF([*tip, QPointF(width - 9, middle + 5)]))
            painter.setFont(fonts.small)
            row = painter.fontMetrics().height()
            for seconds, text in _MARKS:
                painter.setPen(pen(theme.muted, 1))
                at = x(seconds)
                painter.drawLine(QLineF(at, top, at, top + height + 4 * scale))
                painter.setPen(colour(theme.muted))
                box = QRectF(at - 80 * scale, top + height + 4 * scale, 160 * scale, row)
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
