"""A panel in a theme, as the window gives it one."""

from typing import Protocol

from PySide6.QtWidgets import QApplication

from latentlab.ui.style_sheet import apply_theme
from latentlab.ui.theme import Theme


class Themed(Protocol):
    def set_theme(self, theme: Theme) -> None: ...


def dress(panel: Themed, theme: Theme) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    apply_theme(app, theme)
    panel.set_theme(theme)
