"""The pulls on posteriors: arrows from their means and bands around them, to stated scales."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QPainter

from latentlab.app.force_view import ForceAnswer, ForceView, Pulls
from latentlab.ui.plane.areas import Style, boxed_text, colour, pen
from latentlab.ui.plane.camera import Camera
from latentlab.ui.plane.cloud import LOGVAR_LIMIT
from latentlab.ui.plane.force_marks import (
    Floats,
    moved,
    paint_arrows,
    paint_bands,
    paint_ellipses,
)
from latentlab.ui.plane.force_sample import cell_side
from latentlab.ui.plane.force_scale import ForceScale
from latentlab.ui.theme import Theme

ARROW = 40.0
"""Pixels of an arrow of one unit of its scale, at text scale 1."""
BAND = 4.0
"""Pixels of the thickness of a band of one unit."""
SUM_LINE = 1.6
"""Pixels of the line that is the edge of the sum's band."""
_THICKEST = 6.0
APART = 34.0
"""Pixels between a posterior and where the forces on it cancel, from which on both are drawn."""
_FAR = 30_000.0  # pixels


@dataclass(frozen=True, slots=True)
class Manner:
    """How a posterior's forces are drawn. Pixels at text scale 1, but longest: in cells' sides.

    radius: of its ring. width, longest: of its arrows. widest: of an ellipse that is its ring.
    """

    radius: float
    width: float
    longest: float
    widest: float


SAMPLE = Manner(8.0, 1.7, 0.95, 30.0)
SELECTED = Manner(13.0, 3.0, 2.5, 2_000.0)


@dataclass(frozen=True, slots=True)
class Term:
    """What pulls, on the posteriors of a view, and its colour."""

    name: str
    pulls: Pulls
    ink: str
    is_sum: bool = False


def pulling(view: ForceView, theme: Theme) -> list[Term]:
    """The terms that are switched on and, where that is both, before them their sum."""
    weights = view.weights
    terms = [
        (weights.reconstruction, "reconstruction", view.reconstruction, theme.reconstruction),
        (weights.kl, "KL", view.kl, theme.kl),
    ]
    found = [
        Term(name if weight == 1 else f"{weight:.4g}·{name}", pulls, ink)
        for weight, name, pulls, ink in terms
        if weight != 0
    ]
    return [Term("sum", view.total, theme.text, is_sum=True), *found] if len(found) > 1 else found


class ForceLayer:
    """The forces as last told, and the scales they are drawn to."""

    def __init__(self) -> None:
        self.answer: ForceAnswer | None = None
        self.arrows = ForceScale(10.0, finest=0.1)
        self.bands = ForceScale(0.5, finest=0.1)

    def show(self, answer: ForceAnswer | None, camera: Camera, style: Style) -> None:
        """Show these from now on; None: nothing. While the same terms pull, scales that do stay."""
        before, self.answer = self.answer, answer
        if answer is None or answer.sample.weights.nothing:
            return
        keep = before is not None and _switches(before.sample) == _switches(answer.sample)
        longest = SAMPLE.longest * cell_side(camera, style) / style.scale
        self.arrows.fit(_lengths(answer.sample), ARROW, longest, keep=keep)
        pulls = [term.pulls.logvar for term in pulling(answer.sample, style.theme)]
        self.bands.fit(np.abs(pulls).max(axis=(0, 2)), BAND, _THICKEST, keep=keep)

    def is_cut(self, camera: Camera, style: Style) -> bool:
        """Whether an arrow is longer than it is drawn."""
        if self.answer is None:
            return False
        longest = SAMPLE.longest * cell_side(camera, style)
        pixels = _lengths(self.answer.sample) * ARROW * style.scale / self.arrows.unit
        return bool((pixels > longest).any())

    def paint(
        self,
        painter: QPainter,
        camera: Camera,
        style: Style,
        *,
        magnification: float,
        selected: int | None,
        passing: bool = False,
    ) -> None:
        """Those of the sample; over them, and larger, those of the selected one.

        magnification: of the ellipses. passing: a frame among many, with arrows only.
        """
        if self.answer is None:
            return

        def draw(view: ForceView, which: npt.NDArray[np.bool_], manner: Manner) -> None:
            glyphs = _Glyphs(painter, camera, style, manner)
            at, sigma, angles, terms = _known(view, which, camera, style.theme)
            if not passing:
                ring = glyphs.rings(sigma * magnification)
                glyphs.paint_bands(at, ring, angles, terms, BAND / self.bands.unit)
            glyphs.paint_arrows(at, terms, ARROW / self.arrows.unit)

        sample, one, rest = self.answer.sample, self.answer.selected, self.answer.rest
        draw(sample, sample.indices != selected, SAMPLE)
        if one is None or one.indices[0] != selected:
            return
        draw(one, one.indices == selected, SELECTED)
        there = rest.there if rest else None
        way = _way(one, there, camera, style) if there else None
        if there is not None and way is not None:
            draw(there, there.indices == selected, SELECTED)
            _paint_way(painter, way, style)


