"""The frames of a film: the latent plane at moments of a run, each over a line that says which."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QCoreApplication, QRect, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QResizeEvent

from latentlab.app.state import Viewport
from latentlab.app.timeline import Moment
from latentlab.core.section import Section
from latentlab.data.dataset import DataPair, Split
from latentlab.training.messages import Curves, Series
from latentlab.ui.film.encoders import Frame
from latentlab.ui.number_text import fixed
from latentlab.ui.panel_style import scaled_font
from latentlab.ui.plane import LatentPlane, export
from latentlab.ui.plane.areas import colour
from latentlab.ui.theme import Theme

# At this many pixels text has its usual size.
_USUAL = 720
_BAND = 40


@dataclass(frozen=True)
class Story:
    """What a film shows: the moments in their order, and how they are looked at.

    pair: whose images they are. curves: of the run, from its beginning. isolated: the
    class shown alone, or None. section: the plane that the posteriors are projected on.
    """

    title: str
    moments: Sequence[Moment]
    pair: DataPair
    curves: Curves | None
    viewport: Viewport
    ellipse_scale: int
    isolated: int | None
    theme: Theme
    section: Section = field(default_factory=Section)


class Frames:
    """Paints the frames of a story, `side` pixels wide and high. To be used by Qt's thread."""

    def __init__(self, story: Story, side: int) -> None:
        self._story = story
        self._scale = side / _USUAL
        self._band = round(_BAND * self._scale)
        self._size = QSize(side, side - self._band)
        self._split: Split | None = None
        self._plane = plane = LatentPlane()  # never shown
        plane.set_theme(story.theme)
        plane.set_section(story.section)
        plane.set_text_scale(self._scale)
        plane.set_classes(story.pair.train.class_names)
        plane.set_ellipse_scale(story.ellipse_scale)
        plane.resize(self._size)
        QCoreApplication.sendEvent(plane, QResizeEvent(self._size, QSize()))
        plane.set_viewport(story.viewport)
        plane.set_isolated(story.isolated)

    def frame(self, index: int) -> Frame:
        """The frame of moment `index`, (side, side, 3)."""
        moment = self._story.moments[index]
        self._put(moment)
        side = self._size.width()
        image = QImage(side, side, QImage.Format.Format_RGB888)
        with QPainter(image) as painter:
            export.paint(
                painter, self._plane.scene, self._plane.legend, self._size, 1.0, handles=False
            )
            self._paint_band(painter, moment.step)
        lines = np.frombuffer(image.constBits(), np.uint8).reshape(side, image.bytesPerLine())
        return lines[:, : 3 * side].reshape(side, side, 3).copy()

    def colours(self) -> Frame:
        """The first frame, one of the middle, and the last, one below another."""
        last = len(self._story.moments) - 1
        return np.concatenate([self.frame(index) for index in sorted({0, last // 2, last})])

    def close(self) -> None:
        """Let go of the plane."""
        self._plane.deleteLater()

    def _put(self, moment: Moment) -> None:
        plane, cloud, section = self._plane, moment.cloud, self._story.section
        mu, logvar = section.posteriors(cloud.mu, cloud.logvar)
        tilts = section.correlation(cloud.logvar)
        if moment.split == self._split and len(mu) == len(plane.scene.cloud):
            plane.move_points(mu, logvar, exact=True, correlation=tilts)
            return
        self._split = moment.split
        pair = self._story.pair
        plane.set_note(f"{pair.shown(moment.split, len(mu))}{section.where}")
        labels = pair.of(moment.split).labels[: len(mu)]
        plane.set_points(mu, logvar, labels, correlation=tilts, pickable=False)

    def _paint_band(self, painter: QPainter, step: int) -> None:
        theme, width = self._story.theme, self._size.width()
        band = QRect(0, self._size.height(), width, self._band)
        painter.fillRect(band, colour(theme.window))
        margin = round(14 * self._scale)
        inner = band.adjusted(margin, 0, -margin, 0)
        font = scaled_font(self._plane.font(), 1.15 * self._scale)
        painter.setFont(font)
        painter.setPen(colour(theme.text))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(inner, middle, f"{self._story.title}  ·  step {step:,}")
        metrics, right = QFontMetricsF(font), float(inner.right())
        for text, ink in reversed(_terms(self._story.curves, step, theme)):
            right -= metrics.horizontalAdvance(text)
            painter.setPen(colour(ink))
            painter.drawText(QRect(round(right), inner.top(), width, self._band), middle, text)


def _terms(curves: Curves | None, step: int, theme: Theme) -> list[tuple[str, str]]:
    """The two terms of the last batch of figures up to `step`, each text with its colour."""
    if curves is None:
        return []
    for series, whose in ((curves.heldout, "held-out"), (curves.train, "training")):
        index = _last(series, step)
        if index is not None:
            reconstruction, kl = float(series.reconstruction[index]), float(series.kl[index])
            return [
                (f"rec {fixed(reconstruction)}", theme.reconstruction),
                (" + ", theme.muted),
                (f"KL {fixed(kl)}", theme.kl),
                (f" = {fixed(reconstruction + kl)} nats, {whose}", theme.text),
            ]
    return []


def _last(series: Series, step: int) -> int | None:
    index = int(np.searchsorted(series.step, step, side="right")) - 1
    return index if index >= 0 else None
