"""The legend of the loss curves: a button for each curve, which shows or hides it."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QApplication, QSizePolicy, QWidget

from latentlab.ui.curve_lines import Kind
from latentlab.ui.panel_style import scaled_font
from latentlab.ui.theme import LIGHT, Theme, mix

_SAMPLE = 20
_PAD = 6


class LegendEntry(QAbstractButton):
    """A sample of the line and its name; unchecked, it is faint and its curve is hidden."""

    def __init__(self, kind: Kind, parent: QWidget) -> None:
        super().__init__(parent)
        self._kind = kind
        self._theme = LIGHT
        self.setObjectName(f"legend_{kind.key}")
        self.setToolTip(f"{kind.tip}. Click to show or hide")
        self.setCheckable(True)
        self.setChecked(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_name(kind.text)
        self.follow_font()

    @property
    def kind(self) -> Kind:
        """The curve it stands for."""
        return self._kind

    def set_name(self, text: str) -> None:
        """Show this name."""
        if text != self.text():
            self.setText(text)
            self.setAccessibleName(f"Curve {text}")
            self.updateGeometry()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """The sample and the name."""
        metrics = self.fontMetrics()
        width = _SAMPLE + 3 * _PAD + metrics.horizontalAdvance(self.text())
        return QSize(width, metrics.height() + _PAD)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw sample and name."""
        theme = self._theme
        colour: str = getattr(theme, self._kind.colour)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse() or self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent if self.hasFocus() else theme.line), 1))
            painter.setBrush(QColor(mix(theme.panel, theme.window, 0.6)))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        if not self.isChecked():
            painter.setOpacity(0.4)
        middle = self.height() / 2
        painter.setPen(QPen(QColor(colour), 2))
        painter.drawLine(QPointF(_PAD, middle), QPointF(_PAD + _SAMPLE, middle))
        painter.setPen(QColor(theme.text))
        text = self.rect().adjusted(_SAMPLE + 2 * _PAD, 0, 0, 0)
        painter.drawText(text, int(Qt.AlignmentFlag.AlignVCenter), self.text())
        painter.end()

    def follow_font(self) -> None:
        """Take the application's font, scaled."""
        self.setFont(scaled_font(QApplication.font(), 0.92))
