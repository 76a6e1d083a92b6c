"""Messages through a pipe to another process of this program, as pickles.

Only what this program itself has started is at the other end; no file is read in this way.
"""

import pickle
from typing import IO, Any

from latentlab.training.messages import Cloud, Snapshot

_PROTOCOL = 5
_SAME_CLOUD = "the cloud of the snapshot before"


class Sender:
    """Writes messages to `pipe`. Arrays go as they are, and no cloud goes twice in a row."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._cloud: Cloud | None = None

    def send(self, message: object) -> None:
        """Write `message`; waits while the pipe is full. Raises OSError when nobody reads it."""
        _Pickler(self._pipe, self._cloud).dump(message)
        self._pipe.flush()
        if isinstance(message, Snapshot):
            self._cloud = message.cloud


class Receiver:
    """Reads what a Sender wrote to the other end of `pipe`."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._cloud: Cloud | None = None

    def receive(self) -> Any:
        """The next message, as soon as it is there. Raises EOFError when the pipe is closed.

        Raises EOFError or UnpicklingError when it is closed in the middle of a message.
        """
        message = _Unpickler(self._pipe, self._cloud).load()
        if isinstance(message, Snapshot):
            self._cloud = message.cloud
        return message


class _Pickler(pickle.Pickler):
    def __init__(self, pipe: IO[bytes], cloud: Cloud | None) -> None:
        super().__init__(pipe, _PROTOCOL)
        self._cloud = cloud

    def persistent_id(self, item: object) -> str | None:
        return _SAME_CLOUD if isinstance(item, Cloud) and item is self._cloud else None


class _Unpickler(pickle.Unpickler):
    def __init__(self, pipe: IO[bytes], cloud: Cloud | None) -> None:
        super().__init__(pipe)
        self._cloud = cloud

    def persistent_load(self, _mark: object) -> Cloud | None:
        return self._cloud
