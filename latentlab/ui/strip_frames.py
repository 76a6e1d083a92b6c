"""The row of images of the interpolation strip, with its line of time beneath."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from latentlab.app.point_view import Picture
from latentlab.ui.images import paint_image, to_qimage
from latentlab.ui.theme import LIGHT, Theme

Frames = Picture
"""One picture after another: uint8 (T, H, W) or (T, H, W, 3)."""

_GAP = 2.0
_TRACK = 12.0


class FrameRow(QWidget):
    """Images at equal steps of t from z1 (t = 0) to z2 (t = 1), as large as they fit in one row.

    The line beneath runs from the middle of the first image to that of the last; ẑ is its middle:
    on an image when there is an odd number of them, between two when even.
    """

    frameChosen = Signal(float)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("stripFrames")
        self.setAccessibleName("Images from z1 to z2")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setToolTip("Click an image, or Left and Right: z moves to z(t) = (1−t)·z1 + t·z2")
        self._theme = LIGHT
        self._images: list[QImage] = []
        self._playhead: float | None = None

    @property
    def playhead(self) -> float | None:
        """Where z is on the path, 0 to 1, or None when it is not on it."""
        return self._playhead

    def show_frames(self, frames: Frames) -> None:
        """Show uint8 (T, H, W) or (T, H, W, 3)."""
        self._images = [to_qimage(frame) for frame in frames]
        self.setAccessibleDescription(f"{len(self._images)} images")
        self.update()

    def show_playhead(self, t: float | None) -> None:
        """Mark z at t on the line, or take the mark away."""
        if t != self._playhead:
            self._playhead = t
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Images of about 60 pixels."""
        return QSize(600, 60 + round(self._foot))

    def minimumSizeHint(self) -> QSize:
        """Images of about 36 pixels."""
        return QSize(240, 36 + round(self._foot))

    def frame_rect(self, index: int) -> QRectF:
        """Where image `index` is painted."""
        count = len(self._images)
        aspect = self._images[0].width() / self._images[0].height()
        room = self.height() - self._foot
        # The names of the ends are wider than the halves of many small images.
        margin = self.fontMetrics().horizontalAdvance("z1")
        width = min(room * aspect, (self.width() - margin) / count - _GAP)
        pitch = width + _GAP
        left = (self.width() - pitch * count + _GAP) / 2 + index * pitch
        height = width / aspect
        return QRectF(left, (room - height) / 2, width, height)

    @property
    def _foot(self) -> float:
        """What lies below the images: the line and the names."""
        return _TRACK + self.fontMetrics().height()

    def _x(self, t: float) -> float:
        first, last = self.frame_rect(0).center().x(), self.frame_rect(len(self._images) - 1)
        return first + t * (last.center().x() - first)

    def _frame_at(self, position: QPointF) -> int | None:
        for index in range(len(self._images)):
            if self.frame_rect(index).adjusted(-_GAP / 2, 0, _GAP / 2, 0).contains(position):
                return index
        return None

    def _time(self, index: int) -> float:
        return index / max(1, len(self._images) - 1)

    def _choose(self, index: int) -> None:
        self.show_playhead(self._time(index))
        self.frameChosen.emit(self._time(index))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click takes the image's t."""
        index = self._frame_at(event.position())
        if index is not None and event.button() == Qt.MouseButton.LeftButton:
            self._choose(index)
        else:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right go to the next image, Home and End to the ends."""
        last = len(self._images) - 1
        here = round((self._playhead or 0.0) * last)
        target = {
            Qt.Key.Key_Left: here - 1,
            Qt.Key.Key_Right: here + 1,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }.get(Qt.Key(event.key()))
        if target is None or last < 0:
            super().keyPressEvent(event)
        else:
            self._choose(min(max(target, 0), last))

    def event(self, event: QEvent) -> bool:
        """The tooltip of an image says its t."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            index = self._frame_at(QPointF(event.pos()))
            text = self.toolTip() if index is None else f"t = {self._time(index):.3g}"
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Images, line, marks and names."""
        painter = QPainter(self)
        if self._images:
            self._paint_frames(painter)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_line(painter)
        else:
            painter.setPen(QColor(self._theme.muted))
            text = "The decoded images between z1 and z2 come here"
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, text)
        painter.end()

    def _paint_frames(self, painter: QPainter) -> None:
        ratio = self.devicePixelRatioF()
        for index, image in enumerate(self._images):
            paint_image(painter, image, self.frame_rect(index), ratio)
        count = len(self._images)
        if count % 2:
            painter.setPen(QPen(QColor(self._theme.accent), 2))
            painter.drawRect(self.frame_rect(count // 2))

    def _paint_line(self, painter: QPainter) -> None:
        lane = self.frame_rect(0).bottom() + _TRACK
        y = lane - _TRACK / 2
        ends = (self._x(0.0), self._x(1.0))
        painter.setPen(QPen(QColor(self._theme.prior), 2))
        painter.drawLine(QPointF(ends[0], y), QPointF(ends[1], y))
        middle = self._x(0.5)
        painter.setPen(QPen(QColor(self._theme.accent), 2))
        painter.drawLine(QPointF(middle, y - 5), QPointF(middle, y + 4))
        for x, name, colour in (
            (ends[0], "z1", self._theme.text),
            (middle, "ẑ (t = ½)", self._theme.accent),
            (ends[1], "z2", self._theme.text),
        ):
            painter.setPen(QColor(colour))
            place = QRectF(x - 60, lane, 120, self.fontMetrics().height())
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, name)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.text))
        for x in ends:
            painter.drawEllipse(QPointF(x, y), 3, 3)
        if self._playhead is not None:
            painter.setBrush(QColor(self._theme.accent))
            painter.drawEllipse(QPointF(self._x(self._playhead), y), 4.5, 4.5)
