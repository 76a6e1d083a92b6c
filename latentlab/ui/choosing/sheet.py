"""The sheet: the images of the chosen points, in a window beside the work."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QListView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from latentlab.app.chosen import counted
from latentlab.data.dataset import Dataset
from latentlab.ui.choice_box import ChoiceBox
from latentlab.ui.choosing.sheet_model import Ints, SheetDelegate, SheetModel
from latentlab.ui.images import Picture
from latentlab.ui.panel_style import ScaledLabel
from latentlab.ui.switch import Switch
from latentlab.ui.theme import Theme

_SIDES = {"Small": 28, "Medium": 56, "Large": 112}
_EMPTY = (
    "No points are chosen. Draw around some with the lasso (C), or click a class above the plane "
    "with Ctrl held down."
)
_PLAIN = "Click an image to select its point."
_BESIDE = "Left xₙ, right decoder(μₙ) by the weights of step {step:,}."


class Sheet(QDialog):
    """pointed: the image that was clicked. reconstructionsWanted: indices (a list of int)."""

    pointed = Signal(int)
    reconstructionsWanted = Signal(object)
    exportWanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("sheetDialog")
        self.setWindowTitle("Chosen images")
        self._step = 0
        self._can_point = True
        self._title = ScaledLabel("", self, bold=True)
        self._title.setObjectName("sheetTitle")
        self._classes = ScaledLabel("", self)
        self._classes.setObjectName("sheetClasses")
        self._says = ScaledLabel("", self, "muted")
        self._says.setObjectName("sheetSays")
        for label in (self._classes, self._says):
            label.setWordWrap(True)
        self._switch = Switch("sheetReconstructions", "Reconstructions", self)
        self._switch.setToolTip("Beside each image what the decoder makes of its μ")
        self._switch.clicked.connect(self._beside)
        self._size = ChoiceBox("sheetSize", "Size of the images", "How large images are", self)
        self._size.addItems(list(_SIDES))
        self._size.setCurrentText("Medium")
        self._size.currentTextChanged.connect(self._resize_images)
        self._model = SheetModel(self)
        self._model.wanted.connect(self.reconstructionsWanted)
        self._view = self._made_view()
        self._delegate = SheetDelegate(self._model, self._view)
        self._view.setItemDelegate(self._delegate)
        self._lay_out()
        self._resize_images()
        self.resize(780, 560)

    @property
    def model(self) -> SheetModel:
        """What the list shows."""
        return self._model

    def show_images(self, images: Dataset | None, indices: Ints, *, can_point: bool) -> None:
        """These of them, (M,). can_point: whether their points are on the plane."""
        self._model.show_images(images, indices)
        self._can_point = can_point
        kind = "" if images is None else " training" if images.split == "train" else " test"
        s = "" if len(indices) == 1 else "s"
        self._title.setText(f"{len(indices):,}{kind} image{s}" if len(indices) else "No images")
        known = images is not None and len(indices) > 0
        self._classes.setVisible(known)
        if images is not None:
            self._classes.setText(counted(images.labels[indices], images.class_names))
        self._export.setEnabled(known)
        self._say()

    def show_selected(self, image: int | None) -> None:
        """Mark this one, where it is among them, and bring it into view."""
        index = self._model.index_of(image)
        if index != self._view.currentIndex():
            self._view.setCurrentIndex(index)

    def show_reconstructions(self, step: int, indices: Sequence[int], pictures: Picture) -> None:
        """Those of some images, (M, H, W[, 3])."""
        self._model.take(indices, pictures)
        self._step = step
        self._say()
        self._view.viewport().update()

    def look_again(self) -> None:
        """There are other weights."""
        self._model.forget_reconstructions()
        if self._delegate.reconstructions:
            self._view.viewport().update()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._switch.set_theme(theme)

    def follow_font(self) -> None:
        """Make room for the names in the application's font."""
        self._resize_images()

    def hideEvent(self, event: QHideEvent) -> None:
        """Ask for nothing that is not seen."""
        super().hideEvent(event)
        self._model.stop()

    def _made_view(self) -> QListView:
        view = QListView(self)
        view.setObjectName("sheetList")
        view.setAccessibleName("Chosen images")
        # Not in icon mode, which places every item anew at each change: 60,000 take it seconds.
        view.setFlow(QListView.Flow.LeftToRight)
        view.setWrapping(True)
        view.setResizeMode(QListView.ResizeMode.Adjust)
        view.setUniformItemSizes(True)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setModel(self._model)
        view.clicked.connect(self._point)
        view.activated.connect(self._point)
        return view

    def _lay_out(self) -> None:
        close = QPushButton("Close", self)
        close.setObjectName("sheetClose")
        close.setAccessibleName("Close the sheet")
        close.setToolTip("Close the sheet (Esc)")
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        self._export = QPushButton("Export…", self)
        self._export.setObjectName("sheetExport")
        self._export.setAccessibleName("Export the chosen images")
        self._export.setToolTip("Write them to files, or their numbers to a table")
        self._export.setAutoDefault(False)
        self._export.clicked.connect(self.exportWanted)
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self._switch)
        head.addSpacing(10)
        head.addWidget(self._size)
        foot = QHBoxLayout()
        foot.addWidget(self._says, 1)
        foot.addWidget(self._export)
        foot.addWidget(close)
        layout = QVBoxLayout(self)
        layout.addLayout(head)
        layout.addWidget(self._classes)
        layout.addWidget(self._view, 1)
        layout.addLayout(foot)
        self.show_images(None, np.zeros(0, np.int64), can_point=False)

    def _beside(self, on: bool) -> None:
        self._delegate.reconstructions = on
        self._resize_images()
        self._say()

    def _resize_images(self, *_: object) -> None:
        self._delegate.side = _SIDES[self._size.currentText()]
        self._view.setGridSize(self._delegate.cell() + QSize(2, 2))
        self._view.doItemsLayout()

    def _say(self) -> None:
        if not self._model.rowCount():
            self._says.setText(_EMPTY)
            return
        beside = _BESIDE.format(step=self._step) if self._delegate.reconstructions else ""
        self._says.setText(" ".join(filter(None, [beside, _PLAIN if self._can_point else ""])))

    def _point(self, index: QModelIndex) -> None:
        if index.isValid():
            self.pointed.emit(self._model.image_at(index.row()))
