"""The true posterior where z has one dimension, and what the user does there."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QWidget

from latentlab.app.infer_view import Inferred, Normal
from latentlab.app.state import Viewport
from latentlab.ui.infer.line_picture import LinePicture
from latentlab.ui.infer.posterior_widget import PosteriorWidget
from latentlab.ui.plane.areas import colour, style
from latentlab.ui.plane.camera import Camera
from latentlab.ui.plane.ticks import paint_axes
from latentlab.ui.theme import LIGHT, Theme

_MARGINS = (18, 20, 18, 36)  # left, top, right, bottom
_NAMES = ("z₁", "")
_TIP = (
    "The true posterior p(z|x), filled, over the line. Solid: q(z|x). Dashed: the best Gaussian. "
    "Grey: the prior. All are densities, to one scale.<br>"
    "Click a numbered mode, or anywhere, to decode there."
)


class PosteriorLine(PosteriorWidget):
    """Shows what it is told, over the part of the line where the mass and q are. y of z is 0."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, _MARGINS)
        self.setObjectName("posteriorLine")
        self.setAccessibleName("True posterior over a line")
        self.setAccessibleDescription(
            "Left and right arrow: the image before and after. Digits choose a mode."
        )
        self.setToolTip(_TIP)
        self._picture = LinePicture(
            style(LIGHT, 1.0, QApplication.font()), self._camera(Viewport())
        )
        self._dragged = False

    @property
    def picture(self) -> LinePicture:
        """What is painted."""
        return self._picture

    def show_inferred(self, inferred: Inferred | None) -> None:
        """Show this posterior, or nothing."""
        picture = self._picture
        picture.inferred = inferred
        picture.q = inferred.q if inferred else None
        self._look()

    def show_q(self, q: Normal) -> None:
        """Move q's curve."""
        self._picture.q = q
        self.update()

    def set_z(self, z: float) -> None:
        """Move the mark of z."""
        self._picture.z = z
        self.update()

    def set_chosen(self, number: int | None) -> None:
        """Mark this mode."""
        self._picture.chosen = number
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Light or dark."""
        self._theme = theme
        self._look()

    def set_text_scale(self, factor: float) -> None:
        """For presentation mode."""
        self._text_scale = factor
        self._look()

    # --- events ----------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The picture, and the axis below it."""
        plane, picture = self._areas.plane, self._picture
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), colour(self._theme.panel))
            painter.setClipRect(plane)
            picture.paint(painter)
            self.paint_focus(painter, plane, self._theme.accent)
            painter.setClipping(False)
            paint_axes(painter, self._areas, picture.camera, picture.style, _NAMES)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the same part of the line."""
        super().resizeEvent(event)
        self._look()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Decode here, or choose a mode."""
        at = event.position()
        if event.button() != Qt.MouseButton.LeftButton or not self._areas.plane.contains(
            at.toPoint()
        ):
            return
        number = self._picture.mode_at(at.x(), at.y())
        if number is not None:
            self.modeChosen.emit(number)
        else:
            self._dragged = True
            self._move_z(at, finished=False)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag z."""
        if self._dragged:
            self._move_z(event.position(), finished=False)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The end of a drag."""
        if self._dragged:
            self._move_z(event.position(), finished=True)
        self._dragged = False

    # --- inside ----------------------------------------------------------------------------------

    def _move_z(self, at: QPointF, *, finished: bool) -> None:
        x, _ = self._picture.camera.to_latent(at.x(), at.y())
        self.set_z(x)
        self.zMoved.emit(x, 0.0, finished)

    def _look(self) -> None:
        self._areas = self._laid_out()
        inferred = self._picture.inferred
        self._picture.camera = self._camera(inferred.area if inferred else Viewport())
        self._picture.style = style(self._theme, self._text_scale, QApplication.font())
        self.update()

    def _camera(self, area: Viewport) -> Camera:
        plane = self._areas.plane
        return Camera(area, plane.x(), plane.y(), plane.width(), plane.height())
