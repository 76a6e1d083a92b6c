"""Pictures out of the window: to files and to the clipboard."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from latentlab.app.point_view import Picture
from latentlab.app.store import Store
from latentlab.core.interpolate import path
from latentlab.errors import InputError, not_written, told
from latentlab.system import write_atomic
from latentlab.ui.bridge import Bridge
from latentlab.ui.main_window import MainWindow
from latentlab.ui.style_sheet import apply_theme
from latentlab.ui.theme import LIGHT

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
        state = self._store.state
        text = ", ".join(f"{value:.6g}" for value in state.section.lift(state.z))
        QGuiApplication.clipboard().setText(text)
        self.done.emit(f"Copied z = ({text})")

    def copy_image(self) -> None:
        """The decoded image."""
        if self._window.decoded_panel.copy_image():
            self.done.emit("Copied the decoded image")
        else:
            self.failed.emit("There is no decoded image yet, so nothing was copied.", "")

    def _page(self, kind: Literal["png", "pdf"]) -> bytes:
        if self._window.learn is None:
            raise InputError("No page is open: go to the Learn workspace.")
        with self._as_on_paper():
            return self._window.learn.handout(kind)

    @contextmanager
    def _as_on_paper(self) -> Iterator[None]:
        """In the light theme; no frame of it reaches the screen."""
        app, theme = QApplication.instance(), self._window.theme
        assert isinstance(app, QApplication)
        try:
            apply_theme(app, LIGHT)
            self._window.set_theme(LIGHT)
            yield
        finally:
            apply_theme(app, theme)
            self._window.set_theme(theme)

    def _frames(self, count: int) -> Picture:
        laboratory = self._bridge.laboratory
        if laboratory is None or not laboratory.viewer.ready:
            raise InputError("There is nothing decoded yet: try again in a moment.")
        state = self._store.state
        points = state.section.lift(path(state.z1, state.z2, count, state.spherical))
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
