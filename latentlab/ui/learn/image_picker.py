"""Which image a figure is about, and the way to the ones before and after."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from latentlab.ui.panel_style import ScaledLabel, named

_COMPUTING = "Computing…"


class ImagePicker(QWidget):
    """Two buttons around the image's name. `stepped`: how far it is from the selected image."""

    stepped = Signal(int)

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._step = 0
        before = self._button(f"{name}Previous", "‹", "Previous image", "The training image before")
        after = self._button(f"{name}Next", "›", "Next image", "The training image after")
        before.clicked.connect(self._back)
        after.clicked.connect(self._on)
        self._title = ScaledLabel(_COMPUTING, self, bold=True)
        self._title.setObjectName(f"{name}Title")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(before)
        layout.addWidget(after)
        layout.addWidget(self._title, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    @property
    def step(self) -> int:
        """How many images after the selected one."""
        return self._step

    def reset(self) -> None:
        """Back to the selected image; emits nothing."""
        self._step = 0

    def show_title(self, title: str) -> None:
        """Say which image the figure shows now."""
        self._title.setText(title)

    def _button(self, name: str, text: str, what: str, tip: str) -> QPushButton:
        return named(QPushButton(text, self), name, what, tip)

    def _back(self) -> None:
        self._move(-1)

    def _on(self) -> None:
        self._move(1)

    def _move(self, by: int) -> None:
        self._step += by
        self.stepped.emit(self._step)