def _way(here: ForceView, there: ForceView, camera: Camera, style: Style) -> QLineF | None:
    """From a posterior to where the forces on it cancel; None where one cannot tell them apart."""
    ends = [
        QPointF(camera.x_to_pixel(x), camera.y_to_pixel(y))
        for x, y in (here.mu[0].tolist(), there.mu[0].tolist())
    ]
    way = QLineF(*ends)
    return way if APART * style.scale < way.length() < _FAR else None


def _paint_way(painter: QPainter, way: QLineF, style: Style) -> None:
    """With a word where it ends."""
    line = pen(style.theme.text, 1.5 * style.scale)
    line.setStyle(Qt.PenStyle.DotLine)
    painter.setPen(line)
    painter.drawLine(way)
    at = way.p2() + QPointF(0, 2.6 * SELECTED.radius * style.scale)
    ground, ink = colour(style.theme.plane, 0.85), colour(style.theme.text)
    boxed_text(painter, "here they cancel", at, style.small, ink=ink, ground=ground)


def _switches(view: ForceView) -> tuple[bool, bool]:
    return view.weights.reconstruction != 0, view.weights.kl != 0


def _lengths(view: ForceView) -> Floats:
    """Of the longest arrow from each mean, in nats per unit: (n,)."""
    pulls = np.stack([view.reconstruction.mu, view.kl.mu, view.total.mu]).astype(np.float64)
    lengths: Floats = np.hypot(pulls[..., 0], pulls[..., 1]).max(axis=0)
    return lengths


def _known(
    view: ForceView, which: npt.NDArray[np.bool_], camera: Camera, theme: Theme
) -> tuple[Floats, Floats, Floats | None, list[Term]]:
    """Of those of `which` (n,) that can be drawn: where in pixels, σ, how it is tilted if at all,
    and what pulls.
    """
    total, mu = view.total, view.mu.astype(np.float64)
    at = np.stack([camera.x_to_pixel(mu[:, 0]), camera.y_to_pixel(mu[:, 1])], axis=1)
    # One that is not finite is so in the sum, too.
    known = which & np.isfinite(total.mu).all(axis=1) & np.isfinite(total.logvar).all(axis=1)
    # Far out, where nothing is seen, Qt's painter overflows.
    known &= (np.abs(at) < _FAR).all(axis=1)
    at, logvar = at[known], view.logvar[known].astype(np.float64)
    sigma = np.exp(0.5 * np.clip(logvar, -LOGVAR_LIMIT, LOGVAR_LIMIT))
    terms = [
        replace(term, pulls=Pulls(term.pulls.mu[known], term.pulls.logvar[known]))
        for term in pulling(view, theme)
    ]
    return at, sigma, None if view.angle is None else view.angle[known], terms


@dataclass(frozen=True, slots=True)
class _Glyphs:
    """Draws one kind of them."""

    painter: QPainter
    camera: Camera
    style: Style
    manner: Manner

    def rings(self, sigma: Floats) -> Floats:
        """Half-axes in pixels, (n, 2): of the 1σ ellipse where one can see it, else of a circle."""
        radius = self.manner.radius * self.style.scale
        half_axes = sigma * self.camera.scale
        seen = (half_axes.min(axis=1) > radius) & (half_axes.max(axis=1) < self.manner.widest)
        return np.where(seen[:, None], half_axes, radius)

    def paint_bands(
        self, at: Floats, ring: Floats, angles: Floats | None, terms: list[Term], per_nat: float
    ) -> None:
        """From the rings out or in. per_nat: pixels at text scale 1, on a usual ring."""
        room = self.manner.radius * self.style.scale
        per_nat *= room / SAMPLE.radius
        thin = pen(self.style.theme.text, 1)
        thin.setCosmetic(True)
        paint_ellipses(self.painter, at, ring, thin, angles=angles)
        for term in reversed(terms):
            thickness = per_nat * term.pulls.logvar.astype(np.float64)
            further = moved(ring, thickness, room)
            if term.is_sum:
                edge = pen(term.ink, SUM_LINE * self.style.scale)
                paint_ellipses(self.painter, at, further, edge, angles=angles)
            else:
                paint_bands(self.painter, at, ring, further, term.ink, angles=angles)

    def paint_arrows(self, at: Floats, terms: list[Term], per_nat: float) -> None:
        """From the means. per_nat: pixels at text scale 1."""
        style, manner = self.style, self.manner
        per_nat *= style.scale
        longest = manner.longest * cell_side(self.camera, style)
        width = manner.width * style.scale
        for term in terms:
            # What points up on the plane has fewer pixels above it.
            steps = term.pulls.mu.astype(np.float64) * (per_nat, -per_nat)
            paint_arrows(self.painter, at, steps, style, term.ink, longest=longest, width=width)
