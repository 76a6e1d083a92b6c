"""What is painted of a true posterior over a line: densities, modes, and z."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QPolygonF

from latentlab.app.infer_view import Inferred, Normal
from latentlab.ui.infer.picture import DASHED, SOLID, dashed, paint_key
from latentlab.ui.plane.areas import Style, colour, haloed_text, pen
from latentlab.ui.plane.camera import Camera
from latentlab.ui.plane.density import normal_density
from latentlab.ui.plane.ticks import paint_grid

Floats = npt.NDArray[np.float64]

_HIGHEST = 0.8  # of the height, that the highest curve takes
_FILL = 0.28
_DOT, _BADGE = 3.5, 10.0  # radii in pixels, at text scale 1


@dataclass(slots=True)
class LinePicture:
    """Every density is to the same scale. q: where it is now, which improving it moves."""

    style: Style
    camera: Camera
    inferred: Inferred | None = None
    q: Normal | None = None
    chosen: int | None = None
    z: float = 0.0

    def mode_at(self, x: float, y: float) -> int | None:
        """Which mode's mark is at this pixel."""
        reach = (_BADGE + 3) * self.style.scale
        for number, at in enumerate(self._modes()):
            for place in (at, self._badge(at)):
                if math.hypot(place.x() - x, place.y() - y) <= reach:
                    return number
        return None

    def paint(self, painter: QPainter) -> None:
        """All of it."""
        camera, style, theme = self.camera, self.style, self.style.theme
        ground = QRectF(camera.left, camera.top, camera.width, camera.height)
        painter.fillRect(ground, colour(theme.plane))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_grid(painter, camera, style, upright=False)
        inferred = self.inferred
        if inferred is None:
            return
        z, posterior = self._posterior(inferred)
        self._paint_posterior(painter, z, posterior)
        scale = style.scale
        self._paint_curve(painter, z, normal_density(z), pen(theme.prior, 2 * scale))
        for gaussian, dashes in ((inferred.best, DASHED), (self.q, SOLID)):
            if gaussian is not None:
                line = dashed(pen(theme.text, 2.4 * scale), dashes)
                self._paint_curve(painter, z, _density(gaussian, z), line)
        x = camera.x_to_pixel(self.z)
        painter.setPen(pen(theme.accent, 1.5 * scale))
        painter.drawLine(QLineF(x, camera.top, x, camera.top + camera.height))
        for number, at in enumerate(self._modes()):
            self._paint_mode(painter, number, at)
        paint_key(
            painter,
            camera,
            style,
            (
                ("p(z|x)", theme.accent, SOLID),
                ("q(z|x)", theme.text, SOLID),
                ("best Gaussian", theme.text, DASHED),
                ("prior", theme.prior, SOLID),
            ),
            # At the top: the densities stand on the lower edge.
            camera.top + 5.4 * QFontMetricsF(style.small).height() + 8,
        )

    @staticmethod
    def _posterior(inferred: Inferred) -> tuple[Floats, Floats]:
        """Where it is known, and its density there."""
        area, values = inferred.field.area, inferred.field.values[:, 0]
        z = area.x_min + (np.arange(len(values)) + 0.5) * (area.x_max - area.x_min) / len(values)
        density = np.exp(values - inferred.account.log_evidence) * normal_density(z)
        return z, density

    @property
    def _unit(self) -> float:
        """Pixels for a density of 1."""
        assert self.inferred is not None
        z, posterior = self._posterior(self.inferred)
        gaussians = [g for g in (self.q, self.inferred.best) if g is not None]
        highest = max(posterior.max(), *(_density(g, z).max() for g in gaussians))
        return _HIGHEST * self.camera.height / max(float(highest), 1e-9)

    @property
    def _base(self) -> float:
        return self.camera.top + self.camera.height

    def _line(self, z: Floats, density: Floats) -> QPolygonF:
        x, y = self.camera.x_to_pixel(z), self._base - self._unit * density
        return QPolygonF([QPointF(*place) for place in zip(x.tolist(), y.tolist(), strict=True)])

    def _paint_curve(self, painter: QPainter, z: Floats, density: Floats, line: QPen) -> None:
        painter.setPen(line)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(self._line(z, density))

    def _paint_posterior(self, painter: QPainter, z: Floats, density: Floats) -> None:
        theme, line = self.style.theme, self._line(z, density)
        closed = QPolygonF(line)
        closed.append(QPointF(line.last().x(), self._base))
        closed.append(QPointF(line.first().x(), self._base))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(theme.accent, _FILL))
        painter.drawPolygon(closed)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen(theme.accent, 2 * self.style.scale))
        painter.drawPolyline(line)

    def _modes(self) -> list[QPointF]:
        if self.inferred is None:
            return []
        return [
            QPointF(
                self.camera.x_to_pixel(mode.z[0]),
                self._base - self._unit * math.exp(mode.log_density),
            )
            for mode in self.inferred.modes
        ]

    def _badge(self, at: QPointF) -> QPointF:
        return at - QPointF(0.0, 1.8 * _BADGE * self.style.scale)

    def _paint_mode(self, painter: QPainter, number: int, at: QPointF) -> None:
        theme, scale, style = self.style.theme, self.style.scale, self.style
        radius, badge = _BADGE * scale, self._badge(at)
        ink = colour(theme.accent if number == self.chosen else theme.text)
        painter.setPen(pen(theme.plane, 1.5 * scale))
        painter.setBrush(ink)
        painter.drawEllipse(at, _DOT * scale, _DOT * scale)
        painter.drawEllipse(badge, radius, radius)
        painter.setFont(style.text)
        painter.setPen(colour(theme.plane))
        box = QRectF(badge.x() - radius, badge.y() - radius, 2 * radius, 2 * radius)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(number + 1))
        assert self.inferred is not None
        text = f"{100 * (self.inferred.modes[number].share or 0.0):.0f} %"
        place = badge + QPointF(1.3 * radius, 0.4 * radius)
        room = self.camera.left + self.camera.width - place.x()
        width = QFontMetricsF(style.bold).horizontalAdvance(text)
        if room < width:
            place.setX(badge.x() - 1.3 * radius - width)
        halo = colour(theme.plane, 0.9)
        haloed_text(painter, text, place, style.bold, ink=ink, halo=halo, width=4 * scale)


def _density(gaussian: Normal, z: Floats) -> Floats:
    mu, sigma = gaussian.mu[0], gaussian.sigma[0]
    return normal_density((z - mu) / sigma) / sigma
