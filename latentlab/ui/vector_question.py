"""Asks whether rows of numbers that could be square images are images or vectors."""

import math

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMessageBox, QWidget

from latentlab.data.vectors import Kind, UnclearError, with_kind
from latentlab.ui.files import Files


class VectorQuestion(QObject):
    """The file is opened as what is answered; nothing happens where nothing is."""

    def __init__(self, window: QWidget, files: Files) -> None:
        super().__init__(window)
        self._window = window
        self._files = files
        files.unclear.connect(self._ask)

    def _ask(self, unclear: UnclearError) -> None:
        box = QMessageBox(self._window)
        box.setObjectName("vectorQuestion")
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(
            f"{unclear.path.name} holds rows of {unclear.values:,} numbers: are they images or "
            "vectors?"
        )
        box.setInformativeText(
            f"Images are {_size(unclear.values)}. Vectors, such as signals or the features of a "
            "table, are shown as curves or bars, and scaled to [0, 1] by their least and largest "
            "value, in 256 levels."
        )
        images = box.addButton("&Images", QMessageBox.ButtonRole.AcceptRole)
        vectors = box.addButton("&Vectors", QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(images)
        kinds: dict[object, Kind] = {images: "image", vectors: "vector"}

        def answered() -> None:
            kind = kinds.get(box.clickedButton())
            if kind is not None:
                self._files.open_data(with_kind(str(unclear.path), kind))

        box.finished.connect(answered)
        box.finished.connect(box.deleteLater)
        box.open()


def _size(values: int) -> str:
    """Of square images with so many values."""
    grey = math.isqrt(values)
    if grey**2 == values:
        return f"{grey} × {grey} pixels, grey"
    side = math.isqrt(values // 3)
    return f"{side} × {side} pixels, RGB"
