"""What can wait, done one thing at a time."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer

# Between two things there is time for an event of the mouse, and for the frame it leads to.
_GAP_SECONDS = 0.008
_SHARE = 4  # nothing takes more than this part of the time


@dataclass(slots=True)
class _Done:
    """When something was last done, and how long that and the time before took, in seconds."""

    at: float
    took: float
    before: float


class Turns(QObject):
    """Has things done soon, by name, with room for events and a frame between any two.

    The newest of a name takes the place of one not yet done. What takes long comes less often.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: dict[str, tuple[float, Callable[[], None]]] = {}  # when due, and what
        self._done: dict[str, _Done] = {}
        self._free_at = 0.0
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._take_turn)

    def ask(self, name: str, what: Callable[[], None], every: float = 0.0) -> None:
        """Have `what` done, at least `every` seconds after it was last done by this name."""
        waiting = self._waiting.get(name)
        self._waiting[name] = (self._due(name, every) if waiting is None else waiting[0], what)
        self._wait()

    def ask_if(self, waits: bool, name: str, what: Callable[[], None], every: float = 0.0) -> None:
        """Ask for it where it can wait, as a newer one is on its way; else do it now."""
        if waits:
            self.ask(name, what, every)
        else:
            self.do_now(name, what)

    def do_now(self, name: str, what: Callable[[], None]) -> None:
        """Do it at once, in place of what waits by this name."""
        self._waiting.pop(name, None)
        if not self._waiting:
            self._timer.stop()
        what()

    def forget_all(self) -> None:
        """Do nothing of what was asked for."""
        self._waiting.clear()
        self._timer.stop()

    def _due(self, name: str, every: float) -> float:
        last = self._done.get(name)
        if last is None:
            return 0.0
        # Of two, since one may have been held up by something else.
        rest = (_SHARE - 1) * min(last.took, last.before)
        return last.at + max(every, rest)

    def _wait(self) -> None:
        if self._waiting:
            due = min(due for due, _ in self._waiting.values())
            seconds = max(due, self._free_at) - time.monotonic()
            self._timer.start(max(0, math.ceil(1000 * seconds)))

    def _take_turn(self) -> None:
        start = time.monotonic()
        due, name = min((due, name) for name, (due, _) in self._waiting.items())
        try:
            if due <= start:
                _, what = self._waiting.pop(name)
                what()
                self._remember(name, start)
        finally:
            self._wait()

    def _remember(self, name: str, start: float) -> None:
        end = time.monotonic()
        last = self._done.get(name)
        self._done[name] = _Done(end, end - start, last.took if last else 0.0)
        self._free_at = end + _GAP_SECONDS
