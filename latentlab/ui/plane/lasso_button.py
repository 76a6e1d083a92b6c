"""Takes the lasso up and puts it down: a button beside the plane's upper left corner."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QToolButton, QWidget

from latentlab.ui.icons import icon
from latentlab.ui.theme import LIGHT, Theme
from latentlab.ui.tip_text import wrapped

_WIDTH, _HEIGHT, _ICON = 35, 30, 18  # pixels, at text scale 1
_AT = (5, 3)


class LassoButton(QToolButton):
    """Pressed down while a drag on the plane chooses points."""

    def __init__(self, plane: QWidget) -> None:
        super().__init__(plane)
        self.setObjectName("lassoButton")
        self.setAccessibleName("Lasso")
        self.setToolTip(
            wrapped(
                "Choose points (C): drag around them, or click a class above. With Shift more are "
                "chosen, with Alt fewer; Esc chooses none. Ctrl and drag does so, too, without it. "
                "While a class is shown alone, only its points are chosen"
            )
        )
        self.setCheckable(True)
        self.setProperty("role", "flat")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.move(*_AT)
        self.set_scale(1.0)
        self.set_theme(LIGHT)

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self.setIcon(icon("lasso", theme))

    def set_scale(self, scale: float) -> None:
        """As large as the text beside it."""
        self.setFixedSize(round(_WIDTH * scale), round(_HEIGHT * scale))
        self.setIconSize(QSize(round(_ICON * scale), round(_ICON * scale)))
