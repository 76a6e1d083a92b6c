"""The log of a sum while it grows, on its way to log p(x)."""

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from latentlab.ui.learn.chart import Chart, lettering
from latentlab.ui.learn.plot import Plot
from latentlab.ui.number_text import fixed
from latentlab.ui.plane.areas import colour, pen

if TYPE_CHECKING:
    from latentlab.app.lessons.integral import GridSum

_BELOW, _ABOVE = 60.0, 16.0  # nats around log p(x) that are in view
_MOST = 300  # points of the curve


class RunningTotal(Plot):
    """Over the number of cells that are summed."""

    USUAL = QSize(320, 180)
    LEAST = QSize(220, 150)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(
            "runningTotal",
            "The log of the sum over the cells so far",
            "The log of the sum so far, in nats. It steps up where the sum crosses cells in which "
            "the image is likely; all others add nothing. Dashed: log p(x), by cells that are "
            "halved until it stands still",
            parent,
        )
        self._sum: GridSum | None = None
        self._count = 0

    def show_sum(self, grid_sum: "GridSum") -> None:
        """Show this sum."""
        self._sum = grid_sum
        self.update()

    def fill(self, count: int) -> None:
        """Show it up to so many cells."""
        self._count = count
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Axes, the level it should reach, the curve and its newest point."""
        if self._sum is None:
            return
        total, scale = self._sum, self._scale
        fonts = lettering(self._theme, scale, self.font())
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(fonts.small)
            metrics = painter.fontMetrics()
            exact = total.log_evidence
            top = max(exact, total.total) + _ABOVE
            left = metrics.horizontalAdvance(fixed(exact - _BELOW, 0)) + 10 * scale
            bottom = 2 * metrics.height() + 8 * scale
            room = QRectF(left, 2, self.width() - left - 8 * scale, self.height() - bottom - 2)
            chart = Chart(room, (0, total.side**2), (exact - _BELOW, top))
            chart.paint_axes(painter, fonts, "cells summed")
            words = f"log p(x) = {fixed(exact)}"
            if self._count:
                self._paint_curve(painter, chart, total)
            chart.paint_level(painter, fonts, exact, self._theme.accent, words)

    def _paint_curve(self, painter: QPainter, chart: Chart, total: "GridSum") -> None:
        at = np.unique(np.linspace(1, self._count, min(_MOST, self._count)).round().astype(int))
        chart.paint_curve(
            painter, at.astype(np.float64), total.running[at - 1], pen(self._theme.text, 2)
        )
        newest = chart.at(self._count, float(total.running[self._count - 1]))
        if chart.room.contains(newest):
            painter.setPen(pen(self._theme.plane, 1.5))
            painter.setBrush(colour(self._theme.text))
            painter.drawEllipse(newest, 4.5 * self._scale, 4.5 * self._scale)
