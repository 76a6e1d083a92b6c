"""A heat map behind the points, in colours."""

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor

from latentlab.app.layer_view import HOLE, LEVELS, AggregateMap, HeatMap
from latentlab.ui.plane.picture_layer import Bytes, PictureLayer
from latentlab.ui.theme import Theme

_OPACITY = 0.85
_HOLE_OPACITY = 0.8


class HeatLayer(PictureLayer):
    """The levels of `view` in colours over the ground, which is seen where there is none."""

    def __init__(self, view: HeatMap) -> None:
        super().__init__(view.viewport)
        self.view = view

    def pixels(self, theme: Theme) -> Bytes:
        """Each cell is a pixel."""
        table = np.zeros((HOLE + 1, 4), np.uint8)
        table[1:HOLE] = colours(theme, diverging=is_diverging(self.view))
        table[HOLE] = hole_colour(theme)
        # A colour is taken as one number, which is several times as fast.
        whole: npt.NDArray[np.uint32] = table.view(np.uint32)[:, 0]
        return whole[self.view.levels][..., None].view(np.uint8)


def is_diverging(view: HeatMap) -> bool:
    """Whether its colours go both ways, from none in the middle."""
    return isinstance(view, AggregateMap)


def colours(theme: Theme, *, diverging: bool) -> Bytes:
    """From the lowest level to the highest, (LEVELS, 4): red, green, blue, opacity."""
    strength = np.linspace(-1 if diverging else 0, 1, LEVELS)
    rgba = np.empty((LEVELS, 4), np.uint8)
    above = theme.more if diverging else theme.heat
    rgba[:, :3] = np.where(strength[:, None] < 0, _rgb(theme.less), _rgb(above))
    rgba[:, 3] = np.rint(255 * _OPACITY * np.abs(strength))
    return rgba


def hole_colour(theme: Theme) -> Bytes:
    """(4,): red, green, blue, opacity."""
    return np.append(_rgb(theme.warning), np.uint8(255 * _HOLE_OPACITY))


def _rgb(name: str) -> Bytes:
    tone = QColor(name)
    return np.array((tone.red(), tone.green(), tone.blue()), np.uint8)
