"""Histograms of two gradient estimators' single draws, and their means with error bars."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from latentlab.core.estimators import Estimate, Estimates
from latentlab.ui.learn.canvas import Canvas, paint_below, write
from latentlab.ui.learn.chart import Chart
from latentlab.ui.number_text import significant

_BINS = 48
_TAIL = 0.005  # of the wider estimator's draws on each side lie beyond the axis
_TIP = (
    "Left: the N single-draw gradients of each estimator, on one axis; those beyond it are "
    "counted in its end bins. Right: the mean of the N, with a bar of ± one standard error, "
    "√(variance / N). The dashed line is the true gradient, by quadrature"
)
_LEFT = Qt.AlignmentFlag.AlignLeft


@dataclass(frozen=True, slots=True)
class Axes:
    """What the two axes show, lowest and highest: of single draws, and of means."""

    draws: tuple[float, float]
    means: tuple[float, float]


def axes_for(estimates: Estimates, nominal: int) -> Axes:
    """Axes that stand while N changes: `estimates` of many draws say how wide single ones lie.

    A mean of `nominal` draws and its error bar fit on the axis of means.
    """
    both = (estimates.pathwise, estimates.score)
    ends = [np.quantile(each.draws, [_TAIL, 1 - _TAIL]) for each in both]
    low = min(float(end[0]) for end in ends)
    high = max(float(end[1]) for end in ends)
    # A constant gradient (z² of a tiny σ, nearly) still needs an axis with two ends.
    pad = max(0.05 * (high - low), 1e-3 * max(abs(low), abs(high)), 1e-6)
    half = 4 * max(float(np.sqrt(each.variance / nominal)) for each in both)
    half = max(half, 1e-3 * abs(estimates.true), 1e-6)
    return Axes((low - pad, high + pad), (estimates.true - half, estimates.true + half))


class EstimateChart(Canvas):
    """Two rows, the pathwise estimator above the score function's."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("estimateChart", "Two estimators of a gradient", _TIP, parent, (26, 11))
        self._estimates: Estimates | None = None
        self._axes: Axes | None = None
        self._names = ("", "")

    def show_estimates(self, estimates: Estimates, axes: Axes, names: tuple[str, str]) -> None:
        """Show these on these axes; `names`: what each estimator averages."""
        self._estimates, self._axes, self._names = estimates, axes, names
        self.setAccessibleDescription(
            f"true {significant(estimates.true)}, "
            f"pathwise {significant(estimates.pathwise.mean)}, "
            f"score function {significant(estimates.score.mean)}"
        )
        self.update()

    def paint(self, painter: QPainter) -> None:
        """Both rows and both axes."""
        if self._estimates is None or self._axes is None:
            return
        theme, line = self.theme, self.line
        split = 0.64 * self.width()
        height = (self.height() - 4.4 * line) / 2
        for index, (name, estimate, ink) in enumerate(
            (
                (f"pathwise: {self._names[0]}", self._estimates.pathwise, theme.accent),
                (f"score function: {self._names[1]}", self._estimates.score, theme.heat),
            )
        ):
            top = 1.2 * line + index * (height + 1.4 * line)
            draws = Chart(QRectF(line, top, split - 2 * line, height), self._axes.draws, (0.0, 1.0))
            means = Chart(
                QRectF(split + 8, top, self.width() - split - 8 - line, height),
                self._axes.means,
                (0.0, 1.0),
            )
            title = QRectF(4, top - 1.15 * line, split, line)
            write(painter, title, name, ink, _LEFT)
            self._paint_draws(painter, draws, estimate, ink)
            self._paint_mean(painter, means, estimate, ink)
            for chart in (draws, means):
                self._paint_true(painter, chart)
            if index == 1:
                paint_below(painter, draws, theme, "gradient")
                paint_below(painter, means, theme, "")
        box = QRectF(split + 8, 0, self.width() - split - 16, line)
        write(painter, box, "mean ± standard error", theme.muted, _LEFT)

    def _paint_draws(self, painter: QPainter, chart: Chart, estimate: Estimate, ink: str) -> None:
        low, high = chart.x
        counts, edges = np.histogram(
            np.clip(estimate.draws, low, high), bins=_BINS, range=(low, high)
        )
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(ink))
        for count, left, right in zip(counts, edges[:-1], edges[1:], strict=True):
            if count:
                tall = max(1.0, chart.room.height() * float(count / counts.max()))
                x = chart.px(float(left))
                width = chart.px(float(right)) - x - 0.6
                painter.drawRect(QRectF(x, chart.room.bottom() - tall, width, tall))
        self._base(painter, chart)

    def _paint_mean(self, painter: QPainter, chart: Chart, estimate: Estimate, ink: str) -> None:
        self._base(painter, chart)
        y, cap = chart.room.center().y(), 5.0
        room = chart.room
        ends = [
            min(
                max(chart.px(estimate.mean + way * estimate.standard_error), room.left()),
                room.right(),
            )
            for way in (-1, 1)
        ]
        painter.setPen(QPen(QColor(ink), 2))
        painter.drawLine(QLineF(ends[0], y, ends[1], y))
        for end in ends:
            painter.drawLine(QLineF(end, y - cap, end, y + cap))
        painter.setPen(QPen(QColor(self.theme.panel), 1.5))
        painter.setBrush(QColor(ink))
        x = min(max(chart.px(estimate.mean), room.left()), room.right())
        painter.drawEllipse(QRectF(x - 5, y - 5, 10, 10))

    def _paint_true(self, painter: QPainter, chart: Chart) -> None:
        assert self._estimates is not None
        painter.setPen(QPen(QColor(self.theme.text), 1.4, Qt.PenStyle.DashLine))
        x = chart.px(self._estimates.true)
        painter.drawLine(QLineF(x, chart.room.top(), x, chart.room.bottom()))

    def _base(self, painter: QPainter, chart: Chart) -> None:
        painter.setPen(QPen(QColor(self.theme.line), 1))
        room = chart.room
        painter.drawLine(QLineF(room.left(), room.bottom(), room.right(), room.bottom()))
