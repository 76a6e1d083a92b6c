"""Noise above, samples below, and the lines that z = μ + σ·ε draws between them."""

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from latentlab.ui.learn.canvas import Canvas, Floats, paint_below, write
from latentlab.ui.learn.chart import Chart
from latentlab.ui.number_text import fixed

NOISE = 3.0
"""ε is shown and dragged from −NOISE to NOISE."""

_SHOWN = 6.0  # z from −6 to 6; ε on the same scale, so that σ is seen as what it is
_TIP = (
    "Above: ε ~ N(0, 1). Below: z = μ + σ·ε. Each line takes one ε to its z, each tick is one "
    "draw. Drag the point of ε, or use Left and Right"
)
_KEY_STEP = 0.05
_FAINT = np.arange(-2.5, 2.51, 0.5)
_HIGHEST = 0.8  # density: that of σ = ½; the tip of a narrower one is cut off


class NoiseLines(Canvas):
    """`moved(eps)`: the ε that the user has dragged to."""

    moved = Signal(float)

    def __init__(self, parent: QWidget) -> None:
        super().__init__("noiseLines", "From noise to samples", _TIP, parent, (20, 11))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self._eps, self._mu, self._sigma = 0.0, 0.0, 1.0
        self._draws: Floats = np.empty(0)

    def show_sample(self, eps: float, mu: float, sigma: float, draws: Floats) -> None:
        """Show where eps leads, and these other draws of eps (n,)."""
        self._eps, self._mu, self._sigma, self._draws = eps, mu, sigma, draws
        self.setAccessibleDescription(f"epsilon {fixed(eps)} becomes z {fixed(mu + sigma * eps)}")
        self.update()

    def chart(self, below: bool) -> Chart:
        """The upper half, ε, or the lower one, z."""
        line = self.line
        third = (self.height() - 3.2 * line) / 3
        top = 1.2 * line if not below else 1.2 * line + 2 * third
        room = QRectF(line, top, self.width() - 2 * line, third)
        return Chart(room, (-_SHOWN, _SHOWN), (0.0, _HIGHEST))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Bring ε here."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag it on."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._drag(event.position())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right move ε."""
        ways = {Qt.Key.Key_Left: -_KEY_STEP, Qt.Key.Key_Right: _KEY_STEP}
        way = ways.get(Qt.Key(event.key()))
        if way is None:
            super().keyPressEvent(event)
        else:
            self._move(self._eps + way)

    def paint(self, painter: QPainter) -> None:
        """Both densities, the lines between them, and the point that is followed."""
        theme, line = self.theme, self.line
        above, below = self.chart(below=False), self.chart(below=True)
        top, bottom = above.room.bottom(), below.room.top()
        painter.setPen(QPen(QColor(theme.line), 1))
        for eps in _FAINT.tolist():
            self._line(painter, eps, above, below)
        self._density(painter, above, 0.0, 1.0, theme.prior, up=True)
        self._density(painter, below, self._mu, self._sigma, theme.accent, up=False)
        for eps in self._draws.tolist():
            for x, y, way in (
                (above.px(eps), top, -1),
                (below.px(self._mu + self._sigma * eps), bottom, 1),
            ):
                painter.setPen(QPen(QColor(theme.text), 1))
                painter.drawLine(QLineF(x, y, x, y + way * 0.45 * line))
        painter.setPen(QPen(QColor(theme.accent), 2.5))
        self._line(painter, self._eps, above, below)
        painter.setPen(QPen(QColor(theme.text if self.hasFocus() else theme.panel), 1.5))
        z = self._mu + self._sigma * self._eps
        for place, ink in (
            (QPointF(above.px(self._eps), top), theme.prior),
            (QPointF(below.px(z), bottom), theme.accent),
        ):
            painter.setBrush(QColor(ink))
            painter.drawEllipse(place, 6.5, 6.5)
        paint_below(painter, below, theme, "")
        left = Qt.AlignmentFlag.AlignLeft
        box = QRectF(4, 0, self.width(), line)
        write(painter, box, "ε ~ N(0, 1)", theme.muted, left)
        box.moveTop(below.room.bottom() - 1.2 * line)
        write(painter, box, "z ~ N(μ, σ²)", theme.accent, left)

    def _line(self, painter: QPainter, eps: float, above: Chart, below: Chart) -> None:
        z = self._mu + self._sigma * eps
        painter.drawLine(QLineF(above.px(eps), above.room.bottom(), below.px(z), below.room.top()))

    def _density(
        self, painter: QPainter, chart: Chart, mu: float, sigma: float, ink: str, *, up: bool
    ) -> None:
        white = np.linspace(-4, 4, 161)
        height = np.exp(-0.5 * white**2) / (np.sqrt(2 * np.pi) * sigma)
        room = chart.room
        points = [
            QPointF(chart.px(mu + sigma * float(w)), self._height(chart, float(h), up=up))
            for w, h in zip(white, height, strict=True)
        ]
        fill = QColor(ink)
        fill.setAlphaF(0.25)
        painter.save()
        painter.setClipRect(room)
        painter.setPen(QPen(QColor(ink), 1.6))
        painter.setBrush(fill)
        painter.drawPolygon(QPolygonF(points))
        painter.restore()
        base = room.bottom() if up else room.top()
        painter.setPen(QPen(QColor(self.theme.muted), 1))
        painter.drawLine(QLineF(room.left(), base, room.right(), base))

    def _height(self, chart: Chart, density: float, *, up: bool) -> float:
        reach = chart.room.height() * min(density / _HIGHEST, 2.0)
        return chart.room.bottom() - reach if up else chart.room.top() + reach

    def _drag(self, at: QPointF) -> None:
        self._move(self.chart(below=False).value_at(at.x()))

    def _move(self, eps: float) -> None:
        self.moved.emit(round(min(max(eps, -NOISE), NOISE), 2))
