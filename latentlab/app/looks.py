"""A worker thread for what takes longer than a mouse event may."""

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from latentlab.errors import InputError

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reply:
    """The answer to a request; `value` is the exception, if any. seconds: that it took to find."""

    kind: str
    value: Any
    seconds: float = field(default=0.0, compare=False)


class Worker:
    """A thread, called `name`, that does one request after another.

    A newer request of a kind replaces one not yet begun. One begun is finished and answered: a map
    asked for at every frame would else never come. All methods are for one thread, the window's.
    """

    def __init__(self, name: str) -> None:
        self._lock = threading.Condition()
        self._waiting: dict[str, tuple[int, Callable[[], Any]]] = {}
        self._done: queue.SimpleQueue[tuple[int, Reply]] = queue.SimpleQueue()
        self._requests = 0
        self._forgotten: dict[str, int] = {}  # by kind, the last request nobody waits for
        self._alive = True
        self._thread = threading.Thread(target=self._loop, name=name, daemon=True)
        self._thread.start()

    def submit(self, kind: str, look: Callable[[], Any]) -> None:
        """Have `look` called in the worker; returns at once."""
        with self._lock:
            self._requests += 1
            self._waiting[kind] = (self._requests, look)
            self._lock.notify()

    def forget(self, *kinds: str) -> None:
        """Give no reply to any request of these kinds made so far."""
        with self._lock:
            for kind in kinds:
                self._waiting.pop(kind, None)
                self._forgotten[kind] = self._requests

    def replies(self) -> list[Reply]:
        """The newest reply of each kind since last asked."""
        newest: dict[str, Reply] = {}
        while True:
            try:
                request, reply = self._done.get_nowait()
            except queue.Empty:
                return list(newest.values())
            if request > self._forgotten.get(reply.kind, 0):
                newest[reply.kind] = reply

    def shutdown(self, timeout: float = 10.0) -> bool:
        """Finish the look under way, drop the rest; False if that took longer than `timeout` s."""
        with self._lock:
            self._alive = False
            self._waiting.clear()
            self._lock.notify()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _loop(self) -> None:
        while True:
            with self._lock:
                while self._alive and not self._waiting:
                    self._lock.wait()
                if not self._alive:
                    return
                kind = next(iter(self._waiting))
                request, look = self._waiting.pop(kind)
            start = time.perf_counter()
            try:
                value = look()
            except InputError as error:
                value = error  # a file's fault, told to the user
            except Exception as error:
                _log.exception("the look %r failed", kind)
                value = error
            self._done.put((request, Reply(kind, value, time.perf_counter() - start)))
