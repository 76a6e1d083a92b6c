"""A heat map behind the points: its colours, and what they mean."""

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtGui import QColor

from latentlab.app.layer_view import AggregateMap, HeatMap, LikelihoodMap
from latentlab.core.aggregate import HOLE_RATIO
from latentlab.ui.plane.picture_layer import Bytes, PictureLayer
from latentlab.ui.theme import Theme

LEVELS = 256
_OPACITY = 0.85
_HOLE_OPACITY = 0.8
# Of log p(x|z), so many nats below the highest in view: further down all is as unlikely.
_DEPTH = 100.0
_LEAST_RANGE = 1e-6


@dataclass(frozen=True, slots=True)
class Scale:
    """From which value to which the colours go. diverging: 0 lies in the middle and has none."""

    low: float
    high: float
    diverging: bool = False

    def colours(self, theme: Theme) -> Bytes:
        """From low to high, (LEVELS, 4): red, green, blue, opacity."""
        table = np.empty((LEVELS, 4), np.uint8)
        if self.diverging:
            strength = np.linspace(-1, 1, LEVELS)
            table[:, :3] = np.where(strength[:, None] < 0, _rgb(theme.less), _rgb(theme.more))
        else:
            strength = np.linspace(0, 1, LEVELS)
            table[:, :3] = _rgb(theme.heat)
        table[:, 3] = np.rint(255 * _OPACITY * np.abs(strength))
        return table


class HeatLayer(PictureLayer):
    """The values of `view` in colours: what has none, and 0 on a diverging scale, is left clear.

    Within 3σ what lies below a diverging scale is a hole, in a colour of its own; outside, where
    the prior has next to nothing either, it is left clear.
    """

    def __init__(self, view: HeatMap) -> None:
        super().__init__(view.viewport)
        self.view = view
        self.scale = _scale(view)

    def pixels(self, theme: Theme) -> Bytes:
        """By the scale."""
        values, scale = self.view.values, self.scale
        known = np.nan_to_num(values, nan=0.0, posinf=scale.high, neginf=scale.low)
        part = (np.clip(known, scale.low, scale.high) - scale.low) / (scale.high - scale.low)
        rgba: Bytes = scale.colours(theme)[np.rint(part * (LEVELS - 1)).astype(np.intp)]
        if isinstance(self.view, AggregateMap):
            rgba[(values < scale.low) | np.isnan(values)] = 0
            rgba[self.view.holes] = hole_colour(theme)
        return rgba


def hole_colour(theme: Theme) -> Bytes:
    """(4,): red, green, blue, opacity."""
    return np.append(_rgb(theme.warning), np.uint8(255 * _HOLE_OPACITY))


def _scale(view: HeatMap) -> Scale:
    if isinstance(view, AggregateMap):
        ratio = -math.log(HOLE_RATIO)
        return Scale(-ratio, ratio, diverging=True)
    low, high = float(view.values.min()), float(view.values.max())
    if isinstance(view, LikelihoodMap):
        low = max(low, high - _DEPTH)
    return Scale(low, max(high, low + _LEAST_RANGE))


def _rgb(name: str) -> Bytes:
    tone = QColor(name)
    return np.array((tone.red(), tone.green(), tone.blue()), np.uint8)
