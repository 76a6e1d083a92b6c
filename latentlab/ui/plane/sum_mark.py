"""Where label arithmetic leads from z, on the plane."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF
from PySide6.QtGui import QFontMetricsF, QPainter, QPolygonF

from latentlab.app.state import Point
from latentlab.ui.plane.areas import Style, boxed_text, colour, pen
from latentlab.ui.plane.camera import Camera

_HEAD = 11.0  # of the arrow, in pixels at text scale 1
_NARROW = 0.42  # half the head's width for its length
_EDGE = 58.0  # pixels at the top and the bottom of the plane, where notes stand
_FAR = 30_000.0  # pixels


@dataclass(frozen=True, slots=True)
class SumMark:
    """step: t·(A − B) in latent units, as the plane shows it. words: what is written at its end."""

    step: Point
    words: str

    def paint(self, painter: QPainter, z: Point, camera: Camera, style: Style) -> None:
        """An arrow from z, with its words at the end."""
        ends = (z, (z[0] + self.step[0], z[1] + self.step[1]))
        start, end = (QPointF(camera.x_to_pixel(x), camera.y_to_pixel(y)) for x, y in ends)
        # Not a number compares false.
        if not max(abs(v) for at in (start, end) for v in (at.x(), at.y())) < _FAR:
            return
        theme, step = style.theme, end - start
        length, head = math.hypot(step.x(), step.y()), _HEAD * style.scale
        if length < 1:
            return
        along = step / length
        across = QPointF(-along.y(), along.x()) * (_NARROW * head)
        base = end - along * min(head, length)
        for ink, width in ((theme.plane, 5.0), (theme.accent, 2.4)):
            painter.setPen(pen(ink, width * style.scale))
            painter.drawLine(start, base)
        painter.setPen(pen(theme.plane, 1.5 * style.scale))
        painter.setBrush(colour(theme.accent))
        painter.drawPolygon(QPolygonF([end, base + across, base - across]))
        place = end + QPointF(0.9 * head, 1.6 * head if step.y() > 0 else -0.7 * head)
        boxed_text(
            painter,
            self.words,
            self._in_view(place, camera, style),
            style.bold,
            ink=colour(theme.accent),
            ground=colour(theme.plane, 0.85),
        )

    def _in_view(self, place: QPointF, camera: Camera, style: Style) -> QPointF:
        """Where the words begin: not beyond the plane's edges, nor on what stands along those."""
        side, edge = 10 * style.scale, _EDGE * style.scale
        right = camera.left + camera.width - QFontMetricsF(style.bold).horizontalAdvance(self.words)
        x = max(min(place.x(), right - side), camera.left + side)
        y = min(max(place.y(), camera.top + edge), camera.top + camera.height - edge)
        return QPointF(x, y)
