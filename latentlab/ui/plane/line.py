"""A latent space of one dimension: a line, with the densities on it."""

import math

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPolygonF

from latentlab.ui.plane.areas import Style, boxed_text, colour, pen
from latentlab.ui.plane.camera import Camera
from latentlab.ui.plane.cloud import Cloud
from latentlab.ui.plane.density import mixture_density, normal_density
from latentlab.ui.plane.prior import RINGS

_PIXELS_PER_BIN = 4
_TALLEST = 0.8  # of what is above the line
_LEAST_TALL = 60.0  # pixels
_FILL, _FADED = 0.28, 0.08
_BELOW = 26.0  # pixels under the line, where names are

Floats = npt.NDArray[np.float64]


def mass_within(sigmas: float) -> float:
    """The mass of N(0, 1) within so many σ."""
    return math.erf(sigmas / math.sqrt(2))


def paint_sigmas(painter: QPainter, camera: Camera, style: Style) -> None:
    """Lines at 1, 2 and 3 σ of the prior, with the mass between them."""
    painter.setFont(style.small)
    metrics = QFontMetricsF(style.small)
    bottom = camera.top + camera.height
    for sigmas in RINGS:
        for side in (-1, 1):
            x = camera.x_to_pixel(side * float(sigmas))
            if not camera.left <= x <= camera.left + camera.width:
                continue
            line = pen(style.theme.prior, 1.4 * style.scale, 1.0 - 0.2 * (sigmas - 1))
            line.setStyle(Qt.PenStyle.DashLine)
            painter.setPen(line)
            painter.drawLine(QLineF(x, camera.top, x, bottom))
        text = f"{sigmas}σ: {mass_within(sigmas):.1%}".replace("%", " %")
        place = QPointF(
            camera.x_to_pixel(float(sigmas)) - metrics.horizontalAdvance(text) / 2,
            # One below another, as they are wider than they are apart.
            camera.top + (0.2 + 1.3 * sigmas) * metrics.height(),
        )
        if camera.left < place.x() < camera.left + camera.width:
            ground = colour(style.theme.plane, 0.8)
            ink = colour(style.theme.muted)
            boxed_text(painter, text, place, style.small, ink=ink, ground=ground)


def below_line(
    medians: npt.NDArray[np.float64], camera: Camera, style: Style
) -> npt.NDArray[np.float64]:
    """Where the classes' names are put, whose medians (C, 2) are on the line."""
    return medians - (0.0, _BELOW * style.scale / camera.scale)


def paint_densities(
    painter: QPainter, cloud: Cloud, camera: Camera, style: Style, isolated: int | None
) -> None:
    """Above the line, to one scale: q(z) with each class's part of it, and the prior N(0, 1)."""
    view = camera.viewport
    bins = max(8, round(camera.width / _PIXELS_PER_BIN))
    centres = view.x_min + (np.arange(bins) + 0.5) * (view.x_max - view.x_min) / bins
    mu, sigma = (values[:, 0] for values in cloud.sampled)
    labels = cloud.labels.take(cloud.sample)
    parts: dict[int, Floats] = {}
    for label in np.unique(labels).tolist():
        members = labels == label
        part = mixture_density(mu[members], sigma[members], view.x_min, view.x_max, bins)
        parts[label] = part * float(members.mean())
    whole: Floats = np.sum(list(parts.values()), axis=0) if parts else np.zeros(bins)
    prior = normal_density(centres)
    base = camera.y_to_pixel(0.0)
    tall = max(_TALLEST * (base - camera.top), _LEAST_TALL * style.scale)
    per_unit = tall / max(float(whole.max()), float(prior.max()), 1e-9)
    along = camera.x_to_pixel(centres)

    def curve(density: Floats) -> QPolygonF:
        height = (density * per_unit).tolist()
        return QPolygonF(
            [QPointF(x, base - h) for x, h in zip(along.tolist(), height, strict=True)]
        )

    painter.save()
    painter.setClipRect(QRectF(camera.left, camera.top, camera.width, camera.height))
    for label, density in parts.items():
        hue = style.theme.class_colour(label) if label >= 0 else style.theme.muted
        clear = isolated is None or label == isolated
        painter.setPen(pen(hue, 1.4 * style.scale, 0.9 if clear else 0.25))
        painter.setBrush(colour(hue, _FILL if clear else _FADED))
        outline = curve(density)
        outline.append(QPointF(along[-1], base))
        outline.prepend(QPointF(along[0], base))
        painter.drawPolygon(outline)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for ink, density in ((style.theme.prior, prior), (style.theme.text, whole)):
        painter.setPen(pen(ink, 2.2 * style.scale))
        painter.drawPolyline(curve(density))
    painter.setPen(pen(style.theme.line, 1.5 * style.scale))
    painter.drawLine(QLineF(camera.left, base, camera.left + camera.width, base))
    painter.restore()
