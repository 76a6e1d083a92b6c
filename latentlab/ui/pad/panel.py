"""The pad's place in the window: a button, and, once it was pressed, all that is below it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from latentlab.ui.panel_style import make_card
from latentlab.ui.theme import LIGHT, Theme

if TYPE_CHECKING:
    from latentlab.ui.pad.view import PadView


class PadPanel(QWidget):
    """switched: whether the pad is open, by the user. For the menus: an image is to be opened."""

    switched = Signal(bool)
    imageWanted = Signal()
    pasteWanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("padPanel")
        make_card(self)
        self._theme = LIGHT
        self._content: PadView | None = None
        self._button = QPushButton("draw your own ✎", self)
        self._button.setObjectName("padButton")
        self._button.setAccessibleName("Draw your own")
        self._button.setToolTip(
            "Draw an image x, or open or paste one, and see q(z|x) on the plane (H)"
        )
        self._button.setCheckable(True)
        self._button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._button.clicked.connect(self.switched)
        self._layout = layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.setSpacing(5)
        layout.addWidget(self._button)

    def click(self) -> None:
        """As a click on the button."""
        self._button.click()

    def set_open(self, on: bool) -> None:
        """Show what is below the button, or only that."""
        self._button.setChecked(on)
        if self._content is not None:
            self._content.setVisible(on)

    def set_content(self, content: "PadView") -> None:
        """What is below the button."""
        self._content = content
        self._layout.addWidget(content)
        self._give_theme()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self._give_theme()

    def _give_theme(self) -> None:
        if self._content is not None:
            self._content.set_theme(self._theme)
