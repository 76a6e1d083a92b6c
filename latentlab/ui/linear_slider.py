"""A slider over an interval that may move."""

from PySide6.QtWidgets import QWidget

from latentlab.ui.steady_slider import SteadySlider

_POSITIONS = 1_000
_KEYS = 50  # from end to end
_LEAST = 1e-3  # latent units between the ends


class LinearSlider(SteadySlider):
    """A horizontal slider from `low` to `high`, with a mark at 0.

    Arrow keys move by a fiftieth of that, Page Up and Down by a tenth, Home and End to the ends.
    """

    def __init__(self, name: str, low: float, high: float, parent: QWidget | None = None) -> None:
        super().__init__(name, 0.0, parent)
        self._low, self._high = low, high
        self.setRange(0, _POSITIONS)
        self.setSingleStep(_POSITIONS // _KEYS)
        self.setPageStep(_POSITIONS // 10)
        self.set_number(0.0)

    def set_ends(self, low: float, high: float) -> None:
        """Reach from here to there. Emits nothing, and leaves the number as it is."""
        self._low, self._high = low, max(high, low + _LEAST)
        self.set_number(self.number)

    def _position(self, number: float) -> int:
        part = (number - self._low) / (self._high - self._low)
        return round(_POSITIONS * min(max(part, 0.0), 1.0))

    def _number_at(self, position: int) -> float:
        # Three decimals: what is shown is what is meant.
        return round(self._low + (self._high - self._low) * position / _POSITIONS, 3)

    def _ticks(self) -> list[tuple[int, bool]]:
        return [(self._position(0.0), True)] if self._low <= 0 <= self._high else []
