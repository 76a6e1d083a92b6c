"""The app with all its options, started to say when its first pictures came, and to end then.

`python -m tests.bench.starting` prints one JSON object: `first_paint`, of the window with points in
it, and `first_decode`, of the decoded image, both in seconds of time.monotonic.
"""

import json
import sys
import time

from PySide6.QtCore import QEvent, QObject, Qt, Signal

from latentlab import cli
from latentlab.ui import application
from latentlab.ui.images import ImageView
from latentlab.ui.shell import Shell
from tests.bench.eyes import Eyes


class WatchedShell(Shell):
    """The app, which closes as soon as its first decoded image is painted."""

    _plane_painted = Signal()

    def start(self) -> None:
        decoded = self.window.findChild(ImageView, "decodedImage")
        assert decoded is not None
        self._decoded = decoded
        self._first_paint_at: float | None = None
        # Queued: when it comes, the rest of the window is painted, too.
        self._plane_painted.connect(self._note_paint, Qt.ConnectionType.QueuedConnection)
        self._eyes = Eyes(self.window, (decoded,))
        self._eyes.painted.connect(self._window_painted)
        super().start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and watched is self.window.plane:
            self._plane_painted.emit()
        return super().eventFilter(watched, event)

    def _note_paint(self) -> None:
        if self._first_paint_at is None and len(self.window.plane.scene.cloud):
            self._first_paint_at = time.monotonic()

    def _window_painted(self, now: float, parts: set[QObject]) -> None:
        if self._decoded in parts and self._decoded.image is not None:
            self._eyes.close()
            moments = {"first_paint": self._first_paint_at, "first_decode": now}
            print(json.dumps(moments), flush=True)
            self.close_at_once()


if __name__ == "__main__":
    application.Shell = WatchedShell  # type: ignore[attr-defined]
    sys.exit(cli.main())
