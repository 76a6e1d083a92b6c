"""Keeps styled panels in the application's font when that changes, as for a projector."""

from typing import Protocol, runtime_checkable

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QApplication, QWidget


@runtime_checkable
class FollowsFont(Protocol):
    """A widget with sizes or fonts made from the application's."""

    def follow_font(self) -> None:
        """Make them anew."""


class FontFollower(QObject):
    """Hands the application's font down in a panel with a style sheet, where Qt does not.

    When that font has changed, the sheet is applied anew, which lets the font through, and
    `follow_font` is called on every widget in the panel that has it, then on the panel.
    """

    def __init__(self, panel: QWidget) -> None:
        super().__init__(panel)
        self._panel = panel
        app = QApplication.instance()
        if isinstance(app, QApplication):
            # Queued: Qt says so before it has told its own widgets.
            app.fontChanged.connect(self._follow, Qt.ConnectionType.QueuedConnection)

    @Slot()
    def _follow(self) -> None:
        self._panel.setStyleSheet(self._panel.styleSheet())
        for widget in (*self._panel.findChildren(QWidget), self._panel):
            if isinstance(widget, FollowsFont):
                widget.follow_font()
