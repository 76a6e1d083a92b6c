"""Keeps a window in the application's font when that changes, as for a projector."""

from typing import Protocol, runtime_checkable

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QApplication, QWidget


@runtime_checkable
class FollowsFont(Protocol):
    """A widget with sizes or fonts made from the application's."""

    def follow_font(self) -> None:
        """Make them anew."""


class FontFollower(QObject):
    """Hands the application's font down in a window, where under a style sheet Qt does not.

    When that font has changed, the sheet is applied anew, which lets the font through, and then
    `follow_font` is called on every widget in the window that has it.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        self._app = app
        # Queued: Qt says so before it has told its own widgets.
        app.fontChanged.connect(self._follow, Qt.ConnectionType.QueuedConnection)

    @Slot()
    def _follow(self) -> None:
        self._app.setStyleSheet(self._app.styleSheet())
        for widget in self._window.findChildren(QWidget):
            if isinstance(widget, FollowsFont):
                widget.follow_font()
