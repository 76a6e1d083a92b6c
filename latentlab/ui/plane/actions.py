"""What can be done on the plane: done on the canvas at once, then said."""

import math
from enum import Enum

from PySide6.QtCore import QObject, QPointF, QRectF, QTimer, Signal

from latentlab.app.chosen import Gather
from latentlab.app.state import Viewport
from latentlab.ui.plane.camera import panned, zoomed
from latentlab.ui.plane.canvas import PlaneCanvas

_KEY_PAN = 0.1  # of the view's shorter side
_REST_MS = 250


class Drag(Enum):
    """What the pressed button moves."""

    NONE = 0
    Z = 1
    Z1 = 2
    Z2 = 3
    PAN = 4
    LASSO = 5


class Actions(QObject):
    """Changes the canvas, at once, and then emits LatentPlane's signals."""

    zMoved = Signal(float, float, bool)
    z1Moved = Signal(float, float, bool)
    z2Moved = Signal(float, float, bool)
    pointHovered = Signal(int)
    pointSelected = Signal(int)
    viewportChanged = Signal(float, float, float, float, bool)
    pointsChosen = Signal(object, str)

    def __init__(self, canvas: PlaneCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._rest = QTimer(self, singleShot=True, interval=_REST_MS)
        self._rest.timeout.connect(self._rested)

    def reset_view(self) -> None:
        """Show the prior's 3σ ring and 99 % of the points."""
        self._view(self._canvas.scene.overview(), finished=True)

    def _move(self, what: Drag, x: float, y: float, finished: bool) -> None:
        canvas = self._canvas
        if what is Drag.Z1:
            canvas.set_z1(x, y)
            self.z1Moved.emit(*canvas.scene.handles.z1, finished)
        elif what is Drag.Z2:
            canvas.set_z2(x, y)
            self.z2Moved.emit(*canvas.scene.handles.z2, finished)
        else:
            canvas.set_z(x, y)
            self.zMoved.emit(*canvas.scene.handles.z, finished)

    def _select(self, index: int) -> None:
        x, y = self._canvas.scene.cloud.mu[index]
        self._canvas.set_selected(index)
        self._move(Drag.Z, float(x), float(y), finished=True)
        self.pointSelected.emit(index)

    def _begin_lasso(self, at: QPointF, how: Gather) -> None:
        scene = self._canvas.scene
        scene.lasso.begin(scene.camera.to_latent(at.x(), at.y()), how)

    def _extend_lasso(self, at: QPointF) -> None:
        scene = self._canvas.scene
        scene.lasso.extend(scene.camera.to_latent(at.x(), at.y()), scene.camera)
        self._canvas.update(scene.areas.plane)

    def _close_lasso(self) -> None:
        scene = self._canvas.scene
        how = scene.lasso.how
        self._canvas.update(scene.areas.plane)
        self.pointsChosen.emit(scene.lasso.take(scene.cloud, scene.isolated), how)

    def _drop_lasso(self) -> None:
        self._canvas.scene.lasso.corners = []
        self._canvas.update(self._canvas.scene.areas.plane)

    def _select_near_z(self) -> None:
        scene = self._canvas.scene
        x, y = scene.handles.z
        camera = scene.camera
        index = scene.cloud.nearest(camera, camera.x_to_pixel(x), camera.y_to_pixel(y), math.inf)
        if index >= 0:
            self._select(index)

    def _nudge(self, across: int, up: int, step: float, *, finished: bool) -> None:
        x, y = self._canvas.scene.handles.z
        self._move(Drag.Z, x + across * step, y + up * step, finished)

    def _pan_by_key(self, across: int, up: int, *, finished: bool) -> None:
        view = self._canvas.viewport()
        step = _KEY_PAN * min(view.x_max - view.x_min, view.y_max - view.y_min)
        self._view(panned(view, across * step, up * step), finished)

    def _zoom(self, factor: float, at: QPointF, *, finished: bool) -> None:
        x, y = self._canvas.scene.camera.to_latent(at.x(), at.y())
        self._view(zoomed(self._canvas.viewport(), factor, x, y), finished)

    def _view(self, viewport: Viewport, finished: bool) -> None:
        self._canvas.set_viewport(viewport, passing=not finished)
        self._say_view(finished)

    def _say_z(self) -> None:
        self.zMoved.emit(*self._canvas.scene.handles.z, True)

    def _say_view(self, finished: bool) -> None:
        if finished:
            self._rest.stop()
            self._canvas.rest()
        view = self._canvas.viewport()
        self.viewportChanged.emit(view.x_min, view.x_max, view.y_min, view.y_max, finished)

    def _rested(self) -> None:
        self._say_view(finished=True)

    def _hover(self, index: int) -> None:
        known = self._canvas.scene.hovered
        if index != (-1 if known is None else known):
            self._canvas.set_hovered(index if index >= 0 else None)
            self.pointHovered.emit(index)

    def _handle(self, at: QPointF) -> int:
        scene = self._canvas.scene
        return scene.handles.under(scene.camera, at.x(), at.y(), scene.style.scale)

    def _handle_centre(self, handle: int) -> QPointF:
        scene = self._canvas.scene
        x, y = scene.handles.z1 if handle == 1 else scene.handles.z2
        return QPointF(scene.camera.x_to_pixel(x), scene.camera.y_to_pixel(y))

    def _point(self, at: QPointF, within: float) -> int:
        scene = self._canvas.scene
        return scene.cloud.nearest(scene.camera, at.x(), at.y(), within * scene.style.scale)

    def _on_plane(self, at: QPointF) -> bool:
        return QRectF(self._canvas.scene.areas.plane).contains(at)

    def _middle(self) -> QPointF:
        return QRectF(self._canvas.scene.areas.plane).center()
