"""One objective over a family of Gaussians q: its two terms, their sum, and its lowest point."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from latentlab.ui.learn.chart import Chart, lettering
from latentlab.ui.learn.plot import Plot
from latentlab.ui.plane.areas import boxed_text, colour, pen

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Curves:
    """place: t, (T,). reconstruction, kl: the terms as they are weighted, (T,). best: the t at
    which their sum is lowest, and `least` the sum there. start: the encoder's t."""

    place: Floats
    reconstruction: Floats
    kl: Floats
    best: float
    least: float
    start: float

    @property
    def total(self) -> Floats:
        """The objective, (T,)."""
        result: Floats = self.reconstruction + self.kl
        return result


class ObjectivePlot(Plot):
    """From 0 to twice the lowest value of the objective."""

    USUAL = QSize(320, 230)
    LEAST = QSize(230, 170)

    def __init__(self, name: str, label: str, parent: QWidget) -> None:
        super().__init__(
            name,
            label,
            "Blue: the squared error; orange: KL(q ‖ p(z)), each as this objective weights it; "
            "strong: their sum. Its lowest point is marked; the dotted line is the encoder's q",
            parent,
        )
        self._curves: Curves | None = None
        self._x_name = ""

    def show_curves(self, curves: Curves, x_name: str) -> None:
        """Show these; x_name: what t is."""
        self._curves, self._x_name = curves, x_name
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Axes, the encoder's place, the terms, the sum, its lowest point."""
        curves, theme, scale = self._curves, self._theme, self._scale
        if curves is None:
            return
        fonts = lettering(theme, scale, self.font())
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(fonts.small)
            metrics = painter.fontMetrics()
            left, bottom = (
                metrics.horizontalAdvance("00000.0") + 8,
                2 * metrics.height() + 8 * scale,
            )
            room = QRectF(left, 4, self.width() - left - 8 * scale, self.height() - bottom - 4)
            span = float(curves.place[0]), float(curves.place[-1])
            chart = Chart(room, span, (0.0, 2 * max(curves.least, 1e-3)))
            chart.paint_axes(painter, fonts, self._x_name)
            dotted = pen(theme.muted, 1.4)
            dotted.setStyle(Qt.PenStyle.DotLine)
            painter.setPen(dotted)
            x = chart.at(curves.start, 0).x()
            painter.drawLine(QLineF(x, room.top(), x, room.bottom()))
            for values, ink, width in (
                (curves.reconstruction, theme.reconstruction, 1.6),
                (curves.kl, theme.kl, 1.6),
                (curves.total, theme.objective, 2.4),
            ):
                chart.paint_curve(painter, curves.place, values, pen(ink, width))
            lowest = chart.at(curves.best, curves.least)
            line = pen(theme.accent, 1.8)
            line.setStyle(Qt.PenStyle.DashLine)
            painter.setPen(line)
            painter.drawLine(QLineF(lowest.x(), lowest.y(), lowest.x(), room.bottom()))
            painter.setPen(pen(theme.plane, 1.5))
            painter.setBrush(colour(theme.accent))
            painter.drawEllipse(lowest, 5 * scale, 5 * scale)
            # Where neither family has its curves.
            at = room.topLeft() + QPointF(0.22 * room.width(), 17 * scale)
            ground = colour(theme.panel, 0.8)
            for text, ink in (("error", theme.reconstruction), ("KL", theme.kl)):
                boxed_text(painter, text, at, fonts.small, ink=colour(ink), ground=ground)
                at += QPointF(metrics.horizontalAdvance(text) + 14 * scale, 0)
