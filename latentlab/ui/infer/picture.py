"""What the posterior's plane shows, and how it is painted."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QPen

from latentlab.app.infer_view import Field, Inferred, Normal
from latentlab.app.state import Point
from latentlab.ui.infer import heat
from latentlab.ui.plane.areas import Style, boxed_text, colour, haloed_text, pen
from latentlab.ui.plane.camera import Camera
from latentlab.ui.plane.handles import paint_mark
from latentlab.ui.plane.prior import paint_prior
from latentlab.ui.plane.ticks import paint_grid
from latentlab.ui.theme import mix

_DOT, _BADGE = 3.5, 10.0  # radii in pixels, at text scale 1
_ROOM = 80.0  # pixels to the right of a mode, for its number and share
_LEAST_LABELLED = 3_000  # square pixels
_FAINT = 0.45
_COARSE = 0.5  # of the pixels each way, for a picture that soon gives way to another
_LARGEST = 20_000.0  # pixels; Qt overflows beyond
# Of a line's width: how long it is drawn, and how long not.
Dashes = tuple[float, ...]
SOLID: Dashes = ()
DASHED: Dashes = (4, 3)
_DOTTED: Dashes = (1, 1.6)
_SHARES = ("39 %", "86 %", "99 %")


@dataclass(slots=True)
class Picture:
    """inferred: None while nothing is known. likelihood: over the view. chosen: a mode's number.

    q: where it is now, which improving it moves. passing: the view will soon be another.
    """

    style: Style
    camera: Camera
    inferred: Inferred | None = None
    likelihood: Field | None = None
    q: Normal | None = None
    chosen: int | None = None
    passing: bool = False
    z: Point = (0.0, 0.0)
    _heat: QImage | None = None
    _of: tuple[object, ...] = ()
    _tops: list[tuple[str, QPointF]] = field(default_factory=list)

    def mode_at(self, x: float, y: float) -> int | None:
        """Which mode's mark is at this pixel."""
        reach = (_BADGE + 3) * self.style.scale
        for number, at in enumerate(self._modes()):
            for place in (at, self._badge(at)):
                if math.hypot(place.x() - x, place.y() - y) <= reach:
                    return number
        return None

    def _badge(self, at: QPointF) -> QPointF:
        """Where the number of a mode stands: beside its peak, which may be small, and in view."""
        camera, step = self.camera, 1.6 * _BADGE * self.style.scale
        leftwards = at.x() > camera.left + camera.width - _ROOM * self.style.scale
        downwards = at.y() < camera.top + 2.5 * step
        return at + QPointF(-step if leftwards else step, step if downwards else -step)

    def paint_back(self, painter: QPainter) -> None:
        """The densities: what stands still while z moves."""
        camera, style, theme = self.camera, self.style, self.style.theme
        ground = QRectF(camera.left, camera.top, camera.width, camera.height)
        painter.fillRect(ground, colour(theme.plane))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_grid(painter, camera, style)
        if self.inferred is not None and self.likelihood is not None:
            self._paint_heat(painter, self.inferred, self.likelihood)
        painter.setOpacity(_FAINT)
        paint_prior(painter, camera, style)
        painter.setOpacity(1.0)
        if self.inferred is None:
            return
        for text, at in self._tops:
            ink, paper = colour(theme.muted), colour(theme.plane, 0.75)
            boxed_text(painter, text, at, style.small, ink=ink, ground=paper)
        for gaussian, dashes in (
            (self.inferred.best_full, _DOTTED),
            (self.inferred.best, DASHED),
            (self.q, SOLID),
        ):
            if gaussian is not None:
                # Two bests have much in common: of the lesser one a single line is enough.
                radii = (2,) if dashes is _DOTTED else (3, 2, 1)
                self._paint_gaussian(painter, gaussian, dashes, radii)

    def paint_front(self, painter: QPainter) -> None:
        """z and the modes, which can be chosen."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.inferred is None:
            return
        paint_mark(painter, self.z, self.camera, self.style)
        for number, at in enumerate(self._modes()):
            self._paint_mode(painter, number, at)
        self._paint_key(painter)

    def _modes(self) -> list[QPointF]:
        if self.inferred is None:
            return []
        return [self._pixel(*mode.z) for mode in self.inferred.modes]

    def _pixel(self, x: float, y: float) -> QPointF:
        return QPointF(self.camera.x_to_pixel(x), self.camera.y_to_pixel(y))

    def _paint_heat(self, painter: QPainter, inferred: Inferred, shown: Field) -> None:
        camera, theme = self.camera, self.style.theme
        ratio = painter.device().devicePixelRatio()
        if self.passing or not inferred.exact:
            ratio *= _COARSE
        key = (shown, inferred.levels, camera, theme, ratio)
        if self._heat is None or key != self._of:
            width, height = round(ratio * camera.width), round(ratio * camera.height)
            values = heat.sampled(shown, camera.viewport, width, height)
            values += heat.log_prior(camera.viewport, width, height)
            values -= inferred.account.log_evidence
            picture = heat.shaded(values, heat.posterior_ink(theme), inferred.modes[0].log_density)
            line = mix(theme.accent, theme.text, 0.45)
            heat.draw_contours(picture, values, inferred.levels, line)
            self._heat, self._of = heat.to_image(picture), key
            self._tops = self._labelled(values, inferred.levels, ratio)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(camera.left, camera.top, camera.width, camera.height), self._heat)

    def _labelled(
        self, values: heat.Floats, levels: Sequence[float], ratio: float
    ) -> list[tuple[str, QPointF]]:
        """What each contour's region holds, at its top; the outer ones come before the inner."""
        metrics = QFontMetricsF(self.style.small)
        height, half = metrics.height(), metrics.horizontalAdvance(_SHARES[-1]) / 2
        smallest = _LEAST_LABELLED * (ratio * self.style.scale) ** 2
        found: list[tuple[str, QPointF]] = []
        for text, level in reversed(list(zip(_SHARES, levels, strict=True))):
            region = values >= level
            place = heat.top_of(region)
            if place is None or np.count_nonzero(region) < smallest:
                continue
            column, row = (n / ratio for n in place)
            at = QPointF(self.camera.left + column - half, self.camera.top + row - 4)
            if row > height + 4 and all(abs(at.y() - other.y()) > height for _, other in found):
                found.append((text, at))
        return found

    def _paint_gaussian(
        self, painter: QPainter, gaussian: Normal, dashes: Dashes, radii: Sequence[int]
    ) -> None:
        """Its regions of 39, 86 and 99 %: 1, 2 and 3σ."""
        theme, scale = self.style.theme, self.style.scale
        axes, degrees = principal_axes(gaussian)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.save()
        painter.translate(self._pixel(*gaussian.mu))
        painter.rotate(-degrees)  # on the screen y leads downwards
        for radius in radii:
            rx, ry = (radius * length * self.camera.scale for length in axes)
            if max(rx, ry) > _LARGEST:
                continue
            inmost = radius == radii[-1]
            width = (2.4 if inmost else 1.2) * scale
            strength = 1.0 if inmost else (1.0, 0.7, 0.45)[radius - 1]
            painter.setPen(pen(theme.plane, width + 2 * scale, 0.5 * strength))
            painter.drawEllipse(QPointF(), rx, ry)
            painter.setPen(dashed(pen(theme.text, width, strength), dashes))
            painter.drawEllipse(QPointF(), rx, ry)
        painter.restore()

    def _paint_mode(self, painter: QPainter, number: int, at: QPointF) -> None:
        theme, scale = self.style.theme, self.style.scale
        chosen = number == self.chosen
        radius, beside = _BADGE * scale, self._badge(at)
        ink, paper = colour(theme.accent if chosen else theme.text), colour(theme.plane)
        painter.setPen(pen(theme.plane, 4 * scale, 0.8))
        painter.drawLine(at, beside)
        painter.setPen(pen(theme.accent if chosen else theme.text, 1.5 * scale))
        painter.drawLine(at, beside)
        painter.setPen(pen(theme.plane, 1.5 * scale))
        painter.setBrush(ink)
        painter.drawEllipse(at, _DOT * scale, _DOT * scale)
        painter.drawEllipse(beside, radius, radius)
        painter.setFont(self.style.text)
        painter.setPen(paper)
        box = QRectF(beside.x() - radius, beside.y() - radius, 2 * radius, 2 * radius)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(number + 1))
        assert self.inferred is not None
        share = self.inferred.modes[number].share
        if share is not None:
            text = f"{100 * share:.0f} %"
            width = QFontMetricsF(self.style.bold).horizontalAdvance(text)
            right = beside.x() > at.x()
            place = beside + QPointF(1.3 * radius if right else -1.3 * radius - width, 0.4 * radius)
            halo = colour(theme.plane, 0.9)
            haloed_text(painter, text, place, self.style.bold, ink=ink, halo=halo, width=4 * scale)

    def _paint_key(self, painter: QPainter) -> None:
        theme = self.style.theme
        entries = (
            ("q(z|x)", theme.text, SOLID),
            ("best diagonal Gaussian", theme.text, DASHED),
            ("best of any covariance, 2σ", theme.text, _DOTTED),
            ("prior", theme.prior, SOLID),
        )
        camera = self.camera
        paint_key(painter, camera, self.style, entries, camera.top + camera.height)


