"""Messages through a pipe to another process of this program, as pickles.

Only what this program itself has started is at the other end; no file is read in this way.
"""

import pickle
from typing import IO, Any

from latentlab.training.cloud import Cloud
from latentlab.training.messages import Compared, Snapshot

_PROTOCOL = 5


class Sender:
    """Writes messages to `pipe`. Arrays go as they are, and no cloud goes twice in a row."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._clouds: list[Cloud] = []

    def send(self, message: object) -> None:
        """Write `message`; waits while the pipe is full. Raises OSError when nobody reads it."""
        _Pickler(self._pipe, self._clouds).dump(message)
        self._pipe.flush()
        self._clouds = _clouds(message) or self._clouds


class Receiver:
    """Reads what a Sender wrote to the other end of `pipe`."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._clouds: list[Cloud] = []

    def receive(self) -> Any:
        """The next message, as soon as it is there. Raises EOFError when the pipe is closed.

        Raises EOFError or UnpicklingError when it is closed in the middle of a message.
        """
        message = _Unpickler(self._pipe, self._clouds).load()
        self._clouds = _clouds(message) or self._clouds
        return message


def _clouds(message: object) -> list[Cloud]:
    """Those that the next message may hold again."""
    if isinstance(message, Snapshot):
        return [message.cloud]
    if isinstance(message, Compared):
        return [member.cloud for member in message.members if member.cloud is not None]
    return []


class _Pickler(pickle.Pickler):
    def __init__(self, pipe: IO[bytes], clouds: list[Cloud]) -> None:
        super().__init__(pipe, _PROTOCOL)
        self._known = {id(cloud): place for place, cloud in enumerate(clouds)}

    def persistent_id(self, item: object) -> int | None:
        return self._known.get(id(item)) if isinstance(item, Cloud) else None


class _Unpickler(pickle.Unpickler):
    def __init__(self, pipe: IO[bytes], clouds: list[Cloud]) -> None:
        super().__init__(pipe)
        self._clouds = clouds

    def persistent_load(self, place: int) -> Cloud:
        return self._clouds[place]
