"""The density of q along a way, in nats against the prior's; where it is in a hole is shaded."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from latentlab.app.lessons.between_images import Way
from latentlab.ui.panel_style import scaled_font
from latentlab.ui.plane.areas import colour
from latentlab.ui.theme import LIGHT, Theme
from latentlab.ui.tip_text import wrapped

_TICKS = (1e1, 0.0, -1e1, -1e2, -1e3, -1e4, -1e5, -1e6, -1e7)
_SMALL = 0.8  # of the application's font
_LINE = 2.0


def place(nats: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Where on the axis: even steps are powers of ten, either way of 0. sign·log10(1 + |nats|)."""
    values = np.asarray(nats, np.float64)
    result: npt.NDArray[np.float64] = np.sign(values) * np.log10(1 + np.abs(values))
    return result


def common_range(ways: Sequence[Way]) -> tuple[float, float]:
    """The lowest and highest nats of several ways, with a little room, to show them alike."""
    values = np.concatenate([np.r_[way.log_q, way.log_p, way.edge, 0.0] for way in ways])
    return float(values.min()) * 1.3 - 1, float(values.max()) + 1


_TIP = (
    "log q(z(t)) of the aggregate posterior (line) and log p(z(t)) of the prior (dashes), "
    "in nats, on a scale of powers of ten. Shaded: holes, where q is lower than at 99 % of "
    "its own draws"
)


class WayPlot(QWidget):
    """log q(z(t)) and log p(z(t)) over t from 0 to 1, and where z is."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName("Density along the way, in nats")
        self.setToolTip(wrapped(_TIP))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._theme = LIGHT
        self._way: Way | None = None
        self._range = (-10.0, 1.0)
        self._t = 0.0

    def show_way(self, way: Way, nats: tuple[float, float]) -> None:
        """Show this one, on an axis over these nats."""
        self._way, self._range = way, nats
        share = round(100 * way.share_in_holes)
        self.setAccessibleDescription(
            f"log q from {way.log_q.min():.0f} to {way.log_q.max():.0f} nats, {share} % in holes"
        )
        self.update()

    def show_t(self, t: float) -> None:
        """Mark where z is."""
        self._t = t
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """As high as six lines of text."""
        return QSize(260, 6 * self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        """As high as nearly five."""
        return QSize(160, round(4.8 * self.fontMetrics().height()))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Axis, holes, lines, and z."""
        if self._way is None:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(scaled_font(self.font(), _SMALL))
            self._paint(painter, self._way)

    def _paint(self, painter: QPainter, way: Way) -> None:
        theme = self._theme
        line = painter.fontMetrics().height()
        left = painter.fontMetrics().horizontalAdvance("−100 000 ")
        area = QRectF(left, line, self.width() - left - 6, self.height() - 1.5 * line)
        painter.fillRect(area, QColor(theme.plane))
        self._paint_holes(painter, way, area)
        self._paint_ticks(painter, area, line)
        painter.setClipRect(area)
        dashed = QPen(QColor(theme.prior), _LINE, Qt.PenStyle.DashLine)
        for values, ink in ((way.log_p, dashed), (way.log_q, QPen(QColor(theme.accent), _LINE))):
            painter.setPen(ink)
            x = area.left() + area.width() * way.t
            y = self._heights(values, area)
            painter.drawPolyline(QPolygonF(list(map(QPointF, x.tolist(), y.tolist()))))
        here = area.left() + area.width() * self._t
        painter.setPen(QPen(QColor(theme.text), 1.2))
        painter.drawLine(QPointF(here, area.top()), QPointF(here, area.bottom()))
        at = float(np.interp(self._t, way.t, self._heights(way.log_q, area)))
        painter.setBrush(QColor(theme.accent))
        painter.drawEllipse(QPointF(here, at), 3.5, 3.5)
        painter.setClipping(False)
        self._paint_key(painter, area, line)

    def _paint_holes(self, painter: QPainter, way: Way, area: QRectF) -> None:
        shade = colour(self._theme.warning, 0.16)
        edges = np.flatnonzero(np.diff(np.r_[0, way.in_hole.astype(int), 0]))
        width = area.width() / (len(way.t) - 1)
        for start, end in edges.reshape(-1, 2).tolist():
            x = area.left() + max(start - 0.5, 0) * width
            right = area.left() + min(end - 0.5, len(way.t) - 1) * width
            painter.fillRect(QRectF(x, area.top(), right - x, area.height()), shade)

    def _paint_ticks(self, painter: QPainter, area: QRectF, line: int) -> None:
        theme = self._theme
        before = -math.inf
        for tick in _TICKS:
            y = float(self._heights(np.array([tick]), area)[0])
            if not (area.top() <= y <= area.bottom() + 0.5) or y - before < 0.8 * line:
                continue
            before = y
            painter.setPen(QPen(QColor(theme.line), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(theme.muted))
            text = f"{tick:,.0f}".replace("-", "−")
            box = QRectF(0, y - line / 2, area.left() - 4, line)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_key(self, painter: QPainter, area: QRectF, line: int) -> None:
        theme, metrics = self._theme, painter.fontMetrics()
        x = area.left()
        for text, ink in (
            ("log q(z)", theme.accent),
            ("log p(z), nats", theme.prior),
            ("hole", theme.warning),
        ):
            width = metrics.horizontalAdvance(text)
            box = QRectF(x, 0, width, line)
            painter.setPen(QColor(ink))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
            x += width + 12

    def _heights(self, nats: npt.NDArray[np.float64], area: QRectF) -> npt.NDArray[np.float64]:
        low, high = place(self._range).tolist()
        result: npt.NDArray[np.float64] = area.bottom() - area.height() * (place(nats) - low) / (
            high - low
        )
        return result
