"""Points coloured by a factor of the images: the colours, and a key that says what they mean."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from latentlab.data.dataset import Factor
from latentlab.ui.number_text import fixed, significant
from latentlab.ui.plane.areas import Style, colour
from latentlab.ui.plane.camera import Camera
from latentlab.ui.plane.cloud import Cloud
from latentlab.ui.theme import Theme, mix

TONES = 32
# Viridis without the end that the plane's ground would swallow.
_STOPS = {
    "light": ("#440154", "#3b528b", "#21918c", "#5ec962"),
    "dark": ("#5a5fc0", "#21a08f", "#5ec962", "#fde725"),
}
_PADDING = 7.0  # pixels at text scale 1, like all lengths here
_MARGIN = 8.0
_BAR = 9.0
_NARROWEST = 150.0


def tones(factor: Factor) -> npt.NDArray[np.int64]:
    """(N,) which of TONES colours each image has, the lowest first."""
    share = (factor.values - factor.low) / (factor.high - factor.low)
    return np.clip((share * TONES).astype(np.int64), 0, TONES - 1)


@lru_cache(maxsize=4)
def toned(style: Style) -> Style:
    """`style` with a theme whose classes are the TONES colours."""
    return replace(style, theme=replace(style.theme, classes=_ramp(style.theme)))


def _ramp(theme: Theme) -> tuple[str, ...]:
    stops = _STOPS[theme.name]
    result = []
    for place in np.linspace(0, len(stops) - 1, TONES):
        first = min(int(place), len(stops) - 2)
        result.append(mix(stops[first], stops[first + 1], float(place) - first))
    return tuple(result)


def rank_correlations(cloud: Cloud, factor: Factor) -> tuple[float, float]:
    """Spearman's ρ of the factor with each axis of the means; NaN where one of them stands still.

    Of a sample of a large cloud, and of the means that are finite.
    """
    sample = cloud.sample
    sample = sample[np.isfinite(cloud.mu[sample, 0])]
    known = _ranks(factor.values[sample])
    first, second = (_correlation(known, _ranks(cloud.mu[sample, axis])) for axis in (0, 1))
    return first, second


def _ranks(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Equal values share the mean of their ranks."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    middles: npt.NDArray[np.float64] = last - (counts - 1) / 2
    return middles[inverse]


def _correlation(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> float:
    if len(a) < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    return float(np.corrcoef(a, b)[0, 1])


@dataclass(frozen=True, slots=True)
class ToneKey:
    """The key of `factor` in the plane's upper left corner, with its rank correlations.

    axes: the names of the plane's; on a line the second is "".
    """

    factor: Factor
    correlations: tuple[float, float]
    axes: tuple[str, str]
    camera: Camera
    style: Style

    @property
    def about(self) -> str:
        """All of it, at length."""
        return (
            f"Points are coloured by {self.factor.name}, with which each image was made. ρ is "
            "Spearman's rank correlation of it with μ on each axis: ±1 where the axis orders the "
            "images just by it, 0 where it knows nothing of their order."
        )

    @property
    def rect(self) -> QRectF:
        """Where it stands."""
        scale, step = self.style.scale, self._step
        metrics, padding = QFontMetricsF(self.style.small), 2 * _PADDING * scale
        width = max(
            _NARROWEST * scale, *(metrics.horizontalAdvance(t) for t in (self._title, self._note))
        )
        return QRectF(
            self.camera.left + _MARGIN * scale,
            self.camera.top + _MARGIN * scale,
            width + padding,
            3 * step + (_BAR + 4) * scale + padding,
        )

    def paint(self, painter: QPainter) -> None:
        """Over whatever is there."""
        theme, scale, step, box = self.style.theme, self.style.scale, self._step, self.rect
        painter.setPen(colour(theme.line))
        painter.setBrush(colour(theme.plane, 0.9))
        painter.drawRoundedRect(box, 6, 6)
        painter.setFont(self.style.small)
        padding = _PADDING * scale
        row = QRectF(box.left() + padding, box.top() + padding, box.width() - 2 * padding, step)
        painter.setPen(colour(theme.text))
        painter.drawText(row, self._title)
        self._paint_bar(painter, QRectF(row.left(), row.bottom() + 2, row.width(), _BAR * scale))
        row.translate(0, step + (_BAR + 4) * scale)
        painter.setPen(colour(theme.text))
        painter.drawText(row, Qt.AlignmentFlag.AlignLeft, significant(self.factor.low))
        painter.drawText(row, Qt.AlignmentFlag.AlignRight, significant(self.factor.high))
        row.translate(0, step)
        painter.setPen(colour(theme.muted))
        painter.drawText(row, self._note)

    def _paint_bar(self, painter: QPainter, bar: QRectF) -> None:
        names = toned(self.style).theme.classes
        part = bar.width() / len(names)
        for index, name in enumerate(names):
            # Each a little too wide, so that no gap shows where a pixel is shared.
            wide = min(part + 1, bar.right() - bar.left() - index * part)
            painter.fillRect(
                QRectF(bar.left() + index * part, bar.top(), wide, bar.height()), colour(name)
            )
        painter.setPen(colour(self.style.theme.line))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(bar)

    @property
    def _title(self) -> str:
        return f"{self.factor.name}, {self.factor.unit}"

    @property
    def _note(self) -> str:
        with_axes = (
            f"with {name} {'–' if np.isnan(rho) else fixed(rho)}"
            for name, rho in zip(self.axes, self.correlations, strict=True)
            if name
        )
        return f"ρ {', '.join(with_axes)}"

    @property
    def _step(self) -> float:
        return QFontMetricsF(self.style.small).height() + 2
