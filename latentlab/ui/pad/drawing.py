"""What is drawn, as strokes, and the picture that they make."""

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage, QPainter, QPen

from latentlab.data.drawing import fitted
from latentlab.ui.images import Picture, to_qimage

SIDE = 280
"""Of the canvas, in its own pixels: ten for each of an MNIST image."""


@dataclass(frozen=True, slots=True)
class Dab:
    """A point of a stroke, in canvas pixels, and how wide the stroke is there."""

    x: float
    y: float
    width: float


@dataclass(frozen=True, slots=True)
class Stroke:
    """Points one after another; white, or, with the eraser, black."""

    dabs: tuple[Dab, ...]
    erases: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Drawing:
    """Strokes over a picture, if any: (H, W) or (H, W, 3) uint8.

    in_form: the picture is an image of the data set's form; else light ink on black.
    """

    strokes: tuple[Stroke, ...] = ()
    photo: Picture | None = field(default=None)
    in_form: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing was drawn yet."""
        return not self.strokes and self.photo is None

    def with_stroke(self, stroke: Stroke) -> "Drawing":
        """And one stroke more."""
        return replace(self, strokes=(*self.strokes, stroke))

    def image(self) -> QImage:
        """The canvas, SIDE × SIDE, grey or RGB."""
        ground = np.zeros((SIDE, SIDE), np.uint8) if self.photo is None else _on_canvas(self.photo)
        image = to_qimage(ground)
        for stroke in self.strokes:
            for before, dab in zip((stroke.dabs[0], *stroke.dabs), stroke.dabs, strict=False):
                paint_dab(image, before, dab, erases=stroke.erases)
        return image


def paint_dab(image: QImage, before: Dab, dab: Dab, *, erases: bool) -> None:
    """The piece of a stroke from one point to the next."""
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = Qt.GlobalColor.black if erases else Qt.GlobalColor.white
        cap, join = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
        painter.setPen(QPen(ink, dab.width, Qt.PenStyle.SolidLine, cap, join))
        start, end = QPointF(before.x, before.y), QPointF(dab.x, dab.y)
        if start == end:
            painter.drawPoint(end)
        else:
            painter.drawLine(start, end)


def to_array(image: QImage) -> npt.NDArray[np.uint8]:
    """A grey image as (H, W), an RGB one as (H, W, 3)."""
    height, width = image.height(), image.width()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(height, image.bytesPerLine())
    if image.format() == QImage.Format.Format_RGB888:
        return rows[:, : 3 * width].reshape(height, width, 3).copy()
    return rows[:, :width].copy()


def _on_canvas(photo: Picture) -> Picture:
    """Small images are enlarged with crisp pixels first."""
    factor = max(1, SIDE // max(photo.shape[:2]))
    return fitted(photo.repeat(factor, axis=0).repeat(factor, axis=1), SIDE, SIDE)
