"""Arrays as pictures, and the widget that shows one."""

import math

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import (
    QAction,
    QColor,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from latentlab.data.vector_picture import drawn
from latentlab.data.vectors import are_vectors
from latentlab.ui.theme import LIGHT, Theme

Picture = npt.NDArray[np.uint8]

# A copied 28 × 28 image would be a speck on a slide.
_COPIED_SIDE = 280
_GAP = 2  # pixels between tiles


def to_qimage(array: Picture) -> QImage:
    """An image of its own bytes from uint8 (H, W) grey or (H, W, 3) RGB.

    Raises ValueError for any other type or shape.
    """
    if array.dtype != np.uint8 or not (
        array.ndim == 2 or (array.ndim == 3 and array.shape[2] == 3)
    ):
        raise ValueError(f"not a uint8 picture (H, W) or (H, W, 3): {array.dtype} {array.shape}")
    height, width = array.shape[:2]
    grey = array.ndim == 2
    image_format = QImage.Format.Format_Grayscale8 if grey else QImage.Format.Format_RGB888
    stride = width if grey else 3 * width
    # QImage only borrows the bytes; the copy is its own.
    return QImage(array.tobytes(), width, height, stride, image_format).copy()


def picture_of(image: Picture) -> Picture:
    """An image of a data set, (C, H, W), as (H, W) for one channel, (H, W, 3) for three.

    A vector, (1, 1, D), is drawn as a curve or as bars.
    """
    if are_vectors(image.shape):
        (curve,) = drawn(image[0])
        return np.asarray(curve)
    return image.transpose(1, 2, 0).copy() if len(image) == 3 else image[0]


def fitted(size: QSize, room: QRectF, pixel_ratio: float) -> QRectF:
    """The largest rectangle in `room` with the aspect of `size`, centred, on device pixels.

    Whole multiples of the image's pixels are preferred where they fill nine tenths of the room:
    then every pixel of the image is equally wide.
    """
    factor = pixel_ratio * min(room.width() / size.width(), room.height() / size.height())
    whole = math.floor(factor)
    if whole >= 0.9 * factor:
        factor = whole
    width = max(1, round(size.width() * factor)) / pixel_ratio
    height = max(1, round(size.height() * factor)) / pixel_ratio
    x = math.floor((room.center().x() - width / 2) * pixel_ratio) / pixel_ratio
    y = math.floor((room.center().y() - height / 2) * pixel_ratio) / pixel_ratio
    return QRectF(x, y, width, height)


def paint_image(painter: QPainter, image: QImage, target: QRectF, pixel_ratio: float) -> None:
    """Draw enlarged images with crisp pixels, and reduced ones smoothly."""
    reduced = target.width() * pixel_ratio < image.width()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, reduced)
    painter.drawImage(target, image)


def tiled(images: Picture, columns: int) -> Picture:
    """Images (S, H, W[, 3]) beside and beneath each other, with a thin gap of middle grey."""
    count, height, width = images.shape[:3]
    rows = -(-count // columns)
    shape = (rows * (height + _GAP) - _GAP, columns * (width + _GAP) - _GAP, *images.shape[3:])
    sheet = np.full(shape, 128, np.uint8)
    for place, image in enumerate(images):
        top, left = (place // columns) * (height + _GAP), (place % columns) * (width + _GAP)
        sheet[top : top + height, left : left + width] = image
    return sheet


class ImageView(QWidget):
    """One image, as large as it fits, or a line of text that says why there is none.

    `side`: the side in pixels that it would like to have. Ctrl+C and the context menu copy it.
    """

    def __init__(self, object_name: str, name: str, side: int, empty: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._side = side
        self._scale = 1.0
        self._empty = empty
        self._image: QImage | None = None
        self._theme = LIGHT
        self.setObjectName(object_name)
        self.setAccessibleName(name)
        self.setAccessibleDescription(empty or "No image")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        # The key is taken in keyPressEvent: as a shortcut it would collide with one of the window.
        keys = QKeySequence(QKeySequence.StandardKey.Copy).toString()
        self._copy_action = QAction(f"Copy image\t{keys}", self)
        self._copy_action.setEnabled(False)
        self._copy_action.triggered.connect(self.copy_image)
        self.addAction(self._copy_action)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)

    @property
    def image(self) -> QImage | None:
        """What is shown, at one pixel for each of the array's."""
        return self._image

    def set_image(self, array: Picture | None) -> None:
        """Show uint8 (H, W) or (H, W, 3), or the empty text. Raises ValueError for other arrays."""
        before = self._image.size() if self._image else None
        self._image = None if array is None or array.size == 0 else to_qimage(array)
        after = self._image.size() if self._image else None
        # Screen readers are told only when it matters: this runs at every move of the mouse.
        if before != after:
            text = f"{after.width()} by {after.height()} pixels" if after else self._empty
            self.setAccessibleDescription(text or "No image")
            self._copy_action.setEnabled(after is not None)
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self.update()

    def set_scale(self, scale: float) -> None:
        """Wish for a side so many times the usual, as for a projector."""
        self._scale = scale
        self.updateGeometry()

    def copy_image(self) -> bool:
        """Put the image on the clipboard, each pixel enlarged to whole pixels; False if none."""
        if self._image is None:
            return False
        factor = max(1, math.ceil(_COPIED_SIDE / min(self._image.width(), self._image.height())))
        QGuiApplication.clipboard().setImage(self._image.scaled(self._image.size() * factor))
        return True

    def sizeHint(self) -> QSize:
        """A square of the wanted side."""
        return QSize(self._side, self._side) * self._scale

    def minimumSizeHint(self) -> QSize:
        """Two thirds of that."""
        return self.sizeHint() * (2 / 3)

    def event(self, event: QEvent) -> bool:
        """Claim Ctrl+C before a shortcut of the window gets it."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.matches(QKeySequence.StandardKey.Copy)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+C copies the image."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_image()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The image in a thin frame."""
        painter = QPainter(self)
        room = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        size = self._image.size() if self._image else QSize(1, 1)
        ratio = self.devicePixelRatioF()
        target = fitted(size, room, ratio)
        if self._image:
            paint_image(painter, self._image, target, ratio)
        else:
            painter.fillRect(target, QColor(self._theme.window))
            painter.setPen(QColor(self._theme.muted))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(target.adjusted(6, 6, -6, -6), flags, self._empty)
        edge = self._theme.accent if self.hasFocus() else self._theme.line
        painter.setPen(QPen(QColor(edge), 1))
        painter.drawRect(target.adjusted(-0.5, -0.5, 0.5, 0.5))
        painter.end()
