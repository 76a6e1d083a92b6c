"""All that the picture shows, and the order in which it is painted."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetricsF, QPainter

from latentlab.app.state import Viewport
from latentlab.ui.plane import ellipses
from latentlab.ui.plane.areas import Areas, Style, boxed_text, colour
from latentlab.ui.plane.camera import Camera
from latentlab.ui.plane.cloud import Cloud
from latentlab.ui.plane.handles import Handles, paint_handles
from latentlab.ui.plane.labels import paint_names
from latentlab.ui.plane.map_layer import MapLayer
from latentlab.ui.plane.marginals import Marginal, both, paint_marginals
from latentlab.ui.plane.points import paint_points, points_image
from latentlab.ui.plane.prior import paint_masses, paint_prior
from latentlab.ui.plane.ticks import paint_axes, paint_grid

_MARGIN = 1.06
_PRIOR = 3.0


@dataclass(slots=True)
class PlaneScene:
    """The picture's content. `isolated` is the class shown alone now, kept or previewed.

    marginals: None where they must be computed anew before they are painted. gliding: the points
    will soon be elsewhere, so fewer of their ellipses do.
    """

    style: Style
    areas: Areas
    camera: Camera
    cloud: Cloud = field(default_factory=Cloud)
    names: tuple[str, ...] = ()
    medians: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 2)))
    marginals: tuple[Marginal, Marginal] | None = None
    handles: Handles = field(default_factory=Handles)
    map: MapLayer | None = None
    isolated: int | None = None
    selected: int | None = None
    hovered: int | None = None
    ellipse_scale: int = 1
    note: str = ""
    gliding: bool = False
    _sample: str = ""
    _sampled: tuple[Camera, int, int | None] | None = None

    def overview(self) -> Viewport:
        """What holds the prior's 3σ ring and nearly all points, with a little room around."""
        box = (-_PRIOR, _PRIOR, -_PRIOR, _PRIOR)
        cloud = self.cloud.bounds() or box
        x_min, x_max = min(box[0], cloud[0]), max(box[1], cloud[1])
        y_min, y_max = min(box[2], cloud[2]), max(box[3], cloud[3])
        x, y = (x_min + x_max) / 2, (y_min + y_max) / 2
        across, down = (x_max - x_min) * _MARGIN / 2, (y_max - y_min) * _MARGIN / 2
        return Viewport(x - across, x + across, y - down, y + down)

    def paint_back(self, painter: QPainter) -> None:
        """The plane's ground: grid and map of decoded images."""
        theme, camera = self.style.theme, self.camera
        painter.fillRect(
            QRectF(camera.left, camera.top, camera.width, camera.height), colour(theme.plane)
        )
        if self.map is not None:
            self.map.paint(painter, camera, theme)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_grid(painter, camera, self.style)

    def paint_cloud(self, painter: QPainter, ratio: float | None, *, passing: bool = False) -> None:
        """Points, ellipses and everything written over them.

        ratio: device pixels for each pixel of the rastered points; None paints them as shapes.
        passing: a frame among many, with fewer ellipses.
        """
        cloud, camera, style = self.cloud, self.camera, self.style
        if ratio is None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_points(painter, cloud, camera, style, self.isolated)
        elif len(cloud):
            image = points_image(cloud, camera, style, self.isolated, ratio)
            painter.drawImage(QPointF(camera.left, camera.top), image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shown = ellipses.choose(cloud, camera, self.ellipse_scale, self.isolated)
        ellipses.paint_ellipses(
            painter,
            cloud,
            camera,
            style,
            magnification=self.ellipse_scale,
            indices=shown.indices[: shown.passing] if passing else shown.indices,
        )
        paint_prior(painter, camera, style)
        paint_masses(painter, camera, style)
        paint_names(painter, self.names, self.medians, camera, style, isolated=self.isolated)
        self._count(shown, passing)
        self._paint_notes(painter)

    def paint_front(self, painter: QPainter) -> None:
        """What the user moves and picks: the hovered and the selected point, the handles."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index, strength in ((self.hovered, 0.3), (self.selected, 1.0)):
            if index is not None and index < len(self.cloud):
                ellipses.paint_one(
                    painter,
                    self.cloud,
                    self.camera,
                    self.style,
                    magnification=self.ellipse_scale,
                    index=index,
                    strength=strength,
                )
        paint_handles(painter, self.handles, self.camera, self.style)

    def paint_around(self, painter: QPainter) -> None:
        """Axes and marginals."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.marginals is None:
            self.marginals = both(self.cloud, self.camera)
        paint_marginals(painter, self.marginals, self.areas, self.camera, self.style)
        paint_axes(painter, self.areas, self.camera, self.style)

    def _count(self, shown: ellipses.Shown, passing: bool) -> None:
        """Say how many ellipses are drawn. What is said of a view stays while points glide."""
        view = (self.camera, self.ellipse_scale, self.isolated)
        if passing and view == self._sampled:
            return
        self._sampled = view
        drawn, all_in_view = len(shown.indices), shown.eligible
        part = drawn < all_in_view
        self._sample = f"a sample, {drawn:,} of {all_in_view:,} ellipses" if part else ""

    def _paint_notes(self, painter: QPainter) -> None:
        lines = [(self.note, self.style.theme.muted)] if self.note else []
        sample = self._sample
        if self.ellipse_scale != 1:
            text = f"ellipses × {self.ellipse_scale}"
            text = f"{text}  ({sample})" if sample else text
            lines.insert(0, (text, self.style.theme.accent))
        elif sample:
            lines.insert(0, (f"1σ: {sample}", self.style.theme.muted))
        step = QFontMetricsF(self.style.text).height() + 3
        bottom = self.camera.top + self.camera.height - 8 * self.style.scale
        for row, (text, ink) in enumerate(reversed(lines)):
            at = QPointF(self.camera.left + 10 * self.style.scale, bottom - row * step)
            ground = colour(self.style.theme.plane, 0.8)
            boxed_text(painter, text, at, self.style.text, ink=colour(ink), ground=ground)
