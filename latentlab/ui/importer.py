"""Opens folders of pictures: asks for their form, shows how far reading is, lists what failed."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from latentlab.app.looks import Reply
from latentlab.app.opening import Opened
from latentlab.data.dataset import DataPair
from latentlab.errors import InputError
from latentlab.ui.bridge import Bridge
from latentlab.ui.files import Files

if TYPE_CHECKING:
    from latentlab.data.form import Form
    from latentlab.data.image_folder import Preview
    from latentlab.ui.import_dialog import ImportDialog

_POLL_MILLISECONDS = 100


def skipped_said(pair: DataPair) -> str:
    """How many files were read and how many skipped, before a list of those."""
    images, skipped = pair.train.total + pair.test.total, pair.skipped_count
    files = "1 file could not be read and was" if skipped == 1 else (
        f"{skipped:,} files could not be read and were"
    )  # fmt: skip
    return f"{images:,} images of {pair.name} were read; {files} skipped:"


class Importer(QObject):
    """Between the dialog, the reading thread and what opens files."""

    def __init__(self, window: QWidget, files: Files, bridge: Bridge) -> None:
        super().__init__(window)
        self._window = window
        self._files = files
        self._bridge = bridge
        self._dialog: ImportDialog | None = None
        self._folder = ""
        self._told: DataPair | None = None  # whose skipped files have been listed
        self._poll = QTimer(self)
        self._poll.setInterval(_POLL_MILLISECONDS)
        self._poll.timeout.connect(self._show_progress)
        files.form_wanted.connect(self._ask)
        files.came.connect(self._read)
        bridge.reply.connect(self._reply_came)

    def stop(self) -> None:
        """Ask and read no more."""
        self._files.cancel_reading()
        if self._dialog is not None:
            self._dialog.reject()

    def _ask(self, first: "Preview") -> None:
        from latentlab.ui.import_dialog import ImportDialog  # noqa: PLC0415

        if self._dialog is not None:
            self._dialog.reject()
        self._folder = first.folder
        self._dialog = dialog = ImportDialog(self._window, first)
        dialog.form_changed.connect(self._look)
        dialog.form_chosen.connect(self._begin)
        dialog.rejected.connect(self._give_up)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _look(self, form: "Form") -> None:
        from latentlab.data.image_folder import preview  # noqa: PLC0415

        laboratory, folder = self._bridge.laboratory, Path(self._folder)
        if laboratory is not None:
            laboratory.reader.submit("preview", lambda: preview(folder, form))

    def _begin(self, form: "Form") -> None:
        self._poll.start()
        self._files.open_pictures(self._folder, form)

    def _give_up(self) -> None:
        if self._poll.isActive():
            self._files.cancel_reading()
        self._end()

    def _end(self) -> None:
        self._poll.stop()
        self._dialog = None

    def _show_progress(self) -> None:
        reading = self._files.reading
        if self._dialog is not None and reading is not None:
            self._dialog.show_progress(reading.done, reading.total)

    def _read(self, value: object) -> None:
        """What was to be opened is read, or could not be."""
        pair = value.pair if isinstance(value, Opened) else None
        # Another network for the same images has nothing new to tell of them.
        if pair is self._told:
            pair = None
        if pair is not None:
            self._told = pair
            for sentence in pair.skipped:
                print(f"latentlab: skipped: {sentence}", file=sys.stderr)
        dialog, asked = self._dialog, self._poll.isActive()
        if pair is None or not pair.skipped:
            if dialog is not None and asked:
                self._end()
                dialog.accept()
            return
        said = skipped_said(pair)
        if dialog is not None and asked:
            self._poll.stop()
            dialog.show_skipped(said, pair.skipped)
        else:
            self._files.noted.emit(f"{said} {pair.skipped[0]}")

    def _reply_came(self, reply: Reply) -> None:
        if reply.kind != "preview" or self._dialog is None:
            return
        if isinstance(reply.value, InputError):
            self._dialog.reject()
            self._files.failed.emit(str(reply.value), "")
        elif not isinstance(reply.value, Exception):
            self._dialog.show_preview(reply.value)
