"""Points that have a letter: the images through whose means the plane was laid."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter

from latentlab.ui.plane.areas import Style, colour, haloed_text, pen
from latentlab.ui.plane.camera import Camera
from latentlab.ui.plane.cloud import Cloud

_HALF = 8.0  # of the square around a point, in pixels at text scale 1
_FAR = 30_000.0  # pixels


def paint_marked(
    painter: QPainter, cloud: Cloud, indices: tuple[int, ...], camera: Camera, style: Style
) -> None:
    """A square around each of these points, with A, B or C beside it, where they are the images
    that can be picked.
    """
    if not cloud.pickable:
        return
    half = _HALF * style.scale
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for letter, index in zip("ABC", indices, strict=False):
        if index >= len(cloud):
            continue
        x, y = cloud.mu[index].tolist()
        at = QPointF(camera.x_to_pixel(x), camera.y_to_pixel(y))
        # Not a number where the mean is not: that compares false too.
        if not max(abs(at.x()), abs(at.y())) < _FAR:
            continue
        for ink, width in ((style.theme.plane, 4.0), (style.theme.text, 2.0)):
            painter.setPen(pen(ink, width * style.scale))
            painter.drawRect(round(at.x() - half), round(at.y() - half), *(2 * [round(2 * half)]))
        haloed_text(
            painter,
            letter,
            at + QPointF(1.5 * half, 1.9 * half),
            style.bold,
            ink=colour(style.theme.text),
            halo=colour(style.theme.plane, 0.9),
            width=4 * style.scale,
        )