def paint_key(
    painter: QPainter,
    camera: Camera,
    style: Style,
    entries: Sequence[tuple[str, str, Dashes]],
    bottom: float,
) -> None:
    """Which line is which: name, colour and dashes of each, above `bottom` at the left."""
    theme, scale, font = style.theme, style.scale, style.small
    metrics = QFontMetricsF(font)
    row, line = metrics.height() + 3, 26 * scale
    left, bottom = camera.left + 8, bottom - 8
    width = line + 10 + max(metrics.horizontalAdvance(name) for name, *_ in entries)
    top = bottom - row * len(entries)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour(theme.plane, 0.8))
    painter.drawRoundedRect(QRectF(left - 4, top - 2, width + 8, bottom - top + 4), 4, 4)
    painter.setFont(font)
    for place, (name, ink, dashes) in enumerate(entries):
        y = top + (place + 0.5) * row
        painter.setPen(dashed(pen(ink, 2 * scale), dashes))
        painter.drawLine(QPointF(left, y), QPointF(left + line, y))
        painter.setPen(colour(theme.muted))
        box = QRectF(left + line + 6, y - row / 2, width, row)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, name)


def principal_axes(gaussian: Normal) -> tuple[Point, float]:
    """Its standard deviations along its own axes, and by how many degrees, anticlockwise, the first
    of these is turned from z₁."""
    a, b = gaussian.sigma
    cross = gaussian.correlation * a * b
    middle, half = (a * a + b * b) / 2, math.hypot((a * a - b * b) / 2, cross)
    if not cross:
        return (a, b), 0.0
    degrees = math.degrees(0.5 * math.atan2(2 * cross, a * a - b * b))
    return (math.sqrt(middle + half), math.sqrt(max(middle - half, 0.0))), degrees


def dashed(line: QPen, dashes: Dashes) -> QPen:
    """The same pen with these dashes."""
    if dashes:
        line.setDashPattern(dashes)
        line.setCapStyle(Qt.PenCapStyle.FlatCap)
    return line
