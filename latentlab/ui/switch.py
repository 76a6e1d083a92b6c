"""An on/off switch with a label."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from latentlab.ui.theme import LIGHT, Theme

_GAP = 8


def paint_switch(
    painter: QPainter, rect: QRectF, on: bool, colour: QColor, theme: Theme, *, focus: bool
) -> None:
    """Draw a switch in `rect` (about twice as wide as high), filled with `colour` when on."""
    radius = rect.height() / 2
    painter.setPen(QPen(QColor(theme.text if focus else theme.prior), 1.4 if focus else 1.0))
    if on and not focus:
        painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour if on else QColor(theme.window))
    painter.drawRoundedRect(rect, radius, radius)
    x = rect.right() - radius if on else rect.left() + radius
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.panel if on else theme.prior))
    painter.drawEllipse(QPointF(x, rect.center().y()), radius - 3, radius - 3)


class Switch(QAbstractButton):
    """A checkable button drawn as a switch, its text on the right. Space toggles it."""

    def __init__(self, name: str, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setText(text)
        self.setAccessibleName(text)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._theme = LIGHT

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """The switch and its text."""
        metrics = self.fontMetrics()
        width = self._switch().width() + _GAP + metrics.horizontalAdvance(self.text())
        return QSize(round(width) + 4, metrics.height() + 8)

    def minimumSizeHint(self) -> QSize:
        """The same: the text is never cut."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the switch and its text."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.isEnabled():
            painter.setOpacity(0.5)
        switch = self._switch()
        colour = QColor(self._theme.accent)
        paint_switch(painter, switch, self.isChecked(), colour, self._theme, focus=self.hasFocus())
        painter.setPen(QColor(self._theme.text))
        rest = self.rect().adjusted(round(switch.width()) + _GAP, 0, 0, 0)
        painter.drawText(rest, int(Qt.AlignmentFlag.AlignVCenter), self.text())
        painter.end()

    def _switch(self) -> QRectF:
        height = self.fontMetrics().height() + 1
        return QRectF(1, (self.height() - height) / 2, height * 1.8, height)
