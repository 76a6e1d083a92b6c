"""The line that the user draws around points to choose them."""

from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from latentlab.app.chosen import Gather
from latentlab.app.state import Point
from latentlab.core.polygon import inside
from latentlab.ui.plane.areas import Style, colour, pen
from latentlab.ui.plane.camera import Camera
from latentlab.ui.plane.cloud import Cloud, Ints

_APART = 2.0  # pixels, at least, between two corners


@dataclass(slots=True)
class Lasso:
    """`on`: whether a plain drag draws one. `corners` of the one being drawn, in latent units:
    where the view moves under the pointer, it stays on the points.
    """

    on: bool = False
    corners: list[Point] = field(default_factory=list)
    how: Gather = "replace"

    def begin(self, at: Point, how: Gather) -> None:
        """Draw from here."""
        self.corners, self.how = [at], how

    def extend(self, at: Point, camera: Camera) -> None:
        """Draw on to here."""
        x, y = self.corners[-1]
        if max(abs(at[0] - x), abs(at[1] - y)) * camera.scale >= _APART:
            self.corners.append(at)

    def take(self, cloud: Cloud, isolated: int | None) -> Ints:
        """Indices of the points inside, of class `isolated` where one is shown alone; it is over.

        Points are taken where they are now, however far they have come since the line began.
        """
        caught = inside(cloud.mu, np.array(self.corners))
        if isolated is not None:
            caught &= cloud.labels == isolated
        self.corners = []
        return np.flatnonzero(caught).astype(np.int64)

    def paint(self, painter: QPainter, camera: Camera, style: Style) -> None:
        """The line, closed, over everything."""
        if len(self.corners) < 2:
            return
        x, y = np.array(self.corners).T
        outline = QPolygonF(
            [
                QPointF(across, down)
                for across, down in zip(
                    camera.x_to_pixel(x).tolist(), camera.y_to_pixel(y).tolist(), strict=True
                )
            ]
        )
        ink = style.theme.warning if self.how == "remove" else style.theme.accent
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen(style.theme.plane, 4.5 * style.scale, 0.8))
        painter.drawPolygon(outline)
        painter.setBrush(colour(ink, 0.12))
        painter.setPen(pen(ink, 2 * style.scale))
        painter.drawPolygon(outline, Qt.FillRule.OddEvenFill)


def how_to_gather(modifiers: Qt.KeyboardModifier) -> Gather:
    """With Shift more are chosen, with Alt fewer."""
    if modifiers & Qt.KeyboardModifier.AltModifier:
        return "remove"
    return "add" if modifiers & Qt.KeyboardModifier.ShiftModifier else "replace"
