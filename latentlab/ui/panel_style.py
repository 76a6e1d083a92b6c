"""What panels are made of: cards, and labels that follow the font."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QLabel, QWidget


def make_card(widget: QWidget) -> None:
    """Give a panel a background and a frame of its own."""
    widget.setProperty("role", "card")
    widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)


class ScaledLabel(QLabel):
    """A label whose font is the application's times a factor, also after that changes.

    `role`: "heading", "muted", "warning", the term "reconstruction" or "kl", or "" (plain text).
    """

    def __init__(
        self,
        text: str,
        parent: QWidget,
        role: str = "",
        scale: float = 1.0,
        bold: bool = False,
    ) -> None:
        super().__init__(text, parent)
        self.setProperty("role", role)
        self._scale = scale
        self._bold = bold
        self.follow_font()

    def follow_font(self) -> None:
        """Take the application's font, scaled."""
        self.setFont(scaled_font(QApplication.font(), self._scale, self._bold))


def scaled_font(base: QFont, scale: float, bold: bool = False) -> QFont:
    """`base` times `scale`, with digits of one width, so that changing numbers stand still."""
    font = QFont(base)
    if base.pointSizeF() > 0:
        font.setPointSizeF(base.pointSizeF() * scale)
    else:
        font.setPixelSize(max(1, round(base.pixelSize() * scale)))
    font.setBold(bold or base.bold())
    font.setFeature(QFont.Tag("tnum"), 1)
    return font
