"""An axis in nats that can count on a log scale."""

import math

import pyqtgraph as pg

_MANTISSAS = (1, 2, 5)
_NATS = "nats per image"
_LEFT_OUT = f"{_NATS}<br>≤ 0 is left out"


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """At most about `most` (≥ 2) ticks between `low` and `high`, all three in powers of ten.

    1, 2 and 5 times each power of ten, or where they crowd, only some powers of ten.
    """
    exponents = range(math.floor(low), math.ceil(high) + 1)
    for mantissas in (_MANTISSAS, (1,)):
        ticks = [e + math.log10(m) for e in exponents for m in mantissas]
        inside = [tick for tick in ticks if low <= tick <= high]
        if len(inside) <= most:
            return inside
    return inside[:: math.ceil(len(inside) / most)]


class NatsAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """The left axis. While `log` is set, a position p on it means 10^p nats."""

    def __init__(self) -> None:
        super().__init__("left", text=_NATS)
        self.log = False
        self.enableAutoSIPrefix(False)

    def set_log(self, on: bool) -> None:
        """Count on a log scale, or a linear one."""
        self.log = on
        # The ticks drawn last belong to the other scale.
        self.picture = None
        self.update()

    def say_left_out(self, some: bool) -> None:
        """Say, beside the axis, whether values are left out, since no logarithm has them."""
        text = _LEFT_OUT if some else _NATS
        if text != self.labelText:
            self.setLabel(text)

    def tickValues(
        self, minVal: float, maxVal: float, size: float
    ) -> list[tuple[float, list[float]]]:
        """Ticks with the distance between them, as pyqtgraph asks for them."""
        if not self.log:
            found: list[tuple[float, list[float]]] = super().tickValues(minVal, maxVal, size)
            return found
        most = max(2, int(size // 18))
        return [(1.0, log_ticks(minVal, maxVal, most))]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """The ticks' texts."""
        if not self.log:
            texts: list[str] = super().tickStrings(values, scale, spacing)
            return texts
        return [f"{10**value:,.5g}" if value < 6 else f"1e{value:.0f}" for value in values]
