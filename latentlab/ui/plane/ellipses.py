"""Posteriors as outlined ellipses of one sigma, as soon as they are large enough to be seen."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter

from latentlab.ui.plane.areas import Style, colour, pen
from latentlab.ui.plane.camera import Camera
from latentlab.ui.plane.cloud import Cloud, Floats, pairs
from latentlab.ui.plane.ovals import correlated, draw_ellipse

SMALLEST = 6.0
"""Pixels of the larger σ of a coordinate from which on a point is drawn as an ellipse."""
MOST = 1500
_FEWEST = 40
_MOST_LINE = 90_000.0  # pixels of outline altogether: what a frame has time for and an eye can read
_PASSING = 6  # while points glide or the view moves, this many times fewer
_LOOKED_AT = 20_000  # points of a large cloud from which those are taken
_LARGEST = 20_000.0  # pixels; a half-axis beyond this has no visible curve, and Qt overflows


@dataclass(frozen=True, slots=True)
class Shown:
    """`indices` of the ellipses drawn, of `eligible` in view that are large enough.

    eligible: None where they were not counted.
    """

    indices: npt.NDArray[np.intp]
    eligible: int | None


_NONE = Shown(np.zeros(0, np.intp), 0)


def choose(
    cloud: Cloud,
    camera: Camera,
    magnification: float,
    label: int | None,
    *,
    passing: bool = False,
) -> Shown:
    """Which ellipses to draw: those in view, and a fixed sample of them if there are too many.

    magnification: ellipses are drawn at this multiple of sigma. label: of this class alone; and of
    the points that stand out, where not all do.
    passing: for a frame among many, fewer, and of a large cloud without looking at every point.
    """
    factor = camera.scale * magnification
    if cloud.widest * factor < SMALLEST:
        return _NONE
    # The drawing order is shuffled, so its last points are a fair sample, and they lie uppermost.
    counted = not passing or len(cloud) <= _LOOKED_AT
    looked_at = np.arange(len(cloud)) if counted else cloud.order[:-_LOOKED_AT:-1]
    mu, sigma = pairs(cloud.mu, looked_at), pairs(cloud.sigma, looked_at)
    chosen, largest = _in_view(mu, sigma * np.float32(magnification), camera)
    if label is not None:
        chosen &= cloud.labels.take(looked_at) == label
    if cloud.lit is not None:
        chosen &= cloud.lit.take(looked_at)
    indices = cloud.order[chosen.take(cloud.order)][::-1] if counted else looked_at[chosen]
    if not len(indices):
        return _NONE
    line = math.tau * float(np.mean(largest[chosen]))
    most = min(MOST, max(_FEWEST, int(_MOST_LINE / line)))
    if passing:
        most = max(_FEWEST, most // _PASSING)
    return Shown(indices[:most], len(indices) if counted else None)


def _in_view(mu: Floats, half_axes: Floats, camera: Camera) -> tuple[npt.NDArray[np.bool_], Floats]:
    """Which ellipses are in view and large enough, and the larger half-axes in pixels: (N,)."""
    largest = np.maximum(half_axes[:, 0], half_axes[:, 1]) * np.float32(camera.scale)
    view = camera.viewport
    chosen: npt.NDArray[np.bool_] = (largest >= SMALLEST) & (largest < _LARGEST)
    for axis, low, high in ((0, view.x_min, view.x_max), (1, view.y_min, view.y_max)):
        chosen &= mu[:, axis] + half_axes[:, axis] > low
        chosen &= mu[:, axis] - half_axes[:, axis] < high
    return chosen, largest


def paint_ellipses(
    painter: QPainter,
    cloud: Cloud,
    camera: Camera,
    style: Style,
    *,
    magnification: float,
    indices: npt.NDArray[np.intp],
) -> None:
    """Outlines, colour by colour."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    tones = cloud.tones[indices]
    means = cloud.mu[indices].astype(np.float64)
    x, y = camera.x_to_pixel(means[:, 0]), camera.y_to_pixel(means[:, 1])
    half_axes = cloud.sigma[indices] * (camera.scale * magnification)
    tilts = None if cloud.correlation is None else cloud.correlation[indices]
    for tone in sorted(set(tones.tolist())):
        name = class_colour(style, tone)
        # One device pixel and no fill: Qt strokes these nine times as fast as any wider line.
        outline = pen(name, 1, 0.9)
        outline.setCosmetic(True)
        painter.setPen(outline)
        members = tones == tone
        if tilts is not None:
            for at_x, at_y, (rx, ry), tilt in zip(
                x[members].tolist(),
                y[members].tolist(),
                half_axes[members].tolist(),
                tilts[members].tolist(),
                strict=True,
            ):
                painter.drawPath(correlated(QPointF(at_x, at_y), rx, ry, tilt))
            continue
        for at_x, at_y, (rx, ry) in zip(
            x[members].tolist(), y[members].tolist(), half_axes[members].tolist(), strict=True
        ):
            painter.drawEllipse(QPointF(at_x, at_y), rx, ry)


def paint_one(
    painter: QPainter,
    cloud: Cloud,
    camera: Camera,
    style: Style,
    *,
    magnification: float,
    index: int,
    strength: float,
) -> None:
    """One posterior made conspicuous: its ellipse, and a ring around its mean."""
    at = QPointF(
        camera.x_to_pixel(float(cloud.mu[index, 0])), camera.y_to_pixel(float(cloud.mu[index, 1]))
    )
    # Not a number where the mean is not: that compares false too.
    if not max(abs(at.x()), abs(at.y())) < 2 * _LARGEST:
        return
    name = class_colour(style, int(cloud.tones[index]))
    rx, ry = (cloud.sigma[index] * (camera.scale * magnification)).tolist()
    if max(rx, ry) < _LARGEST:
        painter.setPen(pen(style.theme.plane, (1.5 + 2 * strength) * style.scale + 1.5, 0.8))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        draw_ellipse(painter, at, rx, ry, cloud.tilt(index))
        painter.setPen(pen(name, (1 + strength) * style.scale))
        painter.setBrush(colour(name, 0.18 * strength))
        draw_ellipse(painter, at, rx, ry, cloud.tilt(index))
    radius = 7 * style.scale
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen(style.theme.plane, (2 + 2 * strength) * style.scale, 0.8))
    painter.drawEllipse(at, radius, radius)
    painter.setPen(pen(style.theme.text, (1 + strength) * style.scale, 0.5 + 0.5 * strength))
    painter.drawEllipse(at, radius, radius)


def class_colour(style: Style, label: int) -> str:
    """The colour of a class; of no class where label is negative."""
    return style.theme.class_colour(label) if label >= 0 else style.theme.muted
