"""The widget that shows the picture and keeps the parts that did not change."""

import time
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QWidget

from latentlab.app.force_view import ForceAnswer
from latentlab.app.layer_view import LayerAnswer, MapImage, NoLayer
from latentlab.app.state import ELLIPSE_SCALES, Point, Viewport
from latentlab.core.section import Section
from latentlab.data.dataset import Factor
from latentlab.ui.keyboard_focus import FocusShown
from latentlab.ui.plane.areas import areas, colour, style
from latentlab.ui.plane.camera import Camera, fitted, is_usable
from latentlab.ui.plane.drawn_mark import DrawnMark
from latentlab.ui.plane.force_sample import spread_sample
from latentlab.ui.plane.handles import clamped
from latentlab.ui.plane.heat_layer import HeatLayer
from latentlab.ui.plane.layer_key import key_words
from latentlab.ui.plane.layers import Layers
from latentlab.ui.plane.legend import Legend
from latentlab.ui.plane.picture_layer import MapLayer
from latentlab.ui.plane.scene import PlaneScene
from latentlab.ui.plane.step_layer import StepLayer
from latentlab.ui.plane.sum_mark import SumMark
from latentlab.ui.plane.tones import tones
from latentlab.ui.theme import LIGHT, Theme

SUMMARY_SECONDS = 0.3
"""Least time between two updates of names, or of a marginal, in frames that are passing."""


