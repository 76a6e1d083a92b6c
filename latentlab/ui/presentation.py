"""How the whole window looks: its theme, and presentation mode."""

from PySide6.QtCore import QByteArray, QCoreApplication, QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import QApplication, QSplitter

from latentlab.ui.main_window import MainWindow
from latentlab.ui.style_sheet import apply_theme
from latentlab.ui.theme import Theme, theme_named

# At its usual size the window is comfortable in this many pixels. Presentation mode enlarges it by
# what the screen has more, within bounds: on a small screen the plane would else get smaller.
_ROOM = (1200, 750)
_LEAST, _MOST = 1.1, 1.6


class Presentation(QObject):
    """Applies the theme, and enlarges everything for a projector."""

    switched = Signal(bool)
    theme_chosen = Signal(str)  # for good: "light", "dark", or "" for the desktop's
    theme_used = Signal(str)  # for now

    def __init__(self, app: QApplication, window: MainWindow) -> None:
        super().__init__(window)
        self._app = app
        self._window = window
        self._font = QFont(app.font())
        self._choice = ""
        self._larger = False
        self._was_maximized = False
        self._size = window.size()
        self._splits: list[QByteArray] = []
        # Queued, and connected after the panels: it comes when they have taken the font.
        app.fontChanged.connect(self._font_followed, Qt.ConnectionType.QueuedConnection)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._desktop_changed)

    @property
    def theme(self) -> Theme:
        """The theme in force."""
        return theme_named(self._choice)

    @property
    def larger(self) -> bool:
        """Whether presentation mode is on."""
        return self._larger

    def choose_theme(self, name: str) -> None:
        """Take a theme for good: "light", "dark", or "" to follow the desktop."""
        self.use_theme(name)
        self.theme_chosen.emit(name)

    def use_theme(self, name: str) -> None:
        """Take a theme for now."""
        self._choice = name
        apply_theme(self._app, self.theme)
        self._window.set_theme(self.theme)
        self.theme_used.emit(name)

    def switch(self, on: bool, room: tuple[int, int] | None = None) -> None:
        """Everything larger, on the whole screen; off brings the window back as it was.

        room: pixels to fill instead of the screen's, for a picture.
        """
        self._larger = on
        factor = self._factor(room) if on else 1.0
        font = QFont(self._font)
        font.setPointSizeF(font.pointSizeF() * factor)
        self._app.setFont(font)
        self._window.set_text_scale(factor)
        if on:
            self._was_maximized = self._window.isMaximized()
            self._size = self._window.normalGeometry().size()
            self._splits = [splitter.saveState() for splitter in self._splitters()]
            self._window.scale_columns(factor)
            if room is None:
                self._window.showFullScreen()
            else:
                self._window.resize(*room)
            self.switched.emit(True)
            return
        if self._was_maximized:
            self._window.showMaximized()
        else:
            self._window.showNormal()
            # The larger panels may have needed more room than the window had.
            self._window.resize(self._size)
        self.switched.emit(False)

    def _factor(self, room: tuple[int, int] | None) -> float:
        screen = self._window.screen().size()
        width, height = room or (screen.width(), screen.height())
        return min(max(min(width / _ROOM[0], height / _ROOM[1]), _LEAST), _MOST)

    def _splitters(self) -> list[QSplitter]:
        return self._window.findChildren(QSplitter)

    @Slot()
    def _font_followed(self) -> None:
        """Give the columns their old widths, now that no panel needs more."""
        if self._larger:
            return
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
        for splitter, state in zip(self._splitters(), self._splits, strict=False):
            splitter.restoreState(state)
        self._splits = []

    def _desktop_changed(self) -> None:
        if not self._choice:
            self.use_theme("")
