"""A map of decoded images behind the points."""

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from latentlab.app.state import Viewport
from latentlab.ui.plane.camera import Camera, is_usable
from latentlab.ui.theme import Theme

_INK = 0.55
_COLOUR_OPACITY = 0.7


class MapLayer:
    """One picture, row 0 uppermost, that covers a rectangle of the plane.

    A grey picture is drawn as ink: the brighter a pixel, the more of the theme's text colour lies
    on the plane, so that it is as quiet on white as on black. A colour picture is drawn faintly.
    """

    def __init__(self, image: npt.NDArray[np.uint8], rect: Viewport) -> None:
        """Raises ValueError unless image is uint8 (H, W) or (H, W, 3) and rect is in order."""
        good = image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 3)
        if image.dtype != np.uint8 or not good or 0 in image.shape or not is_usable(rect):
            raise ValueError(f"a map needs uint8 (H, W) or (H, W, 3) and a rectangle, not {rect}")
        self._pixels = np.ascontiguousarray(image)
        self._rect = rect
        self._image: QImage | None = None
        self._ink = ""

    def paint(self, painter: QPainter, camera: Camera, theme: Theme) -> None:
        """Draw what is in view. Only the part of the picture in view is scaled."""
        if self._image is None or self._ink != theme.text:
            self._image, self._ink = _picture(self._pixels, theme.text), theme.text
        view, rect = camera.viewport, self._rect
        left, right = max(view.x_min, rect.x_min), min(view.x_max, rect.x_max)
        low, high = max(view.y_min, rect.y_min), min(view.y_max, rect.y_max)
        if left >= right or low >= high:
            return
        across = self._image.width() / (rect.x_max - rect.x_min)
        down = self._image.height() / (rect.y_max - rect.y_min)
        source = QRectF(
            (left - rect.x_min) * across,
            (rect.y_max - high) * down,
            (right - left) * across,
            (high - low) * down,
        )
        x, y = camera.x_to_pixel(left), camera.y_to_pixel(high)
        target = QRectF(x, y, (right - left) * camera.scale, (high - low) * camera.scale)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(target, self._image, source)
        painter.restore()


def _picture(pixels: npt.NDArray[np.uint8], ink: str) -> QImage:
    rgba = np.empty((*pixels.shape[:2], 4), np.uint8)
    if pixels.ndim == 2:
        tone = QColor(ink)
        rgba[..., :3] = (tone.red(), tone.green(), tone.blue())
        rgba[..., 3] = (pixels * _INK).astype(np.uint8)
    else:
        rgba[..., :3] = pixels
        rgba[..., 3] = round(255 * _COLOUR_OPACITY)
    height, width = pixels.shape[:2]
    image = QImage(rgba.data, width, height, 4 * width, QImage.Format.Format_RGBA8888)
    # The conversion copies, so that the picture outlives the array.
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
