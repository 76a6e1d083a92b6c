"""The pad's place in a workspace: a button, and, once it was pressed, all that is below it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from latentlab.ui.panel_style import make_card
from latentlab.ui.theme import LIGHT, Theme

if TYPE_CHECKING:
    from latentlab.ui.pad.view import PadView


class PadPanel(QWidget):
    """There is one pad, which each workspace with a place for it can have open or not.

    switched: open or closed now. opened: the first of these alone. For the menus: an image is to be
    asked for, or pasted.
    """

    imageWanted = Signal()
    pasteWanted = Signal()

    switched = Signal()
    opened = Signal()

    def __init__(self, name: str, shows: str, parent: QWidget) -> None:
        """name: what the names of its objects begin with. shows: what one sees of a drawing."""
        super().__init__(parent)
        self.setObjectName(f"{name}Panel")
        make_card(self)
        self._theme = LIGHT
        self._content: PadView | None = None
        self._button = QPushButton("Draw your own ✎", self)
        self._button.setObjectName(f"{name}Button")
        self._button.setAccessibleName("Draw your own")
        self._button.setToolTip(f"Draw an image x, or open or paste one, and see {shows} (H)")
        self._button.setCheckable(True)
        self._button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._button.clicked.connect(self._switch)
        self._layout = layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 4)
        layout.setSpacing(5)
        layout.addWidget(self._button)

    @property
    def is_open(self) -> bool:
        """Whether the pad is wanted here."""
        return self._button.isChecked()

    def click(self) -> None:
        """As a click on the button."""
        self._button.click()

    def close_pad(self) -> None:
        """As a click on the button, if it is open."""
        if self.is_open:
            self._button.click()

    def take(self, content: "PadView") -> None:
        """Have the pad, which was elsewhere, below the button."""
        self._content = content
        self._layout.addWidget(content)
        self._give_theme()
        content.setVisible(self.is_open)

    def _switch(self, on: bool) -> None:
        self.switched.emit()
        if on:
            self.opened.emit()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self._give_theme()

    def _give_theme(self) -> None:
        if self._content is not None:
            self._content.set_theme(self._theme)
