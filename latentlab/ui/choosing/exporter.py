"""Writes the chosen images, or their numbers, in a thread of its own."""

import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QTimer

from latentlab.app.looks import Worker
from latentlab.app.store import Store
from latentlab.data.dataset import Dataset
from latentlab.errors import InputError, not_written, told
from latentlab.ui.bridge import Bridge
from latentlab.ui.controller import Controller
from latentlab.ui.exports import Exports
from latentlab.ui.main_window import MainWindow
from latentlab.ui.news import News

if TYPE_CHECKING:
    from latentlab.app.chosen import Ints
    from latentlab.ui.choosing.export_dialog import ExportDialog

_POLL_MILLISECONDS = 50
_TOO_SOON = "There is nothing to export yet: try again in a moment."
_STILL = "The last export is still being given up: try again in a moment."
_KINDS = {"train": "training", "test": "test"}


class PointExporter(QObject):
    """Asks what is wanted of what is chosen, or of all where nothing is; one export at a time."""

    def __init__(
        self,
        window: MainWindow,
        *,
        store: Store,
        bridge: Bridge,
        controller: Controller,
        news: News,
        exports: Exports,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._store = store
        self._bridge = bridge
        self._controller = controller
        self._news = news
        self._exports = exports
        self._folder = Path.home()
        self._dialog: ExportDialog | None = None
        self._worker: Worker | None = None
        self._cancelled = threading.Event()
        self._target = Path()
        self._done = 0  # images; the worker writes it, the timer reads it
        self._timer = QTimer(self, interval=_POLL_MILLISECONDS)
        self._timer.timeout.connect(self._poll)

    def ask(self) -> None:
        """Show the dialog."""
        found = self._images()
        if self._dialog is not None:
            self._dialog.raise_()
            return
        if found is None or self._worker is not None:
            self._exports.failed.emit(_TOO_SOON if found is None else _STILL, "")
            return
        # Pillow is no part of the start.
        from latentlab.ui.choosing.export_dialog import ExportDialog  # noqa: PLC0415
        from latentlab.ui.choosing.image_files import file_name  # noqa: PLC0415

        images, indices, what = found
        names = [file_name(images, index) for index in indices.tolist()]
        name = f"{images.name}-{images.split}".replace("/", "_")
        dialog = ExportDialog(self._window, what, name=name, folder=self._folder, names=names)
        self._dialog = dialog
        dialog.wanted.connect(lambda kind, path: self._begin(kind, path, images, indices))
        dialog.rejected.connect(self._cancel)
        dialog.finished.connect(self._dialog_closed)
        dialog.show()

    def stop(self) -> None:
        """Give up what is being written: a table and a sheet are as they were before."""
        self._cancelled.set()
        self._end()

    def _cancel(self) -> None:
        """The same, but the window does not wait until the thread has come to it."""
        self._cancelled.set()

    def _images(self) -> "tuple[Dataset, Ints, str] | None":
        """The images, which of them, and a sentence that says so."""
        opened, chosen = self._controller.present, self._store.state.chosen
        if opened is None:
            return None
        split = chosen.split if len(chosen) else self._news.split
        images = opened.pair.of(split)
        if len(chosen):
            count = f"{len(chosen):,} chosen {_KINDS[split]} image"
            return images, chosen.array, f"{count}{'' if len(chosen) == 1 else 's'}."
        every = np.arange(len(self._window.plane.scene.cloud))
        what = f"No points are chosen, so all {len(every):,} {_KINDS[split]} images on the plane."
        return (images, every, what) if len(every) else None

    def _begin(self, kind: str, target: Path, images: Dataset, indices: "Ints") -> None:
        if self._worker is not None:
            return
        try:
            work = self._work(kind, target, images, indices)
        except InputError as error:
            self._exports.failed.emit(str(error), "")
            self._end()
            return
        self._folder = target if kind == "folder" else target.parent
        self._target, self._done = target, 0
        self._cancelled = threading.Event()
        self._worker = Worker("latentlab-export")
        cancelled = self._cancelled
        self._worker.submit("export", lambda: self._write(work, target, cancelled))
        self._timer.start()

    def _work(
        self, kind: str, target: Path, images: Dataset, indices: "Ints"
    ) -> Callable[[], Iterable[int]]:
        """What says again and again how many it has done. Raises InputError."""
        from latentlab.ui.choosing.image_files import write_folder, write_sheet  # noqa: PLC0415

        if kind == "folder":
            return lambda: write_folder(images, indices, target)
        if kind == "sheet":
            return lambda: write_sheet(images, indices, target)
        laboratory, opened = self._bridge.laboratory, self._controller.present
        if laboratory is None or opened is None or not laboratory.viewer.ready:
            raise InputError(_TOO_SOON)
        # Only now: it needs torch, which is loaded after the window is there.
        from latentlab.app.point_table import write_table  # noqa: PLC0415

        # These weights, however long it takes and whatever is trained meanwhile.
        sight, title = laboratory.viewer.sight(), opened.title
        return lambda: write_table(sight, images, indices, title, target)

    def _write(
        self, work: Callable[[], Iterable[int]], target: Path, cancelled: threading.Event
    ) -> int:
        """In the worker's thread; returns how many images are written."""
        done = 0
        try:
            for done in work():
                self._done = done
                if cancelled.is_set():
                    break
        except OSError as error:
            raise InputError(not_written(target, error)) from error
        return done

    def _poll(self) -> None:
        if self._worker is None:
            return
        if self._dialog is not None:
            self._dialog.show_progress(self._done)
        for reply in self._worker.replies():
            if self._cancelled.is_set():
                self._end()
                return
            if isinstance(reply.value, Exception):
                self._exports.failed.emit(*told(reply.value, f"{self._target} was not written"))
            else:
                self._exports.done.emit(f"Saved {self._target} ({reply.value:,} images)")
            self._end()

    def _end(self) -> None:
        self._timer.stop()
        if self._worker is not None:
            self._worker.shutdown()
            self._worker = None
        if self._dialog is not None:
            self._dialog.close_down()

    def _dialog_closed(self) -> None:
        if self._dialog is not None:
            self._dialog.deleteLater()
            self._dialog = None
