"""A line to type one coordinate into."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from latentlab.app.state import Z_LIMIT
from latentlab.ui.number_text import coordinate
from latentlab.ui.typed_field import TypedField, parse_number


class NumberField(TypedField):
    """A latent coordinate. What is typed beyond ±Z_LIMIT is taken as the limit.

    `valueTyped(value)`: what the user typed.
    """

    valueTyped = Signal(float)

    def __init__(self, object_name: str, accessible_name: str, parent: QWidget) -> None:
        super().__init__(object_name, 0.0, parent)
        self.setAccessibleName(accessible_name)
        self._restore()

    def _widest(self) -> tuple[str, ...]:
        return ("−1.234", "−10000")

    def _parse(self, text: str) -> float | None:
        value = parse_number(text)
        return None if value is None else min(max(value, -Z_LIMIT), Z_LIMIT)

    def _format(self, value: float) -> str:
        return coordinate(value)

    def _take(self, value: float) -> None:
        self.set_value(value)
        self.valueTyped.emit(value)
