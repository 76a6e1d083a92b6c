"""What mouse, wheel, touchpad and keys do on the plane."""

# Signals are named as Qt names its own.
# ruff: noqa: N815

import math
from enum import Enum

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QNativeGestureEvent, QWheelEvent

from latentlab.app.state import Viewport
from latentlab.ui.plane.camera import panned, zoomed
from latentlab.ui.plane.canvas import PlaneCanvas

HOVER_PIXELS = 8.0
SELECT_PIXELS = 6.0
DRAG_PIXELS = 4.0
NUDGE = 0.1
FINE_NUDGE = 0.01
_WHEEL_STEP = 1.2  # magnification for one notch, an eighth of a turn times 120
_KEY_STEP = 1.25
_KEY_PAN = 0.1  # of the view's width
_WHEEL_REST_MS = 250

_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class Drag(Enum):
    """What the pressed button moves."""

    NONE = 0
    Z = 1
    Z1 = 2
    Z2 = 3
    PAN = 4


class Interaction(QObject):
    """Turns events into changes of the canvas, at once, and into the signals of LatentPlane."""

    zMoved = Signal(float, float, bool)
    z1Moved = Signal(float, float, bool)
    z2Moved = Signal(float, float, bool)
    pointHovered = Signal(int)
    pointSelected = Signal(int)
    viewportChanged = Signal(float, float, float, float, bool)

    def __init__(self, canvas: PlaneCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._drag = Drag.NONE
        self._start = QPointF()
        self._last = QPointF()
        self._moved = False
        self._space = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_WHEEL_REST_MS)
        self._rest.timeout.connect(self._wheel_rested)

    # Mouse ---------------------------------------------------------------------------------------

    def press(self, event: QMouseEvent) -> bool:
        """Begin a drag; False for a press beside the plane."""
        at = event.position()
        if self._drag is not Drag.NONE or not self._on_plane(at):
            return False
        self._start = self._last = at
        self._moved = False
        pans = event.button() in (Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton)
        if pans or self._space:
            self._drag = Drag.PAN
            self._canvas.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif event.button() == Qt.MouseButton.LeftButton:
            handle = self._handle(at)
            self._drag = {0: Drag.Z, 1: Drag.Z1, 2: Drag.Z2}[handle]
            self._hover(-1)
            # A handle is taken where it is; only the cross-hair jumps to the pointer.
            if self._drag is Drag.Z:
                self._move_to(at, finished=False)
        return self._drag is not Drag.NONE

    def move(self, event: QMouseEvent) -> None:
        """Drag, or hover."""
        at = event.position()
        if self._drag is Drag.NONE:
            self._point_at(at)
            return
        if not self._moved and (at - self._start).manhattanLength() < DRAG_PIXELS:
            # The first pixels of a handle or a pan may be a click; a cross-hair follows them.
            if self._drag is Drag.Z:
                self._move_to(at, finished=False)
            return
        self._moved = True
        if self._drag is Drag.PAN:
            self._pan(at, finished=False)
        else:
            self._move_to(at, finished=False)

    def release(self, event: QMouseEvent) -> None:
        """End a drag. A click on a point selects it, and z goes to its mean."""
        drag, moved, at = self._drag, self._moved, event.position()
        self._drag = Drag.NONE
        if drag is Drag.PAN:
            self._canvas.unsetCursor()
            if moved:
                self._pan(at, finished=True)
        elif drag is not Drag.NONE and moved:
            self._drag = drag
            self._move_to(at, finished=True)
            self._drag = Drag.NONE
        elif drag is Drag.Z:
            self._click(at)

    def double_click(self, event: QMouseEvent) -> None:
        """Show everything, unless it was on a point or a handle."""
        at = event.position()
        left = event.button() == Qt.MouseButton.LeftButton
        free = self._point(at, SELECT_PIXELS) < 0 and not self._handle(at)
        if left and free and self._on_plane(at):
            self.reset_view()
        else:
            self.press(event)

    def leave(self) -> None:
        """The pointer has left the widget."""
        self._hover(-1)

    def wheel(self, event: QWheelEvent) -> bool:
        """Zoom where the pointer is; False beside the plane."""
        turn = event.angleDelta().y()
        if not self._on_plane(event.position()) or not turn:
            return False
        self._zoom(_WHEEL_STEP ** (turn / 120), event.position(), finished=False)
        self._rest.start()
        return True

    def native_gesture(self, event: QNativeGestureEvent) -> bool:
        """Zoom by a pinch on a touchpad."""
        kind = event.gestureType()
        if kind == Qt.NativeGestureType.ZoomNativeGesture and self._on_plane(event.position()):
            self._zoom(max(1 + event.value(), 0.1), event.position(), finished=False)
            self._rest.start()
            return True
        return False

    # Keys ----------------------------------------------------------------------------------------

    def key_press(self, event: QKeyEvent) -> bool:
        """Nudge z, pan, zoom, reset; False for any other key."""
        key, modifiers = event.key(), event.modifiers()
        control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        if (direction := _ARROWS.get(Qt.Key(key))) is not None:
            if control:
                self._pan_by_key(*direction)
            else:
                fine = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
                self._nudge(*direction, FINE_NUDGE if fine else NUDGE)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal) and not control:
            self._zoom(_KEY_STEP, self._middle(), finished=True)
        elif key in (Qt.Key.Key_Minus, Qt.Key.Key_Underscore) and not control:
            self._zoom(1 / _KEY_STEP, self._middle(), finished=True)
        elif key == Qt.Key.Key_Home:
            self.reset_view()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._select_near_z()
        elif key == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self._space = True
                self._canvas.setCursor(Qt.CursorShape.OpenHandCursor)
        else:
            return False
        return True

    def key_release(self, event: QKeyEvent) -> bool:
        """The end of Space held down."""
        if event.key() != Qt.Key.Key_Space or event.isAutoRepeat():
            return False
        self.let_go_of_space()
        return True

    def let_go_of_space(self) -> None:
        """Space is up, or its release will not be seen."""
        if self._space:
            self._space = False
            self._canvas.unsetCursor()

    def reset_view(self) -> None:
        """Show the prior's 3σ ring and 99 % of the points."""
        self._view(self._canvas.scene.overview(), finished=True)

    # What they do --------------------------------------------------------------------------------

    def _move_to(self, at: QPointF, *, finished: bool) -> None:
        x, y = self._canvas.scene.camera.to_latent(at.x(), at.y())
        self._move(self._drag, x, y, finished)

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

    def _click(self, at: QPointF) -> None:
        index = self._point(at, SELECT_PIXELS)
        if index >= 0:
            self._select(index)
        else:
            x, y = self._canvas.scene.camera.to_latent(at.x(), at.y())
            self._move(Drag.Z, x, y, finished=True)

    def _select(self, index: int) -> None:
        x, y = self._canvas.scene.cloud.mu[index]
        self._canvas.set_selected(index)
        self._move(Drag.Z, float(x), float(y), finished=True)
        self.pointSelected.emit(index)

    def _select_near_z(self) -> None:
        scene = self._canvas.scene
        x, y = scene.handles.z
        camera = scene.camera
        index = scene.cloud.nearest(camera, camera.x_to_pixel(x), camera.y_to_pixel(y), math.inf)
        if index >= 0:
            self._select(index)

    def _nudge(self, across: int, up: int, step: float) -> None:
        x, y = self._canvas.scene.handles.z
        self._move(Drag.Z, x + across * step, y + up * step, finished=True)

    def _pan_by_key(self, across: int, up: int) -> None:
        view = self._canvas.viewport()
        step = _KEY_PAN * min(view.x_max - view.x_min, view.y_max - view.y_min)
        self._view(panned(view, across * step, up * step), finished=True)

    def _pan(self, at: QPointF, *, finished: bool) -> None:
        scale = self._canvas.scene.camera.scale
        shift = at - self._last
        self._last = at
        self._view(panned(self._canvas.viewport(), -shift.x() / scale, shift.y() / scale), finished)

    def _zoom(self, factor: float, at: QPointF, *, finished: bool) -> None:
        x, y = self._canvas.scene.camera.to_latent(at.x(), at.y())
        self._view(zoomed(self._canvas.viewport(), factor, x, y), finished)

    def _view(self, viewport: Viewport, finished: bool) -> None:
        self._canvas.set_viewport(viewport)
        self._say_view(finished)

    def _say_view(self, finished: bool) -> None:
        if finished:
            self._rest.stop()
        view = self._canvas.viewport()
        self.viewportChanged.emit(view.x_min, view.x_max, view.y_min, view.y_max, finished)

    def _wheel_rested(self) -> None:
        self._say_view(finished=True)

    def _point_at(self, at: QPointF) -> None:
        on_plane = self._on_plane(at)
        handle = self._handle(at) if on_plane else 0
        self._hover(self._point(at, HOVER_PIXELS) if on_plane and not handle else -1)
        if self._space:
            return
        if handle:
            self._canvas.setCursor(Qt.CursorShape.SizeAllCursor)
        elif on_plane:
            self._canvas.setCursor(Qt.CursorShape.CrossCursor)
        else:
            self._canvas.unsetCursor()

    def _hover(self, index: int) -> None:
        known = self._canvas.scene.hovered
        if index != (-1 if known is None else known):
            self._canvas.set_hovered(index if index >= 0 else None)
            self.pointHovered.emit(index)

    def _handle(self, at: QPointF) -> int:
        scene = self._canvas.scene
        return scene.handles.under(scene.camera, at.x(), at.y(), scene.style.scale)

    def _point(self, at: QPointF, within: float) -> int:
        scene = self._canvas.scene
        return scene.cloud.nearest(scene.camera, at.x(), at.y(), within * scene.style.scale)

    def _on_plane(self, at: QPointF) -> bool:
        return QRectF(self._canvas.scene.areas.plane).contains(at)

    def _middle(self) -> QPointF:
        return QRectF(self._canvas.scene.areas.plane).center()
