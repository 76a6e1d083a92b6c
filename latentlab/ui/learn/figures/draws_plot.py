"""Estimates of log p(x) over the number of draws they take."""

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QWidget

from latentlab.ui.learn.chart import Chart, lettering
from latentlab.ui.learn.plot import Plot
from latentlab.ui.number_text import fixed
from latentlab.ui.plane.areas import boxed_text, colour, pen

if TYPE_CHECKING:
    from latentlab.app.lessons.integral import Draws
    from latentlab.core.importance import Rung

_BELOW = 45.0  # nats below log p(x) that are in view


class DrawsPlot(Plot):
    """Two lines: draws from q and draws from the prior. What lies deeper leaves at the bottom."""

    USUAL = QSize(420, 170)
    LEAST = QSize(300, 120)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(
            "drawsPlot",
            "log p(x) by a few draws",
            "The log of the mean of k weights p(x|z) p(z) / q(z|x), z drawn from q(z|x), and "
            "likewise of p(x|z) with z from the prior. Dots: the mean over many repetitions; bars: "
            "± one standard deviation of a single one",
            parent,
        )
        self._draws: Draws | None = None

    def show_draws(self, draws: "Draws") -> None:
        """Show these."""
        self._draws = draws
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Axes, the level of log p(x), both lines."""
        draws = self._draws
        if draws is None:
            return
        theme, scale = self._theme, self._scale
        fonts = lettering(theme, scale, self.font())
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(fonts.small)
            metrics, exact = painter.fontMetrics(), draws.log_evidence
            left = metrics.horizontalAdvance(fixed(exact - _BELOW, 0)) + 10 * scale
            bottom = 2 * metrics.height() + 8 * scale
            room = QRectF(left, 2, self.width() - left - 8 * scale, self.height() - bottom - 2)
            rungs = draws.from_q
            last = math.log10(rungs[-1].k)
            chart = Chart(room, (-0.4, last + 0.4), (exact - _BELOW, exact + 0.2 * _BELOW))
            chart.paint_axes(painter, fonts, "k, number of draws", x_ticks=False)
            painter.setPen(colour(theme.muted))
            for rung in rungs:
                at = chart.at(math.log10(rung.k), chart.y[0])
                box = QRectF(at.x() - 40, at.y() + 3 * scale, 80, metrics.height())
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, f"{rung.k:,}")
            chart.paint_level(painter, fonts, exact, theme.accent, f"log p(x) = {fixed(exact)}")
            painter.setClipRect(room)
            for series, ink, shift in ((draws.from_prior, theme.prior, 3), (rungs, theme.text, -3)):
                self._paint_line(painter, chart, series, ink, shift * scale)
            painter.setClipping(False)
            ground, corner = colour(theme.panel, 0.8), room.bottomRight()
            for text, ink, up in (
                ("z from q(z|x)", theme.text, 24),
                ("z from the prior", theme.prior, 8),
            ):
                width = metrics.horizontalAdvance(text) + 10 * scale
                at = corner - QPointF(width, up * scale)
                boxed_text(painter, text, at, fonts.small, ink=colour(ink), ground=ground)

    def _paint_line(
        self, painter: QPainter, chart: Chart, rungs: "tuple[Rung, ...]", ink: str, shift: float
    ) -> None:
        """shift: pixels to the right, so that bars do not cover each other."""
        scale, offset = self._scale, QPointF(shift, 0)
        points = []
        for rung in rungs:
            x = math.log10(rung.k)
            points.append(chart.at(x, rung.mean) + offset)
            painter.setPen(pen(ink, 1.5, 0.7))
            painter.drawLine(
                QLineF(
                    chart.at(x, rung.mean - rung.spread) + offset,
                    chart.at(x, rung.mean + rung.spread) + offset,
                )
            )
        painter.setPen(pen(ink, 1.8))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(points))
        painter.setPen(pen(self._theme.panel, 1.2))
        painter.setBrush(colour(ink))
        for point in points:
            painter.drawEllipse(point, 4.2 * scale, 4.2 * scale)
