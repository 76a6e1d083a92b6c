"""The engine in a process of its own: the face of Engine, and pipes behind it."""

import contextlib
import logging
import queue
import signal
import subprocess
import sys
import threading
from typing import Generic, TypeVar

from latentlab.training.mailbox import Mailbox
from latentlab.training.messages import (
    Command,
    Compared,
    Crashed,
    Notice,
    Snapshot,
    Stop,
    Trained,
)
from latentlab.training.wire import Receiver, Sender

# With the parent's own path: it imports the very latentlab that the parent runs.
_CHILD = (
    "import sys; sys.path[:] = sys.argv[2:]; "
    "from latentlab.training.child import main; main(sys.argv[1])"
)
# Room for some of a snapshot, where the system lets it be chosen: fewer turns to read it.
_PIPE_BYTES = 1 << 20

_log = logging.getLogger(__name__)


S = TypeVar("S", bound=Snapshot | Compared)


class ProcessEngine(Generic[S]):
    """Trains in a child process. Send commands with `send`; take from `mailbox` and `notices`.

    Two threads carry messages. A slow window is sent fewer snapshots, since the child sends the
    next one when the last has been read. When the process ends unasked, the last notice is
    Crashed.
    """

    def __init__(self, what: Trained = "run") -> None:
        self._what = what
        self.mailbox: Mailbox[S] = Mailbox()
        self.notices: queue.SimpleQueue[Notice] = queue.SimpleQueue()
        self._outbox: queue.SimpleQueue[Command | None] = queue.SimpleQueue()
        self._process: subprocess.Popen[bytes] | None = None
        self._threads: list[threading.Thread] = []
        self._heard = False
        self._ending = False

    @property
    def pid(self) -> int | None:
        """The process's number; None before it is started."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process. It loads torch first; what is sent meanwhile waits."""
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _CHILD, self._what, *sys.path],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                pipesize=_PIPE_BYTES,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            self.notices.put(Crashed(f"it could not be started ({error.strerror or error})"))
            return
        for name, work in (("sender", self._send_all), ("reader", self._read_all)):
            thread = threading.Thread(
                target=work, args=(self._process,), name=f"latentlab-engine-{name}", daemon=True
            )
            thread.start()
            self._threads.append(thread)

    def send(self, command: Command) -> None:
        """Have `command` done between two steps, in the order of sending; returns at once."""
        self._outbox.put(command)

    def shutdown(self, timeout: float = 10.0) -> bool:
        """End the process; False if it did not end by itself within `timeout` seconds."""
        process = self._process
        if process is None:
            return True
        self._ending = True
        if self._heard:
            self.send(Stop())
        else:
            process.kill()  # it has done nothing yet, and loads torch for seconds
        for thread in self._threads:
            thread.join(timeout)
        in_time = not any(thread.is_alive() for thread in self._threads)
        if not in_time:
            process.kill()
            for thread in self._threads:
                thread.join(timeout)
        return in_time

    # --- in threads of their own -----------------------------------------------------------------

    def _send_all(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdin is not None
        sender = Sender(process.stdin)
        try:
            while (command := self._outbox.get()) is not None:
                sender.send(command)
        except OSError:
            pass  # the process has ended: its reader says so
        except Exception:
            _log.exception("a command cannot be sent to the engine's process")
            process.kill()
        finally:
            with contextlib.suppress(OSError):
                process.stdin.close()

    def _read_all(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdout is not None
        receiver = Receiver(process.stdout)
        with process.stdout:
            try:
                while True:
                    self._take(receiver.receive())
            except EOFError:
                pass
            except Exception:
                # Cut off in the middle, or there is no memory for it: nothing more can be read.
                if not self._ending:
                    _log.exception("the engine's process cannot be read")
                process.kill()
        code = process.wait()
        self._outbox.put(None)
        if not self._ending:
            _log.error("the engine's process is gone: %s", _how(code))
            self.notices.put(Crashed(_how(code)))

    def _take(self, message: S | Notice | logging.LogRecord) -> None:
        self._heard = True
        if isinstance(message, Snapshot | Compared):
            self.mailbox.put(message)
        elif isinstance(message, logging.LogRecord):
            logging.getLogger(message.name).handle(message)
        else:
            self.notices.put(message)


def _how(code: int) -> str:
    """How a process ended that gave this code."""
    if code >= 0:
        return f"it ended with code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    short = ", which the system does when memory runs out" if name == "SIGKILL" else ""
    return f"it was ended by {name}{short}"
