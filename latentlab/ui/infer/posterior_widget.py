"""What both pictures of the true posterior have in common: over the plane, and over the line."""

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from latentlab.ui.keyboard_focus import FocusShown
from latentlab.ui.plane.areas import Areas
from latentlab.ui.theme import LIGHT


class PosteriorWidget(FocusShown):
    """Says what the user wants; what is painted is for its heirs.

    - modeChosen: the number of a mode that was clicked, or chosen by its digit.
    - zMoved: x, y in latent units, and whether the movement is finished.
    - stepWanted: 1 or −1, for the next or the previous image.
    """

    modeChosen = Signal(int)
    zMoved = Signal(float, float, bool)
    stepWanted = Signal(int)

    def __init__(self, parent: QWidget, margins: tuple[int, int, int, int]) -> None:
        """margins: left, top, right and bottom in pixels, at text scale 1."""
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(240, 180)
        self._margins = margins
        self._theme, self._text_scale = LIGHT, 1.0
        self._areas = self._laid_out()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Other images, and modes."""
        key = event.key()
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.stepWanted.emit(1 if key == Qt.Key.Key_Right else -1)
        elif Qt.Key.Key_1 <= key <= Qt.Key.Key_9:
            self.modeChosen.emit(key - Qt.Key.Key_1)
        else:
            super().keyPressEvent(event)

    def _laid_out(self) -> Areas:
        left, top, right, bottom = (round(self._text_scale * n) for n in self._margins)
        room = self.rect().adjusted(left, top, -right, -bottom)
        plane = QRect(room.left(), room.top(), max(room.width(), 16), max(room.height(), 16))
        return Areas(plane=plane, top=QRect(), right=QRect(), corner=QRect())
