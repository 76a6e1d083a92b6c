"""The plane of the true posterior: its heat map, q over it, and what the user does there."""

from PySide6.QtCore import QPointF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QWidget

from latentlab.app.infer_view import Field, Inferred, Normal
from latentlab.app.state import Point, Viewport
from latentlab.core.section import Section
from latentlab.ui.infer.picture import Picture
from latentlab.ui.infer.posterior_widget import PosteriorWidget
from latentlab.ui.plane.areas import colour, style
from latentlab.ui.plane.camera import Camera, fitted, panned, zoomed
from latentlab.ui.plane.ticks import paint_axes
from latentlab.ui.theme import LIGHT, Theme

_MARGINS = (46, 20, 10, 36)  # left, top, right, bottom
_WHEEL, _KEY = 1.2, 1.25
_REST_MILLISECONDS = 200
_PANS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, 1),
    Qt.Key.Key_Down: (0, -1),
}
_TIP = (
    "The true posterior p(z|x), shaded by the root of its density: lines bound the regions of the "
    "highest density that hold 39, 86 and 99 % of it.<br>Solid: q(z|x) at 1, 2 and 3σ, which hold "
    "as much of it. Dashed: the best diagonal Gaussian. Dotted: the best of any "
    "covariance, at 2σ. Grey: the prior at 1, 2 and 3σ.<br>"
    "Click a numbered mode, or anywhere, to decode there."
)

_ON_SLICE = (
    "A slice: p(z|x) and q(z|x) given that z is on this plane, its other coordinates at μ.<br>"
)


