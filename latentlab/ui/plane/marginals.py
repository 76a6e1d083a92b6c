"""The two marginals: means as bars, aggregate posterior as a line, N(0, 1) in grey."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from latentlab.ui.plane.areas import Areas, Style, colour, pen
from latentlab.ui.plane.camera import Camera
from latentlab.ui.plane.cloud import Cloud
from latentlab.ui.plane.density import histogram_density, mixture_density, normal_density

Floats = npt.NDArray[np.float64]
_PIXELS_PER_BIN = 6


@dataclass(frozen=True, slots=True)
class Marginal:
    """Densities on one axis over equal bins from low to high, in 1 / latent unit; area 1."""

    low: float
    high: float
    means: Floats
    posterior: Floats
    prior: Floats
    top: float

    def centres(self) -> Floats:
        """The middle of each bin."""
        width = (self.high - self.low) / len(self.means)
        bins = np.arange(len(self.means), dtype=np.float64)
        return self.low + (bins + 0.5) * width


def marginal(cloud: Cloud, axis: int, low: float, high: float, pixels: float) -> Marginal:
    """The marginal of axis 0 or 1 over what is in view."""
    bins = max(8, round(pixels / _PIXELS_PER_BIN))
    means = histogram_density(cloud.mu[:, axis], low, high, bins)
    posterior = mixture_density(cloud.mu[:, axis], cloud.sigma[:, axis], low, high, bins)
    prior = normal_density(low + (np.arange(bins) + 0.5) * (high - low) / bins)
    # A few very full bins (a collapsed axis, a tight cluster) may be cut, but no curve is.
    tallest = max(float(posterior.max()), float(prior.max()), float(np.quantile(means, 0.98)))
    return Marginal(low, high, means, posterior, prior, max(tallest * 1.08, 1e-12))


def both(cloud: Cloud, camera: Camera) -> tuple[Marginal, Marginal]:
    """The marginals along the top (z₁) and the right side (z₂)."""
    view = camera.viewport
    return (
        marginal(cloud, 0, view.x_min, view.x_max, camera.width),
        marginal(cloud, 1, view.y_min, view.y_max, camera.height),
    )


def paint_marginals(
    painter: QPainter, pair: tuple[Marginal, Marginal], areas: Areas, camera: Camera, style: Style
) -> None:
    """Both strips, aligned with the plane, and the key in the corner between them."""
    top, right = pair
    _paint(painter, top, areas.top, camera, style, upright=True)
    _paint(painter, right, areas.right, camera, style, upright=False)
    painter.setPen(pen(style.theme.line, 1))
    painter.drawLine(QLineF(QRectF(areas.top).bottomLeft(), QRectF(areas.top).bottomRight()))
    painter.drawLine(QLineF(QRectF(areas.right).topLeft(), QRectF(areas.right).bottomLeft()))
    _paint_key(painter, areas.corner, style)
    painter.setFont(style.small)
    painter.setPen(colour(style.theme.muted))
    painter.drawText(areas.top.adjusted(4, 0, 0, 0), Qt.AlignmentFlag.AlignLeft, "density of z₁")
    painter.save()
    painter.translate(QRectF(areas.right).topRight() + QPointF(0, 4))
    painter.rotate(90)
    box = QRectF(0, 0, areas.right.height(), areas.right.width())
    painter.drawText(box, Qt.AlignmentFlag.AlignLeft, "density of z₂")
    painter.restore()


def _paint(
    painter: QPainter, curve: Marginal, area: QRect, camera: Camera, style: Style, *, upright: bool
) -> None:
    painter.save()
    painter.setClipRect(area)
    rect = QRectF(area)
    depth = rect.height() if upright else rect.width()
    to_pixel = camera.x_to_pixel if upright else camera.y_to_pixel
    along = to_pixel(curve.centres())
    half = abs(to_pixel(curve.high) - to_pixel(curve.low)) / len(along) / 2

    def placed(density: Floats) -> list[QPointF]:
        height = np.minimum(density / curve.top, 1.5) * depth
        if upright:
            return [QPointF(a, rect.bottom() - h) for a, h in zip(along, height, strict=True)]
        return [QPointF(rect.left() + h, a) for a, h in zip(along, height, strict=True)]

    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour(style.theme.muted, 0.38))
    for tip in placed(curve.means):
        if upright and tip.y() < rect.bottom():
            painter.drawRect(QRectF(tip.x() - half, tip.y(), 2 * half - 1, rect.bottom() - tip.y()))
        elif not upright and tip.x() > rect.left():
            painter.drawRect(
                QRectF(rect.left(), tip.y() - half, tip.x() - rect.left(), 2 * half - 1)
            )
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen(style.theme.prior, 1.6 * style.scale))
    painter.drawPolyline(QPolygonF(placed(curve.prior)))
    painter.setPen(pen(style.theme.text, 1.6 * style.scale))
    painter.drawPolyline(QPolygonF(placed(curve.posterior)))
    painter.restore()


def _paint_key(painter: QPainter, area: QRect, style: Style) -> None:
    painter.setFont(style.small)
    row, mark = area.height() / 3, 12 * style.scale
    rows = (("means", style.theme.muted), ("q(z)", style.theme.text), ("N(0,1)", style.theme.prior))
    for index, (text, name) in enumerate(rows):
        middle = area.top() + (index + 0.5) * row
        if index == 0:
            painter.fillRect(
                QRectF(area.left(), middle - mark / 3, mark, mark / 1.5), colour(name, 0.45)
            )
        else:
            painter.setPen(pen(name, 1.8 * style.scale))
            painter.drawLine(QLineF(area.left(), middle, area.left() + mark, middle))
        painter.setPen(colour(style.theme.muted))
        box = QRectF(area.left() + mark + 4, middle - row / 2, area.width(), row)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)
