"""The parts of the picture that stay the same from one frame to the next, kept as pixmaps."""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPixmap

from latentlab.ui.plane.areas import colour
from latentlab.ui.plane.cloud import Floats
from latentlab.ui.plane.quantiles import quantiles
from latentlab.ui.plane.scene import PlaneScene

_VISIBLE = 0.5  # device pixels
_LOOKED_AT = 1000  # points of a cloud


class Layers:
    """What lies on the plane, from the ground up, and what stands around it.

    The ground is grid and the layer behind the points; over it lie the points with their ellipses,
    the prior's rings, the forces, the classes' names, and the way from z1 to z2. Each is painted
    when it is asked for after it was forgotten. A moving cross-hair repaints none of them; gliding
    points repaint the points alone.
    """

    def __init__(self, scene: PlaneScene) -> None:
        self._scene = scene
        self._paint: dict[str, Callable[[QPainter], None]] = {
            "ground": scene.paint_back,
            "points": self._paint_points,
            "prior": scene.paint_prior,
            "forces": scene.paint_forces,
            "names": scene.paint_names,
            "way": scene.paint_way,
        }
        self._kept: dict[str, QPixmap] = {}
        self._plane: QPixmap | None = None
        self._around: QPixmap | None = None
        self._stale: set[int] = set()
        self._painted: tuple[Floats, Floats] | None = None  # mu and sigma
        self._ratio = 1.0

    def use_ratio(self, ratio: float) -> None:
        """Device pixels for each pixel from now on."""
        if ratio != self._ratio:
            self._ratio = ratio
            self.forget_view()

    def forget(self, *names: str) -> None:
        """These layers have changed; nothing but the notes where none is named."""
        for name in names:
            self._kept.pop(name, None)
        self._plane = None

    def forget_marginal(self, axis: int) -> None:
        """That of z₁ (0) or z₂ (1) has changed."""
        if not self._scene.areas.bare:
            self._stale.add(axis)

    def forget_view(self) -> None:
        """Everything is elsewhere."""
        self._kept.clear()
        self._plane = self._around = None

    def points_have_moved(self) -> bool:
        """Whether one can see that the points are elsewhere than they were painted."""
        if self._painted is None or "points" not in self._kept:
            return True
        cloud, scene = self._scene.cloud, self._scene
        some = cloud.sample[:_LOOKED_AT]
        away, wider = (
            np.abs(now[some] - then[some])
            for now, then in zip((cloud.mu, cloud.sigma), self._painted, strict=True)
        )
        pixels = np.fmax(away, wider * scene.ellipse_scale) * (scene.camera.scale * self._ratio)
        known = pixels[np.isfinite(pixels)]
        return bool(known.size and quantiles(known, 0.99)[0] >= _VISIBLE)

    def plane(self) -> QPixmap:
        """The plane without hovered and selected point and handles."""
        if self._plane is None:
            at = self._scene.areas.plane.topLeft()
            names = [name for name in self._paint if name != "forces" or self._scene.has_forces]
            ground, *others = (self._layer(name) for name in names)
            self._plane = ground.copy()
            with QPainter(self._plane) as painter:
                painter.translate(-at)
                for layer in others:
                    painter.drawPixmap(at, layer)
                self._scene.paint_notes(painter)
        return self._plane

    def around(self, whole: QRect) -> QPixmap:
        """Axes and marginals, as large as `whole`, the widget."""
        if self._around is None:
            self._around = self._pixmap(whole)
            with QPainter(self._around) as painter:
                painter.fillRect(whole, colour(self._scene.style.theme.panel))
                self._scene.paint_around(painter)
        elif self._stale:
            with QPainter(self._around) as painter:
                for axis in self._stale:
                    self._scene.paint_marginal(painter, axis)
        self._stale.clear()
        return self._around

    def _layer(self, name: str) -> QPixmap:
        layer = self._kept.get(name)
        if layer is None:
            plane = self._scene.areas.plane
            layer = self._kept[name] = self._pixmap(plane)
            if name != "ground":
                layer.fill(Qt.GlobalColor.transparent)
            with QPainter(layer) as painter:
                painter.translate(-plane.topLeft())
                self._paint[name](painter)
        return layer

    def _paint_points(self, painter: QPainter) -> None:
        passing = self._scene.passing
        self._painted = self._scene.cloud.mu, self._scene.cloud.sigma
        image = self._scene.points_image(self._ratio, passing=passing)
        self._scene.paint_cloud(painter, image, passing=passing)

    def _pixmap(self, rect: QRect) -> QPixmap:
        layer = QPixmap(round(rect.width() * self._ratio), round(rect.height() * self._ratio))
        layer.setDevicePixelRatio(self._ratio)
        return layer
