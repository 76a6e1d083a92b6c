"""A plane to scale with Gaussians on it, which are dragged by handles."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

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
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from latentlab.app.state import Viewport
from latentlab.core.ellipse import Ellipse
from latentlab.ui.learn.gaussians.shading import Density, shaded
from latentlab.ui.number_text import fixed_tuple, significant_tuple
from latentlab.ui.plane.areas import Style, colour, haloed_text, pen, style
from latentlab.ui.plane.camera import Camera, fitted
from latentlab.ui.plane.ticks import paint_grid, ticks
from latentlab.ui.theme import LIGHT, Theme

Floats = npt.NDArray[np.float64]

_HALF = 5.0  # from 0 to the nearest edge: an ellipse at its bounds is all in view
_RADIUS = 7.0  # of a handle, pixels at text scale 1
_STEM = 13.0  # from the end of an axis to its handle, so that no handle hides another
_STEP, _FINE = 0.1, 0.01  # of the arrow keys
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}


@dataclass(frozen=True, slots=True)
class Shape:
    """An ellipse on the plane. role: a field of the theme; axes: whether they can be dragged.

    side: 1 or −1, on which of its ends an axis has its handle, so that equals stay apart.
    """

    name: str
    ellipse: Ellipse
    role: str
    axes: bool = True
    dashed: bool = False
    side: int = 1


@dataclass(frozen=True, slots=True)
class Shade:
    """A density to be shaded, relative to its highest on the plane."""

    density: Density
    role: str


@dataclass(frozen=True, slots=True)
class Dots:
    """Points (M, 2), or with `joined` the way along them, in a colour of the theme."""

    points: Floats
    role: str
    joined: bool = False


class GaussianPlane(QWidget):
    """Handles: one at a mean moves it, one beyond the end of an axis stretches and turns it.

    By keys: Tab goes from handle to handle, the arrows move the one that is ringed, with Shift in
    small steps. `dragged(name, Ellipse)`: a shape is to be another; its owner shows it.
    """

    dragged = Signal(str, object)

    def __init__(self, name: str, label: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(label)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
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
        self.setAccessibleDescription("; ".join(map(_described, shapes)))
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
        """Larger handles and letters."""
        self._scale = factor
        self.update()

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(360, 360)

    def minimumSizeHint(self) -> QSize:
        """Enough to drag on."""
        return QSize(200, 200)

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
        x, y = self._end(shape, part)
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
        camera, look = self._camera(), style(self._theme, self._scale, self.font())
        if self._picture is None:
            layers = [(shade.density, getattr(self._theme, shade.role)) for shade in self._shades]
            self._picture = shaded(layers, camera.viewport, self.width(), self.height())
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.fillRect(self.rect(), colour(self._theme.plane))
            painter.drawImage(QRectF(self.rect()), self._picture)
            paint_grid(painter, camera, look)
            self._paint_numbers(painter, camera, look)
            for dots in self._dots:
                self._paint_dots(painter, dots, camera)
            for shape in self._shapes:
                self._paint_ellipse(painter, shape, camera)
            chosen = self._chosen if self.hasFocus() else -1
            for number, (shape, part) in enumerate(self._handles()):
                self._paint_handle(painter, shape, part, look, ringed=number == chosen)
            painter.setPen(pen(self._theme.line, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_numbers(self, painter: QPainter, camera: Camera, look: Style) -> None:
        """Along the lower and the left edge, at the lines of the grid."""
        painter.setFont(look.small)
        painter.setPen(colour(self._theme.muted))
        gap, view = 4 * self._scale, camera.viewport
        spacing = 64 * self._scale
        for value, text in ticks(view.x_min, view.x_max, camera.width, spacing):
            x = camera.x_to_pixel(value)
            if x < camera.width - spacing / 2:
                painter.drawText(QPointF(x + gap, camera.height - gap), text)
        for value, text in ticks(view.y_min, view.y_max, camera.height, spacing):
            y = camera.y_to_pixel(value)
            if spacing / 2 < y < camera.height - spacing / 2:
                painter.drawText(QPointF(gap, y - gap), text)

    def _paint_dots(self, painter: QPainter, dots: Dots, camera: Camera) -> None:
        x, y = camera.x_to_pixel(dots.points[:, 0]), camera.y_to_pixel(dots.points[:, 1])
        places = [QPointF(*at) for at in zip(x.tolist(), y.tolist(), strict=True)]
        ink: str = getattr(self._theme, dots.role)
        if dots.joined:
            painter.setPen(pen(ink, 1.6 * self._scale, 0.8))
            painter.drawPolyline(places)
        painter.setPen(pen(ink, (4.0 if dots.joined else 2.6) * self._scale, 0.75))
        painter.drawPoints(places)

    def _paint_ellipse(self, painter: QPainter, shape: Shape, camera: Camera) -> None:
        ellipse = shape.ellipse
        painter.save()
        painter.translate(self._place(shape, 0))
        painter.rotate(-math.degrees(ellipse.angle))
        # A σ of a pixel or less is still a line that is seen.
        line = pen(getattr(self._theme, shape.role), 2.2 * self._scale)
        if shape.dashed:
            line.setDashPattern([3.2, 2.4])
        painter.setPen(line)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        first, second = (sigma * camera.scale for sigma in ellipse.sigmas)
        painter.drawEllipse(QPointF(0, 0), first, second)
        painter.restore()

    def _paint_handle(
        self, painter: QPainter, shape: Shape, part: int, look: Style, *, ringed: bool
    ) -> None:
        at, ink = self._place(shape, part), getattr(self._theme, shape.role)
        radius = (_RADIUS if part == 0 else 0.75 * _RADIUS) * self._scale
        if part:
            painter.setPen(pen(ink, 1.2 * self._scale, 0.8))
            painter.drawLine(self._place(shape, 0), at)
        if ringed:
            painter.setPen(QPen(colour(self._theme.text), 2 * self._scale))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(at, radius + 4 * self._scale, radius + 4 * self._scale)
        painter.setPen(pen(self._theme.plane, 1.5 * self._scale))
        painter.setBrush(colour(ink if part == 0 else self._theme.plane))
        painter.drawEllipse(at, radius, radius)
        if part:
            painter.setPen(pen(ink, 2 * self._scale))
            painter.drawEllipse(at, radius - self._scale, radius - self._scale)
            return
        haloed_text(
            painter,
            shape.name,
            at + QPointF(-1.5 * radius, -1.6 * radius),
            look.bold,
            ink=colour(ink),
            halo=colour(self._theme.plane, 0.85),
            width=4 * self._scale,
        )

    def _camera(self) -> Camera:
        view = fitted(Viewport(-_HALF, _HALF, -_HALF, _HALF), self.width(), self.height())
        return Camera(view, 0, 0, self.width(), self.height())

    def _handles(self) -> list[tuple[Shape, int]]:
        return [(shape, part) for shape in self._shapes for part in range(3 if shape.axes else 1)]

    def _end(self, shape: Shape, part: int) -> tuple[float, float]:
        """The mean, or the end of an axis, on the plane."""
        x, y = shape.ellipse.mean
        if part == 0:
            return x, y
        dx, dy = shape.ellipse.direction(part - 1)
        length = shape.side * shape.ellipse.sigmas[part - 1]
        return x + length * dx, y + length * dy

    def _place(self, shape: Shape, part: int) -> QPointF:
        """Where the handle is, in pixels."""
        camera = self._camera()
        x, y = self._end(shape, part)
        at = QPointF(camera.x_to_pixel(x), camera.y_to_pixel(y))
        if part == 0:
            return at
        dx, dy = shape.ellipse.direction(part - 1)
        stem = shape.side * _STEM * self._scale
        return QPointF(at.x() + stem * dx, at.y() - stem * dy)

    def _under(self, position: QPointF) -> int | None:
        """The handle at a pixel position; of several the nearest, the chosen one before others."""
        distances = [
            math.hypot(away.x(), away.y()) - (0.5 if number == self._chosen else 0.0)
            for number, handle in enumerate(self._handles())
            for away in (self._place(*handle) - position,)
        ]
        if not distances or min(distances) > (_RADIUS + 3) * self._scale:
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
            left = max(length - _STEM * self._scale, 0.01)
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


def shapes_of(p: Ellipse, q: Ellipse) -> tuple[tuple[Shape, ...], tuple[Shade, ...]]:
    """p and q, as all pages show them."""
    shapes = (
        Shape("p", p, "more"),
        Shape("q", q, "less", dashed=True, side=-1),
    )
    return shapes, tuple(Shade(shape.ellipse.gaussian, shape.role) for shape in shapes)


def _described(shape: Shape) -> str:
    ellipse = shape.ellipse
    text = f"{shape.name}: mean {fixed_tuple(ellipse.mean)}"
    if not shape.axes:
        return text
    angle = round(math.degrees(ellipse.angle)) % 180
    return f"{text}, σ {significant_tuple(ellipse.sigmas)}, turned by {angle}°"
