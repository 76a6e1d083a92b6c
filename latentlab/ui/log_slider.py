"""A slider over powers of ten."""

import math

from PySide6.QtWidgets import QWidget

from latentlab.ui.steady_slider import SteadySlider

# Positions to a factor of ten: each is a step of 2.3 %, and powers of ten are hit exactly.
_PER_DECADE = 100
_KEYS_PER_DECADE = 10


class LogSlider(SteadySlider):
    """A horizontal slider from `low` to `high` (both > 0) on a log scale, with a mark at 1.

    Arrow keys move by a tenth of a decade, Page Up and Down by a decade, Home and End to the ends.
    """

    def __init__(self, name: str, low: float, high: float, parent: QWidget | None = None) -> None:
        if not 0 < low < high:
            raise ValueError(f"0 < {low} < {high} does not hold")
        super().__init__(name, low, parent)
        self._low = low
        self._silent = True
        self.setRange(0, round(math.log10(high / low) * _PER_DECADE))
        self._silent = False
        self.setSingleStep(_PER_DECADE // _KEYS_PER_DECADE)
        self.setPageStep(_PER_DECADE)

    def _position(self, number: float) -> int:
        if number <= self._low:
            return 0
        exponent = min(math.log10(number / self._low), self.maximum())
        return min(round(exponent * _PER_DECADE), self.maximum())

    def _number_at(self, position: int) -> float:
        # Three digits: what is shown is what is meant.
        return float(f"{self._low * 10 ** (position / _PER_DECADE):.3g}")

    def _ticks(self) -> list[tuple[int, bool]]:
        return [
            (position, math.isclose(self._low * 10 ** (position / _PER_DECADE), 1.0))
            for position in range(0, self.maximum() + 1, _PER_DECADE)
        ]
