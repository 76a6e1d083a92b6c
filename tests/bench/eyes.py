"""When the window has painted itself, and what in it."""

import time
from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QWidget


class Eyes(QObject):
    """Sees every update of a window whole, until `close`.

    `painted` bears the time at its end (time.monotonic), after what was painted has gone to the
    screen, and those of `parts` that were.
    """

    painted = Signal(float, object)

    def __init__(self, window: QWidget, parts: Iterable[QWidget]) -> None:
        super().__init__()
        self._window = window
        self._watched = (window, *parts)
        self._parts: set[QObject] = set()
        self._inside = False
        for widget in self._watched:
            widget.installEventFilter(self)

    def close(self) -> None:
        """See no more."""
        for widget in self._watched:
            widget.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Have the window do its updates in here, or their end could not be seen."""
        kind = event.type()
        if kind == QEvent.Type.Paint and watched is not self._window:
            self._parts.add(watched)
        elif kind == QEvent.Type.UpdateRequest and watched is self._window and not self._inside:
            self._inside = True
            self._parts = set()
            watched.event(event)
            self._inside = False
            self.painted.emit(time.monotonic(), self._parts)
            return True
        return False
