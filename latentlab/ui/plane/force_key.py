"""What the arrows and bands of the forces mean, and to which scales they are drawn."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetricsF, QPainter

from latentlab.app.force_view import ForceView
from latentlab.ui.number_text import significant
from latentlab.ui.plane.areas import Style, colour, pen
from latentlab.ui.plane.camera import Camera
from latentlab.ui.plane.force_marks import paint_arrows, paint_bands, paint_ellipses
from latentlab.ui.plane.forces import ARROW, BAND, SAMPLE, SUM_LINE, ForceLayer, pulling

_PADDING = 7.0  # pixels at text scale 1, like all lengths here
_MARGIN = 8.0  # from the plane's edges
_GAP = 8.0
_WORD_ARROW = 10.0
_WIDEST = 0.55  # of the plane; else the key says less


@dataclass(frozen=True, slots=True)
class ForceKey:
    """The key of `view` in the plane's upper right corner, as `layer` draws it.

    Where the plane is narrow it is short, and says no more than the terms and the scales.
    """

    layer: ForceLayer
    view: ForceView
    camera: Camera
    style: Style

    @property
    def rect(self) -> QRectF:
        """Where it stands."""
        return self._box(short=self._is_short)

    def paint(self, painter: QPainter) -> None:
        """Over whatever is there."""
        theme, scale, metrics = self.style.theme, self.style.scale, QFontMetricsF(self.style.small)
        short = self._is_short
        box = self._box(short=short)
        painter.setPen(colour(theme.line))
        painter.setBrush(colour(theme.plane, 0.9))
        painter.drawRoundedRect(box, 6, 6)
        painter.setFont(self.style.small)
        step = metrics.height() + 2
        at = box.topLeft() + QPointF(_PADDING * scale, _PADDING * scale + metrics.ascent())
        words = self._words()
        self._paint_words(painter, at, words)
        texts, marked = self._texts(short=short), at + QPointF((ARROW + _GAP) * scale, 0)
        middle = QPointF(0, -0.35 * metrics.ascent())
        if words:
            self._paint_arrow(painter, at + QPointF(0, step) + middle, ARROW, theme.text)
            beside = QPointF(ARROW * scale / 2, (2 if short else 2.5) * step)
            self._paint_ring(painter, at + beside + middle, {ink for _, ink in words})
        for row, text in enumerate(texts, 1):
            painter.setPen(colour(theme.text))
            painter.drawText(marked + QPointF(0, row * step), text)
        for row, text in enumerate(self._notes(short=short), 1 + len(texts)):
            painter.setPen(colour(theme.muted))
            painter.drawText(at + QPointF(0, (row if words else 0) * step), text)

    @property
    def _is_short(self) -> bool:
        return self._box(short=False).width() > _WIDEST * self.camera.width

    def _box(self, *, short: bool) -> QRectF:
        scale, metrics = self.style.scale, QFontMetricsF(self.style.small)
        texts, notes, words = self._texts(short=short), self._notes(short=short), self._words()
        widths = [sum(self._width(text) for text, _ in words) - _GAP * scale]
        widths += [(ARROW + _GAP) * scale + metrics.horizontalAdvance(text) for text in texts]
        widths += [metrics.horizontalAdvance(text) for text in notes]
        rows = bool(words) + len(texts) + len(notes)
        width = max(widths) + 2 * _PADDING * scale
        height = rows * (metrics.height() + 2) - 2 + 2 * _PADDING * scale
        margin = _MARGIN * scale
        left = max(self.camera.left + self.camera.width - margin - width, self.camera.left + margin)
        return QRectF(left, self.camera.top + margin, width, height)

    def _words(self) -> list[tuple[str, str]]:
        """What pulls, each with its colour; the sum last."""
        words = [(term.name, term.ink) for term in pulling(self.view, self.style.theme)]
        return [*words[1:], words[0]] if len(words) > 1 else words

    def _texts(self, *, short: bool) -> list[str]:
        """The scales."""
        on_mu, on_logvar = _nats(self.layer.arrows.unit), _nats(self.layer.bands.unit)
        if self.view.weights.nothing:
            return []
        if short:
            return [f"μ: {on_mu}/unit", f"log σ²: {on_logvar}"]
        return [
            f"pull on μ: {on_mu} per unit",
            f"pull on log σ²: {on_logvar} per unit,",
            "inwards σ shrinks, outwards it grows",
        ]

    def _notes(self, *, short: bool) -> list[str]:
        if self.view.weights.nothing:
            return ["both terms are off: nothing pulls"]
        if short:
            return []
        number = len(self.view.indices)
        count = "1 posterior" if number == 1 else f"{number} posteriors"
        count = f"{count}, {self.view.samples} noise samples each"
        return [count, "two heads: longer than drawn"] if self._is_cut() else [count]

    def _is_cut(self) -> bool:
        return self.layer.is_cut(self.camera, self.style)

    def _width(self, word: str) -> float:
        metrics = QFontMetricsF(self.style.small)
        return metrics.horizontalAdvance(word) + (_WORD_ARROW + 3 + _GAP) * self.style.scale

    def _paint_words(self, painter: QPainter, at: QPointF, words: list[tuple[str, str]]) -> None:
        metrics, scale = QFontMetricsF(self.style.small), self.style.scale
        for word, ink in words:
            self._paint_arrow(painter, at - QPointF(0, 0.35 * metrics.ascent()), _WORD_ARROW, ink)
            painter.setPen(colour(ink))
            painter.drawText(at + QPointF((_WORD_ARROW + 3) * scale, 0), word)
            at = at + QPointF(self._width(word), 0)

    def _paint_arrow(self, painter: QPainter, tail: QPointF, length: float, ink: str) -> None:
        length *= self.style.scale
        at, step = np.array([[tail.x(), tail.y()]]), np.array([[length, 0.0]])
        width = SAMPLE.width * self.style.scale
        paint_arrows(painter, at, step, self.style, ink, longest=length, width=width)

    def _paint_ring(self, painter: QPainter, centre: QPointF, inks: Collection[str]) -> None:
        """As where the forces cancel, with a band of one unit for each term that pulls."""
        theme, scale = self.style.theme, self.style.scale
        at, ring = np.array([[centre.x(), centre.y()]]), np.full((1, 2), SAMPLE.radius * scale)
        for ink, band in ((theme.reconstruction, -BAND), (theme.kl, BAND)):
            if ink in inks:
                paint_bands(painter, at, ring, ring + band * scale, ink)
        paint_ellipses(painter, at, ring, pen(theme.text, SUM_LINE * scale))


def _nats(value: float) -> str:
    return f"{significant(value)} nat{'' if value == 1 else 's'}"
