"""The size of the window where no size is known from the last time."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QWidget


def fit_to_screen(window: QWidget, room: QSize) -> None:
    """Let a window that is larger than `room` fill the screen; leave a smaller one as it is.

    room: what the screen leaves to windows, in device-independent pixels.
    """
    if window.width() > room.width() or window.height() > room.height():
        # Also what it is where no window manager knows of maximised windows.
        window.resize(window.size().boundedTo(room))
        window.setWindowState(window.windowState() | Qt.WindowState.WindowMaximized)