class PlaneCanvas(FocusShown):
    """The picture, and what it is told to show. Nothing here is sent out."""

    def __init__(self, parent: QWidget | None = None, *, bare: bool = False) -> None:
        """bare: without marginals, classes' names above, and the way from z1 to z2."""
        super().__init__(parent)
        self._bare = bare
        self.setMinimumSize(*((150, 150) if bare else (260, 220)))
        # Every pixel of it is painted, so nothing beneath needs to be.
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._theme = LIGHT
        self._text_scale = 1.0
        self._kept: int | None = None
        self._preview: int | None = None
        self._wanted = Viewport()
        # When names, the marginal of z₁ and that of z₂ were last brought up to date.
        self._summarised = {"names": 0.0, "top": 0.0, "right": 0.0}
        self.legend = Legend(self)
        self.legend.previewed.connect(self.preview_class)
        parts = areas(640, 520, 0, 1.0, bare=bare)
        camera = Camera(self._wanted, 0, 0, 1, 1)
        self.scene = PlaneScene(style(LIGHT, 1.0, QApplication.font()), parts, camera)
        self.scene.handles.ends = self.scene.handles.joined = not bare
        self.legend.setVisible(not bare)
        self._layers = Layers(self.scene)
        self._arrange()

    def set_points(
        self,
        mu: npt.NDArray[np.float32],
        logvar: npt.NDArray[np.float32],
        labels: npt.NDArray[np.int64],
        *,
        correlation: npt.NDArray[np.float32] | None = None,
        pickable: bool = True,
    ) -> None:
        """A new cloud: mu and logvar (N, 2), labels (N,), negative where an image has none.

        correlation: (N,), of both coordinates of each posterior; None: of none.
        pickable: whether points can be hovered over and selected. They are coloured by class.
        Points that are not finite are not drawn. Hover and selection end. Raises ValueError when
        the shapes do not fit each other.
        """
        self.scene.cloud.replace(mu, logvar, labels, correlation)
        self.scene.cloud.pickable = pickable
        self.scene.cloud.bring_to_front(self.scene.isolated)
        self.scene.hovered = self.scene.selected = None
        self.set_forces(None)
        self.set_factor(None)
        self.settle()

    def set_factor(self, factor: Factor | None) -> None:
        """Colour the points by this, of as many values; None: by class. Raises ValueError."""
        scene = self.scene
        if factor is None and scene.factor is None:
            return
        scene.cloud.set_tones(None if factor is None else tones(factor))
        scene.factor = factor
        scene.correlate()
        if not self._bare:
            self.legend.set_coloured(factor is None, scene.style)
        self._layers.forget("points")
        self._changed_front()

    def move_points(
        self,
        mu: npt.NDArray[np.float32],
        logvar: npt.NDArray[np.float32],
        exact: bool = False,
        correlation: npt.NDArray[np.float32] | None = None,
    ) -> None:
        """The same points elsewhere; mu, logvar (N, 2) and correlation as before, or ValueError.

        Points are painted as soon as they have moved far enough to be seen to. Names and marginals
        follow a few times a second, one in a frame, and some ellipses are left out; all is there at
        once with `exact` or `settle()`.
        """
        self.scene.cloud.move(mu, logvar, correlation)
        if exact:
            self.settle()
            return
        self.scene.gliding = True
        self._summarise_one(("names", "top", "right"))
        if self._layers.points_have_moved():
            self._layers.forget("points")
            self._changed_front()
            if self.isVisible():
                # Now, as the mouse may wait for the next paint event.
                self._layers.use_ratio(self.devicePixelRatioF())
                self._layers.plane()

    def settle(self) -> None:
        """Bring ellipses, names and marginals up to the points as they are."""
        self.scene.gliding = False
        self._layers.forget("points")
        for part in self._summarised:
            self._summarise(part)
        self.update()

    def _summarise_one(self, parts: Sequence[str]) -> None:
        """Bring that up to date which has waited longest, if it is time."""
        part = min(parts, key=self._summarised.__getitem__)
        if time.monotonic() - self._summarised[part] >= SUMMARY_SECONDS:
            self._summarise(part)

    def _summarise(self, part: str) -> None:
        self._summarised[part] = time.monotonic()
        scene = self.scene
        if self._bare and part != "names":
            return
        if part == "names":
            scene.medians = scene.cloud.medians(len(scene.names))
            scene.correlate()
            self._layers.forget("names")
            self._changed_front()
        else:
            axis = 0 if part == "top" else 1
            scene.marginals[axis] = None
            self._layers.forget_marginal(axis)
            self.update()

    def set_classes(
        self, names: Sequence[str], numbers: npt.NDArray[np.int64] | None = None
    ) -> None:
        """The classes' names, in the order of their labels. Shows all classes again.

        numbers: (N,), what the points' images are called, where that is not their index.
        """
        self.scene.names, self.scene.numbers = tuple(names), numbers
        self._kept = self._preview = None
        if not self._bare:
            self.legend.set_classes(self.scene.names, self.scene.style)
        self._apply_isolation()
        self.settle()
        self._arrange()

    def set_section(self, section: Section) -> None:
        """Say which plane of the latent space this is. Its points come apart from that."""
        if section != self.scene.section:
            before = self.scene.section
            other = section.line != before.line or section.titles != before.titles
            self.scene.section = section
            if other:
                self._layers.forget_view()
            self._layers.forget()
            self.update()

    def set_z(self, x: float, y: float) -> None:
        """Move the cross-hair. Numbers are clamped to ±Z_LIMIT; NaN leaves it where it is."""
        self.scene.handles.z = self._placed(x, y, self.scene.handles.z)
        self._changed_front()

    def set_z1(self, x: float, y: float) -> None:
        """Move the handle z1. A path given for the old position ends."""
        self._set_ends(self._placed(x, y, self.scene.handles.z1), self.scene.handles.z2)

    def set_z2(self, x: float, y: float) -> None:
        """Move the handle z2. A path given for the old position ends."""
        self._set_ends(self.scene.handles.z1, self._placed(x, y, self.scene.handles.z2))

    def show_way(self, *, ends: bool) -> None:
        """Have the way from z1 to z2 on a bare plane, too; ends: with handles to drag."""
        self.scene.handles.joined, self.scene.handles.ends = True, ends
        self._layers.forget("way")
        self._changed_front()

    def set_path(
        self, points: npt.NDArray[np.floating] | None, midpoint: Point | None = None
    ) -> None:
        """Join z1 and z2 through points (M, 2), with ẑ at `midpoint`; None: a straight line.

        Raises ValueError for another shape or numbers that are not finite.
        """
        self.scene.handles.lead(points, midpoint)
        self._layers.forget("way")
        self._changed_front()

    def set_selected(self, index: int | None) -> None:
        """Highlight one point; None, or an index that no point has: none."""
        self.scene.selected = self._known(index)
        self._layers.forget("forces")
        self._changed_front()

    def set_marked(self, indices: tuple[int, ...]) -> None:
        """Name these points A, B and C."""
        if indices != self.scene.marked:
            self.scene.marked = indices
            self._changed_front()

    def set_chosen(self, indices: npt.NDArray[np.int64] | None) -> None:
        """Let these points stand out and dim the others; None, or no index: all alike.

        Indices that no point has are left out.
        """
        if self.scene.cloud.light(indices):
            self._layers.forget("points")
            self._changed_front()

    def set_lasso(self, on: bool) -> None:
        """Whether a drag with the left button, or a click on a class, chooses points."""
        self.scene.lasso.on = self.legend.gathers = on

    def set_sum(self, mark: SumMark | None) -> None:
        """Show where label arithmetic leads from z; None: nothing of it."""
        if mark != self.scene.sum_mark:
            self.scene.sum_mark = mark
            self._changed_front()

    def set_hovered(self, index: int | None) -> None:
        """Highlight one point lightly."""
        self.scene.hovered = self._known(index)
        self._changed_front()

    def set_viewport(self, viewport: Viewport, *, passing: bool = False) -> None:
        """Show at least this part of the plane. One that is not finite or empty is ignored.

        passing: soon it will be another part, so what takes long follows later, as in a frame of
        gliding points, or with `rest()`.
        """
        # What is in view, told back, must not take the place of what was asked for, or resizing
        # there and back would leave a wider view each time.
        if not is_usable(viewport) or viewport == self.viewport():
            return
        self._wanted = viewport
        self.scene.moving = passing
        self._look()

    def rest(self) -> None:
        """The view has come to rest: paint it exactly."""
        if self.scene.moving:
            self.scene.moving = False
            self.scene.marginals = [None, None]
            self._layers.forget("points", "forces")
            for axis in (0, 1):
                self._layers.forget_marginal(axis)
            self.update()

    def set_isolated(self, index: int | None) -> None:
        """Keep one class in full colour and fade the others; None (or −1) shows all."""
        count = len(self.scene.names)
        self._kept = index if index is not None and 0 <= index < count else None
        self.legend.set_isolated(self._kept)
        self._apply_isolation()

    def preview_class(self, index: int) -> None:
        """Show one class alone for now, −1 for none, whichever is kept."""
        self._preview = index if index >= 0 else None
        self._apply_isolation()

    def set_ellipse_scale(self, scale: int) -> None:
        """Draw ellipses at 1, 3, 10 or 30 times sigma. Raises ValueError for another number."""
        if scale not in ELLIPSE_SCALES:
            raise ValueError(f"ellipse scale {scale} is not one of {ELLIPSE_SCALES}")
        self.scene.ellipse_scale = scale
        self._layers.forget("points", "forces")
        self._changed_front()

    def set_layer(self, answer: LayerAnswer | None) -> None:
        """Show this behind the points; None: nothing.

        Raises ValueError for a map that is no uint8 (H, W) or (H, W, 3), or covers no rectangle.
        """
        scene = self.scene
        if answer is None and scene.layer is None and scene.layer_words is None:
            return
        had_heat = scene.has_heat
        scene.layer = scene.layer_words = None
        if isinstance(answer, MapImage):
            scene.layer = MapLayer(answer)
        elif isinstance(answer, NoLayer):
            scene.layer_words = key_words(answer)
        elif answer is not None:
            scene.layer = HeatLayer(answer)
            scene.layer_words = key_words(answer)
        self._layers.forget("ground", *(("points",) if scene.has_heat != had_heat else ()))
        self._changed_front()

    def set_forces(self, answer: ForceAnswer | None) -> None:
        """Show these pulls on some posteriors, with the points faded beneath them; None: none."""
        forces = self.scene.forces
        if answer is None and forces.answer is None:
            return
        if (answer is None) != (forces.answer is None):
            self._layers.forget("points")
        forces.show(answer, self.scene.camera, self.scene.style)
        self._layers.forget("forces")
        self._changed_front()

    def set_step(self, step: StepLayer | None) -> None:
        """Show what an optimiser step does to some posteriors; None: nothing of it."""
        if (step is None) != (self.scene.step is None):
            self._layers.forget("points")
        self.scene.step = step
        self._changed_front()

    def set_drawn(self, mark: DrawnMark | None) -> None:
        """Show the posterior of what the user drew; None: there is none."""
        if mark != self.scene.drawn:
            self.scene.drawn = mark
            self._changed_front()

    def force_sample(self) -> npt.NDArray[np.int64]:
        """Indices of points spread over the view, of the class kept alone: the same if they can be.

        So few that arrows on them do not crowd.
        """
        scene = self.scene
        shown = scene.forces.answer
        kept = np.zeros(0, np.int64) if shown is None else shown.sample.indices
        sample = spread_sample(scene.cloud, scene.camera, scene.style, self._kept, kept)
        return sample.astype(np.int64)

    def set_theme(self, theme: Theme) -> None:
        """Light or dark."""
        self._theme = theme
        self._restyle()

    def set_text_scale(self, factor: float) -> None:
        """Text, handles and dots this many times their usual size (0.5 to 4)."""
        self._text_scale = min(max(factor, 0.5), 4.0)
        self._restyle()

    def set_note(self, text: str) -> None:
        """A line in the plane's lower left corner."""
        if text != self.scene.note:
            self.scene.note = text
            self._layers.forget()
            self._changed_front()

    @property
    def bare(self) -> bool:
        """Whether it has neither marginals nor classes' names above, and lets nothing be chosen."""
        return self._bare

    def viewport(self) -> Viewport:
        """The part of the plane in view: what was asked for, widened to be to scale."""
        return self.scene.camera.viewport

    def plane_image(self) -> QImage:
        """The plane without axes and marginals, as it looks now, in device pixels."""
        return self.grab(self.scene.areas.plane).toImage()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Put the kept layers together and paint what moves."""
        self._layers.use_ratio(self.devicePixelRatioF())
        with QPainter(self) as painter:
            self._paint(painter, event.rect())

    def _paint(self, painter: QPainter, dirty: QRect) -> None:
        layers, plane = self._layers, self.scene.areas.plane
        if not plane.contains(dirty):
            painter.fillRect(dirty, colour(self._theme.panel))
            painter.drawPixmap(0, 0, layers.around(self.rect()))
        if plane.intersects(dirty):
            painter.drawPixmap(plane.topLeft(), layers.plane())
            painter.setClipRect(plane)
            self.scene.paint_front(painter)
            self.paint_focus(painter, plane, self._theme.accent)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep what was asked for in view, to scale."""
        super().resizeEvent(event)
        self._arrange()

    def _changed_front(self) -> None:
        self.update(self.scene.areas.plane)

    def _look(self) -> None:
        plane = self.scene.areas.plane
        view = fitted(self._wanted, plane.width(), plane.height())
        self.scene.camera = Camera(view, plane.x(), plane.y(), plane.width(), plane.height())
        self._layers.forget_view()
        if self.scene.moving:
            self._summarise_one(("top", "right"))
        else:
            self.scene.marginals = [None, None]
        self.update()

    def _arrange(self) -> None:
        size, scale, bare = (self.width(), self.height()), self._text_scale, self._bare
        header = 0
        if not bare:
            indent = areas(*size, 0, scale).plane.left()
            width = max(self.width() - indent, 1)
            header = self.legend.arrange(width)
            self.legend.setGeometry(indent, 2, width, header)
        self.scene.areas = areas(*size, header, scale, bare=bare)
        self._look()

    def _restyle(self) -> None:
        self.scene.style = style(self._theme, self._text_scale, QApplication.font())
        self.legend.set_style(self.scene.style)
        self._arrange()

    def _set_ends(self, z1: Point, z2: Point) -> None:
        if self.scene.handles.move_ends(z1, z2):
            self._layers.forget("way")
        self._changed_front()

    def _placed(self, x: float, y: float, otherwise: Point) -> Point:
        """Where a handle is put; on the line where there is no more."""
        return clamped(x, 0.0 if self.scene.section.line else y, otherwise)

    def _known(self, index: int | None) -> int | None:
        return index if index is not None and 0 <= index < len(self.scene.cloud) else None

    def _apply_isolation(self) -> None:
        isolated = self._kept if self._preview is None else self._preview
        if isolated != self.scene.isolated:
            self.scene.isolated = isolated
            self.scene.cloud.bring_to_front(isolated)
            self._layers.forget("points", "names")
            self._changed_front()
