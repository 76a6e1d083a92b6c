"""Keeps the wheel for the column that is scrolled."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget


class WheelGuard(QObject):
    """Leaves the wheel to what is around `widget`, unless `widget` has the focus.

    A wheel that scrolls a column must not change, on its way, what comes under the pointer.
    """

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Refuse the wheel without the focus, so that Qt offers it to the parent."""
        if event.type() == QEvent.Type.Wheel and not self._widget.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)
