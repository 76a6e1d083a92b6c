"""The switch of one term of the loss: its name, formula and values, in its colour."""

from typing import Literal

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QApplication, QGridLayout, QSizePolicy, QWidget

from latentlab.ui.formula import FormulaLabel
from latentlab.ui.number_text import fixed
from latentlab.ui.panel_style import ScaledLabel
from latentlab.ui.switch import paint_switch
from latentlab.ui.theme import LIGHT, Theme, mix

_MARGIN = 10
_GAP = 8


def _nats(value: float) -> str:
    return fixed(value, 2 if abs(value) < 1000 else 1)


class TermSwitch(QAbstractButton):
    """A large checkable button. On, it is tinted in the colour of its role; off, it is grey."""

    def __init__(
        self,
        object_name: str,
        title: str,
        formula: str,
        role: Literal["reconstruction", "kl"],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(object_name)
        self.setAccessibleName(f"{title} term")
        self.setCheckable(True)
        self.setChecked(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._theme = LIGHT
        self._role: Literal["reconstruction", "kl"] = role
        self._title = ScaledLabel(title, self, "", 1.08, bold=True)
        self._value = ScaledLabel("", self, "", 1.08, bold=True)
        self._value.setObjectName(f"{object_name}Value")
        self._formula = FormulaLabel(formula, role, self)
        self._split = ScaledLabel("", self, "muted", 0.88)
        self._split.setObjectName(f"{object_name}Split")
        # Long figures are no reason to widen the column.
        self._split.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._layout = QGridLayout(self)
        self._layout.setVerticalSpacing(3)
        self._layout.setHorizontalSpacing(6)
        self._layout.addWidget(self._title, 0, 0)
        self._layout.addWidget(self._value, 0, 1, Qt.AlignmentFlag.AlignRight)
        self._layout.addWidget(self._formula, 1, 0, 1, 2)
        self._layout.addWidget(self._split, 2, 0, 1, 2)
        self._layout.setColumnStretch(0, 1)
        for child in (self._title, self._value, self._formula, self._split):
            # The whole block is the button.
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.follow_font()
        self.toggled.connect(self._show_state)
        self.show_values(None, None)

    @property
    def formula(self) -> FormulaLabel:
        """The formula, so that the likelihood can change it."""
        return self._formula

    def show_values(self, latest: float | None, heldout: float | None) -> None:
        """Show the term in nats per image: of the last training steps and of held-out data."""
        current = latest if latest is not None else heldout
        self._value.setText("" if current is None else _nats(current))
        said = [
            f"{name} {_nats(value)}"
            for name, value in (("train", latest), ("held-out", heldout))
            if value is not None
        ]
        self._split.setText(f"{' · '.join(said)} nats" if said else "no value yet")

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        self._formula.set_theme(theme)
        self._show_state(self.isChecked())

    def sizeHint(self) -> QSize:
        """What the layout needs."""
        return self._layout.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """What the layout needs at least."""
        return self._layout.minimumSize()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the tinted ground and the switch; the labels draw themselves."""
        theme = self._theme
        colour: str = getattr(theme, self._role)
        on = self.isChecked()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = mix(theme.panel, colour, 0.12) if on else mix(theme.panel, theme.window, 0.7)
        edge = colour if on or self.underMouse() else theme.line
        painter.setPen(QPen(QColor(edge), 2.0 if self.hasFocus() else 1.0))
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)
        size = self._switch_size()
        top = self._title.geometry().center().y() + 0.5 - size.height() / 2
        switch = QRectF(_MARGIN, top, size.width(), size.height())
        paint_switch(painter, switch, on, QColor(colour), theme, focus=False)
        painter.end()

    def _switch_size(self) -> QSize:
        height = round(QFontMetrics(QApplication.font()).height() * 1.15)
        return QSize(round(height * 1.75), height)

    def _show_state(self, on: bool) -> None:
        self._formula.set_role(self._role if on else "muted")
        for label in (self._title, self._value):
            label.setProperty("role", "" if on else "muted")
            label.style().polish(label)
        self.update()

    def follow_font(self) -> None:
        """Make room for a switch as high as the application's font."""
        # The first row starts behind the switch; the rows below it start at the margin.
        self._layout.setContentsMargins(_MARGIN, 7, _MARGIN, 7)
        self._title.setIndent(self._switch_size().width() + _GAP)
