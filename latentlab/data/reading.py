"""How far a long reading is, and the way to end it."""

import threading
from dataclasses import dataclass, field

from latentlab.errors import InputError


class Cancelled(InputError):  # noqa: N818
    """The user did not want to wait."""


@dataclass
class Reading:
    """Written by the thread that reads, read and cancelled by any other.

    asks: whether there is somebody who can be asked what is unclear.
    """

    done: int = 0
    total: int = 0
    asks: bool = False
    _cancelled: threading.Event = field(default_factory=threading.Event, repr=False)

    def cancel(self) -> None:
        """Let the reading end at its next file."""
        self._cancelled.set()

    def at(self, done: int, total: int) -> None:
        """So many of so many files are read. Raises Cancelled where nobody waits for the rest."""
        self.done, self.total = done, total
        if self._cancelled.is_set():
            raise Cancelled("Reading was cancelled; nothing has changed.")
