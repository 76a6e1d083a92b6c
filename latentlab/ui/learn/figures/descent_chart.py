"""The KL to N(0, 1) as a curve in σ² or in s = log σ², with a descent on it."""

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from latentlab.core.standard_kl import Step32
from latentlab.ui.learn.canvas import Canvas, paint_below, paint_left, write
from latentlab.ui.learn.chart import Chart
from latentlab.ui.number_text import significant
from latentlab.ui.theme import mix

Said = Literal["variance", "logvar"]

LEAST, MOST = 0.01, 12.0
"""The variances that a descent can be started from."""

# What the charts always show, and what they grow to at most.
_RANGES = {"variance": (-2.0, 13.0, -20.0, 60.0), "logvar": (-6.0, 4.0, -80.0, 40.0)}
_HEIGHTS = (4.0, 60.0)
_FACTOR = 1.1  # of a key
_TIPS = {
    "variance": (
        "½(σ² − 1 − log σ²): the network says σ² itself. Drag the point to start elsewhere "
        "(or Left and Right). At 0 or below there is no logarithm"
    ),
    "logvar": (
        "½(e^s − 1 − s): the same KL where the network says s = log σ². Drag the point to start "
        "elsewhere (or Left and Right). Every s is the log of a variance"
    ),
}


class DescentChart(Canvas):
    """`moved(variance)`: where the user has dragged the start to."""

    moved = Signal(float)

    def __init__(self, said: Said, parent: QWidget) -> None:
        names = {"variance": "KL as a function of sigma squared", "logvar": "KL as a function of s"}
        super().__init__(f"{said}Chart", names[said], _TIPS[said], parent, (15, 10))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self._said = said
        self._path: Sequence[Step32] = ()
        self._whole: Sequence[Step32] = ()
        self._ranges: tuple[float, float, float] | None = None
        self._held = False

    def show_path(self, path: Sequence[Step32], whole: Sequence[Step32]) -> None:
        """Show the steps so far, the start first; `whole`: all to come, so that the axes stand."""
        self._path, self._whole = path, whole
        # While the start is dragged, the axes must not move away under the pointer.
        if not self._held or self._ranges is None:
            self._ranges = self._needed()
        self.setAccessibleDescription(f"at {significant(path[-1].at)}")
        self.update()

    def _needed(self) -> tuple[float, float, float]:
        """The lowest and the highest value on the axis below, and the highest KL."""
        low, high, least, most = _RANGES[self._said]
        reached = [point.at for point in self._whole if math.isfinite(point.at)]
        heights = [point.kl for point in self._whole if point.valid]
        return (
            max(min(low, 1.1 * min(reached)), least),
            min(max(high, 1.1 * max(reached)), most),
            min(max(_HEIGHTS[0], 1.15 * max(heights)), _HEIGHTS[1]),
        )

    @property
    def chart(self) -> Chart:
        """Where the curve lies."""
        line = self.line
        left, right = 2.6 * line, self.width() - 6.0
        room = QRectF(left, 1.3 * line, right - left, self.height() - 2.9 * line)
        low, high, top = self._ranges or (*_RANGES[self._said][:2], _HEIGHTS[0])
        return Chart(room, (low, high), (0.0, top))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Bring the start here."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._held = True
            self._drag(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag it on."""
        if self._held:
            self._drag(event.position())

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let go: the axes show all steps again."""
        if self._held:
            self._held = False
            self._ranges = self._needed()
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right move the start."""
        factors = {Qt.Key.Key_Left: 1 / _FACTOR, Qt.Key.Key_Right: _FACTOR}
        factor = factors.get(Qt.Key(event.key()))
        if factor is None or not self._path:
            super().keyPressEvent(event)
            return
        start = self._path[0].at
        self._move((start if self._said == "variance" else math.exp(start)) * factor)

    def paint(self, painter: QPainter) -> None:
        """The curve, where it ends, and the steps."""
        theme, chart, line = self.theme, self.chart, self.line
        paint_left(painter, chart, theme)
        painter.save()
        painter.setClipRect(chart.room.adjusted(0, -line, 0, 0))
        if self._said == "variance":
            bad = QRectF(chart.room.topLeft(), QPointF(chart.px(0), chart.room.bottom()))
            painter.fillRect(bad, QColor(mix(theme.panel, theme.warning, 0.16)))
        painter.setPen(QPen(QColor(theme.kl), 2))
        painter.drawPolyline(self._curve(chart))
        self._paint_steps(painter, chart)
        painter.restore()
        paint_below(painter, chart, theme, "σ²" if self._said == "variance" else "s = log σ²")
        title = "the network says σ²" if self._said == "variance" else "the network says s"
        box = QRectF(chart.room.left(), 0, chart.room.width(), line)
        write(painter, box, title, theme.text)
        name = QRectF(0, 0, chart.room.left(), line)
        write(painter, name, "KL", theme.kl)

    def _curve(self, chart: Chart) -> QPolygonF:
        if self._said == "variance":
            x = np.geomspace(1e-9, chart.x[1], 400)
            return chart.curve(x, 0.5 * (x - 1 - np.log(x)))
        x = np.linspace(*chart.x, 400)
        return chart.curve(x, 0.5 * (np.exp(x) - 1 - x))

    def _paint_steps(self, painter: QPainter, chart: Chart) -> None:
        theme = self.theme
        points = [self._place(chart, point) for point in self._path]
        painter.setPen(QPen(QColor(theme.muted), 1.2, Qt.PenStyle.DashLine))
        painter.drawPolyline(QPolygonF(points))
        for index, (point, place) in enumerate(zip(self._path, points, strict=True)):
            last = index == len(points) - 1
            if not point.valid:
                painter.setPen(QPen(QColor(theme.warning), 2.5))
                for way in (1, -1):
                    painter.drawLine(place + QPointF(-6, -6 * way), place + QPointF(6, 6 * way))
                continue
            painter.setPen(QPen(QColor(theme.text if self.hasFocus() else theme.panel), 1.5))
            painter.setBrush(QColor(theme.accent if index == 0 else theme.kl))
            radius = 6.5 if index == 0 or last else 3.5
            painter.drawEllipse(place, radius, radius)
        if self._said == "variance":
            x, half = chart.px(0), 0.5
            painter.setPen(QPen(QColor(theme.warning), 1))
            painter.drawLine(QLineF(x + half, chart.room.top(), x + half, chart.room.bottom()))

    def _place(self, chart: Chart, point: Step32) -> QPointF:
        """A step beyond the chart waits at its edge; one without a loss lies on the axis."""
        x = chart.room.right() if point.at > 0 else chart.room.left()
        if math.isfinite(point.at):
            x = min(max(chart.px(point.at), chart.room.left() + 7), chart.room.right() - 7)
        y = chart.room.bottom() - 8
        if point.valid:
            y = max(chart.py(min(point.kl, 2 * chart.y[1])), chart.room.top())
        return QPointF(x, y)

    def _drag(self, at: QPointF) -> None:
        value = self.chart.value_at(at.x())
        self._move(value if self._said == "variance" else math.exp(min(value, 10.0)))

    def _move(self, variance: float) -> None:
        self.moved.emit(min(max(variance, LEAST), MOST))
