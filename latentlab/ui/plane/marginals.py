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
from latentlab.ui.plane.quantiles import quantiles

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


def marginal(cloud: Cloud, camera: Camera, axis: int) -> Marginal:
    """That of the plane's first axis (0) or second (1) over what is in view.

    Of a sample of a very large cloud.
    """
    view = camera.viewport
    low, high, pixels = (
        (view.x_min, view.x_max, camera.width)
        if axis == 0
        else (view.y_min, view.y_max, camera.height)
    )
    bins = max(8, round(pixels / _PIXELS_PER_BIN))
    mu, sigma = (values[:, axis].copy() for values in cloud.sampled)
    means = histogram_density(mu, low, high, bins)
    posterior = mixture_density(mu, sigma, low, high, bins)
    prior = normal_density(low + (np.arange(bins) + 0.5) * (high - low) / bins)
    # A few very full bins (a collapsed axis, a tight cluster) may be cut, but no curve is.
    tallest = max(float(posterior.max()), float(prior.max()), float(quantiles(means, 0.98)[0]))
    return Marginal(low, high, means, posterior, prior, max(tallest * 1.08, 1e-12))


def paint_marginal(
    painter: QPainter,
    curve: Marginal,
    axis: int,
    *,
    name: str,
    areas: Areas,
    camera: Camera,
    style: Style,
) -> None:
    """The strip of the first axis (0) above the plane, or the second (1) beside it, aligned."""
    upright = axis == 0
    area = areas.top if upright else areas.right
    _paint(painter, curve, area, camera, style, upright=upright)
    painter.setPen(pen(style.theme.line, 1))
    rect = QRectF(area)
    base = rect.bottomRight() if upright else rect.topLeft()
    painter.drawLine(QLineF(rect.bottomLeft(), base))
    painter.setFont(style.small)
    painter.setPen(colour(style.theme.muted))
    if upright:
        painter.drawText(
            area.adjusted(4, 0, 0, 0), Qt.AlignmentFlag.AlignLeft, f"density of {name}"
        )
        return
    painter.save()
    painter.translate(rect.topRight() + QPointF(0, 4))
    painter.rotate(90)
    box = QRectF(0, 0, area.height(), area.width())
    painter.drawText(box, Qt.AlignmentFlag.AlignLeft, f"density of {name}")
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

    def placed(density: Floats) -> list[tuple[float, float]]:
        """Along the axis, and how high above it."""
        height = np.minimum(density / curve.top, 1.5) * depth
        return list(zip(along.tolist(), height.tolist(), strict=True))

    def line(density: Floats) -> QPolygonF:
        if upright:
            return QPolygonF([QPointF(a, rect.bottom() - h) for a, h in placed(density)])
        return QPolygonF([QPointF(rect.left() + h, a) for a, h in placed(density)])

    width = 2 * half - 1
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour(style.theme.muted, 0.38))
    painter.drawRects(
        [
            QRectF(a - half, rect.bottom() - h, width, h)
            if upright
            else QRectF(rect.left(), a - half, h, width)
            for a, h in placed(curve.means)
            if h > 0
        ]
    )
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen(style.theme.prior, 1.6 * style.scale))
    painter.drawPolyline(line(curve.prior))
    painter.setPen(pen(style.theme.text, 1.6 * style.scale))
    painter.drawPolyline(line(curve.posterior))
    painter.restore()


def paint_key(painter: QPainter, area: QRect, style: Style) -> None:
    """What is what, in the corner between the strips."""
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
