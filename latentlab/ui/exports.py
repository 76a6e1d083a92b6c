"""Pictures out of the window: to files and to the clipboard."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from latentlab.app.point_view import Picture
from latentlab.app.store import Store
from latentlab.core.interpolate import path
from latentlab.errors import InputError, not_written, told
from latentlab.system import write_atomic
from latentlab.ui.bridge import Bridge
from latentlab.ui.main_window import MainWindow

_GIF_FRAMES = 61


class Exports(QObject):
    """Writes what is shown now; `done` or `failed` says how it went."""

    done = Signal(str)
    failed = Signal(str, str)
    busy = Signal(str)  # what is being written; "" when done

    def __init__(self, window: MainWindow, store: Store, bridge: Bridge) -> None:
        super().__init__(window)
        self._window = window
        self._store = store
        self._bridge = bridge

    def plane_png(self, target: Path) -> None:
        """The plane, at twice its size on the screen."""
        self._write(target, lambda: self._window.plane.save_png(target))

    def plane_svg(self, target: Path) -> None:
        """The plane as shapes."""
        self._write(target, lambda: self._window.plane.save_svg(target))

    def strip_png(self, target: Path) -> None:
        """The images between z1 and z2, side by side."""
        # Here, because Pillow is needed for nothing else and the window need not wait for it.
        from latentlab.ui.export_images import strip_png  # noqa: PLC0415

        count = self._store.state.strip_count
        self._write(target, lambda: write_atomic(target, strip_png(self._frames(count))))

    def animation_gif(self, target: Path) -> None:
        """From z1 to z2 and back."""
        from latentlab.ui.export_images import gif  # noqa: PLC0415

        self._write(target, lambda: write_atomic(target, gif(self._frames(_GIF_FRAMES))))

    def page_png(self, target: Path) -> None:
        """The page of the course in front, as one picture."""
        self._write(target, lambda: write_atomic(target, self._page("png")))

    def page_pdf(self, target: Path) -> None:
        """The same as a handout."""
        self._write(target, lambda: write_atomic(target, self._page("pdf")))

    def copy_z(self) -> None:
        """z as text, such as 0.41, -1.2."""
        x, y = self._store.state.z
        QGuiApplication.clipboard().setText(f"{x:.6g}, {y:.6g}")
        self.done.emit(f"Copied z = ({x:.6g}, {y:.6g})")

    def copy_image(self) -> None:
        """The decoded image."""
        if self._window.decoded_panel.copy_image():
            self.done.emit("Copied the decoded image")
        else:
            self.failed.emit("There is no decoded image yet, so nothing was copied.", "")

    def _page(self, kind: Literal["png", "pdf"]) -> bytes:
        if self._window.learn is None:
            raise InputError("No page is open: go to the Learn workspace.")
        return self._window.learn.handout(kind)

    def _frames(self, count: int) -> Picture:
        laboratory = self._bridge.laboratory
        if laboratory is None or not laboratory.viewer.ready:
            raise InputError("There is nothing decoded yet: try again in a moment.")
        state = self._store.state
        points = path(state.z1, state.z2, count, state.spherical)
        return laboratory.viewer.decode(points.astype(np.float32))

    def _write(self, target: Path, write: Callable[[], None]) -> None:
        try:
            write()
        except OSError as error:
            self.failed.emit(not_written(target, error), "")
        except (InputError, MemoryError, RuntimeError) as error:
            self.failed.emit(*told(error, f"{target} could not be written"))
        else:
            self.done.emit(f"Saved {target}")
