"""What the window says of itself: the status line, the progress, and what went wrong."""

import logging

from PySide6.QtCore import QObject, QTimer

from latentlab.training.messages import Snapshot
from latentlab.ui.bridge import Bridge
from latentlab.ui.controller import Controller
from latentlab.ui.error_dialog import ErrorDialog
from latentlab.ui.exports import Exports
from latentlab.ui.files import Files
from latentlab.ui.main_window import MainWindow

_SAYING_MILLISECONDS = 6_000
_log = logging.getLogger(__name__)


class Status(QObject):
    """Says what is going on, and passes failures on to the message bar or the error dialog."""

    def __init__(
        self,
        window: MainWindow,
        *,
        bridge: Bridge,
        controller: Controller,
        files: Files,
        exports: Exports,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._bridge = bridge
        self._controller = controller
        self._busy = ""
        self._broken = False
        self._stopped = ""
        self._error_dialog = ErrorDialog(window)
        self._saying = QTimer(self)
        self._saying.setSingleShot(True)
        self._saying.setInterval(_SAYING_MILLISECONDS)
        self._saying.timeout.connect(self.show_now)
        controller.opened.connect(self.show_now)
        controller.snapshot.connect(self._snapshot_came)
        controller.stopped.connect(self._show_stopped)
        controller.failed.connect(self.show_failure)
        files.failed.connect(self.show_failure)
        files.noted.connect(window.message_bar.info)
        files.busy.connect(self._show_busy)
        files.saved.connect(self._show_saved)
        exports.done.connect(self._say)
        exports.failed.connect(self.show_failure)
        bridge.ready.connect(self.show_now)
        bridge.broken.connect(self._show_broken)

    def show_now(self) -> None:
        """Say what is going on, in place of what was said for a while."""
        self._saying.stop()
        self._window.status_text.setText(self._now())
        loading = not (self._controller.heard or self._broken)
        self._window.progress.setVisible(bool(self._busy) or loading)

    def show_error(self, report: str) -> None:
        """Show an unexpected error, with a report to copy."""
        self._error_dialog.show_report(report)

    def show_failure(self, message: str, report: str) -> None:
        """Show what could not be done: in the bar, or with its report if it was unexpected."""
        if report:
            _log.error("%s\n%s", message, report)
            self.show_error(f"{message}\n\n{report}")
        else:
            self._window.message_bar.error(message)

    def _now(self) -> str:
        opened = self._controller.present
        if self._broken:
            return "torch could not be loaded: nothing can be decoded or trained"
        if self._busy or opened is None:
            return self._busy
        if not self._controller.heard:
            return "Loading torch: the points are from the file, decoding follows in a moment"
        if self._controller.running:
            return f"Training {opened.title} on {opened.pair.name}"
        ready = f"Ready: {opened.title} on {opened.pair.name}"
        return f"{ready} · trained since it was saved" if self._controller.unsaved else ready

    def _say(self, text: str) -> None:
        """Say this for a while."""
        self._window.status_text.setText(text)
        self._saying.start()

    def _show_stopped(self, reason: str) -> None:
        self._stopped = reason
        self._window.message_bar.warning(reason)

    def _snapshot_came(self, snapshot: Snapshot) -> None:
        if snapshot.running and self._stopped and self._window.message_bar.text == self._stopped:
            self._window.message_bar.clear()
        if not self._saying.isActive():
            self.show_now()

    def _show_busy(self, what: str) -> None:
        self._busy = what
        self.show_now()

    def _show_saved(self, path: str) -> None:
        self._say(f"Saved {path}")

    def _show_broken(self, report: str) -> None:
        self._broken = True
        self.show_now()
        self.show_error(f"latentlab cannot train or decode: torch could not be loaded.\n\n{report}")
