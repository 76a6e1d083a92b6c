"""Which image: the one before or after, of any class or of one."""

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from latentlab.ui.choice_box import ChoiceBox
from latentlab.ui.panel_style import ScaledLabel, named

_ANY = "any class"


class ImageChoice(QWidget):
    """A caption, a class, and two buttons. chosen: the index of another image."""

    chosen = Signal(int)

    def __init__(self, name: str, caption: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._labels: npt.NDArray[np.int64] = np.zeros(0, np.int64)
        self.index = 0
        self._class = ChoiceBox(
            f"{name}Class", f"Class of {caption}", f"{caption}: of which class it is", self
        )
        self._class.setMinimumContentsLength(7)
        self._class.addItem(_ANY)
        self._class.activated.connect(self._choose_class)
        before = self._button(f"{name}Previous", "‹", f"{caption}: the image before")
        after = self._button(f"{name}Next", "›", f"{caption}: the next image")
        before.clicked.connect(self._previous)
        after.clicked.connect(self._next)
        self._number = ScaledLabel("", self, "muted")
        # So that the row stands still while the numbers change.
        self._number.setMinimumWidth(self._number.fontMetrics().horizontalAdvance("no. 0,000"))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        label = ScaledLabel(caption, self, bold=True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        for widget in (label, self._class, before, after, self._number):
            layout.addWidget(widget)
        self.setEnabled(False)

    def set_images(self, labels: npt.NDArray[np.int64], names: tuple[str, ...]) -> None:
        """These are the images to choose from; labels (N,), each an index into `names`."""
        self._labels = labels
        with QSignalBlocker(self._class):
            self._class.clear()
            self._class.addItems([_ANY, *names])
        self.setEnabled(True)
        self.show_image(self.index)

    def show_image(self, index: int) -> None:
        """Say that it is this one; another class than its own is not kept."""
        self.index = index
        kept = self._class.currentIndex() - 1
        if len(self._labels) and kept >= 0 and self._labels[index] != kept:
            with QSignalBlocker(self._class):
                self._class.setCurrentIndex(0)
        self._number.setText(f"no. {index:,}")

    def forget_class(self) -> None:
        """Any class is right again."""
        with QSignalBlocker(self._class):
            self._class.setCurrentIndex(0)

    def _previous(self) -> None:
        self._go(-1)

    def _next(self) -> None:
        self._go(1)

    def _go(self, way: int) -> None:
        right = self._right()
        place = int(np.searchsorted(right, self.index, side="left"))
        self._choose(int(right[(place + way) % len(right)]))

    def _choose_class(self, _row: int) -> None:
        right = self._right()
        if self.index not in right:
            after = int(np.searchsorted(right, self.index)) % len(right)
            self._choose(int(right[after]))

    def _right(self) -> npt.NDArray[np.intp]:
        """Indices of the images of the class that is chosen, rising."""
        wanted = self._class.currentIndex() - 1
        every = np.arange(len(self._labels))
        return every if wanted < 0 else every[self._labels == wanted]

    def _choose(self, index: int) -> None:
        self.show_image(index)
        self.chosen.emit(index)

    def _button(self, name: str, text: str, tip: str) -> QPushButton:
        return named(QPushButton(text, self), name, tip, tip)
