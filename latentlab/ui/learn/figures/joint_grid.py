"""A joint table whose cells are dragged, with its marginals."""

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from latentlab.core.probability import Joint
from latentlab.ui.learn.canvas import Canvas, write
from latentlab.ui.number_text import fixed
from latentlab.ui.theme import mix

X_NAMES = ("sun", "cloud", "rain")
Y_NAMES = ("nothing", "coat", "umbrella")

_TIP = (
    "P(x, y): the area of each square is its probability. Drag a cell up or down, or choose it "
    "with the arrow keys and press + or − (0: none); the others keep their proportions. "
    "On the right Σ over y, below Σ over x: the marginals"
)
# Dragging over the height of a cell changes its probability by this much.
_REACH = 0.5
_KEY_STEP = 0.01
_ARROWS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class JointGrid(Canvas):
    """Rows x, columns y. `moved(joint)`: the user changed a cell; `chosen(x, y)`: chose one."""

    moved = Signal(object)
    chosen = Signal(int, int)

    def __init__(self, joint: Joint, parent: QWidget) -> None:
        super().__init__("jointGrid", "Joint table P(x, y)", _TIP, parent, (20, 14))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SizeVerCursor)
        self._joint = joint
        self._cell = (2, 2)
        self._held: tuple[Joint, float] | None = None
        self._say()

    def show_joint(self, joint: Joint, cell: tuple[int, int]) -> None:
        """Show this table with this (x, y) chosen."""
        self._joint, self._cell = joint, cell
        self._say()
        self.update()

    def cell_box(self, x: int, y: int) -> QRectF:
        """Where a cell lies; 3 stands for the marginals."""
        line = self.line
        left, top = 3.4 * line, 2.7 * line
        width = (self.width() - left - 2) / 4
        height = (self.height() - top - 2) / 4
        return QRectF(left + y * width, top + x * height, width, height)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a cell and take hold of it."""
        cell = self._cell_at(event.position())
        if event.button() != Qt.MouseButton.LeftButton or cell is None:
            return
        self.chosen.emit(*cell)
        # Dragging starts from the table as it was: on the way back every cell comes back too.
        self._held = (self._joint, event.position().y())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Change the cell held."""
        if self._held is None:
            return
        start, y = self._held
        height = self.cell_box(0, 0).height()
        mass = float(start.table[self._cell]) + _REACH * (y - event.position().y()) / height
        # To a hundredth, which is what it shows; and 0 is met exactly.
        self._move(start, round(mass, 2))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let go."""
        self._held = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows choose a cell; + and − change it, by more with Shift; 0 empties it."""
        step = _KEY_STEP * (10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        now = float(self._joint.table[self._cell])
        key = Qt.Key(event.key())
        if key in _ARROWS:
            x, y = (min(max(a + b, 0), 2) for a, b in zip(self._cell, _ARROWS[key], strict=True))
            self.chosen.emit(x, y)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Asterisk):
            self._move(self._joint, round(now + step, 4))
        elif key in (Qt.Key.Key_Minus, Qt.Key.Key_Underscore):
            self._move(self._joint, round(now - step, 4))
        elif key in (Qt.Key.Key_0, Qt.Key.Key_Delete):
            self._move(self._joint, 0.0)
        else:
            super().keyPressEvent(event)

    def paint(self, painter: QPainter) -> None:
        """The names, the squares and their numbers."""
        self._paint_names(painter)
        for x in range(3):
            for y in range(3):
                self._paint_cell(painter, x, y)
        for index in range(3):
            self._paint_marginal(painter, self.cell_box(index, 3), self._joint.p_x[index])
            self._paint_marginal(painter, self.cell_box(3, index), self._joint.p_y[index])
        total = float(self._joint.table.sum())
        write(painter, self.cell_box(3, 3), f"Σ = {fixed(total)}", self.theme.muted)

    def _paint_names(self, painter: QPainter) -> None:
        theme, line = self.theme, self.line
        chosen_x, chosen_y = self._cell
        left = self.cell_box(0, 0).left()
        for index, (x_name, y_name) in enumerate(zip(X_NAMES, Y_NAMES, strict=True)):
            row, column = self.cell_box(index, 0), self.cell_box(0, index)
            ink = theme.text if index == chosen_x else theme.muted
            write(painter, QRectF(0, row.top(), left - 4, row.height()), x_name, ink)
            ink = theme.text if index == chosen_y else theme.muted
            above = QRectF(column.left(), column.top() - 1.3 * line, column.width(), line)
            write(painter, above, y_name, ink)
        corner = self.cell_box(0, 0).top() - 1.3 * line
        write(painter, QRectF(0, corner, left - 4, line), "x  \\  y", theme.muted)
        ends = self.cell_box(0, 3), self.cell_box(3, 0)
        write(painter, QRectF(ends[0].left(), corner, ends[0].width(), line), "P(x)", theme.text)
        write(painter, QRectF(0, ends[1].top(), left - 4, ends[1].height()), "P(y)", theme.text)
        title = QRectF(left, 0, 3 * ends[0].width(), 1.2 * line)
        write(painter, title, "P(x, y): drag a cell up or down", theme.muted)

    def _paint_cell(self, painter: QPainter, x: int, y: int) -> None:
        theme, box = self.theme, self.cell_box(x, y).adjusted(1.5, 1.5, -1.5, -1.5)
        in_cross = (x == self._cell[0]) + (y == self._cell[1])
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.setBrush(QColor(mix(theme.panel, theme.accent, 0.07 * in_cross)))
        painter.drawRoundedRect(box, 4, 4)
        mass = float(self._joint.table[x, y])
        part = math.sqrt(mass)
        square = QRectF(0, 0, part * box.width(), part * box.height())
        square.moveCenter(box.center())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(mix(theme.panel, theme.accent, 0.45)))
        painter.drawRect(square)
        if (x, y) == self._cell:
            painter.setPen(QPen(QColor(theme.text if self.hasFocus() else theme.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box, 4, 4)
        write(painter, box, fixed(mass, 3), theme.text)

    def _paint_marginal(self, painter: QPainter, box: QRectF, mass: float) -> None:
        theme = self.theme
        bar = box.adjusted(3, 0, -3, 0)
        bar.setTop(bar.bottom() - 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.line))
        painter.drawRect(bar)
        bar.setWidth(bar.width() * float(np.clip(mass, 0, 1)))
        painter.setBrush(QColor(theme.prior))
        painter.drawRect(bar)
        write(painter, box, fixed(float(mass), 3), theme.text)

    def _cell_at(self, point: QPointF) -> tuple[int, int] | None:
        for x in range(3):
            for y in range(3):
                if self.cell_box(x, y).contains(point):
                    return x, y
        return None

    def _move(self, start: Joint, mass: float) -> None:
        self.moved.emit(start.with_cell(*self._cell, mass))

    def _say(self) -> None:
        x, y = self._cell
        self.setAccessibleDescription(
            f"P({X_NAMES[x]}, {Y_NAMES[y]}) = {fixed(float(self._joint.table[x, y]), 3)}"
        )