class PosteriorPlane(PosteriorWidget):
    """Shows what it is told; the view is its own, to scale, and says so when the user moves it.

    - viewMoved: the user has zoomed or panned. rested: that has ended, or the size has changed.
    - fitWanted: to where the mass is.
    """

    viewMoved = Signal()
    rested = Signal()
    fitWanted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, _MARGINS)
        self.setObjectName("posteriorPlane")
        self.setAccessibleName("True posterior")
        self.setAccessibleDescription(
            "Left and right arrow: the image before and after. Digits choose a mode. Ctrl and "
            "arrows pan, plus and minus zoom, Home shows where the mass is."
        )
        self.setToolTip(_TIP)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._section = Section()
        self._wanted = Viewport()
        self._picture = Picture(style(LIGHT, 1.0, QApplication.font()), self._camera())
        self._kept: QPixmap | None = None
        self._pressed: QPointF | None = None
        self._last = QPointF()
        self._pans = False
        self._rest = QTimer(self, singleShot=True, interval=_REST_MILLISECONDS)
        self._rest.timeout.connect(self._come_to_rest)

    # --- what it is told -------------------------------------------------------------------------

    def show_inferred(self, inferred: Inferred | None) -> None:
        """Show this posterior, or nothing."""
        picture = self._picture
        picture.inferred = inferred
        picture.likelihood = inferred.field if inferred else None
        picture.q = inferred.q if inferred else None
        if inferred is None or picture.chosen is None or picture.chosen >= len(inferred.modes):
            picture.chosen = None
        self._changed()

    def show_field(self, shown: Field) -> None:
        """The same posterior, decoded over the view as it is now."""
        self._picture.likelihood = shown
        self._changed()

    def show_q(self, q: Normal) -> None:
        """Move q's ellipse."""
        self._picture.q = q
        self._changed()

    def set_section(self, section: Section) -> None:
        """Say which plane of the latent space this is."""
        if section != self._section:
            self._section = section
            self.setToolTip(_TIP if section.whole else f"{_ON_SLICE}{_TIP}")
            self._changed()

    def set_z(self, z: Point) -> None:
        """Move the cross-hair."""
        self._picture.z = z
        self.update()

    def set_chosen(self, number: int | None) -> None:
        """Mark this mode."""
        self._picture.chosen = number
        self.update()

    def set_view(self, view: Viewport) -> None:
        """Show at least this part of the plane."""
        self._wanted = view
        self._look()

    @property
    def view(self) -> Viewport:
        """What is in view."""
        return self._picture.camera.viewport

    @property
    def picture(self) -> Picture:
        """What is painted."""
        return self._picture

    def set_theme(self, theme: Theme) -> None:
        """Light or dark."""
        self._theme = theme
        self._restyle()

    def set_text_scale(self, factor: float) -> None:
        """For presentation mode."""
        self._text_scale = factor
        self._restyle()

    # --- events ----------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The picture, and the axes around it."""
        plane, ratio = self._areas.plane, self.devicePixelRatioF()
        if self._kept is None or self._kept.devicePixelRatio() != ratio:
            self._kept = self._background(ratio)
        with QPainter(self) as painter:
            painter.drawPixmap(0, 0, self._kept)
            painter.setClipRect(plane)
            self._picture.paint_front(painter)
            self.paint_focus(painter, plane, self._theme.accent)

    def _background(self, ratio: float) -> QPixmap:
        pixmap = QPixmap(self.size() * ratio)
        pixmap.setDevicePixelRatio(ratio)
        with QPainter(pixmap) as painter:
            painter.fillRect(self.rect(), colour(self._theme.panel))
            painter.setClipRect(self._areas.plane)
            self._picture.paint_back(painter)
            painter.setClipping(False)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_axes(
                painter, self._areas, self._picture.camera, self._picture.style, self._section.names
            )
        return pixmap

    def _changed(self) -> None:
        """More than z and what is chosen."""
        self._kept = None
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep what was asked for in view, to scale."""
        super().resizeEvent(event)
        self._look()
        self._rest.start()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Decode here, choose a mode, or begin to pan."""
        at = event.position()
        if not self._areas.plane.contains(at.toPoint()):
            return
        self._pressed = self._last = at
        self._pans = event.button() != Qt.MouseButton.LeftButton
        if self._pans:
            return
        number = self._picture.mode_at(at.x(), at.y())
        if number is not None:
            self._pressed = None
            self.modeChosen.emit(number)
        else:
            self._move_z(at, finished=False)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the cross-hair or the view."""
        at = event.position()
        if self._pressed is None:
            return
        if self._pans:
            scale, shift = self._picture.camera.scale, at - self._last
            self._last = at
            self._move_view(panned(self.view, -shift.x() / scale, shift.y() / scale))
        else:
            self._move_z(at, finished=False)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The end of a drag."""
        if self._pressed is not None and not self._pans:
            self._move_z(event.position(), finished=True)
        self._pressed = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show where the mass is."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.fitWanted.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom where the pointer is."""
        turn, at = event.angleDelta().y(), event.position()
        if turn and self._areas.plane.contains(at.toPoint()):
            self._zoom(_WHEEL ** (turn / 120), at)
            event.accept()
        else:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The view, other images, and modes."""
        key, control = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        middle = QPointF(self._areas.plane.center())
        if key in _PANS and control:
            x, y = _PANS[Qt.Key(key)]
            step = 0.1 * (self.view.x_max - self.view.x_min)
            self._move_view(panned(self.view, x * step, y * step))
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal) and not control:
            self._zoom(_KEY, middle)
        elif key in (Qt.Key.Key_Minus, Qt.Key.Key_Underscore) and not control:
            self._zoom(1 / _KEY, middle)
        elif key == Qt.Key.Key_Home:
            self.fitWanted.emit()
        else:
            super().keyPressEvent(event)

    # --- inside ----------------------------------------------------------------------------------

    def _move_z(self, at: QPointF, *, finished: bool) -> None:
        x, y = self._picture.camera.to_latent(at.x(), at.y())
        self._picture.z = (x, y)
        self.update()
        self.zMoved.emit(x, y, finished)

    def _zoom(self, factor: float, at: QPointF) -> None:
        x, y = self._picture.camera.to_latent(at.x(), at.y())
        self._move_view(zoomed(self.view, factor, x, y))

    def _move_view(self, view: Viewport) -> None:
        self._picture.passing = True
        self.set_view(view)
        self.viewMoved.emit()
        self._rest.start()

    def _come_to_rest(self) -> None:
        self._picture.passing = False
        self._changed()
        self.rested.emit()

    def _look(self) -> None:
        self._areas = self._laid_out()
        self._picture.camera = self._camera()
        self._changed()

    def _camera(self) -> Camera:
        plane = self._areas.plane
        view = fitted(self._wanted, plane.width(), plane.height())
        return Camera(view, plane.x(), plane.y(), plane.width(), plane.height())

    def _restyle(self) -> None:
        self._picture.style = style(self._theme, self._text_scale, QApplication.font())
        self._look()
