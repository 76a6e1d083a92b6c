"""An axis of training steps."""

import pyqtgraph as pg

_STEPS = "step (solid: training, dashed: held-out)"


class StepsAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """The axis below the curves: whole steps alone, written as everywhere else in the window."""

    def __init__(self) -> None:
        super().__init__("bottom", text=_STEPS)
        self.enableAutoSIPrefix(False)

    def tickValues(
        self, minVal: float, maxVal: float, size: float
    ) -> list[tuple[float, list[float]]]:
        """Ticks with the distance between them, as pyqtgraph asks for them."""
        found: list[tuple[float, list[float]]] = super().tickValues(minVal, maxVal, size)
        whole = ((gap, [tick for tick in ticks if tick == round(tick)]) for gap, ticks in found)
        return [(max(gap, 1.0), ticks) for gap, ticks in whole if ticks]

    def tickStrings(self, values: list[float], _scale: float, _spacing: float) -> list[str]:
        """The ticks' texts."""
        return [f"{value:,.0f}" for value in values]
