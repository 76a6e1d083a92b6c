"""Class names at the medians of their points."""

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetricsF, QPainter

from latentlab.ui.plane.areas import Style, colour, haloed_text
from latentlab.ui.plane.camera import Camera

Boxes = tuple[tuple[float, float], ...]

MOST_NAMES = 40
_LONGEST = 18
# Turned by this again and again, no two directions share a row or a column.
_GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))


def shortened(name: str) -> str:
    """`name`, with an ellipsis where it is too long for a label."""
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def spread(
    centres: npt.NDArray[np.float64], sizes: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Move boxes apart until they hardly overlap: (M, 2) centres for (M, 2) centres and sizes.

    Each pair that overlaps is pushed apart along the shorter way out. Boxes at the very same place
    first step aside, each in its own direction.
    """
    count = len(centres)
    turn = np.arange(count) * _GOLDEN_ANGLE
    moved: npt.NDArray[np.float64] = centres + 0.01 * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    room = (sizes[:, None] + sizes[None, :]) / 2
    for _ in range(60):
        apart = moved[:, None] - moved[None, :]
        overlap = room - np.abs(apart)
        np.einsum("iik->ik", overlap)[:] = 0
        hit: npt.NDArray[np.bool_] = np.all(overlap > 0, axis=2)
        if not hit.any():
            break
        across = overlap[..., 0] < overlap[..., 1]
        push = np.where(np.stack([across, ~across], axis=2), overlap, 0) * np.sign(apart)
        moved += 0.26 * (push * hit[..., None]).sum(axis=1)
    return moved


# While points glide names stand still in most frames, and moving them apart takes milliseconds.
@lru_cache(maxsize=8)
def _placed(centres: Boxes, sizes: Boxes) -> Boxes:
    return tuple((x, y) for x, y in spread(np.array(centres), np.array(sizes)).tolist())


def paint_names(
    painter: QPainter,
    names: tuple[str, ...],
    medians: npt.NDArray[np.float64],
    camera: Camera,
    style: Style,
    *,
    isolated: int | None,
) -> None:
    """Write each name of at most MOST_NAMES over its class's median, where that is in view."""
    metrics = QFontMetricsF(style.bold)
    plane = QRectF(camera.left, camera.top, camera.width, camera.height)
    shown = []
    for index, (x, y) in enumerate(medians[:MOST_NAMES]):
        if np.isfinite(x) and plane.contains(camera.x_to_pixel(x), camera.y_to_pixel(y)):
            shown.append(index)
    if not shown:
        return
    centres = tuple(
        (camera.x_to_pixel(x), camera.y_to_pixel(y)) for x, y in medians[shown].tolist()
    )
    texts = [shortened(names[index]) for index in shown]
    widths = [metrics.horizontalAdvance(text) for text in texts]
    sizes = tuple((width + 4, metrics.capHeight() + 6) for width in widths)
    for index, text, width, (x, y) in zip(
        shown, texts, widths, _placed(centres, sizes), strict=True
    ):
        strength = 1.0 if isolated in (None, index) else 0.25
        haloed_text(
            painter,
            text,
            QPointF(x - width / 2, y + metrics.capHeight() / 2),
            style.bold,
            ink=colour(style.theme.text, strength),
            halo=colour(style.theme.plane, 0.8 * strength),
            width=4.5 * style.scale,
        )
