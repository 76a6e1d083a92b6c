"""The scale that arrows are drawn to: round, and still while a model trains."""

import math

import numpy as np
import numpy.typing as npt

_SHARE = 0.8  # of the lengths that are drawn whole
_ROOM = 1.2  # how much longer they may become until the scale changes
_WASTE = 3.0  # how much shorter


class ForceScale:
    """How much a length stands for that is `reference` pixels long; none is over `longest`.

    `unit` is 1, 2 or 5 times a power of ten, so that most lengths are at most the longest; it is at
    least `finest`, so that what is next to nothing looks like it.
    """

    def __init__(self, unit: float, finest: float) -> None:
        self.unit = unit
        self._finest = finest

    def fit(
        self, lengths: npt.NDArray[np.floating], reference: float, longest: float, *, keep: bool
    ) -> None:
        """Take the lengths to be drawn; those that are not finite do not count.

        keep: leave the unit as it is while it is not far from what it should be.
        """
        known = lengths[np.isfinite(lengths)]
        if not known.size:
            return
        needed = float(np.quantile(known, _SHARE)) * reference / longest
        needed = max(needed, self._finest)
        if not (keep and needed / _ROOM <= self.unit <= needed * _WASTE):
            self.unit = _round_up(needed)


def _round_up(value: float) -> float:
    """The smallest of 1, 2 or 5 times a power of ten that is at least `value` (> 0, finite)."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(n * power for n in (1, 2, 5, 10, 20) if n * power >= value * (1 - 1e-9))
