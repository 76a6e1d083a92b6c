"""The images of a sheet, and how each is painted."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QFontMetricsF, QImage, QPainter
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from latentlab.data.dataset import Dataset
from latentlab.ui.images import Picture, fitted, paint_image, picture_of, to_qimage
from latentlab.ui.plane.labels import shortened

Index = QModelIndex | QPersistentModelIndex
Ints = npt.NDArray[np.int64]

_KEPT = 400  # reconstructions, about what a screen shows
_PAD = 4.0  # pixels around an image


class SheetModel(QAbstractListModel):
    """A row for each of some images. Reconstructions are asked for as their rows are painted.

    wanted: indices of images (a list of int) that were painted without a reconstruction by the
    newest weights; until `take` brings it, an older one is shown.
    """

    wanted = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._images: Dataset | None = None
        self._rows = np.zeros(0, np.int64)
        self._made: dict[int, QImage] = {}
        self._fresh: set[int] = set()
        self._missing: set[int] = set()
        self._soon = QTimer(self, singleShot=True)
        self._soon.timeout.connect(self._ask)

    def show_images(self, images: Dataset | None, indices: Ints) -> None:
        """These of them, (M,), a row each."""
        self.beginResetModel()
        if images is not self._images:
            self._made.clear()
            self._fresh.clear()
        self._images, self._rows = images, indices if images is not None else indices[:0]
        self._missing.clear()
        self.endResetModel()

    def index_of(self, image: int | None) -> QModelIndex:
        """The row of an image; none where it is not among them."""
        row = -1 if image is None else int(np.searchsorted(self._rows, image))
        known = 0 <= row < len(self._rows) and self._rows[row] == image
        return self.index(row) if known else QModelIndex()

    def image_at(self, row: int) -> int:
        """The image of a row."""
        return int(self._rows[row])

    def picture(self, row: int) -> QImage:
        """The image itself."""
        assert self._images is not None
        return to_qimage(picture_of(self._images.images[self._rows[row]]))

    def reconstruction(self, row: int) -> QImage | None:
        """The newest there is; asked for where it is not of the newest weights."""
        image = int(self._rows[row])
        if image not in self._fresh:
            self._missing.add(image)
            self._soon.start(0)
        return self._made.get(image)

    def take(self, indices: Sequence[int], pictures: Picture) -> None:
        """Reconstructions of these images, (M, H, W[, 3]), by the newest weights."""
        if len(self._made) > _KEPT:
            self._made.clear()
            self._fresh.clear()
        self._made |= {n: to_qimage(one) for n, one in zip(indices, pictures, strict=True)}
        self._fresh.update(indices)

    def forget_reconstructions(self) -> None:
        """There are other weights."""
        self._fresh.clear()

    def stop(self) -> None:
        """Ask for nothing more."""
        self._soon.stop()
        self._missing.clear()

    def rowCount(self, parent: Index | None = None) -> int:
        """So many images."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The class's name, and, as tooltip and for screen readers, which image it is."""
        if not index.isValid() or self._images is None:
            return None
        image = self.image_at(index.row())
        label = int(self._images.labels[image])
        name = self._images.class_names[label] if label >= 0 else "none"
        if role == Qt.ItemDataRole.DisplayRole:
            return name
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"Image {self._images.number(image):,}, class {name}"
        return None

    def _ask(self) -> None:
        missing, self._missing = sorted(self._missing), set()
        if missing:
            self.wanted.emit(missing)


class SheetDelegate(QStyledItemDelegate):
    """Paints an image with its class beneath, and its reconstruction beside it where wanted."""

    def __init__(self, model: SheetModel, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self.side = 56
        self.reconstructions = False

    def cell(self) -> QSize:
        """The room for one image, in pixels."""
        line = QFontMetricsF(QApplication.font()).height()
        count = 2 if self.reconstructions else 1
        width = count * self.side + (count + 1) * _PAD
        return QSize(round(width + 4), round(self.side + line + 3 * _PAD))

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        """The same for all."""
        return self.cell()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One image."""
        painter.save()
        cell, palette = QRectF(option.rect), option.palette
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(palette.highlight())
            painter.drawRoundedRect(cell.adjusted(1, 1, -1, -1), 5, 5)
            painter.setPen(palette.highlightedText().color())
        else:
            painter.setPen(palette.text().color())
        ratio = painter.device().devicePixelRatioF()
        left = cell.left() + 2 + _PAD
        pictures: list[QImage | None] = [self._model.picture(index.row())]
        if self.reconstructions:
            pictures.append(self._model.reconstruction(index.row()))
        for picture in pictures:
            room = QRectF(left, cell.top() + _PAD, self.side, self.side)
            if picture is not None:
                paint_image(painter, picture, fitted(picture.size(), room, ratio), ratio)
            left += self.side + _PAD
        words = cell.adjusted(_PAD, self.side + 1.5 * _PAD, -_PAD, 0)
        metrics = QFontMetricsF(painter.font())
        name = metrics.elidedText(
            shortened(str(index.data())), Qt.TextElideMode.ElideRight, words.width()
        )
        painter.drawText(words, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, name)
        painter.restore()
