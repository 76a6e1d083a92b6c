"""The engine's side of a ProcessEngine: what runs in the process of its own. Imports no Qt.

It ends with its parent, however that ends: its commands come through a pipe that is closed then.
"""

import faulthandler
import logging
import os
import pickle
import queue
import signal
import sys
import threading
import time
import traceback
from logging.handlers import QueueHandler
from typing import IO, TYPE_CHECKING, NoReturn

from latentlab.training.mailbox import Mailbox
from latentlab.training.messages import Compared, Notice, Snapshot, Stop, Trained
from latentlab.training.wire import Receiver, Sender

if TYPE_CHECKING:
    from latentlab.training.engines import AnyEngine

_IDLE_SECONDS = 0.05
# A step, or a file being written, may be finished when the parent is gone; a hang may not.
_GRACE_SECONDS = 30.0

_log = logging.getLogger(__name__)


def main(what: Trained) -> None:
    """Run an engine between standard input and standard output, and end the process."""
    # Ctrl+C goes to every process of a terminal; the window says when this one is to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.stderr is not None:
        faulthandler.enable()
    outbox = _Outbox(_own_stdout())
    logging.getLogger().addHandler(QueueHandler(outbox.letters))
    try:
        from latentlab.training.engines import new_engine  # noqa: PLC0415
        from latentlab.training.threads import leave_a_core_free  # noqa: PLC0415

        leave_a_core_free()
        engine = new_engine(what)
        threading.Thread(target=_read, args=(engine,), name="commands", daemon=True).start()
        while engine.tick(_IDLE_SECONDS):
            outbox.post_from(engine)
        outbox.post_from(engine)
    except Exception:
        _log.exception("the engine's process failed")
        outbox.close()
        os._exit(1)
    outbox.close()
    # Nothing is left to be done, and Python would take torch apart first.
    os._exit(0)


def _own_stdout() -> IO[bytes]:
    """What standard output leads to; whatever else is printed there from now on is dropped."""
    pipe = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return pipe


def _read(engine: "AnyEngine") -> None:
    """Hand on commands, the last of which is Stop, until the parent is gone."""
    commands = Receiver(sys.stdin.buffer)
    try:
        while True:
            command = commands.receive()
            engine.send(command)
            if isinstance(command, Stop):
                return
    except (EOFError, OSError, pickle.UnpicklingError):
        engine.send(Stop())
        time.sleep(_GRACE_SECONDS)
        os._exit(1)
    except Exception:
        _give_up()


def _give_up() -> NoReturn:
    """End the process, with a report: without this thread it would be deaf, or dumb."""
    traceback.print_exc()
    os._exit(1)


class _Outbox:
    """Sends in a thread, so that training never waits: notices and log records all and in order,
    of snapshots the newest. However slowly the window reads, no more than one of them waits."""

    def __init__(self, pipe: IO[bytes]) -> None:
        # None stands for the snapshot that is the newest when its turn comes.
        self.letters: queue.SimpleQueue[Notice | logging.LogRecord | None] = queue.SimpleQueue()
        self._newest: Mailbox[Snapshot | Compared] = Mailbox()
        self._waits = False  # whether a None is among the letters
        self._closing = False
        self._sender = Sender(pipe)
        self._thread = threading.Thread(target=self._send, name="outbox", daemon=True)
        self._thread.start()

    def post_from(self, engine: "AnyEngine") -> None:
        """Take what the engine has to say."""
        while not engine.notices.empty():
            self.letters.put(engine.notices.get_nowait())
        snapshot = engine.mailbox.take()
        if snapshot is not None:
            self._newest.put(snapshot)
            # After the snapshot is in place, and the sender clears it before it takes one: so
            # whichever of the two comes first, none is left behind.
            if not self._waits:
                self._waits = True
                self.letters.put(None)

    def close(self) -> None:
        """Send what is left, unless nobody takes it."""
        self._closing = True
        self.letters.put(None)
        self._thread.join(_GRACE_SECONDS)

    def _newest_letter(self) -> Snapshot | Compared | None:
        self._waits = False
        return self._newest.take()

    def _send(self) -> None:
        try:
            while not (self._closing and self.letters.empty()):
                letter = self.letters.get() or self._newest_letter()
                if letter is not None:
                    self._sender.send(letter)
        except OSError:
            return  # the parent is gone, and the commands' end tells the engine
        except Exception:
            _give_up()
