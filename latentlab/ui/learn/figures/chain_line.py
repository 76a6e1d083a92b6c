"""One line of a derivation: its formula, its value, and what it says when it is opened."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from latentlab.ui.formula import FormulaLabel
from latentlab.ui.panel_style import ScaledLabel
from latentlab.ui.plane.areas import colour, pen
from latentlab.ui.theme import LIGHT, Theme, mix

_ARROW = 18  # pixels that the arrow takes on the left


class ChainLine(QAbstractButton):
    """A button as wide as there is room; checked while it is open. Space opens it."""

    def __init__(self, name: str, formula: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip("Open the line: why it follows, and its terms")
        self._theme = LIGHT
        self._formula = FormulaLabel(formula, parent=self)
        self._value = ScaledLabel("", self, bold=True)
        self._value.setObjectName(f"{name}Value")
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(_ARROW, 3, 6, 3)
        row.setSpacing(12)
        row.addWidget(self._formula, 1)
        row.addWidget(self._value)
        self.set_value("")

    @property
    def value(self) -> str:
        """The number that is shown."""
        return self._value.text()

    def set_value(self, text: str) -> None:
        """Show this number."""
        self._value.setText(text)
        self.setAccessibleName(f"{self._formula.accessibleName()}: {text}")

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self._formula.set_theme(theme)
        self.update()

    def sizeHint(self) -> QSize:
        """What its parts want."""
        return self._row.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """What its parts need."""
        return self._row.minimumSize()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The ground of an open line, and an arrow."""
        theme = self._theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            room = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            painter.setPen(pen(theme.accent, 1) if self.hasFocus() else Qt.PenStyle.NoPen)
            lit = self.isChecked() or self.underMouse()
            painter.setBrush(
                colour(mix(theme.panel, theme.accent, 0.14 if self.isChecked() else 0.07))
                if lit
                else Qt.BrushStyle.NoBrush
            )
            painter.drawRoundedRect(room, 5, 5)
            middle = QPointF(_ARROW / 2, self.height() / 2)
            painter.setPen(pen(theme.muted, 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.translate(middle)
            painter.rotate(90 if self.isChecked() else 0)
            painter.drawPolyline(QPolygonF([QPointF(-2, -4), QPointF(2, 0), QPointF(-2, 4)]))
