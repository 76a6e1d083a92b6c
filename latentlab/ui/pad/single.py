"""One image to be opened: asked for, dropped, pasted, or named at the start."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtWidgets import QFileDialog, QWidget

from latentlab.app.drawn_view import cannot_draw
from latentlab.app.looks import Reply
from latentlab.data.picture import SUFFIXES
from latentlab.errors import told
from latentlab.ui.bridge import Bridge
from latentlab.ui.controller import Controller
from latentlab.ui.images import Picture
from latentlab.ui.pad.drawing import to_array

if TYPE_CHECKING:
    from latentlab.data.single_image import SingleImage, Target

_REPLY = "single image"
_TOO_SOON = "The network is being loaded: open the image once it is there."
_NOTHING = (
    "The clipboard holds no image: copy one first, such as a picture here with Ctrl+C, or a file."
)
_FILTER = f"Pictures ({' '.join(sorted(f'*{suffix}' for suffix in SUFFIXES))});;All files (*)"


class SingleImages(QObject):
    """Reads in the background, and brings what it read to the form of the data that are open."""

    came = Signal(object)  # a SingleImage
    failed = Signal(str, str)  # a sentence, a report
    ended = Signal()  # one of the two has happened

    def __init__(self, window: QWidget, bridge: Bridge, controller: Controller) -> None:
        super().__init__(window)
        self._window = window
        self._bridge = bridge
        self._controller = controller
        self._folder = str(Path.home())
        self._first: Path | None = None
        bridge.reply.connect(self._reply_came)
        bridge.ready.connect(self._open_first)

    def open(self, path: Path) -> None:
        """Read the picture in this file."""
        self._read(partial(_from_file, path))

    def open_later(self, path: Path) -> None:
        """Read it once there is a thread for it: at the start."""
        self._first = path

    def ask(self) -> None:
        """Ask for a file."""
        dialog = QFileDialog(self._window, "Open an image", self._folder, _FILTER)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self._chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def paste(self) -> None:
        """Take the image, or the file of one, that is on the clipboard."""
        clipboard = QGuiApplication.clipboard()
        held = cast("QMimeData | None", clipboard.mimeData())  # None of an empty clipboard
        files = [url for url in held.urls() if url.isLocalFile()] if held is not None else []
        image = clipboard.image()
        if not image.isNull():
            pixels = to_array(_on_white(image))
            self._read(partial(_from_clipboard, pixels))
        elif files:
            self.open(Path(files[0].toLocalFile()))
        else:
            self._fail(_NOTHING)

    def _open_first(self) -> None:
        if self._first is not None:
            self.open(self._first)

    def _chosen(self, path: str) -> None:
        self._folder = str(Path(path).parent)
        self.open(Path(path))

    def _read(self, read: "Callable[[Target], SingleImage]") -> None:
        laboratory, opened = self._bridge.laboratory, self._controller.present
        if laboratory is None or opened is None:
            self._fail(_TOO_SOON)
            return
        why = cannot_draw(opened.pair.train.image_shape)
        if why:
            self._fail(why)
            return
        # A large one takes a second.
        images = opened.pair.train.images
        laboratory.reader.forget(_REPLY)
        laboratory.reader.submit(_REPLY, lambda: read(_target_of(images)))

    def _reply_came(self, reply: Reply) -> None:
        if reply.kind != _REPLY:
            return
        if isinstance(reply.value, Exception):
            self._fail(*told(reply.value, "The image could not be opened"))
        else:
            self.came.emit(reply.value)
            self.ended.emit()

    def _fail(self, sentence: str, report: str = "") -> None:
        self.failed.emit(sentence, report)
        self.ended.emit()


def _on_white(image: QImage) -> QImage:
    """RGB; what is transparent lies on white."""
    if image.hasAlphaChannel():
        ground = QImage(image.size(), QImage.Format.Format_RGB888)
        ground.fill("white")
        with QPainter(ground) as painter:
            painter.drawImage(0, 0, image)
        return ground
    return image.convertToFormat(QImage.Format.Format_RGB888)


# In the reader's thread, and with Pillow, which is no part of the window's start.


def _target_of(images: Picture) -> "Target":
    from latentlab.data.single_image import target_of  # noqa: PLC0415

    return target_of(images)


def _from_file(path: Path, target: "Target") -> "SingleImage":
    """Raises InputError."""
    from latentlab.data.single_image import read_single_image  # noqa: PLC0415

    return read_single_image(path, target)


def _from_clipboard(pixels: Picture, target: "Target") -> "SingleImage":
    """Raises InputError."""
    from latentlab.data.single_image import pasted_image  # noqa: PLC0415

    return pasted_image(pixels, target)
