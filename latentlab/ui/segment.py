"""One button of a row of alternatives."""

from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from latentlab.ui.panel_style import scaled_font
from latentlab.ui.tip_text import wrapped


class SegmentButton(QPushButton):
    """A checkable button in a slightly smaller font, so that a row of them fits a column."""

    def __init__(self, name: str, text: str, label: str, tip: str, parent: QWidget) -> None:
        super().__init__(text, parent)
        self.setObjectName(name)
        self.setAccessibleName(label)
        self.setToolTip(wrapped(tip))
        self.setCheckable(True)
        self.setProperty("role", "segment")
        self.follow_font()

    def follow_font(self) -> None:
        """Take the application's font, scaled."""
        self.setFont(scaled_font(QApplication.font(), 0.9))
