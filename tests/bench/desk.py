"""The real window, opened as the app opens it, and what a benchmark does with it."""

import tempfile
import time
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, QPoint, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget

from latentlab.app.profile import EngineKind, Profile
from latentlab.app.state import AppState
from latentlab.training.messages import Snapshot
from latentlab.training.process import ProcessEngine
from latentlab.ui.application import make_application
from latentlab.ui.error_dialog import ErrorDialog
from latentlab.ui.shell import Shell, WindowOptions
from tests.bench.result import BenchError

SIZE = (1440, 900)
_PATIENCE = 60.0
_REMEMBERED = 2_000  # snapshots, some minutes of them
# The engine says something at least this often while it has anything to do.
_CALM_SECONDS = 0.5


class Desk(QObject):
    """An open window. `snapshot` is the newest that the engine has given."""

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self.shell = shell
        self.window = shell.window
        self.plane = shell.window.plane
        self.decoded = self.child("decodedImage")
        self._snapshot: Snapshot | None = None
        # When each came (time.monotonic), and its epoch: many whole ones would fill the memory.
        self._epochs: deque[tuple[float, float]] = deque(maxlen=_REMEMBERED)
        shell.controller.snapshot.connect(self._keep)

    @property
    def state(self) -> AppState:
        return self.shell.store.state

    @property
    def snapshot(self) -> Snapshot:
        if self._snapshot is None:
            raise BenchError("the engine has said nothing yet")
        return self._snapshot

    @property
    def engine(self) -> str:
        """Where training runs."""
        laboratory = self.shell.bridge.laboratory
        in_process = laboratory is not None and isinstance(laboratory.engine, ProcessEngine)
        return "process" if in_process else "thread"

    @property
    def points(self) -> int:
        return len(self.plane.scene.cloud)

    def child(self, name: str) -> QWidget:
        found = self.window.findChild(QWidget, name)
        if found is None:
            raise BenchError(f"the window has no {name}")
        return found

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        """Let the window work until `condition`. Raises BenchError when it does not come."""
        late = time.monotonic() + _PATIENCE
        while not condition():
            if time.monotonic() > late:
                self.check()
                said = self.window.status_text.text()
                raise BenchError(f"waited {_PATIENCE:.0f} s in vain for {what}: {said}")
            let_work(10)

    def click(self, name: str) -> None:
        button = self.child(name)
        assert isinstance(button, QAbstractButton)
        button.click()

    def train(self) -> None:
        """Press Train, and wait until it does."""
        self.click("trainButton")
        self.wait(lambda: self.snapshot.running and self.snapshot.images_per_second > 0, "training")

    def pause(self) -> None:
        """Press it again, and wait until nothing is going on any more."""
        self.click("trainButton")
        self.wait(self.calm, "the engine to rest")

    def check(self) -> None:
        """Raise BenchError where the window has shown an error."""
        dialog = self.window.findChild(ErrorDialog, "errorDialog")
        if dialog is not None and dialog.text:
            raise BenchError(dialog.text)

    def throughput(self, start: float, end: float) -> float:
        """Images a second that the engine trained on between two times, from its snapshots.

        It waits for more of them where a slow machine gave too few, and counts these, too.
        """
        self.wait(lambda: len(self._epochs_since(start)) > 1, "snapshots of the training")
        since = self._epochs_since(start)
        within = [(at, epoch) for at, epoch in since if at <= end]
        (first, epoch), (last, epoch_then) = since[0], within[-1] if len(within) > 1 else since[1]
        return (epoch_then - epoch) * self.points / (last - first)

    def _epochs_since(self, start: float) -> list[tuple[float, float]]:
        return [(at, epoch) for at, epoch in self._epochs if at >= start]

    def calm(self) -> bool:
        """Whether the engine rests, and all it had to say has been shown."""
        snapshot, (at, _) = self.snapshot, self._epochs[-1]
        exact = snapshot.cloud.step == snapshot.weights_step
        return not snapshot.running and exact and time.monotonic() - at > _CALM_SECONDS

    def _keep(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._epochs.append((time.monotonic(), snapshot.epoch))


def let_work(milliseconds: int) -> None:
    """Let the window work so long, and the threads behind it, which QTest.qWait holds up."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


@contextmanager
def open_desk(model: str, engine: EngineKind | None) -> Generator[Desk]:
    """The window on a shipped model, settled; closed without a trace. engine: as in Options."""
    with tempfile.TemporaryDirectory(prefix="latentlab-bench-") as folder:
        app = make_application()
        shell = Shell(
            app, Profile(Path(folder)), WindowOptions(path=model, size=SIZE, engine=engine)
        )
        settled: list[bool] = []
        shell.settled.connect(lambda: settled.append(True))
        desk = Desk(shell)
        try:
            shell.start()
            desk.wait(lambda: bool(settled), "the window to settle")
            # Where it hovers over nothing.
            QTest.mouseMove(shell.window.windowHandle(), QPoint(3, SIZE[1] - 3))
            desk.wait(desk.calm, "the engine to rest")
            yield desk
            desk.check()
        finally:
            shell.close_at_once()
            shiboken6.delete(shell.window)
            shiboken6.delete(shell)
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
