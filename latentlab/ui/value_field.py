"""A line to type a quantity in a range into, such as a learning rate."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from latentlab.ui.typed_field import TypedField, parse_number


class ValueField(TypedField):
    """A number from `low` to `high`, typed as 0.001 or 1e-3; `whole`: without a fraction.

    Up and Down multiply and divide by two; Up makes `first` of 0. `entered(value)`: what the user
    typed, when it differs from before.
    """

    entered = Signal(float)

    def __init__(
        self,
        name: str,
        low: float,
        high: float,
        parent: QWidget | None = None,
        *,
        whole: bool = False,
        first: float = 0.01,
    ) -> None:
        super().__init__(name, low, parent)
        self._low, self._high, self._whole, self._first = low, high, whole, first
        self._restore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down double and halve."""
        if event.key() == Qt.Key.Key_Up:
            self._step(2 * self._value or self._first)
        elif event.key() == Qt.Key.Key_Down:
            self._step(self._value / 2)
        else:
            super().keyPressEvent(event)

    def _widest(self) -> tuple[str, ...]:
        return ("0000",) if self._whole else ("0.00000",)

    def _parse(self, text: str) -> float | None:
        value = parse_number(text)
        if value is None or not self._low <= value <= self._high:
            return None
        return None if self._whole and value % 1 else value

    def _format(self, value: float) -> str:
        return f"{value:.0f}" if self._whole else f"{value:.5g}"

    def _take(self, value: float) -> None:
        if value != self._value:
            self.set_value(value)
            self.entered.emit(value)

    def _step(self, value: float) -> None:
        value = min(max(value, self._low), self._high)
        # What was typed meanwhile goes: the step is one from the last value.
        self._restore()
        self._take(float(int(value)) if self._whole else value)
