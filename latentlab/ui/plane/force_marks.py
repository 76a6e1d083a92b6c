"""Arrows, and rings with bands around them: the shapes that forces are drawn with."""

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPolygonF

from latentlab.ui.plane.areas import Style, colour, pen
from latentlab.ui.plane.ovals import turned

Floats = npt.NDArray[np.float64]

_HEAD = 8.0  # pixels, at text scale 1, like all lengths here
_SHORTEST = 1.5  # what is shorter is no arrow
_BED = 2.4
_THINNEST, _THICKEST = -0.85, 0.85


def paint_arrows(
    painter: QPainter,
    tails: Floats,
    steps: Floats,
    style: Style,
    name: str,
    *,
    longest: float,
    width: float,
) -> None:
    """Arrows from `tails` (n, 2) by `steps` (n, 2), in pixels, in the colour `name`.

    One longer than `longest` is cut there and has two heads. All lie on a bed of the ground's
    colour. width: of their shafts, in pixels.
    """
    length = np.hypot(steps[:, 0], steps[:, 1])
    drawn = length > _SHORTEST * style.scale
    tails, steps, length = tails[drawn], steps[drawn], length[drawn]
    cut = length > longest
    along = steps / length[:, None]
    length = np.minimum(length, longest)
    # A short arrow is nearly all head.
    head = np.minimum(_HEAD * style.scale + width, 0.8 * length)
    tips = tails + along * length[:, None]
    necks = tips - along * (0.9 * head)[:, None]
    shafts = [QLineF(*a, *b) for a, b in zip(tails.tolist(), necks.tolist(), strict=True)]
    heads = _heads(tips, along, head) + _heads(necks[cut], along[cut], head[cut])
    for ink, rim in ((style.theme.plane, _BED * style.scale), (name, 0.0)):
        line = pen(ink, width + rim)
        line.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(line)
        painter.drawLines(shafts)
        painter.setPen(pen(ink, rim) if rim else Qt.PenStyle.NoPen)
        painter.setBrush(colour(ink))
        for triangle in heads:
            painter.drawPolygon(triangle)


def _heads(tips: Floats, along: Floats, length: Floats) -> list[QPolygonF]:
    across = np.stack([-along[:, 1], along[:, 0]], axis=1) * (0.4 * length)[:, None]
    back = tips - along * length[:, None]
    corners = np.stack([tips, back + across, back - across], axis=1)
    return [QPolygonF([QPointF(x, y) for x, y in corner]) for corner in corners.tolist()]


def paint_ellipses(
    painter: QPainter,
    centres: Floats,
    radii: Floats,
    line: QPen,
    *,
    angles: Floats | None = None,
) -> None:
    """Outlines: radii (n, 2) along each axis, the first at `angles` (n,) from the plane's."""
    painter.setPen(line)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for outline in _outlines(centres, radii, angles):
        painter.drawPath(outline)


def paint_bands(
    painter: QPainter,
    centres: Floats,
    radii: Floats,
    further: Floats,
    name: str,
    *,
    angles: Floats | None = None,
) -> None:
    """Bands between the ellipses of `radii` and those of `further`, both (n, 2)."""
    ink = colour(name, 0.75)
    for near, far in zip(
        _outlines(centres, radii, angles), _outlines(centres, further, angles), strict=True
    ):
        near.addPath(far)
        painter.fillPath(near, ink)


def _outlines(centres: Floats, radii: Floats, angles: Floats | None) -> list[QPainterPath]:
    turns = np.zeros(len(radii)) if angles is None else angles
    return [
        turned(QPointF(x, y), long, short, angle)
        for (x, y), (long, short), angle in zip(
            centres.tolist(), radii.tolist(), turns.tolist(), strict=True
        )
    ]


def moved(radii: Floats, thickness: Floats, room: float) -> Floats:
    """`radii` and a thickness outwards, or below 0 inwards; by no more than nearly `room`."""
    return radii + np.clip(thickness, _THINNEST * room, _THICKEST * room)
