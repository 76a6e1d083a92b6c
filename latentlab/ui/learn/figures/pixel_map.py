"""What each pixel of an image costs, as a picture in which one pixel is picked."""

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from latentlab.ui.images import fitted, paint_image
from latentlab.ui.infer.heat import to_image
from latentlab.ui.plane.areas import colour, pen
from latentlab.ui.theme import LIGHT, Theme, mix

Floats = npt.NDArray[np.float64]

_SHADES = 256
_SIDE, _LEAST = 170, 120  # pixels
_MOVES = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


class PixelMap(QWidget):
    """Blue where it costs much. `picked`: the row and the column of a pixel, by mouse or arrows."""

    picked = Signal(int, int)

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName("What each pixel costs: minus log p of it, given z")
        self.setAccessibleDescription("The arrows pick a pixel")
        self.setToolTip(
            "−log p(x_i|z) of every pixel: white where it is the lowest, blue where it is the "
            "highest. Drag over it, or use the arrows, to pick a pixel"
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._theme = LIGHT
        self._costs: Floats | None = None
        self._image: QImage | None = None
        self._at = (0, 0)

    @property
    def pixel(self) -> tuple[int, int]:
        """Row and column of the one that is picked."""
        return self._at

    def show_costs(self, costs: Floats) -> None:
        """Show these, (H, W), in nats; the same pixel stays picked where there is one."""
        self._costs, self._image = costs, None
        height, width = costs.shape
        self._at = min(self._at[0], height - 1), min(self._at[1], width - 1)
        self.update()

    def pick(self, row: int, column: int) -> None:
        """Mark this pixel; emits nothing."""
        self._at = row, column
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme, self._image = theme, None
        self.update()

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(_SIDE, _SIDE)

    def minimumSizeHint(self) -> QSize:
        """A small one."""
        return QSize(_LEAST, _LEAST)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The costs, and a frame around the pixel that is picked."""
        theme, box = self._theme, self._box()
        with QPainter(self) as painter:
            if self._costs is not None:
                if self._image is None:
                    self._image = _shaded(self._costs, theme)
                paint_image(painter, self._image, box, self.devicePixelRatioF())
                height, width = self._costs.shape
                row, column = self._at
                across, down = box.width() / width, box.height() / height
                spot = QRectF(
                    box.left() + column * across, box.top() + row * down, across, down
                ).adjusted(-1.5, -1.5, 1.5, 1.5)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(pen(theme.plane, 4))
                painter.drawRect(spot)
                painter.setPen(pen(theme.kl, 2))
                painter.drawRect(spot)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(colour(theme.accent if self.hasFocus() else theme.line))
            painter.drawRect(box.adjusted(-0.5, -0.5, 0.5, 0.5))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pick what is under the pointer."""
        self._pick_at(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """While it is dragged, too."""
        self._pick_at(event.position())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The pixel beside."""
        move = _MOVES.get(Qt.Key(event.key()))
        if move is None or self._costs is None:
            super().keyPressEvent(event)
        else:
            self._choose(self._at[0] + move[0], self._at[1] + move[1])

    def _box(self) -> QRectF:
        room = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        size = QSize(1, 1) if self._costs is None else QSize(*self._costs.shape[::-1])
        return fitted(size, room, self.devicePixelRatioF())

    def _pick_at(self, at: QPointF) -> None:
        if self._costs is None:
            return
        box = self._box()
        height, width = self._costs.shape
        down, across = (at.y() - box.top()) / box.height(), (at.x() - box.left()) / box.width()
        self._choose(int(np.floor(down * height)), int(np.floor(across * width)))

    def _choose(self, row: int, column: int) -> None:
        assert self._costs is not None
        height, width = self._costs.shape
        at = min(max(row, 0), height - 1), min(max(column, 0), width - 1)
        if at != self._at:
            self.pick(*at)
            self.picked.emit(*at)


def _shaded(costs: Floats, theme: Theme) -> QImage:
    low, high = float(costs.min()), float(costs.max())
    part = (costs - low) / max(high - low, 1e-9)
    stops = [
        QColor(name)
        for name in (
            theme.plane,
            mix(theme.plane, theme.reconstruction, 0.6),
            mix(theme.reconstruction, theme.text, 0.4),
        )
    ]
    at = np.linspace(0, 1, _SHADES)
    channels = [
        np.interp(at, (0, 0.5, 1), [getattr(stop, name)() for stop in stops])
        for name in ("red", "green", "blue")
    ]
    table = np.stack([*channels, np.full(_SHADES, 255.0)], axis=1).astype(np.uint8)
    return to_image(np.ascontiguousarray(table[(part * (_SHADES - 1)).astype(np.intp)]))
