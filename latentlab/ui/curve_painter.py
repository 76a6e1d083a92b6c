"""The lines of the loss curves, painted."""

from collections.abc import Hashable
from dataclasses import dataclass, field

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from latentlab.training.messages import FloatArray

_DOT = 5  # pixels across


@dataclass(slots=True)
class _Line:
    pen: QPen = field(default_factory=QPen)
    dot_pen: QPen = field(default_factory=QPen)
    x: FloatArray = field(default_factory=lambda: np.zeros(0))
    y: FloatArray = field(default_factory=lambda: np.zeros(0))
    path: QPainterPath = field(default_factory=QPainterPath)
    dots: QPolygonF = field(default_factory=QPolygonF)


class CurvePainter(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph has no types
    """Lines by name, each one pixel wide, dashed or not, with or without dots at its points.

    pyqtgraph's own items for each of them do much more, and take ten times as long over it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lines: dict[Hashable, _Line] = {}
        self._shown: set[Hashable] = set()

    def add(self, name: Hashable) -> None:
        """A line over those before, not yet shown."""
        self._lines[name] = _Line()

    def set_colour(self, name: Hashable, colour: str, *, dashed: bool) -> None:
        """Draw it in this colour."""
        line = self._lines[name]
        line.pen = QPen(
            QColor(colour), 1, Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
        )
        line.dot_pen = QPen(QColor(colour), _DOT)
        line.dot_pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        for pen in (line.pen, line.dot_pen):
            pen.setCosmetic(True)
        self.update()

    def show_line(self, name: Hashable, x: FloatArray, y: FloatArray, *, dots: bool) -> None:
        """Join the points (B,); the line is broken where one is not finite."""
        line = self._lines[name]
        line.x, line.y = x, y
        line.path = pg.arrayToQPath(x, y, connect="finite")
        finite = np.isfinite(x) & np.isfinite(y)
        points = zip(x[finite].tolist(), y[finite].tolist(), strict=True) if dots else ()
        line.dots = QPolygonF([QPointF(*point) for point in points])
        self._shown.add(name)
        self.update()

    def hide_line(self, name: Hashable) -> None:
        """Show it no more."""
        self._shown.discard(name)
        self.update()

    def shown(self) -> dict[Hashable, tuple[FloatArray, FloatArray]]:
        """The points of the lines shown, as they were given."""
        return {name: (self._lines[name].x, self._lines[name].y) for name in self._shown}

    def viewRangeChanged(self) -> None:
        """The view has moved, and with it what this item covers."""
        self.prepareGeometryChange()

    def boundingRect(self) -> QRectF:
        """All that is in view: the lines go through it, and dots have a width in pixels."""
        view = self.viewRect()
        return QRectF() if view is None else QRectF(view)

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        """One over the other."""
        for name, line in self._lines.items():
            if name in self._shown:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
                painter.setPen(line.pen)
                painter.drawPath(line.path)
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(line.dot_pen)
                painter.drawPoints(line.dots)
