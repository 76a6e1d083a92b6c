"""A plane with the prior N(0, I) and one Gaussian, whose mean and σ are dragged."""

import math

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from latentlab.core.spec import LOGVAR_BOUND
from latentlab.core.standard_kl import StandardKl
from latentlab.ui.learn.canvas import Canvas, Floats, write
from latentlab.ui.learn.chart import Chart
from latentlab.ui.number_text import fixed_tuple, significant_tuple
from latentlab.ui.plane.ticks import ticks

REACH = 4.0
"""The plane shows −REACH to REACH on both axes."""

_MOST_MEAN = 3.5
_MOST_SIGMA = 7.0  # to be dragged to; a handle beyond the plane waits at its edge
_GRASP = 14.0  # pixels around a handle
_KEY_STEP = 0.1
_CENTRE = 2  # the index of the handle of the mean; 0 and 1 are σ₁ and σ₂
_TIP = (
    "q = N(μ, diag σ²) over the prior N(0, I); both as 1σ ellipses, the prior’s also at 2σ and 3σ. "
    "Drag the centre, or one of the two handles. Arrow keys move μ; with Shift they change σ₁ "
    "(left, right) and σ₂ (down, up)"
)
_ARROWS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Down: (1, -1),
    Qt.Key.Key_Up: (1, 1),
}


class PriorPlane(Canvas):
    """`moved(kl)`: the Gaussian the user has dragged, as a StandardKl."""

    moved = Signal(object)

    def __init__(self, kl: StandardKl, parent: QWidget) -> None:
        super().__init__("priorPlane", "q and the prior on the plane", _TIP, parent, (14, 14))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self._kl = kl
        self._held: int | None = None

    def show_kl(self, kl: StandardKl) -> None:
        """Show this Gaussian."""
        self._kl = kl
        mu, sigma = fixed_tuple(kl.mu), significant_tuple(self._sigma)
        self.setAccessibleDescription(f"mu = {mu}, sigma = {sigma}")
        self.update()

    @property
    def chart(self) -> Chart:
        """Where the plane lies: a square."""
        size = min(self.width(), self.height()) - 4.0
        left, top = (self.width() - size) / 2, (self.height() - size) / 2
        return Chart(QRectF(left, top, size, size), (-REACH, REACH), (-REACH, REACH))

    def handle(self, index: int) -> QPointF:
        """In pixels: that of σ₁ (0), σ₂ (1) or mu (2); one beyond the plane waits at its edge."""
        at = self._kl.mu.copy()
        if index != _CENTRE:
            at[index] += self._sigma[index]
        at = np.clip(at, -0.97 * REACH, 0.97 * REACH)
        return self.chart.at(float(at[0]), float(at[1]))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the nearest handle."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        at = event.position()
        distances = [QLineF(at, self.handle(index)).length() for index in range(3)]
        # Where handles lie on one another, σ is taken: mu can be had from anywhere on the plane.
        nearest = int(np.argmin(distances))
        self._held = nearest if distances[nearest] < _GRASP else _CENTRE
        if self._held == _CENTRE:
            self._drag(at)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag it."""
        if self._held is not None:
            self._drag(event.position())

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let go."""
        self._held = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move mu, with Shift they change σ."""
        if event.key() not in _ARROWS:
            super().keyPressEvent(event)
            return
        axis, sign = _ARROWS[Qt.Key(event.key())]
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._set_sigma(axis, float(self._sigma[axis]) * math.exp(sign * _KEY_STEP))
        else:
            mu = self._kl.mu.copy()
            mu[axis] += sign * _KEY_STEP
            self._set_mu(mu)

    def paint(self, painter: QPainter) -> None:
        """The prior's rings, the Gaussian's ellipse, and the handles."""
        theme, chart = self.theme, self.chart
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.setBrush(QColor(theme.plane))
        painter.drawRect(chart.room)
        painter.save()
        painter.setClipRect(chart.room)
        for zero in (
            QLineF(chart.at(-REACH, 0), chart.at(REACH, 0)),
            QLineF(chart.at(0, -REACH), chart.at(0, REACH)),
        ):
            painter.drawLine(zero)
        unit = chart.px(1) - chart.px(0)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for ring in (1, 2, 3):
            painter.setPen(QPen(QColor(theme.prior), 1.6 if ring == 1 else 0.8))
            painter.drawEllipse(chart.at(0, 0), ring * unit, ring * unit)
        centre = chart.at(*self._kl.mu)
        fill = QColor(theme.kl)
        fill.setAlphaF(0.18)
        painter.setPen(QPen(QColor(theme.kl), 2))
        painter.setBrush(fill)
        # Beyond the plane's far corner it makes no difference how large it is.
        rx, ry = (min(float(sigma), 100 * REACH) * unit for sigma in self._sigma)
        painter.drawEllipse(centre, rx, ry)
        self._paint_numbers(painter, chart)
        painter.restore()
        painter.setPen(QPen(QColor(theme.text if self.hasFocus() else theme.panel), 1.5))
        painter.setBrush(QColor(theme.kl))
        for index in (0, 1, _CENTRE):
            painter.drawEllipse(self.handle(index), 5.5, 5.5)

    def _paint_numbers(self, painter: QPainter, chart: Chart) -> None:
        line = self.line
        for value, text in ticks(-REACH, REACH, chart.room.width(), 3 * line):
            if value and abs(value) < REACH:
                x = chart.px(value)
                box = QRectF(x - 20, chart.room.bottom() - line, 40, line)
                write(painter, box, text, self.theme.muted)
        box = QRectF(chart.room.left() + 4, chart.room.top() + 2, 120, line)
        write(painter, box, "prior N(0, I)", self.theme.muted, Qt.AlignmentFlag.AlignLeft)

    @property
    def _sigma(self) -> Floats:
        return np.exp(0.5 * self._kl.s)

    def _drag(self, at: QPointF) -> None:
        chart = self.chart
        x = chart.x[0] + (at.x() - chart.room.left()) / chart.room.width() * 2 * REACH
        y = chart.y[0] + (chart.room.bottom() - at.y()) / chart.room.height() * 2 * REACH
        if self._held == _CENTRE:
            self._set_mu(np.array([x, y]))
        elif self._held is not None:
            self._set_sigma(self._held, (x, y)[self._held] - float(self._kl.mu[self._held]))

    def _set_mu(self, mu: Floats) -> None:
        self.moved.emit(StandardKl(np.clip(mu, -_MOST_MEAN, _MOST_MEAN).round(3), self._kl.s))

    def _set_sigma(self, axis: int, sigma: float) -> None:
        least = math.exp(-0.5 * LOGVAR_BOUND)
        s = self._kl.s.copy()
        s[axis] = 2 * math.log(min(max(sigma, least), _MOST_SIGMA))
        self.moved.emit(StandardKl(self._kl.mu, s))
