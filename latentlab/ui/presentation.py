"""How the whole window looks: its theme, and presentation mode."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu

from latentlab.ui.main_window import MainWindow
from latentlab.ui.theme import THEMES, Theme, apply_theme, desktop_theme

_LARGER = 1.35


class Presentation(QObject):
    """Applies the theme, and enlarges everything for a projector."""

    switched = Signal(bool)
    theme_chosen = Signal(str)  # "light", "dark", or "" for the desktop's

    def __init__(self, app: QApplication, window: MainWindow) -> None:
        super().__init__(window)
        self._app = app
        self._window = window
        self._font = QFont(app.font())
        self._choice = ""
        self._was_maximized = False
        self._size = window.size()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._desktop_changed)

    @property
    def theme(self) -> Theme:
        """The theme in force."""
        return THEMES.get(self._choice) or desktop_theme()

    def choose_theme(self, name: str) -> None:
        """Take a theme for good: "light", "dark", or "" to follow the desktop."""
        self.use_theme(name)
        self.theme_chosen.emit(name)

    def use_theme(self, name: str) -> None:
        """Take a theme for now."""
        self._choice = name
        apply_theme(self._app, self.theme)
        self._window.set_theme(self.theme)

    def switch(self, on: bool) -> None:
        """Everything larger, on the whole screen; off brings the window back as it was."""
        font = QFont(self._font)
        if on:
            font.setPointSizeF(font.pointSizeF() * _LARGER)
        self._app.setFont(font)
        # Under a style sheet, what has no FontFollower keeps its font.
        for part in (self._window.menuBar(), self._window.status_text):
            for widget in (part, *part.findChildren(QMenu)):
                widget.setFont(font)
        self._window.scale_columns(_LARGER if on else 1.0)
        self._window.plane.set_text_scale(_LARGER if on else 1.0)
        if on:
            self._was_maximized = self._window.isMaximized()
            self._size = self._window.normalGeometry().size()
            self._window.showFullScreen()
        elif self._was_maximized:
            self._window.showMaximized()
        else:
            self._window.showNormal()
            # The larger panels may have needed more room than the window had.
            self._window.resize(self._size)
        self.switched.emit(on)

    def _desktop_changed(self) -> None:
        if not self._choice:
            self.use_theme("")
