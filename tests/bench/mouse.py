"""A mouse, moved by a hand in a process of its own."""

import os
import select
import subprocess
import sys
from types import TracebackType

from PySide6.QtCore import QObject, QSocketNotifier, Signal

from tests.bench.hand import EVENT


class Mouse(QObject):
    """Moves while it is entered, `rate` times a second.

    `moved` bears the number of the newest event, and when the oldest came that nobody was told of
    before (time.monotonic): of events that have piled up, a platform gives the newest alone.
    """

    moved = Signal(int, float)

    def __init__(self, rate: float) -> None:
        super().__init__()
        self._rate = rate
        self._unread = b""

    def __enter__(self) -> "Mouse":
        self._hand = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.hand", str(self._rate)], stdout=subprocess.PIPE
        )
        assert self._hand.stdout is not None
        self._pipe = self._hand.stdout.fileno()
        select.select([self._pipe], [], [])  # until the hand is there
        # As the events of a screen come to Qt: through something that becomes readable.
        self._notifier = QSocketNotifier(self._pipe, QSocketNotifier.Type.Read)
        self._notifier.activated.connect(self._read)
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._notifier.setEnabled(False)
        self._hand.kill()
        self._hand.communicate()

    def _read(self) -> None:
        data = self._unread + os.read(self._pipe, 1 << 16)
        whole = len(data) - len(data) % EVENT.size
        self._unread = data[whole:]
        events = list(EVENT.iter_unpack(data[:whole]))
        if events:
            self.moved.emit(events[-1][0], events[0][1])
