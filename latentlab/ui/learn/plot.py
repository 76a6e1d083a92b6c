"""A painted part of a figure, which follows the theme and a lecture's larger text."""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QSizePolicy, QWidget

from latentlab.ui.theme import LIGHT, Theme
from latentlab.ui.tip_text import wrapped


class Plot(QWidget):
    """Subclasses paint, with `_theme` and `_scale`.

    USUAL, LEAST: its sizes, in pixels, at the usual size of text. It grows with the room there is.
    """

    USUAL = QSize(320, 180)
    LEAST = QSize(200, 120)

    def __init__(self, name: str, label: str, tip: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(label)
        self.setToolTip(wrapped(tip))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._theme: Theme = LIGHT
        self._scale = 1.0

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self.update()

    def set_text_scale(self, factor: float) -> None:
        """Painted text in lecture mode."""
        self._scale = factor
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """USUAL, with the size of text."""
        return self.USUAL * self._scale

    def minimumSizeHint(self) -> QSize:
        """LEAST, with the size of text."""
        return self.LEAST * self._scale
