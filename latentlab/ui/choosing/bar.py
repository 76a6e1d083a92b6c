"""How many points are chosen, and what can be done with them: a line on the plane."""

from PySide6.QtCore import QPoint, QRect, Signal
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QToolButton, QWidget

from latentlab.ui.icons import icon
from latentlab.ui.panel_style import ScaledLabel, make_card, named
from latentlab.ui.plane import LatentPlane
from latentlab.ui.theme import Theme

_MARGIN = 6


class ChosenBar(QWidget):
    """Stands at the top of the plane while points are chosen or the lasso is taken up."""

    sheetWanted = Signal()
    exportWanted = Signal()
    noneWanted = Signal()

    def __init__(self, plane: LatentPlane) -> None:
        super().__init__(plane)
        self._plane = plane
        self.setObjectName("chosenBar")
        make_card(self)
        self._text = ScaledLabel("", self)
        self._text.setObjectName("chosenText")
        self._words = ""
        self._layout = layout = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        layout.setContentsMargins(10, 3, 4, 3)
        layout.setSpacing(4)
        layout.addWidget(self._text, 1)
        row = QHBoxLayout()
        row.setSpacing(4)
        layout.addLayout(row)
        self._buttons = [
            self._button("chosenSheet", "Images", "Show their images in a sheet (Ctrl+G)"),
            self._button("chosenExport", "Export", "Write them to a file (Ctrl+Shift+E)"),
            self._button("chosenNone", "", "Choose none (Esc)"),
        ]
        for button, signal in zip(
            self._buttons, (self.sheetWanted, self.exportWanted, self.noneWanted), strict=True
        ):
            button.clicked.connect(signal)
            row.addWidget(button)
        plane.shapeChanged.connect(self._place)
        self.hide()

    def show_text(self, text: str, *, chosen: bool) -> None:
        """Say this, a sentence to a line where there is room for no more; "" hides it.

        chosen: whether there are points to do something with.
        """
        self._words = text
        for button in self._buttons:
            button.setVisible(chosen)
        self.setVisible(bool(text))
        self._place()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._buttons[-1].setIcon(icon("close", theme))

    def follow_font(self) -> None:
        """Make room for the application's font."""
        self._place()

    def _place(self, *_: object) -> None:
        if self.isHidden():
            return
        area: QRect = self._plane.scene.areas.plane
        ways = QBoxLayout.Direction
        for way, words in (
            (ways.LeftToRight, self._words),
            (ways.TopToBottom, self._words.replace(". ", ".\n")),
        ):
            self._layout.setDirection(way)
            self._text.setText(words)
            self._layout.activate()
            if self.sizeHint().width() <= area.width() - 2 * _MARGIN:
                break
        left = area.left() + (area.width() - self.sizeHint().width()) // 2
        self.setGeometry(QRect(QPoint(left, area.top() + _MARGIN), self.sizeHint()))

    def _button(self, name: str, text: str, tip: str) -> QToolButton:
        button = named(QToolButton(self), name, tip, tip)
        button.setText(text)
        button.setProperty("role", "flat")
        return button
