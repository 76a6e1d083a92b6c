"""The posterior of an image that the user drew, on the plane."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPolygonF

from latentlab.app.state import Point
from latentlab.ui.plane.areas import Style, boxed_text, colour, pen
from latentlab.ui.plane.camera import Camera
from latentlab.ui.plane.ovals import draw_ellipse

_HALF = 7.0  # of the diamond, in pixels at text scale 1
_FAR = 30_000.0  # pixels
WORDS = "your drawing"


@dataclass(frozen=True, slots=True)
class DrawnMark:
    """q(z|x) of the drawing on the plane, in latent units: its mean, the σ of both coordinates, and
    their correlation.
    """

    mu: Point
    sigma: Point
    correlation: float = 0.0

    def paint(
        self, painter: QPainter, camera: Camera, style: Style, *, magnification: float
    ) -> None:
        """A diamond at mu with its name, and the ellipse of so many σ; over the points."""
        at = QPointF(camera.x_to_pixel(self.mu[0]), camera.y_to_pixel(self.mu[1]))
        # Not a number where the mean is not: that compares false too.
        if not max(abs(at.x()), abs(at.y())) < _FAR:
            return
        theme, half = style.theme, _HALF * style.scale
        wide, high = (camera.scale * magnification * sigma for sigma in self.sigma)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if max(wide, high) < _FAR:
            for ink, width in ((theme.plane, 4.0), (theme.accent, 2.0)):
                painter.setPen(pen(ink, width * style.scale))
                draw_ellipse(painter, at, wide, high, self.correlation)
        corners = [(0.0, -half), (half, 0.0), (0.0, half), (-half, 0.0)]
        painter.setPen(pen(theme.plane, 2 * style.scale))
        painter.setBrush(colour(theme.accent))
        painter.drawPolygon(QPolygonF([at + QPointF(x, y) for x, y in corners]))
        place = at + QPointF(1.6 * half, -1.2 * half)
        width = QFontMetricsF(style.bold).horizontalAdvance(WORDS)
        if place.x() + width > camera.left + camera.width > at.x():
            place.setX(at.x() - 1.6 * half - width)
        ground = colour(theme.plane, 0.85)
        boxed_text(painter, WORDS, place, style.bold, ink=colour(theme.accent), ground=ground)
