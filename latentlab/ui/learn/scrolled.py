"""A column that scrolls down on a page's card."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

MARGIN, GAP = 16, 12  # pixels


class Scrolled(QScrollArea):
    """Widgets go into its `rows`. The arrows left and right are not for it, but for pages."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
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
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            event.ignore()
        else:
            super().keyPressEvent(event)
