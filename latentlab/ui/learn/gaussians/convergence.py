"""How an estimate closes in on the number it estimates."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QWidget

from latentlab.core.kl_terms import Estimate
from latentlab.ui.learn.chart import lettering
from latentlab.ui.learn.plot import Plot
from latentlab.ui.number_text import fixed
from latentlab.ui.plane.areas import colour, pen

_ERRORS = 3.0  # standard errors of the first estimate, which the picture holds to either side


class ConvergencePlot(Plot):
    """The running mean in orange with a band of one standard error to either side, over the number
    of draws (logarithmic), and the exact value as a dashed line."""

    USUAL = QSize(260, 120)
    LEAST = QSize(180, 84)

    def __init__(self, name: str, first: int, last: int, parent: QWidget) -> None:
        """first, last: the numbers of draws at its ends."""
        super().__init__(
            name,
            "KL by sampling, over the number of draws",
            "The mean of so many draws of log p(x) − log q(x), with a band of one standard error "
            "to either side; dashed: the exact value, in nats",
            parent,
        )
        self._first, self._last = first, last
        self._exact, self._sigma = 0.0, 1.0
        self._estimates: tuple[Estimate, ...] = ()

    def show_estimates(self, exact: float, sigma: float, estimates: Sequence[Estimate]) -> None:
        """exact: what is estimated; sigma: the standard deviation of one draw's value, in nats."""
        self._exact, self._sigma, self._estimates = exact, sigma, tuple(estimates)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Everything, at each change: a few dozen points."""
        look = lettering(self._theme, self._scale, self.font())
        metrics = QFontMetricsF(look.small)
        reach = _ERRORS * self._sigma / math.sqrt(self._first) or 0.1
        labels = [fixed(self._exact + part * reach, _decimals(reach)) for part in (1, 0, -1)]
        left = max(map(metrics.horizontalAdvance, labels)) + 8
        last = f"n = {self._last:,}"
        right = metrics.horizontalAdvance(last) / 2
        box = QRectF(self.rect()).adjusted(
            left, metrics.height() / 2, -right - 1, -metrics.height() - 3
        )
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(look.small)
            self._paint_axes(painter, box, labels, last, metrics)
            painter.setClipRect(box)
            self._paint_band(painter, box, reach)

    def _paint_axes(
        self,
        painter: QPainter,
        box: QRectF,
        labels: list[str],
        last: str,
        metrics: QFontMetricsF,
    ) -> None:
        theme = self._theme
        painter.setPen(pen(theme.line, 1))
        painter.drawRect(box)
        painter.setPen(colour(theme.muted))
        for row, text in enumerate(labels):
            y = box.top() + row * box.height() / 2
            place = QRectF(0, y - metrics.height() / 2, box.left() - 5, metrics.height())
            painter.drawText(
                place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text
            )
        count, free = self._last, math.inf
        while count >= self._first:
            text = last if count == self._last else f"{count:,}"
            width = metrics.horizontalAdvance(text)
            x = self._x(count, box)
            painter.setPen(pen(theme.line, 1))
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
            painter.setPen(colour(theme.muted))
            if x + width / 2 < free:
                base = self.height() - metrics.descent() - 1
                painter.drawText(QPointF(x - width / 2, base), text)
                free = x - width / 2 - 6
            count //= 10

    def _paint_band(self, painter: QPainter, box: QRectF, reach: float) -> None:
        def at(count: int, value: float) -> QPointF:
            part = (value - self._exact) / reach
            return QPointF(
                self._x(count, box), box.center().y() - min(max(part, -9), 9) * box.height() / 2
            )

        upper = [at(each.samples, each.mean + each.error) for each in self._estimates]
        lower = [at(each.samples, each.mean - each.error) for each in self._estimates]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(self._theme.kl, 0.28))
        painter.drawPolygon(QPolygonF(upper + lower[::-1]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen(self._theme.kl, 1.8 * self._scale))
        painter.drawPolyline(QPolygonF([at(each.samples, each.mean) for each in self._estimates]))
        line = pen(self._theme.text, 1.2 * self._scale)
        line.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(line)
        painter.drawLine(
            QPointF(box.left(), box.center().y()), QPointF(box.right(), box.center().y())
        )

    def _x(self, count: int, box: QRectF) -> float:
        part = math.log(count / self._first) / math.log(self._last / self._first)
        return box.left() + part * box.width()


def _decimals(reach: float) -> int:
    """So many that a tenth of `reach` can be read."""
    return min(max(2 - math.floor(math.log10(reach)), 0), 6)
