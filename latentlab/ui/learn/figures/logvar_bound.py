"""Page 10: where e^s overflows in float32, and what the bound on s does about it."""

import itertools
from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from latentlab.core.spec import LOGVAR_BOUND
from latentlab.core.standard_kl import Reading32, overflow_32, read_32
from latentlab.ui.learn.canvas import SMALL, Canvas, paint_below, paint_left, write
from latentlab.ui.learn.chart import Chart
from latentlab.ui.learn.classroom import Classroom
from latentlab.ui.learn.figure import Figure
from latentlab.ui.learn.named_slider import NamedSlider
from latentlab.ui.number_text import fixed, significant
from latentlab.ui.panel_style import ScaledLabel
from latentlab.ui.theme import mix

END = 120.0
_FIRST = 95.0
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_ROWS = (
    ("s", "The log of the variance"),
    ("σ² = e<sup>s</sup>", "The variance, in float32"),
    ("KL", "½(e^s − 1 − s), in float32, nats"),
    ("slope", "∂KL/∂(raw output), in float32: what gradient descent multiplies its step with"),
)


class LogvarBound(Figure):
    """A slider for what the network's last layer says; what becomes of it, with the bound or not.

    Everything is counted in float32, as in training.
    """

    def __init__(self, classroom: Classroom, parent: QWidget) -> None:
        super().__init__(classroom, parent)
        self.curve = _Curve(self)
        self._raw = NamedSlider(
            "rawOutput",
            "raw output",
            "Raw output of the last layer",
            "What the last layer of the encoder says, before the bound",
            self,
            ends=(-END, END),
        )
        self._cells: list[tuple[ScaledLabel, ScaledLabel]] = []
        self._words = ScaledLabel("", self, "muted", SMALL)
        self._words.setObjectName("boundWords")
        self._words.setWordWrap(True)
        self._lay_out()
        self.follow_font()
        self._raw.changed.connect(self._show)
        self.curve.moved.connect(self._take)
        self.reset()

    def follow_font(self) -> None:
        """Room for the longest number, so that nothing jitters."""
        for cell in itertools.chain.from_iterable(self._cells):
            cell.follow_font()
            cell.setMinimumWidth(cell.fontMetrics().horizontalAdvance("−5.12·10⁻³⁸"))

    def reset(self) -> None:
        """A raw output that overflows without the bound."""
        self._take(_FIRST)

    def extremes(self) -> Iterable[Callable[[], None]]:
        """Both ends, and 0."""
        for raw in (-END, END, 0.0):
            yield partial(self._take, raw)

    def _lay_out(self) -> None:
        table = QGridLayout()
        table.setHorizontalSpacing(14)
        table.setVerticalSpacing(3)
        for column, head in enumerate(("without", f"bound ±{LOGVAR_BOUND:g}"), start=1):
            label = ScaledLabel(head, self, "heading", SMALL)
            label.setAlignment(_RIGHT)
            table.addWidget(label, 0, column)
        for row, (name, tip) in enumerate(_ROWS, start=1):
            cells = tuple(ScaledLabel(text, self) for text in (name, "", ""))
            for column, cell in enumerate(cells):
                cell.setToolTip(tip)
                table.addWidget(cell, row, column)
            for cell in cells[1:]:
                cell.setAlignment(_RIGHT)
            self._cells.append((cells[1], cells[2]))
        right = QVBoxLayout()
        right.addLayout(table)
        right.addWidget(self._words)
        right.addStretch(1)
        left = QVBoxLayout()
        left.addWidget(self.curve, 1)
        left.addWidget(self._raw)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 6, 0, 6)
        layout.setSpacing(16)
        layout.addLayout(left, 1)
        layout.addLayout(right, 1)

    def _take(self, raw: float) -> None:
        self._raw.set_number(raw)
        self._show()

    def _show(self) -> None:
        raw = self._raw.number
        free, bounded = read_32(raw, bounded=False), read_32(raw, bounded=True)
        self.curve.show_reading(raw, free, bounded)
        for cells, name in zip(self._cells, ("s", "variance", "kl", "slope"), strict=True):
            for cell, reading in zip(cells, (free, bounded), strict=True):
                value = getattr(reading, name)
                cell.setText(fixed(value) if name == "s" else significant(value))
        self._words.setText(
            f"float32 ends at 3.4·10³⁸: e<sup>s</sup> is ∞ above s = {fixed(overflow_32())}. "
            f"The encoder says s = {LOGVAR_BOUND:g}·tanh(raw / {LOGVAR_BOUND:g}): "
            "within its bound, and smooth, so that a gradient still comes through."
        )


class _Curve(Canvas):
    """s for every raw output, with and without the bound. `moved(raw)`: dragged to there."""

    moved = Signal(float)

    def __init__(self, parent: QWidget) -> None:
        tip = (
            "s for every raw output: grey without the bound, orange with it. Drag, or use Left and "
            "Right"
        )
        super().__init__("boundChart", "s for every raw output", tip, parent, (15, 9))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self._raw = 0.0
        self._points: tuple[float, float] = (0.0, 0.0)

    def show_reading(self, raw: float, free: Reading32, bounded: Reading32) -> None:
        """Show where the raw output leads to."""
        self._raw, self._points = raw, (free.s, bounded.s)
        words = f"raw {fixed(raw)}: s {fixed(free.s)}, bounded {fixed(bounded.s)}"
        self.setAccessibleDescription(words)
        self.update()

    @property
    def chart(self) -> Chart:
        """Where the curves lie."""
        line = self.line
        room = QRectF(
            2.8 * line, 6.0, self.width() - 2.8 * line - 8, self.height() - 1.7 * line - 6
        )
        return Chart(room, (-END, END), (-END, END))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the raw output from here."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.moved.emit(self.chart.value_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag it on."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.moved.emit(self.chart.value_at(event.position().x()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right move it."""
        ways = {Qt.Key.Key_Left: -1.0, Qt.Key.Key_Right: 1.0}
        way = ways.get(Qt.Key(event.key()))
        if way is None:
            super().keyPressEvent(event)
        else:
            self.moved.emit(min(max(self._raw + way, -END), END))

    def paint(self, painter: QPainter) -> None:
        """The overflow, both curves, and the points."""
        theme, chart = self.theme, self.chart
        edge = chart.py(overflow_32())
        bad = QRectF(chart.room.topLeft(), QPointF(chart.room.right(), edge))
        paint_left(painter, chart, theme)
        painter.fillRect(bad, QColor(mix(theme.panel, theme.warning, 0.16)))
        paint_below(painter, chart, theme, "raw output")
        text, left = "eˢ = ∞ in float32", Qt.AlignmentFlag.AlignLeft
        box = bad.adjusted(6, 0, 0, 0)
        write(painter, box, text, theme.warning, left | Qt.AlignmentFlag.AlignVCenter)
        raw = np.linspace(-END, END, 241)
        for values, ink in (
            (raw, theme.prior),
            (LOGVAR_BOUND * np.tanh(raw / LOGVAR_BOUND), theme.kl),
        ):
            painter.setPen(QPen(QColor(ink), 2))
            painter.drawPolyline(chart.curve(raw, values))
        x = chart.px(self._raw)
        painter.setPen(QPen(QColor(theme.text if self.hasFocus() else theme.muted), 1))
        painter.drawLine(QLineF(x, chart.room.top(), x, chart.room.bottom()))
        painter.setPen(QPen(QColor(theme.panel), 1.5))
        for value, ink in zip(self._points, (theme.prior, theme.kl), strict=True):
            painter.setBrush(QColor(ink))
            painter.drawEllipse(chart.at(self._raw, value), 6, 6)
