"""A plane to scale with Gaussians on it, which are dragged by handles."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from latentlab.app.state import Viewport
from latentlab.ui.learn.chart import lettering
from latentlab.ui.learn.gaussians.marks import (
    RADIUS,
    STEM,
    end_of,
    paint_dots,
    paint_ellipse,
    paint_grid,
    paint_handle,
    place_of,
)
from latentlab.ui.learn.gaussians.shading import shaded
from latentlab.ui.learn.gaussians.shapes import Dots, Shade, Shape, described
from latentlab.ui.plane.areas import colour, pen
from latentlab.ui.plane.camera import Camera, fitted
from latentlab.ui.theme import LIGHT, Theme

Floats = npt.NDArray[np.float64]

_HALF = 5.0  # from 0 to the nearest edge: an ellipse at its bounds is all in view
_STEP, _FINE = 0.1, 0.01  # of the arrow keys
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


class GaussianPlane(QWidget):
    """Handles: one at a mean moves it, one beyond the end of an axis stretches and turns it.

    By keys: Tab goes from handle to handle, the arrows move the one that is ringed, with Shift in
    small steps. `dragged(name, Ellipse)`: a shape is to be another; its owner shows it.
    """

    dragged = Signal(str, object)

    def __init__(self, name: str, label: str, parent: QWidget, *, square: bool = False) -> None:
        """square: as high as it is wide, where its layout lets it."""
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(label)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        policy.setHeightForWidth(square)
        self.setSizePolicy(policy)
        self._theme: Theme = LIGHT
        self._scale = 1.0
        self._shapes: tuple[Shape, ...] = ()
        self._shades: tuple[Shade, ...] = ()
        self._dots: tuple[Dots, ...] = ()
        self._picture: QImage | None = None
        self._chosen = 0
        self._grip: QPointF | None = None  # from the mouse to the handle it holds

    def show_shapes(self, shapes: Sequence[Shape], shades: Sequence[Shade]) -> None:
        """Show these, and what is shaded under them."""
        self._shapes, self._shades = tuple(shapes), tuple(shades)
        self._picture = None
        self.setAccessibleDescription("; ".join(map(described, shapes)))
        self.update()

    def show_dots(self, dots: Sequence[Dots]) -> None:
        """Show these over the shading and under the ellipses."""
        self._dots = tuple(dots)
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take these colours."""
        self._theme, self._picture = theme, None
        self.update()

    def set_text_scale(self, factor: float) -> None:
        """Larger handles. In a lecture a drag leaves the arrows to the pages."""
        self._scale = factor
        policy = Qt.FocusPolicy.TabFocus if factor > 1 else Qt.FocusPolicy.StrongFocus
        self.setFocusPolicy(policy)
        self.update()

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(360, 360)

    def minimumSizeHint(self) -> QSize:
        """Enough to drag on."""
        return QSize(200, 200)

    def heightForWidth(self, width: int) -> int:
        """Of a square one."""
        return width if self.sizePolicy().hasHeightForWidth() else -1

    def handle_at(self, name: str, part: int) -> QPointF:
        """In pixels: part 0 of the shape `name` is its mean, 1 and 2 are its axes."""
        shape = next(shape for shape in self._shapes if shape.name == name)
        return self._place(shape, part)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The shading has another size."""
        super().resizeEvent(event)
        self._picture = None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the handle under the mouse."""
        under = self._under(event.position())
        if event.button() != Qt.MouseButton.LeftButton or under is None:
            super().mousePressEvent(event)
            return
        self._chosen = under
        self._grip = self._place(*self._handles()[under]) - event.position()
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag what is held."""
        if self._grip is not None:
            self._drag_to(event.position() + self._grip)
        else:
            self._show_cursor(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._grip = None
            self._show_cursor(event.position())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrows move the chosen handle."""
        arrow = _ARROWS.get(Qt.Key(event.key()))
        if arrow is None or not self._handles():
            super().keyPressEvent(event)
            return
        step = _FINE if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else _STEP
        shape, part = self._handles()[self._chosen]
        x, y = end_of(shape, part)
        self._move(shape, part, x + step * arrow[0], y + step * arrow[1])

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Coming by Tab, begin with the first handle, or with the last."""
        super().focusInEvent(event)
        if event.reason() == Qt.FocusReason.TabFocusReason:
            self._chosen = 0
        elif event.reason() == Qt.FocusReason.BacktabFocusReason:
            self._chosen = max(len(self._handles()) - 1, 0)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """No ring."""
        super().focusOutEvent(event)
        self._grip = None
        self.update()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes to the next handle, and past the last one away."""
        chosen = self._chosen + (1 if forward else -1)
        if self.hasFocus() and 0 <= chosen < len(self._handles()):
            self._chosen = chosen
            self.update()
            return True
        return bool(super().focusNextPrevChild(forward))

    def event(self, event: QEvent) -> bool:
        """Keep the arrows from shortcuts while a handle can be moved."""
        if event.type() == QEvent.Type.ShortcutOverride:
            assert isinstance(event, QKeyEvent)
            if Qt.Key(event.key()) in _ARROWS and not (
                event.modifiers() & Qt.KeyboardModifier.AltModifier
            ):
                event.accept()
                return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Grid, shading, dots, ellipses, handles."""
        camera, look = self._camera(), lettering(self._theme, self._scale, self.font())
        if self._picture is None:
            layers = [(shade.density, getattr(self._theme, shade.role)) for shade in self._shades]
            self._picture = shaded(layers, camera.viewport, self.width(), self.height())
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.fillRect(self.rect(), colour(self._theme.plane))
            painter.drawImage(QRectF(self.rect()), self._picture)
            paint_grid(painter, camera, look)
            for dots in self._dots:
                paint_dots(painter, dots, camera, look)
            for shape in self._shapes:
                paint_ellipse(painter, shape, camera, look)
            chosen = self._chosen if self.hasFocus() else -1
            for number, (shape, part) in enumerate(self._handles()):
                paint_handle(painter, shape, part, camera, look, ringed=number == chosen)
            painter.setPen(pen(self._theme.line, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def _camera(self) -> Camera:
        view = fitted(Viewport(-_HALF, _HALF, -_HALF, _HALF), self.width(), self.height())
        return Camera(view, 0, 0, self.width(), self.height())

    def _handles(self) -> list[tuple[Shape, int]]:
        return [(shape, part) for shape in self._shapes for part in range(3 if shape.axes else 1)]

    def _place(self, shape: Shape, part: int) -> QPointF:
        return place_of(shape, part, self._camera(), self._scale)

    def _under(self, position: QPointF) -> int | None:
        """The handle at a pixel position; of several the nearest, the chosen one before others."""
        distances = [
            math.hypot(away.x(), away.y()) - (0.5 if number == self._chosen else 0.0)
            for number, handle in enumerate(self._handles())
            for away in (self._place(*handle) - position,)
        ]
        if not distances or min(distances) > (RADIUS + 3) * self._scale:
            return None
        return distances.index(min(distances))

    def _show_cursor(self, position: QPointF) -> None:
        over = self._under(position) is not None
        self.setCursor(Qt.CursorShape.SizeAllCursor if over else Qt.CursorShape.ArrowCursor)

    def _drag_to(self, position: QPointF) -> None:
        """The chosen handle goes to a pixel position."""
        shape, part = self._handles()[self._chosen]
        camera = self._camera()
        if part:
            # Less the stem: what is dragged is the end of the axis.
            away = position - self._place(shape, 0)
            length = math.hypot(away.x(), away.y())
            left = max(length - STEM * self._scale, 0.01)
            if length > 0:
                position = self._place(shape, 0) + away * (left / length)
        self._move(shape, part, *camera.to_latent(position.x(), position.y()))

    def _move(self, shape: Shape, part: int, x: float, y: float) -> None:
        ellipse = shape.ellipse
        if part == 0:
            moved = ellipse.centred(x, y)
        else:
            dx, dy = x - ellipse.mean[0], y - ellipse.mean[1]
            moved = ellipse.stretched(part - 1, shape.side * dx, shape.side * dy)
        if moved != ellipse:
            self.dragged.emit(shape.name, moved)
