"""All that the picture shows, and the order in which it is painted."""

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetricsF, QImage, QPainter

from latentlab.app.state import Viewport
from latentlab.core.section import Section
from latentlab.data.dataset import Factor
from latentlab.ui.plane import ellipses
from latentlab.ui.plane.areas import Areas, Style, boxed_text, colour
from latentlab.ui.plane.camera import Camera
from latentlab.ui.plane.cloud import Cloud
from latentlab.ui.plane.drawn_mark import DrawnMark
from latentlab.ui.plane.force_key import ForceKey
from latentlab.ui.plane.forces import ForceLayer
from latentlab.ui.plane.handles import Handles, paint_handles, paint_way
from latentlab.ui.plane.heat_layer import HeatLayer
from latentlab.ui.plane.kept_points import KeptPoints
from latentlab.ui.plane.labels import paint_names
from latentlab.ui.plane.lasso import Lasso
from latentlab.ui.plane.layer_key import KeyWords, LayerKey
from latentlab.ui.plane.line import below_line, paint_densities, paint_sigmas
from latentlab.ui.plane.marginals import Marginal, marginal, paint_key, paint_marginal
from latentlab.ui.plane.marked_points import paint_marked
from latentlab.ui.plane.picture_layer import PictureLayer
from latentlab.ui.plane.points import paint_points
from latentlab.ui.plane.prior import paint_masses, paint_prior
from latentlab.ui.plane.step_layer import StepLayer
from latentlab.ui.plane.sum_mark import SumMark
from latentlab.ui.plane.ticks import paint_axes, paint_grid
from latentlab.ui.plane.tones import ToneKey, rank_correlations, toned

_MARGIN = 1.06
_PRIOR = 3.0
_FAINT = 0.3  # points over a heat map
_VEIL = 0.5  # over the points, so that what is shown of some of them stands out


