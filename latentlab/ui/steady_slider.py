"""A slider whose movements have an end: what is dragged or repeated is one movement."""

from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSlider, QStyle, QStyleOptionSlider, QWidget

from latentlab.ui.theme import LIGHT, Theme
from latentlab.ui.wheel_guard import WheelGuard


class SteadySlider(QSlider):
    """A horizontal slider for a number; what its positions mean is its subclass's.

    `changed(value, finished)`: what the user set; finished is False while they still drag,
    or hold a key down.
    """

    changed = Signal(float, bool)

    def __init__(self, name: str, number: float, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setObjectName(name)
        self._number = number
        self._silent = False
        self._repeating = False
        self._held = False
        self._theme = LIGHT
        self._colour: str | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumWidth(80)
        self.valueChanged.connect(self._moved)
        self.sliderReleased.connect(self._released)
        WheelGuard(self)

    @property
    def number(self) -> float:
        """The number last shown or set, not rounded to a position, perhaps beyond the ends."""
        return self._number

    def set_number(self, number: float) -> None:
        """Show `number`; beyond the ends the handle stays at the end. Emits nothing."""
        self._number = number
        self._silent = True
        self.setValue(self._position(number))
        self._silent = False
        self.update()

    def set_theme(self, theme: Theme, colour: str | None = None) -> None:
        """Take the theme's colours; the handle `colour` "#rrggbb", or the accent."""
        self._theme, self._colour = theme, colour
        self.update()

    def _position(self, number: float) -> int:
        """The nearest there is."""
        raise NotImplementedError

    def _number_at(self, position: int) -> float:
        """What that position means."""
        raise NotImplementedError

    def _ticks(self) -> list[tuple[int, bool]]:
        """The positions that are marked, and whether with a long mark."""
        raise NotImplementedError

    def _moved(self, position: int) -> None:
        if self._silent:
            return
        self._number = self._number_at(position)
        self._held = self._repeating
        self.changed.emit(self._number, not (self.isSliderDown() or self._repeating))

    def _released(self) -> None:
        self.changed.emit(self._number, True)

    def _let_go(self) -> None:
        if self._held:
            self._held = False
            self._released()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the handle to where the groove is pressed, and drag it from there."""
        handle = self._handle()
        x = round(event.position().x())
        if event.button() == Qt.MouseButton.LeftButton and not handle.contains(x, handle.y()):
            span = self.width() - handle.width()
            position = QStyle.sliderValueFromPosition(
                self.minimum(), self.maximum(), x - handle.width() // 2, span
            )
            # Down first, so that what follows counts as dragging until the button is let go.
            self.setSliderDown(True)
            self.setSliderPosition(position)
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move; what a held key repeats is one movement, finished when the key is let go of."""
        self._repeating = event.isAutoRepeat()
        super().keyPressEvent(event)
        self._repeating = False

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """The end of a key held down."""
        super().keyReleaseEvent(event)
        if not event.isAutoRepeat():
            self._let_go()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A key let go of elsewhere is not seen here."""
        super().focusOutEvent(event)
        self._let_go()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw a groove with its ticks, and the handle."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        handle = self._handle()
        half = handle.width() / 2
        middle = self.height() / 2
        ink = QColor(self._colour or self._theme.accent)
        if not self.isEnabled():
            ink = QColor(self._theme.prior)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.line))
        painter.drawRoundedRect(QRectF(half, middle - 2, self.width() - 2 * half, 4), 2, 2)
        self._paint_ticks(painter, half, middle)
        painter.setPen(QPen(QColor(self._theme.text if self.hasFocus() else self._theme.panel), 2))
        painter.setBrush(ink)
        radius = min(7.5, self.height() / 2 - 1.5)
        painter.drawEllipse(QPointF(handle.center()) + QPointF(0.5, 0.5), radius, radius)
        painter.end()

    def _paint_ticks(self, painter: QPainter, half: float, middle: float) -> None:
        span = self.width() - 2 * half
        for position, long in self._ticks():
            x = half + span * position / self.maximum()
            painter.setPen(QPen(QColor(self._theme.muted if long else self._theme.line), 1.5))
            reach = 8.0 if long else 5.5
            painter.drawLine(QPointF(x, middle - reach), QPointF(x, middle + reach))

    def _handle(self) -> QRect:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        return self.style().subControlRect(
            QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderHandle, self
        )
