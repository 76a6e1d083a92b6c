"""The sheet to draw on: with the mouse, a finger, a tablet's pen, or the keyboard."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPointingDevice,
    QTabletEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from latentlab.ui.images import Picture, fitted, paint_image
from latentlab.ui.pad.drawing import SIDE, Dab, Drawing, Stroke, paint_dab, to_array
from latentlab.ui.theme import LIGHT, Theme
from latentlab.ui.tip_text import wrapped

_LINES = 11  # lines of text that it is high
_LEAST_LINES = 9
_STEP, _FINE_STEP = 10.0, 2.0  # canvas pixels, of an arrow key
_LIGHTEST = 0.35  # of the thickness, at the lightest pressure
_HINT = "Draw here,\nor drop or paste an image"
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_TIP = (
    "Draw an image x: q(z|x) = N(μ, diag σ²) is computed as you draw. With the keyboard: "
    "arrow keys move the pen, Space puts it down or lifts it. Drop an image here, too."
)


class PadCanvas(QWidget):
    """White on black, as the data are.

    drawn: something was added to the picture; stroked: a Stroke, finished.
    """

    drawn = Signal()
    stroked = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("padCanvas")
        self.setAccessibleName("Pad")
        self.setAccessibleDescription(
            "Arrow keys move the pen, with Shift in finer steps; Space puts it down or lifts it."
        )
        self.setToolTip(wrapped(_TIP))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.erases = False
        self.thickness = 22.0
        self._theme = LIGHT
        self._drawing = Drawing()
        self._image = self._drawing.image()
        self._dabs: list[Dab] = []
        self._erasing = False  # the stroke that is drawn now
        self._cursor = QPointF(SIDE / 2, SIDE / 2)  # of the keyboard
        self._cursor_shown = False

    @property
    def drawing(self) -> Drawing:
        """The finished strokes."""
        return self._drawing

    @property
    def picture(self) -> Picture:
        """All that is there now, (SIDE, SIDE), or (SIDE, SIDE, 3) over a picture in colours."""
        return to_array(self._image)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing on it."""
        return self._drawing.is_empty and not self._dabs

    @property
    def is_drawn_on(self) -> bool:
        """Whether there are strokes on it."""
        return bool(self._drawing.strokes or self._dabs)

    def set_drawing(self, drawing: Drawing) -> None:
        """Show this instead. Emits nothing."""
        self._drawing = drawing
        self._image = drawing.image()
        self._dabs = []
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """A square that grows with the text."""
        side = _LINES * self.fontMetrics().height()
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        """Likewise."""
        side = _LEAST_LINES * self.fontMetrics().height()
        return QSize(side, side)

    def sheet(self) -> QRectF:
        """Where the canvas is, in pixels of the widget."""
        room = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        return fitted(QSize(SIDE, SIDE), room, self.devicePixelRatioF())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a stroke."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._begin(self._on_sheet(event.position()), 1.0, erases=self.erases)
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with it."""
        if self._dabs and event.buttons() & Qt.MouseButton.LeftButton:
            self._go_on(self._on_sheet(event.position()), 1.0)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End it."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._end()

    def tabletEvent(self, event: QTabletEvent) -> None:
        """The same with a pen that knows how hard it is pressed, and has an eraser at its end."""
        at, pressure = self._on_sheet(event.position()), event.pressure()
        strength = _LIGHTEST + (1 - _LIGHTEST) * pressure
        if event.type() == QEvent.Type.TabletPress:
            other_end = event.pointerType() == QPointingDevice.PointerType.Eraser
            self._begin(at, strength, erases=self.erases or other_end)
        elif event.type() == QEvent.Type.TabletMove and self._dabs:
            self._go_on(at, strength)
        elif event.type() == QEvent.Type.TabletRelease:
            self._end()
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Claim arrows and Space before a shortcut of the window gets them."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
            if plain and (event.key() in _ARROWS or event.key() == Qt.Key.Key_Space):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the pen, put it down or lift it."""
        if event.key() in _ARROWS:
            fine = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            step = _FINE_STEP if fine else _STEP
            x, y = _ARROWS[Qt.Key(event.key())]
            self._cursor = _inside(self._cursor + QPointF(x * step, y * step))
            self._cursor_shown = True
            if self._dabs:
                self._go_on(self._cursor, 1.0)
            self.update()
        elif event.key() == Qt.Key.Key_Space:
            self._cursor_shown = True
            if self._dabs:
                self._end()
            else:
                self._begin(self._cursor, 1.0, erases=self.erases)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """What was begun ends."""
        super().focusOutEvent(event)
        self._cursor_shown = False
        self._end()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The sheet in a thin frame."""
        with QPainter(self) as painter:
            sheet = self.sheet()
            paint_image(painter, self._image, sheet, self.devicePixelRatioF())
            if self.is_empty:
                painter.setPen(QColor("#9aa5b1"))  # on black, in both themes
                flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(sheet.adjusted(8, 8, -8, -8), flags, _HINT)
            if self._cursor_shown:
                self._paint_cursor(painter, sheet)
            edge = self._theme.accent if self.hasFocus() else self._theme.line
            painter.setPen(QPen(QColor(edge), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(sheet.adjusted(-0.5, -0.5, 0.5, 0.5))

    def _paint_cursor(self, painter: QPainter, sheet: QRectF) -> None:
        factor = sheet.width() / SIDE
        at = sheet.topLeft() + self._cursor * factor
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._theme.accent), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        radius = max(3.0, factor * self.thickness / 2)
        painter.drawEllipse(at, radius, radius)

    def _on_sheet(self, at: QPointF) -> QPointF:
        sheet = self.sheet()
        return (at - sheet.topLeft()) * (SIDE / sheet.width())

    def _begin(self, at: QPointF, strength: float, *, erases: bool) -> None:
        self._erasing = erases
        self._dabs = []
        self._go_on(at, strength)

    def _go_on(self, at: QPointF, strength: float) -> None:
        dab = Dab(at.x(), at.y(), self.thickness * strength)
        before = self._dabs[-1] if self._dabs else dab
        self._dabs.append(dab)
        paint_dab(self._image, before, dab, erases=self._erasing)
        self.update()
        self.drawn.emit()

    def _end(self) -> None:
        if not self._dabs:
            return
        stroke = Stroke(tuple(self._dabs), self._erasing)
        self._dabs = []
        self._drawing = self._drawing.with_stroke(stroke)
        self.stroked.emit(stroke)


def _inside(at: QPointF) -> QPointF:
    return QPointF(min(max(at.x(), 0.0), SIDE), min(max(at.y(), 0.0), SIDE))
