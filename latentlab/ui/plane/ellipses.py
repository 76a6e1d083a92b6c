"""Posteriors as outlined ellipses of one sigma, as soon as they are large enough to be seen."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter

from latentlab.ui.plane.areas import Style, colour, pen
from latentlab.ui.plane.camera import Camera
from latentlab.ui.plane.cloud import Cloud

SMALLEST = 6.0
"""Pixels of the larger half-axis from which on a point is drawn as an ellipse."""
MOST = 1500
_FEWEST = 40
_MOST_LINE = 90_000.0  # pixels of outline altogether: what a frame has time for and an eye can read
_PASSING = 3  # while points glide, this many times fewer
_LARGEST = 20_000.0  # pixels; a half-axis beyond this has no visible curve, and Qt overflows


@dataclass(frozen=True, slots=True)
class Shown:
    """`indices` of the ellipses drawn, of `eligible` in view that are large enough.

    passing: how many of them, from the first on, are enough for a frame of gliding points.
    """

    indices: npt.NDArray[np.intp]
    eligible: int
    passing: int


def choose(cloud: Cloud, camera: Camera, magnification: float, label: int | None) -> Shown:
    """Which ellipses to draw: those in view, and a fixed sample of them if there are too many.

    magnification: ellipses are drawn at this multiple of sigma. label: of this class alone.
    """
    factor = camera.scale * magnification
    if not len(cloud) or float(cloud.sigma.max()) * factor < SMALLEST:
        return Shown(np.zeros(0, np.intp), 0, 0)
    view = camera.viewport
    reach = cloud.sigma * magnification
    x, y = cloud.mu[:, 0], cloud.mu[:, 1]
    largest = reach.max(axis=1) * camera.scale
    chosen = (largest >= SMALLEST) & (largest < _LARGEST)
    chosen &= (x + reach[:, 0] > view.x_min) & (x - reach[:, 0] < view.x_max)
    chosen &= (y + reach[:, 1] > view.y_min) & (y - reach[:, 1] < view.y_max)
    if label is not None:
        chosen &= cloud.labels == label
    # The drawing order is shuffled, so its last points are a fair sample, and they lie uppermost.
    indices = cloud.order[chosen[cloud.order]][::-1]
    if not len(indices):
        return Shown(indices, 0, 0)
    line = math.tau * float(np.mean(largest[indices]))
    most = min(MOST, max(_FEWEST, int(_MOST_LINE / line)))
    return Shown(indices[:most], len(indices), max(_FEWEST, most // _PASSING))


def paint_ellipses(
    painter: QPainter,
    cloud: Cloud,
    camera: Camera,
    style: Style,
    *,
    magnification: float,
    indices: npt.NDArray[np.intp],
) -> None:
    """Outlines, class by class."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    labels = cloud.labels[indices]
    x = camera.x_to_pixel(cloud.mu[indices, 0])
    y = camera.y_to_pixel(cloud.mu[indices, 1])
    half_axes = cloud.sigma[indices] * (camera.scale * magnification)
    for label in np.unique(labels):
        name = class_colour(style, int(label))
        # One device pixel and no fill: Qt strokes these nine times as fast as any wider line.
        outline = pen(name, 1, 0.9)
        outline.setCosmetic(True)
        painter.setPen(outline)
        members = labels == label
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
    name = class_colour(style, int(cloud.labels[index]))
    rx, ry = (cloud.sigma[index] * (camera.scale * magnification)).tolist()
    if max(rx, ry) < _LARGEST:
        painter.setPen(pen(style.theme.plane, (1.5 + 2 * strength) * style.scale + 1.5, 0.8))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(at, rx, ry)
        painter.setPen(pen(name, (1 + strength) * style.scale))
        painter.setBrush(colour(name, 0.18 * strength))
        painter.drawEllipse(at, rx, ry)
    radius = 7 * style.scale
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen(style.theme.plane, (2 + 2 * strength) * style.scale, 0.8))
    painter.drawEllipse(at, radius, radius)
    painter.setPen(pen(style.theme.text, (1 + strength) * style.scale, 0.5 + 0.5 * strength))
    painter.drawEllipse(at, radius, radius)


def class_colour(style: Style, label: int) -> str:
    """The colour of a class; of no class where label is negative."""
    return style.theme.class_colour(label) if label >= 0 else style.theme.muted
