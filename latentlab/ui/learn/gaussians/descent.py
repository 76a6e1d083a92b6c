"""How far a fit has come: KL over steps."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QWidget

from latentlab.ui.learn.chart import lettering
from latentlab.ui.learn.plot import Plot
from latentlab.ui.number_text import significant
from latentlab.ui.plane.areas import colour, pen

_LEAST_STEPS = 20  # across, so that the first steps do not jump


class DescentPlot(Plot):
    """From 0 to the highest value, over steps; the last one is marked."""

    USUAL = QSize(220, 120)
    LEAST = QSize(160, 72)

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(name, "KL over steps", "KL in nats over the steps of the fit", parent)
        self._values: tuple[float, ...] = (0.0,)

    def show_values(self, values: Sequence[float]) -> None:
        """Nats, from step 0 on; at least one."""
        self._values = tuple(values)
        self.setAccessibleName(
            f"KL over steps: from {values[0]:.4g} to {values[-1]:.4g} nats in {len(values) - 1}"
        )
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Everything, at each change."""
        look = lettering(self._theme, self._scale, self.font())
        metrics = QFontMetricsF(look.small)
        top = max(*self._values, 0.1)
        steps = max(len(self._values) - 1, _LEAST_STEPS)
        labels = (significant(top), "0")
        left = max(map(metrics.horizontalAdvance, labels)) + 8
        box = QRectF(self.rect()).adjusted(left, metrics.height() / 2, -2, -metrics.height() - 3)
        places = [
            QPointF(
                box.left() + number / steps * box.width(),
                box.bottom() - min(max(value / top, 0.0), 1.0) * box.height(),
            )
            for number, value in enumerate(self._values)
            if math.isfinite(value)
        ]
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(look.small)
            painter.setPen(pen(self._theme.line, 1))
            painter.drawRect(box)
            painter.setPen(colour(self._theme.muted))
            for y, text in zip((box.top(), box.bottom()), labels, strict=True):
                place = QRectF(0, y - metrics.height() / 2, box.left() - 5, metrics.height())
                painter.drawText(
                    place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text
                )
            below = QRectF(box.left(), box.bottom() + 2, box.width(), metrics.height())
            painter.drawText(below, Qt.AlignmentFlag.AlignLeft, "step 0")
            painter.drawText(below, Qt.AlignmentFlag.AlignRight, str(steps))
            painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, "nats over steps")
            painter.setPen(pen(self._theme.kl, 2 * self._scale))
            painter.drawPolyline(QPolygonF(places))
            painter.setBrush(colour(self._theme.kl))
            painter.drawEllipse(places[-1], 2.5 * self._scale, 2.5 * self._scale)