@dataclass(slots=True)
class PlaneScene:
    """The picture's content. `isolated` is the class shown alone now, kept or previewed.

    numbers: what the points' images are called, where that is not their index.
    section: the plane of the latent space that this is. factor: by which points are coloured, None
    for their class; with its rank correlations. marginals: along the axes, None where it must be
    computed anew before it is painted. gliding: the points will soon be elsewhere; moving: the view
    will. Then fewer ellipses do. marked: points that are named A, B, C.
    """

    style: Style
    areas: Areas
    camera: Camera
    cloud: Cloud = field(default_factory=Cloud)
    names: tuple[str, ...] = ()
    numbers: npt.NDArray[np.int64] | None = None
    section: Section = field(default_factory=Section)
    medians: npt.NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 2)))
    marginals: list[Marginal | None] = field(default_factory=lambda: [None, None])
    factor: Factor | None = None
    correlations: tuple[float, float] = (float("nan"), float("nan"))
    handles: Handles = field(default_factory=Handles)
    layer: PictureLayer | None = None
    layer_words: KeyWords | None = None
    forces: ForceLayer = field(default_factory=ForceLayer)
    step: StepLayer | None = None
    drawn: DrawnMark | None = None
    sum_mark: SumMark | None = None
    lasso: Lasso = field(default_factory=Lasso)
    isolated: int | None = None
    selected: int | None = None
    hovered: int | None = None
    marked: tuple[int, ...] = ()
    ellipse_scale: int = 1
    note: str = ""
    gliding: bool = False
    moving: bool = False
    _points: KeptPoints = field(default_factory=KeptPoints)
    _sample: str = ""

    @property
    def passing(self) -> bool:
        """Whether this is but a frame among many."""
        return self.gliding or self.moving

    @property
    def inks(self) -> Style:
        """The style that colours points."""
        return self.style if self.factor is None else toned(self.style)

    def correlate(self) -> None:
        """Bring the rank correlations up to the points as they are."""
        if self.factor is not None:
            self.correlations = rank_correlations(self.cloud, self.factor)

    def overview(self) -> Viewport:
        """What holds the prior's 3σ ring and nearly all points, with a little room around."""
        box = (-_PRIOR, _PRIOR, -_PRIOR, _PRIOR)
        cloud = self.cloud.bounds() or box
        x_min, x_max = min(box[0], cloud[0]), max(box[1], cloud[1])
        y_min, y_max = min(box[2], cloud[2]), max(box[3], cloud[3])
        x, y = (x_min + x_max) / 2, (y_min + y_max) / 2
        across, down = (x_max - x_min) * _MARGIN / 2, (y_max - y_min) * _MARGIN / 2
        return Viewport(x - across, x + across, y - down, y + down)

    def points_image(self, ratio: float, *, passing: bool = False) -> QImage:
        """The points at `ratio` device pixels for each pixel."""
        return self._points.image(
            self.cloud, self.camera, self.inks, self.isolated, ratio, passing=passing
        )

    def paint_back(self, painter: QPainter) -> None:
        """The plane's ground: grid and the layer behind the points."""
        theme, camera = self.style.theme, self.camera
        painter.fillRect(self._ground(), colour(theme.plane))
        if self.layer is not None:
            self.layer.paint(painter, camera, theme)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_grid(painter, camera, self.style, upright=not self.section.line)

    def paint_cloud(
        self, painter: QPainter, points: QImage | None, *, passing: bool = False
    ) -> None:
        """The points, as `points` shows them or (None) as shapes, and their ellipses.

        passing: a frame among many, with fewer ellipses.
        """
        cloud, camera, style = self.cloud, self.camera, self.inks
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(_FAINT if self.has_heat else 1.0)
        if points is None:
            paint_points(painter, cloud, camera, style, self.isolated)
        else:
            painter.drawImage(QPointF(camera.left, camera.top), points)
        magnification = self.ellipse_scale
        shown = ellipses.choose(cloud, camera, magnification, self.isolated, passing=passing)
        ellipses.paint_ellipses(
            painter, cloud, camera, style, magnification=magnification, indices=shown.indices
        )
        painter.setOpacity(1.0)
        self._count(shown, passing)
        if self.has_forces or self.step is not None:
            painter.fillRect(self._ground(), colour(style.theme.plane, _VEIL))

    def paint_prior(self, painter: QPainter) -> None:
        """The prior's rings, over the points."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.section.line:
            paint_sigmas(painter, self.camera, self.style)
            return
        paint_prior(painter, self.camera, self.style)
        paint_masses(painter, self.camera, self.style)

    def paint_forces(self, painter: QPainter) -> None:
        """The pulls on some posteriors."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        camera, style = self.camera, self.style
        self.forces.paint(
            painter,
            camera,
            style,
            magnification=self.ellipse_scale,
            selected=self.selected,
            passing=self.moving,
        )

    @property
    def has_forces(self) -> bool:
        """Whether there are any to paint."""
        return self.forces.answer is not None

    @property
    def has_heat(self) -> bool:
        """Whether there is a heat map, over which the points are faint."""
        return isinstance(self.layer, HeatLayer)

    def layer_key(self) -> LayerKey | None:
        """What says what the layer behind the points means, where it has to be said."""
        if self.layer_words is None:
            return None
        key = LayerKey(self.layer_words, self.camera, self.style)
        metrics, lines = QFontMetricsF(self.style.text), self._notes()
        widest = max((metrics.horizontalAdvance(text) for text, _ in lines), default=0.0)
        beside = key.rect.left() - self.camera.left > widest + 24 * self.style.scale
        return key if beside else replace(key, lift=len(lines) * (metrics.height() + 3))

    def force_key(self) -> ForceKey | None:
        """What says what the forces mean, where there are any."""
        forces = self.forces
        if forces.answer is None:
            return None
        return ForceKey(forces, forces.answer.sample, self.camera, self.style)

    def tone_key(self) -> ToneKey | None:
        """What the points' colours mean, where it is no class."""
        if self.factor is None:
            return None
        return ToneKey(self.factor, self.correlations, self.section.names, self.camera, self.style)

    def paint_names(self, painter: QPainter) -> None:
        """The classes' names, over all that; on a line, over the densities."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        medians = self.medians
        if self.section.line:
            paint_densities(painter, self.cloud, self.camera, self.style, self.isolated)
            medians = below_line(medians, self.camera, self.style)
        paint_names(painter, self.names, medians, self.camera, self.style, isolated=self.isolated)

    def paint_way(self, painter: QPainter) -> None:
        """The way from z1 to z2."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_way(painter, self.handles, self.camera, self.style)

    def paint_front(self, painter: QPainter) -> None:
        """What the user moves and picks: the hovered and the selected point, the handles."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index, strength in ((self.hovered, 0.3), (self.selected, 1.0)):
            if index is not None and index < len(self.cloud):
                ellipses.paint_one(
                    painter,
                    self.cloud,
                    self.camera,
                    self.inks,
                    magnification=self.ellipse_scale,
                    index=index,
                    strength=strength,
                )
        paint_marked(painter, self.cloud, self.marked, self.camera, self.style)
        if self.step is not None:
            self.step.paint(painter, self.camera, self.style)
        if self.drawn is not None:
            self.drawn.paint(painter, self.camera, self.style, magnification=self.ellipse_scale)
        if self.sum_mark is not None:
            self.sum_mark.paint(painter, self.handles.z, self.camera, self.style)
        paint_handles(painter, self.handles, self.camera, self.style)
        self.lasso.paint(painter, self.camera, self.style)

    def paint_around(self, painter: QPainter) -> None:
        """Axes and, unless the plane is bare, the marginals and their key."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.areas.bare:
            for axis in (0, 1):
                self.paint_marginal(painter, axis)
            paint_key(painter, self.areas.corner, self.style)
        paint_axes(painter, self.areas, self.camera, self.style, self.section.titles)

    def paint_marginal(self, painter: QPainter, axis: int) -> None:
        """That of the first axis (0) or the second (1), over whatever is there."""
        known = self.marginals[axis]
        if known is None:
            known = self.marginals[axis] = marginal(self.cloud, self.camera, axis)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        # Its base line reaches a little out of it.
        area = (self.areas.right if axis else self.areas.top).adjusted(-1, -1, 1, 1)
        painter.fillRect(area, colour(self.style.theme.panel))
        if axis and self.section.line:
            return
        paint_marginal(
            painter,
            known,
            axis,
            name=self.section.names[axis],
            areas=self.areas,
            camera=self.camera,
            style=self.style,
        )

    def paint_notes(self, painter: QPainter) -> None:
        """What is said of the picture, in its corners; after `paint_cloud`."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        step = QFontMetricsF(self.style.text).height() + 3
        bottom = self.camera.top + self.camera.height - 8 * self.style.scale
        for row, (text, ink) in enumerate(reversed(self._notes())):
            at = QPointF(self.camera.left + 10 * self.style.scale, bottom - row * step)
            ground = colour(self.style.theme.plane, 0.8)
            boxed_text(painter, text, at, self.style.text, ink=colour(ink), ground=ground)
        for key in (self.tone_key(), self.force_key(), self.layer_key()):
            if key is not None:
                key.paint(painter)

    def _notes(self) -> list[tuple[str, str]]:
        """The lines in the lower left corner, each with its colour."""
        lines = [(self.note, self.style.theme.muted)] if self.note else []
        sample = self._sample
        if self.ellipse_scale != 1:
            text = f"ellipses × {self.ellipse_scale}"
            text = f"{text}  ({sample})" if sample else text
            lines.insert(0, (text, self.style.theme.accent))
        elif sample:
            lines.insert(0, (f"1σ: {sample}", self.style.theme.muted))
        return [(part, ink) for text, ink in lines for part in self._fitting(text)]

    def _fitting(self, text: str) -> list[str]:
        """A line as it is, or, on a plane that is too narrow for it, in two."""
        room = self.camera.width - 20 * self.style.scale
        head, comma, tail = text.partition(", ")
        wide = bool(comma) and QFontMetricsF(self.style.text).horizontalAdvance(text) > room
        return [f"{head},", tail] if wide else [text]

    def _ground(self) -> QRectF:
        camera = self.camera
        return QRectF(camera.left, camera.top, camera.width, camera.height)

    def _count(self, shown: ellipses.Shown, passing: bool) -> None:
        """Say how many ellipses are drawn; of a frame among many, only that they are not all."""
        drawn, all_in_view = len(shown.indices), shown.eligible
        if not drawn or drawn == all_in_view:
            self._sample = ""
        elif passing or all_in_view is None:
            self._sample = "a sample of the ellipses"
        else:
            self._sample = f"a sample, {drawn:,} of {all_in_view:,} ellipses"
