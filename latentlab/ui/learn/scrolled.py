"""A column that scrolls down on a page's card."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

MARGIN, GAP = 16, 12  # pixels
_SIDEWAYS = (Qt.Key.Key_Left, Qt.Key.Key_Right)
_PAGES = (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Space, Qt.Key.Key_Backspace)


class Scrolled(QScrollArea):
    """Widgets go into its `rows`. The arrows left and right are not for it, but for pages.

    steps: whether the other keys that turn pages in a lecture are, too.
    """

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.steps = False
        self.setObjectName(name)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self.content = QWidget(self)
        self.rows = QVBoxLayout(self.content)
        self.rows.setContentsMargins(MARGIN, GAP, MARGIN, GAP)
        self.rows.setSpacing(GAP)
        self.setWidget(self.content)
        self.content.setAutoFillBackground(False)  # the page's card shows through

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down scroll."""
        if event.key() in _SIDEWAYS or (self.steps and event.key() in _PAGES):
            event.ignore()
        else:
            super().keyPressEvent(event)
