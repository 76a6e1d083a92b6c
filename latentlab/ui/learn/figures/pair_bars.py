"""Two distributions as bars to drag, and below them the terms of a divergence."""

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from latentlab.core.discrete import Array
from latentlab.ui.number_text import fixed
from latentlab.ui.panel_style import scaled_font
from latentlab.ui.theme import LIGHT, Theme, mix
from latentlab.ui.tip_text import wrapped

_UPPER = 0.6  # of the height, for the distributions
_BAR, _BETWEEN = 0.32, 0.04  # of a value's width
_SMALL = 0.88  # of the application's font
_LEAST_SCALE = 0.25  # the terms' axis reaches at least so far
_NUDGE, _FAR_NUDGE = 0.01, 0.1

_TIP = (
    "Drag a bar: the others of its distribution keep their proportions, so that it sums "
    "to 1. With the keyboard: ← → choose a bar, ↑ ↓ move it by 0.01, with Shift by 0.1"
)


class PairBars(QWidget):
    """Bars of P and Q side by side, and one bar a term. It keeps no distribution: it is told."""

    moved = Signal(int, int, float)  # 0 for P or 1 for Q, which value, and how likely it is to be

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("pairBars")
        self.setAccessibleName("Bars of P and Q")
        self.setToolTip(wrapped(_TIP))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._pair: tuple[Array, Array] = (np.ones(1), np.ones(1))
        self._terms: Array = np.zeros(1)
        self._title = ""
        self._chosen = (0, 0)
        self._held: tuple[int, int] | None = None
        self._theme = LIGHT

    def show_pair(self, p: Array, q: Array, terms: Array, title: str) -> None:
        """Show these; terms: in what unit `title` says, some perhaps ∞."""
        self._pair = (p, q)
        self._terms = terms
        self._title = title
        self._chosen = (self._chosen[0], min(self._chosen[1], len(p) - 1))
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self.update()

    def minimumSizeHint(self) -> QSize:
        """Room for six values with their numbers."""
        line = self._metrics().height()
        return QSize(round(22 * line), round(15 * line))

    def sizeHint(self) -> QSize:
        """More than that."""
        return self.minimumSizeHint() * 1.3

    def bar(self, which: int, index: int) -> QRectF:
        """Where the bar of P (0) or Q (1) stands, from its top down to 0."""
        plot = self._plot()
        width = plot.width() / len(self._pair[0])
        left = plot.left() + (index + 0.5) * width + (which - 1) * _BAR * width
        left += (which - 0.5) * _BETWEEN * width
        height = float(self._pair[which][index]) * plot.height()
        return QRectF(left, plot.bottom() - height, _BAR * width, height)

    # --- hands -----------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the bar there."""
        self._held = self._at(event.position())
        if self._held is not None and event.button() == Qt.MouseButton.LeftButton:
            self._chosen = self._held
            self._drag(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag it, or show what could be dragged."""
        if self._held is not None:
            self._drag(event.position())
        elif self._at(event.position()) is not None:
            self.setCursor(Qt.CursorShape.SizeVerCursor)
        else:
            self.unsetCursor()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let go."""
        self._held = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose a bar, and move it."""
        keys, count = Qt.Key, len(self._pair[0])
        which, index = self._chosen
        if event.key() in (keys.Key_Left, keys.Key_Right):
            step = 1 if event.key() == keys.Key_Right else -1
            place = min(max(2 * index + which + step, 0), 2 * count - 1)
            self._chosen = (place % 2, place // 2)
            self.update()
        elif event.key() in (keys.Key_Up, keys.Key_Down):
            far = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            nudge = _FAR_NUDGE if far else _NUDGE
            sign = 1 if event.key() == keys.Key_Up else -1
            value = round(float(self._pair[which][index]) + sign * nudge, 6)
            self.moved.emit(which, index, min(max(value, 0.0), 1.0))
        else:
            super().keyPressEvent(event)

    def _at(self, point: QPointF) -> tuple[int, int] | None:
        """The bar in whose column this is."""
        plot = self._plot()
        if not plot.adjusted(0, -8, 0, 8).contains(point):
            return None
        for index in range(len(self._pair[0])):
            for which in (0, 1):
                bar = self.bar(which, index)
                if bar.left() <= point.x() <= bar.right():
                    return which, index
        return None

    def _drag(self, point: QPointF) -> None:
        plot = self._plot()
        if self._held is not None:
            value = (plot.bottom() - point.y()) / plot.height()
            self.moved.emit(*self._held, min(max(value, 0.0), 1.0))

    # --- eyes ------------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw all."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(scaled_font(QApplication.font(), _SMALL))
        self._draw_axis(painter)
        for index in range(len(self._pair[0])):
            for which in (0, 1):
                self._draw_bar(painter, which, index)
        self._draw_terms(painter)
        painter.end()

    def _draw_axis(self, painter: QPainter) -> None:
        plot, line = self._plot(), self._metrics().height()
        theme = self._theme
        for value in (0.0, 0.5, 1.0):
            y = plot.bottom() - value * plot.height()
            painter.setPen(QColor(theme.line))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            painter.setPen(QColor(theme.muted))
            room = QRectF(0, y - line / 2, plot.left() - 6, line)
            painter.drawText(room, Qt.AlignmentFlag.AlignRight, f"{value:g}")
        width = plot.width() / len(self._pair[0])
        for index in range(len(self._pair[0])):
            room = QRectF(plot.left() + index * width, plot.bottom() + 2, width, line)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, f"i = {index + 1}")

    def _draw_bar(self, painter: QPainter, which: int, index: int) -> None:
        bar, theme, line = self.bar(which, index), self._theme, self._metrics().height()
        ink = (theme.accent, theme.prior)[which]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(mix(theme.plane, ink, 0.55)))
        painter.drawRect(bar)
        chosen = self.hasFocus() and self._chosen == (which, index)
        painter.setPen(QPen(QColor(theme.text if chosen else ink), 4.0 if chosen else 3.0))
        painter.drawLine(bar.topLeft(), bar.topRight())
        painter.setPen(QColor(theme.text))
        text = fixed(float(self._pair[which][index]), 2)
        room = QRectF(bar.center().x() - 60, bar.top() - line - 2, 120, line)
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)

    def _draw_terms(self, painter: QPainter) -> None:
        theme, line = self._theme, self._metrics().height()
        room = self._terms_room()
        finite = np.abs(self._terms[np.isfinite(self._terms)])
        scale = max(float(finite.max()) if len(finite) else 0.0, _LEAST_SCALE)
        lowest = min(0.0, float(np.min(self._terms)))
        # Zero stands as low as the negative terms let it.
        below = line + (room.height() - line) * min(0.45, -lowest / (scale - lowest))
        zero = room.bottom() - below
        unit = (room.height() - below) / scale
        painter.setPen(QColor(theme.muted))
        head = QRectF(room.left(), room.top() - 2.2 * line, room.width(), line)
        painter.drawText(head, Qt.AlignmentFlag.AlignLeft, self._title)
        painter.setPen(QColor(theme.line))
        painter.drawLine(QPointF(room.left(), zero), QPointF(room.right(), zero))
        width = room.width() / len(self._terms)
        for index, term in enumerate(self._terms.tolist()):
            height = room.height() - below if math.isinf(term) else max(term * unit, line - below)
            left = room.left() + (index + 0.5 - _BAR) * width
            bar = QRectF(left, zero - height, 2 * _BAR * width, height).normalized()
            painter.fillRect(bar, QColor(theme.kl))
            if math.isinf(term):
                # It has no end.
                fade = QRectF(bar.left(), bar.top(), bar.width(), bar.height() / 3)
                for part in range(4):
                    y = fade.top() + part * fade.height() / 4
                    painter.fillRect(
                        QRectF(fade.left(), y, fade.width(), fade.height() / 10),
                        QColor(theme.plane),
                    )
            painter.setPen(QColor(theme.text))
            above = bar.top() - line - 1 if term >= 0 else bar.bottom() + 1
            text = fixed(term, 3)
            where = QRectF(room.left() + index * width, above, width, line)
            painter.drawText(where, Qt.AlignmentFlag.AlignCenter, text)

    def _plot(self) -> QRectF:
        """Where probabilities 0 to 1 are drawn."""
        line = self._metrics().height()
        left = self._metrics().horizontalAdvance("0.5") + 12
        top = line + 6
        return QRectF(left, top, self.width() - left - 4, _UPPER * self.height() - 2 * line - 6)

    def _terms_room(self) -> QRectF:
        line, plot = self._metrics().height(), self._plot()
        top = plot.bottom() + 4 * line
        return QRectF(plot.left(), top, plot.width(), self.height() - top - 4)

    def _metrics(self) -> QFontMetricsF:
        return QFontMetricsF(scaled_font(QApplication.font(), _SMALL))
