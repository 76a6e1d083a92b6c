"""The six faces of a die as bars to drag."""

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from latentlab.core.probability import Die
from latentlab.ui.learn.canvas import Canvas, write
from latentlab.ui.number_text import fixed
from latentlab.ui.theme import mix

Faces = tuple[int, ...]

FACES: Faces = (1, 2, 3, 4, 5, 6)

_KEY_STEP = 0.01
_TIP = (
    "P(face). Drag a bar up or down to load the die; the others keep their proportions. With the "
    "keyboard: ← → choose a face, ↑ ↓ move it by 0.01, with Shift by 0.1, 0 empties it. The "
    "triangle stands at E[face], where the bars balance"
)


class DieFaces(Canvas):
    """Six bars; those of B stand out, and of these those of A. `moved(die)`: the user dragged."""

    moved = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__("dieBars", "Probabilities of the six faces", _TIP, parent, (18, 12))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SizeVerCursor)
        self._die = Die.fair()
        self._a: Faces = ()
        self._b: Faces = ()
        self._face = 3
        self._held: tuple[Die, float] | None = None

    def show_die(self, die: Die, a: Faces, b: Faces) -> None:
        """Show it, with the faces of the event and of the condition."""
        self._die, self._a, self._b = die, a, b
        pairs = zip(FACES, die.weights, strict=True)
        self.setAccessibleDescription(", ".join(f"{f}: {fixed(float(w), 3)}" for f, w in pairs))
        self.update()

    def bar_box(self, face: int) -> QRectF:
        """The room of a bar, at P = 1 (its full height), in pixels."""
        top, bottom = 2.4 * self.line, self.height() - 3.4 * self.line
        width = self.width() / 6
        return QRectF((face - 1) * width, top, width, bottom - top)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of a bar."""
        if event.button() == Qt.MouseButton.LeftButton:
            face = int(6 * event.position().x() / max(self.width(), 1)) + 1
            self._face = min(max(face, 1), 6)
            self._held = (self._die, event.position().y())
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pull it up or down."""
        if self._held is None:
            return
        start, y = self._held
        reach = self.bar_box(1).height() / self._scale()
        now = float(start.weights[self._face - 1])
        # From the die as it was, so that on the way back every bar comes back too.
        self._move(start, round(now + (y - event.position().y()) / reach, 2))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Let go."""
        self._held = None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right choose a face; up and down move it, farther with Shift; 0 empties it."""
        step = _KEY_STEP * (10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        now = float(self._die.weights[self._face - 1])
        key = event.key()
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._face = min(max(self._face + (1 if key == Qt.Key.Key_Right else -1), 1), 6)
            self.update()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Plus):
            self._move(self._die, round(now + step, 4))
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Minus):
            self._move(self._die, round(now - step, 4))
        elif key in (Qt.Key.Key_0, Qt.Key.Key_Delete):
            self._move(self._die, 0.0)
        else:
            super().keyPressEvent(event)

    def paint(self, painter: QPainter) -> None:
        """Bars, faces, and the balance."""
        theme, line = self.theme, self.line
        title = QRectF(0, 0, self.width(), line)
        write(painter, title, "P(face): drag a bar up or down", theme.muted)
        for face in FACES:
            self._paint_bar(painter, face)
        base = self.bar_box(1).bottom()
        painter.setPen(QPen(QColor(theme.muted), 1))
        painter.drawLine(QPointF(0, base), QPointF(self.width(), base))
        mean = self._die.mean()
        assert mean is not None
        x = self.bar_box(1).center().x() + (mean - 1) * self.width() / 6
        top = base + 1.35 * line
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.text))
        half = 0.4 * line
        painter.drawPolygon(
            QPolygonF(
                [QPointF(x, top), QPointF(x - half, top + line), QPointF(x + half, top + line)]
            )
        )
        text = f"E[face] = {fixed(mean)}"
        width = painter.fontMetrics().horizontalAdvance(text)
        left = min(max(x - width / 2, 0), self.width() - width)
        write(painter, QRectF(left, top + line, width, line), text, theme.text)

    def _paint_bar(self, painter: QPainter, face: int) -> None:
        theme, line, room = self.theme, self.line, self.bar_box(face)
        weight = float(self._die.weights[face - 1])
        bar = room.adjusted(0.12 * room.width(), 0, -0.12 * room.width(), 0)
        bar.setTop(room.bottom() - room.height() * min(weight / self._scale(), 1.0))
        fill = mix(theme.panel, theme.prior, 0.55)
        if face in self._b:
            fill = theme.accent if face in self._a else mix(theme.panel, theme.accent, 0.45)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(fill))
        painter.drawRect(bar)
        if face == self._face and self.hasFocus():
            painter.setPen(QPen(QColor(theme.text), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(bar)
        above = QRectF(room.left(), bar.top() - 1.1 * line, room.width(), line)
        write(painter, above, fixed(weight, 3), theme.text)
        below = QRectF(room.left(), room.bottom() + 0.2 * line, room.width(), line)
        write(painter, below, str(face), theme.text if face in self._b else theme.muted)

    def _scale(self) -> float:
        """The probability as high as the room; it stands still while a bar is held."""
        die = self._die if self._held is None else self._held[0]
        return min(1.0, max(0.3, 1.25 * float(die.weights.max())))

    def _move(self, start: Die, weight: float) -> None:
        self.moved.emit(start.with_face(self._face, weight))
