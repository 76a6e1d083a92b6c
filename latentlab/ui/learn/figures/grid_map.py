"""The cells of a grid on the latent plane, filled as far as they have been summed."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from latentlab.ui.images import paint_image
from latentlab.ui.infer.heat import to_image
from latentlab.ui.learn.chart import lettering
from latentlab.ui.plane.areas import boxed_text, colour, pen
from latentlab.ui.theme import LIGHT, Theme, mix
from latentlab.ui.tip_text import wrapped

if TYPE_CHECKING:
    from latentlab.app.lessons.integral import GridSum

# Nats below the highest cell at which a cell is as pale as an empty one.
_DEPTH = 60.0
_SHADES = 256
LEAST = 200
"""Pixels that its side has at least."""
_SIDE = 300
_TIP = (
    "p(x|z) p(z) in each cell, coloured by its logarithm: the palest are 60 nats, a factor of "
    "10²⁶, below the darkest. Grey rings: the prior at 1, 2 and 3σ. Cells are summed column by "
    "column"
)


class GridMap(QWidget):
    """A square; what is not yet summed is left blank."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("gridMap")
        self.setAccessibleName("The integrand, cell by cell")
        self.setToolTip(wrapped(_TIP))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._theme, self._scale = LIGHT, 1.0
        self._sum: GridSum | None = None
        self._shade: npt.NDArray[np.intp] | None = None
        self._coloured: npt.NDArray[np.uint32] | None = None
        self._count = 0
        self._image: QImage | None = None

    @property
    def filled(self) -> int:
        """How many cells are."""
        return self._count

    def show_sum(self, grid_sum: "GridSum") -> None:
        """Show these cells."""
        self._sum = grid_sum
        # The columns' first cell is the lowest, the picture's first row the highest.
        upright = grid_sum.log_joint.T[::-1]
        part = np.clip(1 + (upright - upright.max()) / _DEPTH, 0, 1)
        self._shade = (part**2 * (_SHADES - 1)).astype(np.intp)
        self._coloured = self._image = None
        self.update()

    def fill(self, count: int) -> None:
        """Show so many cells as summed."""
        if count != self._count:
            self._count, self._image = count, None
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme, self._coloured, self._image = theme, None, None
        self.update()

    def set_text_scale(self, factor: float) -> None:
        """Painted text in lecture mode."""
        self._scale = factor
        self.update()

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(_SIDE, _SIDE)

    def minimumSizeHint(self) -> QSize:
        """A small one."""
        return QSize(LEAST, LEAST)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Cells, rings, and what is what."""
        theme = self._theme
        side = min(self.width(), self.height()) - 2
        box = QRectF(1, 1, side, side)
        with QPainter(self) as painter:
            painter.fillRect(box, colour(theme.plane))
            if self._sum is not None and self._shade is not None:
                if self._image is None:
                    self._image = self._filled(self._sum.side, self._shade)
                paint_image(painter, self._image, box, self.devicePixelRatioF())
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(pen(theme.prior, 1, 0.7))
                unit = side / (2 * self._sum.half_width)
                for radius in (1, 2, 3):
                    painter.drawEllipse(box.center(), radius * unit, radius * unit)
                fonts = lettering(theme, self._scale, self.font())
                at = box.topLeft() + QPointF(7, 17 * self._scale)
                ground = colour(theme.plane, 0.75)
                ink = colour(theme.accent)
                boxed_text(painter, "p(x|z) p(z)", at, fonts.text, ink=ink, ground=ground)
                at = box.center() + QPointF(-0.5 * unit, 3 * unit + 15 * self._scale)
                ink = colour(theme.muted)
                boxed_text(painter, "prior", at, fonts.small, ink=ink, ground=ground)
            painter.setPen(pen(theme.line, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box)

    def _filled(self, side: int, shade: npt.NDArray[np.intp]) -> QImage:
        """One pixel a cell; the table's colours, or clear where nothing is summed yet."""
        if self._coloured is None:
            self._coloured = _table(self._theme)[shade]
        order = np.arange(side**2).reshape(side, side).T[::-1]
        pixels = np.ascontiguousarray(np.where(order < self._count, self._coloured, np.uint32(0)))
        return to_image(pixels.view(np.uint8).reshape(side, side, 4))


def _table(theme: Theme) -> npt.NDArray[np.uint32]:
    """(_SHADES,), each an RGBA in one number, from that of a cell with nothing in it."""
    names = (
        mix(theme.plane, theme.accent, 0.10),
        mix(theme.plane, theme.accent, 0.55),
        mix(theme.accent, theme.text, 0.45),
    )
    stops = [QColor(name) for name in names]
    at = np.linspace(0, 1, _SHADES)
    channels = [
        np.interp(at, (0, 0.7, 1), [getattr(stop, name)() for stop in stops])
        for name in ("red", "green", "blue")
    ]
    channels.append(np.full(_SHADES, 255.0))
    return np.stack(channels, axis=1).astype(np.uint8).view(np.uint32)[:, 0]
