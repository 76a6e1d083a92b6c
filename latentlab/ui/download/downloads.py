"""Downloads one set at a time in a thread of its own, and says how far it is."""

import threading
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from latentlab.app.looks import Worker
from latentlab.data.remote import REMOTE, RemoteSet, folder_of
from latentlab.errors import told
from latentlab.ui.files import Files

if TYPE_CHECKING:
    from latentlab.ui.download.dialog import DownloadDialog

_POLL_MILLISECONDS = 100
# A window that is closed waits no longer for a server that says nothing.
_PATIENCE_SECONDS = 8.0


class Downloads(QObject):
    """Shows the dialog, and does what it asks for. The window goes on meanwhile."""

    came = Signal()  # a set is there that was not

    def __init__(self, window: QWidget, files: Files) -> None:
        super().__init__(window)
        self._files = files
        self._window = window
        self._worker: Worker | None = None
        self._cancelled = threading.Event()
        self._done = 0  # bytes; the worker writes it, the timer reads it
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MILLISECONDS)
        self._timer.timeout.connect(self._poll)

    @cached_property
    def _dialog(self) -> "DownloadDialog":
        from latentlab.ui.download.dialog import DownloadDialog  # noqa: PLC0415

        dialog = DownloadDialog(self._window)
        dialog.downloadWanted.connect(self._begin)
        dialog.cancelWanted.connect(self._cancel)
        dialog.openWanted.connect(self._files.open_data)
        return dialog

    def open(self) -> None:
        """Show the dialog, with what is on its way."""
        if self._worker is None:
            self._dialog.show_coming(None)  # a set may have come by other ways
        self._dialog.show()
        self._dialog.activateWindow()

    def stop(self) -> None:
        """End the download under way; what has come is kept."""
        self._timer.stop()
        self._cancelled.set()
        if self._worker is not None:
            self._worker.shutdown()
            self._worker = None

    def _begin(self, name: str) -> None:
        if self._worker is not None:
            return
        remote = REMOTE[name]
        self._cancelled.clear()
        self._done = 0
        self._worker = Worker("download")
        self._worker.submit("download", lambda: self._fetch(remote))
        self._dialog.show_coming(remote)
        self._timer.start()

    def _fetch(self, remote: RemoteSet) -> bool:
        """In the worker: whether the set is there, and was not cancelled."""
        # Late: what it needs from the network's libraries takes its time to import.
        from latentlab.data.download import CancelledError, download  # noqa: PLC0415

        try:
            download(
                remote, folder_of(remote), self._note, self._cancelled.is_set, _PATIENCE_SECONDS
            )
        except CancelledError:
            return False
        return True

    def _note(self, done: int) -> None:
        self._done = done

    def _cancel(self) -> None:
        self._cancelled.set()
        self._dialog.say("Stopping…")

    def _poll(self) -> None:
        if self._worker is None:
            return
        if not self._cancelled.is_set():
            self._dialog.show_progress(self._done)
        for reply in self._worker.replies():
            cancelled = self._cancelled.is_set()
            self.stop()
            self._dialog.show_coming(None)
            if reply.value is True:
                self._files.noted.emit("The data set is downloaded: the list of data has it now.")
                self.came.emit()
            elif cancelled:
                # Also where a server that had stalled was given up in the meantime.
                self._dialog.say("Stopped: the next time it goes on from there.")
            else:
                sentence, report = told(reply.value, "The data could not be downloaded")
                self._dialog.say(sentence)
                if report:
                    self._files.failed.emit(sentence, report)
