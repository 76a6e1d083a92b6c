"""A line to type one coordinate into."""

import math

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from latentlab.app.state import Z_LIMIT
from latentlab.ui.number_text import coordinate


def parse_number(text: str) -> float | None:
    """The finite number in `text` (− or -, decimal point or comma), or None."""
    try:
        value = float(text.strip().replace("−", "-").replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


class NumberField(QLineEdit):
    """Shows a coordinate shortly and keeps it exactly.

    Enter or leaving the field takes what was typed; Escape, or text that is no number, brings the
    last value back. While someone types, `set_value` does not write over the text.
    """

    valueTyped = Signal(float)

    def __init__(self, object_name: str, accessible_name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._value = 0.0
        self.setObjectName(object_name)
        self.setAccessibleName(accessible_name)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setText(coordinate(0.0))
        self.textEdited.connect(self._mark)
        self.editingFinished.connect(self._commit)

    @property
    def value(self) -> float:
        """The number last set or typed, not rounded."""
        return self._value

    def set_value(self, value: float) -> None:
        """Show `value`, unless someone is typing here."""
        self._value = value
        if not (self.hasFocus() and self.isModified()):
            self._restore()

    def sizeHint(self) -> QSize:
        """Room for "−1.234" and "−10000"."""
        digits = max(map(self.fontMetrics().horizontalAdvance, ("−1.234", "−10000")))
        return QSize(digits + 18, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """The same: a number that is cut off is another number."""
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape brings the last value back."""
        if event.key() == Qt.Key.Key_Escape and self.isModified():
            self._restore()
        else:
            super().keyPressEvent(event)

    def _restore(self) -> None:
        self.setText(coordinate(self._value))
        self._mark()

    def _mark(self) -> None:
        """Let the style sheet show text that is no number."""
        valid = parse_number(self.text()) is not None
        if self.property("valid") != valid:
            self.setProperty("valid", valid)
            self.style().polish(self)

    def _commit(self) -> None:
        if not self.isModified():
            return
        value = parse_number(self.text())
        if value is not None:
            self._value = min(max(value, -Z_LIMIT), Z_LIMIT)
        self._restore()
        if value is not None:
            self.valueTyped.emit(self._value)
