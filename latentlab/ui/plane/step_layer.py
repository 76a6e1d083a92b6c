"""The followed images of a step in slow motion, on the plane."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter

from latentlab.ui.plane.areas import Style, boxed_text, colour, pen
from latentlab.ui.plane.camera import Camera
from latentlab.ui.plane.force_marks import paint_arrows
from latentlab.ui.plane.ovals import draw_ellipse

_RING, _DOT = 8.0, 4.0
_LONGEST = 80.0
"""Pixels of the longest arrow, at text scale 1."""
_FAR = 30_000.0  # pixels

Floats = npt.NDArray[np.floating]
Pixels = npt.NDArray[np.float64]


@dataclass(frozen=True)
class StepLayer:
    """What is shown of S posteriors; arrays (S, 2) in latent units, None where not yet.

    followed: the one whose numbers are told. sigma: their ellipses, with the correlation (S,)
    of both coordinates where that is not 0. z: samples of them. pulls: in
    nats per unit, each with its colour "#rrggbb". after: where the means are going; the arrows
    there are so many times as long as is stated, since a step is a few pixels.
    """

    mu: Floats
    followed: int
    sigma: Floats | None = None
    z: Floats | None = None
    pulls: tuple[tuple[Floats, str], ...] = ()
    after: Floats | None = None
    correlation: Floats | None = None

    def paint(self, painter: QPainter, camera: Camera, style: Style) -> None:
        """Over the points."""
        at = _pixels(self.mu, camera)
        thin, thick = (
            pen(style.theme.accent, 1.6 * style.scale),
            pen(style.theme.accent, 3.2 * style.scale),
        )
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for index, (x, y) in enumerate(at):
            if not max(abs(x), abs(y)) < _FAR:
                continue
            centre = QPointF(x, y)
            painter.setPen(thick if index == self.followed else thin)
            radius = _RING * style.scale
            painter.drawEllipse(centre, radius, radius)
            if self.sigma is not None:
                wide, high = (self.sigma[index] * camera.scale).tolist()
                if max(wide, high) < _FAR:
                    tilt = 0.0 if self.correlation is None else float(self.correlation[index])
                    draw_ellipse(painter, centre, wide, high, tilt)
        if self.z is not None:
            self._paint_samples(painter, at, camera, style)
        if self.pulls:
            self._paint_pulls(painter, at, camera, style)
        if self.after is not None:
            self._paint_moves(painter, at, _pixels(self.after, camera) - at, camera, style)

    def _paint_samples(self, painter: QPainter, at: Pixels, camera: Camera, style: Style) -> None:
        assert self.z is not None
        painter.setBrush(colour(style.theme.text))
        for start, end in zip(at, _pixels(self.z, camera), strict=True):
            if np.abs([start, end]).max() < _FAR:
                painter.setPen(pen(style.theme.text, 1.2 * style.scale))
                painter.drawLine(QPointF(*start), QPointF(*end))
                painter.setPen(pen(style.theme.plane, 1))
                radius = _DOT * style.scale
                painter.drawEllipse(QPointF(*end), radius, radius)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_pulls(self, painter: QPainter, at: Pixels, camera: Camera, style: Style) -> None:
        lengths = np.concatenate([np.hypot(*pull.T) for pull, _ in self.pulls])
        longest = float(lengths.max(initial=0.0))
        if not np.isfinite(longest) or longest == 0:
            return
        per_nat = _LONGEST * style.scale / longest
        for pull, ink in self.pulls:
            _arrows(painter, at, pull.astype(np.float64) * (per_nat, -per_nat), style, ink)
        _note(painter, f"longest arrow: {longest:.3g} nats per unit", camera, style)

    def _paint_moves(
        self, painter: QPainter, at: Pixels, moves: Pixels, camera: Camera, style: Style
    ) -> None:
        longest = float(np.hypot(*moves.T).max(initial=0.0))
        if not np.isfinite(longest) or longest == 0:
            return
        times = _round_below(_LONGEST * style.scale / longest)
        _arrows(painter, at, times * moves, style, style.theme.accent)
        how = "drawn to scale" if times == 1 else f"drawn {times:,} times as long"
        _note(painter, f"moves of μ, {how}", camera, style)


def _arrows(painter: QPainter, at: Pixels, steps: Pixels, style: Style, ink: str) -> None:
    known = (np.abs(at) < _FAR).all(axis=1)
    longest, width = _LONGEST * style.scale, 2.4 * style.scale
    paint_arrows(painter, at[known], steps[known], style, ink, longest=longest, width=width)


def _note(painter: QPainter, text: str, camera: Camera, style: Style) -> None:
    place = QPointF(camera.left + 10 * style.scale, camera.top + 20 * style.scale)
    ground = colour(style.theme.plane, 0.85)
    boxed_text(painter, text, place, style.text, ink=colour(style.theme.text), ground=ground)


def _round_below(value: float) -> int:
    """The largest of 1, 2, 5, 10, 20, 50, … up to a million that is at most `value`; at least 1."""
    steps = (digit * 10**power for power in range(6) for digit in (1, 2, 5))
    return max((step for step in steps if step <= value), default=1)


def _pixels(points: Floats, camera: Camera) -> Pixels:
    pixels = np.stack([camera.x_to_pixel(points[:, 0]), camera.y_to_pixel(points[:, 1])], axis=1)
    return np.asarray(pixels, np.float64)
