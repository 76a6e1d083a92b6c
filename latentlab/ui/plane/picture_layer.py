"""A picture behind the points: decoded images, or a heat map."""

from abc import ABC, abstractmethod

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from latentlab.app.layer_view import MapImage
from latentlab.app.state import Viewport
from latentlab.ui.plane.camera import Camera, is_usable
from latentlab.ui.theme import Theme

Bytes = npt.NDArray[np.uint8]

_INK = 0.55
_COLOUR_OPACITY = 0.7


class PictureLayer(ABC):
    """A picture, row 0 uppermost, that covers the rectangle `rect` of the plane."""

    def __init__(self, rect: Viewport) -> None:
        """Raises ValueError unless rect is in order."""
        if not is_usable(rect):
            raise ValueError(f"a layer needs a rectangle, not {rect}")
        self.rect = rect
        self._image: QImage | None = None
        self._theme: Theme | None = None

    @abstractmethod
    def pixels(self, theme: Theme) -> Bytes:
        """The picture in this theme's colours, (H, W, 4): red, green, blue, opacity."""

    def paint(self, painter: QPainter, camera: Camera, theme: Theme) -> None:
        """Draw what is in view. Only the part of the picture in view is scaled."""
        if self._image is None or self._theme is not theme:
            self._image, self._theme = to_image(self.pixels(theme)), theme
        view, rect = camera.viewport, self.rect
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


class MapLayer(PictureLayer):
    """Decoded images.

    Grey ones are drawn as ink: the brighter a pixel, the more of the theme's text colour lies on
    the plane, so that it is as quiet on white as on black. Those in colour are drawn faintly.
    """

    def __init__(self, of: MapImage) -> None:
        """Raises ValueError unless it is uint8 (H, W) or (H, W, 3) and its rectangle in order."""
        super().__init__(of.viewport)
        image = of.image
        good = image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 3)
        if image.dtype != np.uint8 or not good or 0 in image.shape:
            raise ValueError(f"a map needs uint8 (H, W) or (H, W, 3), not {image.shape}")
        self._map = image

    def pixels(self, theme: Theme) -> Bytes:
        """Of ink, or of their own colours."""
        rgba = np.empty((*self._map.shape[:2], 4), np.uint8)
        if self._map.ndim == 2:
            tone = QColor(theme.text)
            rgba[..., :3] = (tone.red(), tone.green(), tone.blue())
            rgba[..., 3] = (self._map * _INK).astype(np.uint8)
        else:
            rgba[..., :3] = self._map
            rgba[..., 3] = round(255 * _COLOUR_OPACITY)
        return rgba


def to_image(rgba: Bytes) -> QImage:
    """From red, green, blue, opacity, (H, W, 4)."""
    height, width = rgba.shape[:2]
    image = QImage(rgba.data, width, height, 4 * width, QImage.Format.Format_RGBA8888)
    # The conversion copies, so that the picture outlives the array.
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
