"""Each latent axis as a strip of decoded images: what it does to the image at z."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from latentlab.app.traversal import Traversal
from latentlab.core.axes import AxisFigures
from latentlab.core.section import axis_name
from latentlab.ui.icons import icon
from latentlab.ui.images import paint_image, to_qimage
from latentlab.ui.number_text import fixed
from latentlab.ui.panel_style import ScaledLabel, make_card, scaled_font
from latentlab.ui.theme import LIGHT, Theme

_ROW, _LABEL, _GAP, _TRACK = 62.0, 92.0, 3.0, 12.0  # pixels
_SEEN = 3  # rows
_WHAT = "Each axis from −3σ to +3σ of q(z_k), the other coordinates being those of z"


class TraversalPanel(QWidget):
    """A row of images for each axis, the one with the largest KL first.

    chosen: an axis, and where on it z is to go. closed: it is to be put away.
    """

    chosen = Signal(int, float)
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("traversalPanel")
        make_card(self)
        self._close = QToolButton(self)
        self._close.setObjectName("traversalClose")
        self._close.setAccessibleName("Close the traversals")
        self._close.setToolTip("Show the path from z1 to z2 again")
        self._close.setProperty("role", "flat")
        self._close.clicked.connect(self.closed)
        self.rows = _Rows(self)
        self.rows.chosen.connect(self.chosen)
        self._scroll = QScrollArea(self)
        self._scroll.setObjectName("traversalScroll")
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self.rows)
        for part in (self._scroll.viewport(), self.rows):
            part.setAutoFillBackground(False)  # the card's own
        heading = ScaledLabel("Traversals", self, "heading", bold=True)
        heading.setToolTip(_WHAT)
        about = ScaledLabel(_WHAT, self, "muted", 0.9)
        about.setMinimumWidth(1)
        head = QHBoxLayout()
        head.addWidget(heading)
        head.addWidget(about, 1)
        head.addWidget(self._close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 8)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(self._scroll, 1)
        self.set_theme(LIGHT)

    def sizeHint(self) -> QSize:
        """With room for a few rows."""
        return QSize(600, round(_SEEN * _ROW) + 50)

    def show_traversal(self, traversal: Traversal | None, figures: AxisFigures | None) -> None:
        """Show these images, with what is known of their axes; None: nothing."""
        self.rows.show_traversal(traversal, figures)

    def show_z(self, z: Sequence[float]) -> None:
        """Mark where z is on each axis."""
        self.rows.show_z(z)

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._close.setIcon(icon("close", theme))
        self.rows.set_theme(theme)


class _Rows(QWidget):
    """The rows. Up and Down go from one to another, Left and Right move z along it."""

    chosen = Signal(int, float)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("traversalRows")
        self.setAccessibleName("Strips of the latent axes")
        self.setToolTip(_WHAT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._theme = LIGHT
        self._traversal: Traversal | None = None
        self._figures: AxisFigures | None = None
        self._images: list[list[QImage]] = []
        self._z: Sequence[float] = ()
        self._row = 0

    def show_traversal(self, traversal: Traversal | None, figures: AxisFigures | None) -> None:
        count = len(traversal.axes) if traversal else 0
        if count != len(self._images):
            self.setFixedHeight(max(round(count * _ROW), 1))
            self._row = 0
        self._traversal, self._figures = traversal, figures
        rows = traversal.images if traversal else ()
        self._images = [[to_qimage(image) for image in row] for row in rows]
        self.update()

    def show_z(self, z: Sequence[float]) -> None:
        self._z = z
        self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def image_rect(self, row: int, place: int) -> QRectF:
        """Where an image is painted."""
        images = self._images[row]
        aspect = images[0].width() / images[0].height()
        room = (self.width() - _LABEL) / len(images) - _GAP
        wide = max(min(room, (_ROW - _TRACK - 4) * aspect), 4.0)
        left = _LABEL + place * (wide + _GAP)
        return QRectF(left, row * _ROW + 2, wide, wide / aspect)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows in view."""
        traversal = self._traversal
        if traversal is None:
            return
        first, last = int(event.rect().top() / _ROW), int(event.rect().bottom() / _ROW)
        ratio = self.devicePixelRatioF()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for row in range(first, min(last + 1, len(self._images))):
                self._paint_label(painter, row, traversal.axes[row])
                for place, image in enumerate(self._images[row]):
                    paint_image(painter, image, self.image_rect(row, place), ratio)
                self._paint_track(painter, row, traversal)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Move z to the image that is clicked."""
        at = self._at(event.position())
        if at is not None and self._traversal is not None:
            self._row = at[0]
            self._choose(*at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Another row, or another image of this one."""
        ways = {Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}
        ways |= {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1)}
        way = ways.get(Qt.Key(event.key()))
        if way is None or not self._images:
            super().keyPressEvent(event)
            return
        down, along = way
        self._row = min(max(self._row + down, 0), len(self._images) - 1)
        if along:
            last = len(self._images[self._row]) - 1
            self._choose(self._row, min(max(self._nearest(self._row) + along, 0), last))
        self.update()

    def event(self, event: QEvent) -> bool:
        """A tooltip says what the image under the pointer is."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            at = self._at(QPointF(event.pos()))
            text = _WHAT
            if at is not None and self._traversal is not None:
                row, place = at
                name = axis_name(self._traversal.axes[row])
                value = fixed(float(self._traversal.values[row, place]))
                text = f"{name} = {value}, the others as z has them. Click to move z there"
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def _choose(self, row: int, place: int) -> None:
        if self._traversal is not None:
            value = float(self._traversal.values[row, place])
            self.chosen.emit(self._traversal.axes[row], value)

    def _nearest(self, row: int) -> int:
        """The image of this row that is nearest to z."""
        assert self._traversal is not None
        axis, values = self._traversal.axes[row], self._traversal.values[row]
        return int(np.abs(values - self._z[axis]).argmin()) if axis < len(self._z) else 0

    def _at(self, at: QPointF) -> tuple[int, int] | None:
        row = int(at.y() / _ROW)
        if not 0 <= row < len(self._images):
            return None
        for place in range(len(self._images[row])):
            if self.image_rect(row, place).contains(at):
                return row, place
        return None

    def _paint_label(self, painter: QPainter, row: int, axis: int) -> None:
        theme, figures = self._theme, self._figures
        active = figures is None or figures.active[axis]
        top = row * _ROW
        painter.setFont(scaled_font(QApplication.font(), 1.0, bold=True))
        line = QFontMetricsF(painter.font()).height()
        chosen = row == self._row and self.hasFocus()
        painter.setPen(QColor(theme.accent if chosen else theme.text if active else theme.muted))
        painter.drawText(QRectF(4, top + 4, _LABEL - 8, line), axis_name(axis))
        if figures is not None:
            painter.setFont(scaled_font(QApplication.font(), 0.85))
            painter.setPen(QColor(theme.muted))
            text = f"KL {fixed(figures.kl[axis])}" if active else "collapsed"
            painter.drawText(QRectF(4, top + 6 + line, _LABEL - 8, line), text)

    def _paint_track(self, painter: QPainter, row: int, traversal: Traversal) -> None:
        """The axis under its images, with 0 and z on it."""
        theme, values = self._theme, traversal.values[row]
        first, last = (self.image_rect(row, place) for place in (0, len(values) - 1))
        left, right = first.center().x(), last.center().x()
        y = first.bottom() + 6
        painter.setPen(QPen(QColor(theme.line), 2))
        painter.drawLine(QPointF(left, y), QPointF(right, y))
        span = max(float(values[-1] - values[0]), 1e-9)

        def x(value: float) -> float:
            return left + (right - left) * min(max((value - float(values[0])) / span, 0.0), 1.0)

        if values[0] <= 0 <= values[-1]:
            painter.setPen(QPen(QColor(theme.muted), 1.5))
            painter.drawLine(QPointF(x(0.0), y - 3), QPointF(x(0.0), y + 3))
        axis = traversal.axes[row]
        if axis < len(self._z):
            painter.setPen(QPen(QColor(theme.panel), 1))
            painter.setBrush(QColor(theme.accent))
            painter.drawEllipse(QPointF(x(self._z[axis]), y), 4.5, 4.5)
