"""What mouse, wheel, touchpad and keys do on the plane."""

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QNativeGestureEvent, QWheelEvent

from latentlab.ui.plane.actions import Actions, Drag
from latentlab.ui.plane.camera import panned
from latentlab.ui.plane.canvas import PlaneCanvas
from latentlab.ui.plane.lasso import how_to_gather

HOVER_PIXELS = 8.0
SELECT_PIXELS = 6.0
DRAG_PIXELS = 4.0
NUDGE = 0.1
FINE_NUDGE = 0.01
_WHEEL_STEP = 1.2  # magnification for one notch, an eighth of a turn times 120
_KEY_STEP = 1.25

_ARROWS: dict[int, tuple[int, int]] = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class Interaction(Actions):
    """Turns events into actions. Its public methods take the widget's events."""

    def __init__(self, canvas: PlaneCanvas) -> None:
        super().__init__(canvas)
        self._drag = Drag.NONE
        self._button = Qt.MouseButton.NoButton
        self._start = QPointF()
        self._last = QPointF()
        self._grip = QPointF()
        self._moved = False
        self._space = False
        self._unfinished: Callable[[], None] | None = None

    # Mouse ---------------------------------------------------------------------------------------

    def press(self, event: QMouseEvent) -> bool:
        """Begin a drag; False for a press beside the plane."""
        at = event.position()
        if self._drag is not Drag.NONE or not self._on_plane(at):
            return False
        self._start = self._last = at
        self._moved = False
        self._button = event.button()
        pans = event.button() in (Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton)
        if pans or self._space:
            self._drag = Drag.PAN
            self._canvas.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif event.button() == Qt.MouseButton.LeftButton and self._chooses(event):
            self._drag = Drag.LASSO
            self._hover(-1)
            self._begin_lasso(at, how_to_gather(event.modifiers()))
        elif event.button() == Qt.MouseButton.LeftButton:
            handle = self._handle(at)
            self._drag = {0: Drag.Z, 1: Drag.Z1, 2: Drag.Z2}[handle]
            self._hover(-1)
            # A handle is taken where it is; only the cross-hair jumps to the pointer.
            self._grip = self._handle_centre(handle) - at if handle else QPointF()
            if self._drag is Drag.Z:
                self._move_to(at, finished=False)
        return self._drag is not Drag.NONE

    def move(self, event: QMouseEvent) -> None:
        """Drag, or hover."""
        at = event.position()
        if self._drag is Drag.NONE:
            self._point_at(at)
            return
        if self._drag is Drag.LASSO:
            self._extend_lasso(at)
        if not self._moved and (at - self._start).manhattanLength() < DRAG_PIXELS:
            # The first pixels of a handle or a pan may be a click; a cross-hair follows them.
            if self._drag is Drag.Z:
                self._move_to(at, finished=False)
            return
        self._moved = True
        if self._drag is Drag.PAN:
            self._pan(at, finished=False)
        elif self._drag is not Drag.LASSO:
            self._move_to(at, finished=False)

    def release(self, event: QMouseEvent) -> None:
        """End a drag. A click on a point selects it, and z goes to its mean."""
        if event.button() != self._button:
            return
        drag, moved, at = self._drag, self._moved, event.position()
        self._drag = Drag.NONE
        if drag is Drag.PAN:
            self._canvas.unsetCursor()
            if moved:
                self._pan(at, finished=True)
        elif drag is Drag.LASSO:
            self._end_lasso(at)
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

    def cancel_lasso(self) -> bool:
        """Drop the lasso that is being drawn; False if there is none."""
        if self._drag is not Drag.LASSO:
            return False
        self._drag = Drag.NONE
        self._drop_lasso()
        return True

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
        """Nudge z, pan, zoom, reset; False for any other key.

        What a held key repeats is one movement, finished when the key is let go of.
        """
        finished = not event.isAutoRepeat()
        key, modifiers = event.key(), event.modifiers()
        control = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        if (direction := _ARROWS.get(key)) is not None:
            if control:
                self._pan_by_key(*direction, finished=finished)
            else:
                fine = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
                self._nudge(*direction, FINE_NUDGE if fine else NUDGE, finished=finished)
            self._unfinished = None if finished else (self._rested if control else self._say_z)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal) and not control:
            self._zoom(_KEY_STEP, self._middle(), finished=finished)
            self._unfinished = None if finished else self._rested
        elif key in (Qt.Key.Key_Minus, Qt.Key.Key_Underscore) and not control:
            self._zoom(1 / _KEY_STEP, self._middle(), finished=finished)
            self._unfinished = None if finished else self._rested
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
        """The end of a key held down; False for a repeat, or a key that did nothing by it."""
        if event.isAutoRepeat():
            return False
        held = self._unfinished is not None
        self._finish_held()
        if event.key() == Qt.Key.Key_Space:
            self._let_go_of_space()
            return True
        return held

    def let_go_of_keys(self) -> None:
        """Keys are up, or their release will not be seen."""
        self._finish_held()
        self._let_go_of_space()

    def _finish_held(self) -> None:
        finish, self._unfinished = self._unfinished, None
        if finish is not None:
            finish()

    def _let_go_of_space(self) -> None:
        if self._space:
            self._space = False
            self._canvas.unsetCursor()

    # Steps ---------------------------------------------------------------------------------------

    def _move_to(self, at: QPointF, *, finished: bool) -> None:
        x, y = self._canvas.scene.camera.to_latent((at + self._grip).x(), (at + self._grip).y())
        self._move(self._drag, x, y, finished)

    def _chooses(self, event: QMouseEvent) -> bool:
        """Whether a drag chooses points: with Ctrl, or as the lasso was taken up."""
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        return not self._canvas.bare and (control or self._canvas.scene.lasso.on)

    def _end_lasso(self, at: QPointF) -> None:
        """A click adds a point or takes it away; without a modifier it is any other click."""
        how, index = self._canvas.scene.lasso.how, self._point(at, SELECT_PIXELS)
        if self._moved:
            self._close_lasso()
            return
        self._drop_lasso()
        if how == "replace":
            self._click(at)
        elif index >= 0:
            self.pointsChosen.emit(np.array([index]), how)

    def _click(self, at: QPointF) -> None:
        index = self._point(at, SELECT_PIXELS)
        if index >= 0:
            self._select(index)
        else:
            x, y = self._canvas.scene.camera.to_latent(at.x(), at.y())
            self._move(Drag.Z, x, y, finished=True)

    def _pan(self, at: QPointF, *, finished: bool) -> None:
        scale = self._canvas.scene.camera.scale
        shift = at - self._last
        self._last = at
        self._view(panned(self._canvas.viewport(), -shift.x() / scale, shift.y() / scale), finished)

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
