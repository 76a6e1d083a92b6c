"""A small histogram of the posteriors' widths."""

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from latentlab.ui.panel_style import scaled_font
from latentlab.ui.theme import LIGHT, Theme

LOW, HIGH = -3.5, 0.5
_BINS = 48
_TICKS = ((-3, "0.001"), (-2, "0.01"), (-1, "0.1"), (0, "1"))
# A σ this near to the prior's 1 (in powers of ten) counts as collapsed onto it.
COLLAPSED = 0.05


def collapsed_part(log10_sigma: npt.NDArray[np.floating]) -> float:
    """The part (0 to 1) of the values whose σ is within 12 % of the prior's 1; 0 for none."""
    return float(np.mean(np.abs(log10_sigma) < COLLAPSED)) if log10_sigma.size else 0.0


class SigmaHistogram(QWidget):
    """Bars over log₁₀ σ from −3.5 to 0.5; what lies beyond is counted in the end bins."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sigmaHistogram")
        self.setAccessibleName("Histogram of log10 sigma")
        self.setToolTip(
            "log₁₀ σ of every posterior and latent dimension. The dashed line is the prior's "
            "σ = 1; orange: within 12 % of it, as when KL has collapsed a dimension"
        )
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._counts = np.zeros(_BINS)
        self._theme = LIGHT

    def show_values(self, log10_sigma: npt.NDArray[np.floating]) -> None:
        """Count finite values of any shape."""
        clipped = np.clip(log10_sigma, LOW, HIGH)
        self._counts = np.histogram(clipped, bins=_BINS, range=(LOW, HIGH))[0].astype(float)
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take the theme's colours."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Four lines of text high."""
        return QSize(160, round(self.fontMetrics().height() * 4.2))

    def minimumSizeHint(self) -> QSize:
        """As high, and wide enough for the four labels."""
        return QSize(120, self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        """Follow the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the bars, the prior's line and the axis."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(scaled_font(QApplication.font(), 0.82))
        text_height = painter.fontMetrics().height()
        base = float(self.height() - text_height - 5)
        self._paint_bars(painter, base)
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.drawLine(QPointF(0, base), QPointF(self.width(), base))
        for exponent, text in _TICKS:
            x = self._x(exponent)
            painter.setPen(QPen(QColor(theme.line), 1))
            painter.drawLine(QPointF(x, base), QPointF(x, base + 4))
            painter.setPen(QColor(theme.muted))
            box = QRectF(x - 40, base + 4, 80, text_height)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignHCenter), text)
        painter.setPen(QPen(QColor(theme.prior), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(self._x(0), 2), QPointF(self._x(0), base))
        painter.end()

    def _paint_bars(self, painter: QPainter, base: float) -> None:
        highest = self._counts.max()
        if highest == 0:
            painter.setPen(QColor(self._theme.muted))
            area = QRectF(0, 0, self.width(), base)
            painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter), "no posteriors yet")
            return
        painter.setPen(Qt.PenStyle.NoPen)
        step = (HIGH - LOW) / _BINS
        for index, count in enumerate(self._counts):
            left = LOW + index * step
            near = abs(left + step / 2) < COLLAPSED
            painter.setBrush(QColor(self._theme.kl if near else self._theme.prior))
            height = (base - 4) * count / highest
            width = self._x(left + step) - self._x(left)
            painter.drawRect(QRectF(self._x(left), base - height, width - 0.6, height))

    def _x(self, log10_sigma: float) -> float:
        return self.width() * (log10_sigma - LOW) / (HIGH - LOW)
