"""Which focus has to be shown, and how a painted widget shows it."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFocusEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

_REASONS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class FocusShown(QWidget):
    """Notices a focus that the keyboard brought: a click shows itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._focus_shown = False

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show a focus that the keyboard brought."""
        super().focusInEvent(event)
        self._focus_shown = event.reason() in _REASONS
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show that the focus has gone."""
        super().focusOutEvent(event)
        self._focus_shown = False
        self.update()

    def paint_focus(self, painter: QPainter, around: QRect, accent: str) -> None:
        """Where it is to be shown, a frame of this colour just inside `around`."""
        if self._focus_shown:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(accent), 2))
            painter.drawRect(around.adjusted(1, 1, -1, -1))
