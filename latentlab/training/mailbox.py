"""A mailbox of one: the newest letter replaces an unread one, so a slow reader never lags."""

from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """Any thread puts, any thread takes; neither waits."""

    def __init__(self) -> None:
        # append and pop of a bounded deque are atomic.
        self._letters: deque[T] = deque(maxlen=1)

    def put(self, letter: T) -> None:
        """Leave `letter`, in place of one not yet taken."""
        self._letters.append(letter)

    def take(self) -> T | None:
        """The newest letter not yet taken, or None."""
        try:
            return self._letters.pop()
        except IndexError:
            return None
