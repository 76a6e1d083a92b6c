"""What painted parts of figures share: their fonts, sizes, and charts with axes."""

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from latentlab.ui.learn.chart import Chart
from latentlab.ui.panel_style import scaled_font
from latentlab.ui.plane.ticks import ticks
from latentlab.ui.theme import LIGHT, Theme
from latentlab.ui.tip_text import wrapped

Floats = npt.NDArray[np.float64]

SMALL = 0.85
_CENTRE = Qt.AlignmentFlag.AlignCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Canvas(QWidget):
    """Painted by `paint`, in the application's font; `least`: its least size, in lines of text."""

    def __init__(
        self, name: str, label: str, tip: str, parent: QWidget, least: tuple[float, float]
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(label)
        self.setToolTip(wrapped(tip))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.theme = LIGHT
        self._least = least

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self.theme = theme
        self.update()

    def follow_font(self) -> None:
        """The application's font has changed."""
        self.updateGeometry()
        self.update()

    @property
    def line(self) -> int:
        """The height of a line of small text, in pixels."""
        return QFontMetrics(scaled_font(QApplication.font(), SMALL)).height()

    def sizeHint(self) -> QSize:
        """The least size."""
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:
        """So many lines of text wide and high."""
        width, height = self._least
        return QSize(round(width * self.line), round(height * self.line))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint, in small text."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(scaled_font(QApplication.font(), SMALL))
            self.paint(painter)

    def paint(self, painter: QPainter) -> None:
        """What is to be seen."""
        raise NotImplementedError(f"{type(self).__name__} paints nothing")


def write(
    painter: QPainter,
    box: QRectF,
    text: str,
    colour: str,
    align: Qt.AlignmentFlag = _CENTRE,
) -> None:
    """Text in a box, never cut off by it."""
    painter.setPen(QColor(colour))
    painter.drawText(box, align | Qt.TextFlag.TextDontClip, text)


def paint_below(painter: QPainter, chart: Chart, theme: Theme, name: str = "") -> None:
    """The axis below a chart, with its numbers and, at its right end, its name."""
    metrics = painter.fontMetrics()
    room, row = chart.room, metrics.height()
    painter.setPen(QPen(QColor(theme.muted), 1))
    painter.drawLine(QLineF(room.left(), room.bottom(), room.right(), room.bottom()))
    end = room.right() - metrics.horizontalAdvance(name) - 4 if name else room.right() + row
    for value, text in ticks(*chart.x, room.width(), 3.2 * row):
        x = chart.px(value)
        painter.setPen(QPen(QColor(theme.muted), 1))
        painter.drawLine(QLineF(x, room.bottom(), x, room.bottom() + 4))
        if x + metrics.horizontalAdvance(text) / 2 < end:
            write(painter, QRectF(x - 40, room.bottom() + 5, 80, row), text, theme.muted)
    if name:
        box = QRectF(room.right() - 200, room.bottom() + 5, 200, row)
        write(painter, box, name, theme.text, _RIGHT)


def paint_left(painter: QPainter, chart: Chart, theme: Theme) -> None:
    """Faint lines across a chart, with their numbers on the left."""
    row = painter.fontMetrics().height()
    for value, text in ticks(*chart.y, chart.room.height(), 1.8 * row):
        y = chart.py(value)
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.drawLine(QLineF(chart.room.left(), y, chart.room.right(), y))
        box = QRectF(chart.room.left() - 86, y - row / 2, 80, row)
        write(painter, box, text, theme.muted, _RIGHT)
