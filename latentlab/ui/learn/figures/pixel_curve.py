"""What one pixel would cost for every x̂: a parabola, or a cross-entropy."""

import numpy as np
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from latentlab.app.lessons.pixel_cost import bernoulli_cost, gaussian_cost
from latentlab.ui.learn.chart import Chart, lettering
from latentlab.ui.learn.plot import Plot
from latentlab.ui.plane.areas import colour, pen

_POINTS = 201


class PixelCurve(Plot):
    """−log p(x_i|z) over x̂_i from 0 to 1, for the x_i that is picked, and where x̂_i is."""

    USUAL = QSize(300, 160)
    LEAST = QSize(200, 125)

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(
            name,
            "What this pixel would cost, for every x-hat",
            "−log p(x_i|z) of the picked pixel in nats, had the decoder said another x̂_i: for a "
            "Gaussian a parabola around x_i, as steep as 1/(2σ²); for a Bernoulli −log x̂_i where "
            "x_i is 1, −log(1 − x̂_i) where it is 0. The dot is at what it says",
            parent,
        )
        self._pixel: tuple[float, float] | None = None
        self._variance: float | None = None

    def show_pixel(self, x: float, mean: float, variance: float | None) -> None:
        """x and x̂ of the pixel, 0 to 1; variance: the Gaussian's σ², or None for a Bernoulli."""
        self._pixel, self._variance = (x, mean), variance
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Axes, curve, dot."""
        if self._pixel is None:
            return
        (x, mean), theme, scale = self._pixel, self._theme, self._scale
        at = np.linspace(0, 1, _POINTS)
        if self._variance is None:
            costs, here = bernoulli_cost(x, at), float(bernoulli_cost(x, mean))
        else:
            costs = gaussian_cost(x, at, self._variance)
            here = float(gaussian_cost(x, mean, self._variance))
        low = min(float(costs.min()), 0.0)
        # Where x̂ is nearly 0 or 1 a cross-entropy goes to infinity: six nats show how.
        high = max(float(costs[np.isfinite(costs)].max()), low + 0.1)
        if self._variance is None:
            high = max(6.0, min(here, high) * 1.05)
        fonts = lettering(theme, scale, self.font())
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(fonts.small)
            metrics = painter.fontMetrics()
            left, bottom = metrics.horizontalAdvance("−000.0") + 8, 2 * metrics.height() + 8 * scale
            room = QRectF(left, 4, self.width() - left - 8 * scale, self.height() - bottom - 4)
            pad = 0.06 * (high - low)
            chart = Chart(room, (0.0, 1.0), (low - pad, high + pad))
            chart.paint_axes(painter, fonts, "decoded value of this pixel")
            finite = np.isfinite(costs)
            chart.paint_curve(painter, at[finite], costs[finite], pen(theme.reconstruction, 2.2))
            painter.setPen(pen(theme.plane, 1.5))
            painter.setBrush(colour(theme.kl))
            painter.setClipRect(room.adjusted(-5, -5, 5, 5))
            painter.drawEllipse(chart.at(mean, here), 5 * scale, 5 * scale)
