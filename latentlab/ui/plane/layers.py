"""The parts of the picture that stay the same from one frame to the next, kept as pixmaps."""

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QPixmap

from latentlab.ui.plane.areas import colour
from latentlab.ui.plane.scene import PlaneScene


class Layers:
    """The ground (grid, map), the cloud and the prior over it, and what stands around the plane.

    Each is painted when it is asked for after it was forgotten. A moving cross-hair repaints none
    of them; gliding points repaint the cloud.
    """

    def __init__(self, scene: PlaneScene) -> None:
        self._scene = scene
        self._ground: QPixmap | None = None
        self._cloud: QPixmap | None = None
        self._around: QPixmap | None = None
        self._ratio = 1.0

    def use_ratio(self, ratio: float) -> None:
        """Device pixels for each pixel from now on."""
        if ratio != self._ratio:
            self._ratio = ratio
            self.forget_ground()
            self.forget_around()

    def forget_cloud(self) -> None:
        """Points, ellipses or words have changed."""
        self._cloud = None

    def forget_ground(self) -> None:
        """The view or the map has changed."""
        self._ground = self._cloud = None

    def forget_around(self) -> None:
        """Axes or marginals have changed."""
        self._around = None

    def cloud(self) -> QPixmap:
        """The plane without hovered and selected point and handles."""
        plane = self._scene.areas.plane
        if self._ground is None:
            ground = self._pixmap(plane)
            with QPainter(ground) as painter:
                painter.translate(-plane.topLeft())
                self._scene.paint_back(painter)
            self._ground = ground
        if self._cloud is None:
            cloud = self._pixmap(plane)
            with QPainter(cloud) as painter:
                painter.translate(-plane.topLeft())
                painter.drawPixmap(plane.topLeft(), self._ground)
                self._scene.paint_cloud(painter, self._ratio, passing=self._scene.gliding)
            self._cloud = cloud
        return self._cloud

    def around(self, whole: QRect) -> QPixmap:
        """Axes and marginals, as large as `whole`, the widget."""
        if self._around is None:
            around = self._pixmap(whole)
            with QPainter(around) as painter:
                painter.fillRect(whole, colour(self._scene.style.theme.panel))
                self._scene.paint_around(painter)
            self._around = around
        return self._around

    def _pixmap(self, rect: QRect) -> QPixmap:
        layer = QPixmap(round(rect.width() * self._ratio), round(rect.height() * self._ratio))
        layer.setDevicePixelRatio(self._ratio)
        return layer
