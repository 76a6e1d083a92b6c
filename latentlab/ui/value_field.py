"""A line to type a positive quantity into, such as a learning rate."""

import math

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget


class ValueField(QLineEdit):
    """A number from `low` to `high`, typed as 0.001 or 1e-3; `whole`: without a fraction.

    Enter, or leaving the field, takes what was typed. Up and Down multiply and divide by two.
    Escape, or leaving text that is no number in the range, brings the last value back; such text
    is marked meanwhile. `entered(value)`: what the user typed, when it differs from before.
    """

    entered = Signal(float)

    def __init__(
        self,
        name: str,
        low: float,
        high: float,
        parent: QWidget | None = None,
        whole: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._low, self._high, self._whole = low, high, whole
        self._value = low
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setProperty("valid", "true")
        self.textEdited.connect(self._mark)
        self.returnPressed.connect(self._take)
        self._restore()

    @property
    def value(self) -> float:
        """The number last shown or typed."""
        return self._value

    def set_value(self, value: float) -> None:
        """Show `value`, unless someone is typing here. Emits nothing."""
        changed = value != self._value
        self._value = value
        if changed and not self.isModified():
            self._restore()

    def sizeHint(self) -> QSize:
        """Room for four digits, or for a fraction."""
        widest = "0000" if self._whole else "0.00000"
        width = self.fontMetrics().horizontalAdvance(widest) + 16
        return QSize(width, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """The same: half a number is another number."""
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape brings the last value back; Up and Down double and halve."""
        if event.key() == Qt.Key.Key_Escape and self.isModified():
            self._restore()
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            factor = 2.0 if event.key() == Qt.Key.Key_Up else 0.5
            self._enter(min(max(self._value * factor, self._low), self._high))
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take what was typed."""
        self._take()
        super().focusOutEvent(event)

    def _parse(self) -> float | None:
        try:
            value = float(self.text().strip().replace(",", "."))
        except ValueError:
            return None
        inside = math.isfinite(value) and self._low <= value <= self._high
        return value if inside and not (self._whole and value % 1) else None

    def _take(self) -> None:
        value = self._parse()
        if self.isModified() and value is not None:
            self._enter(value)
        else:
            self._restore()

    def _enter(self, value: float) -> None:
        value = float(int(value)) if self._whole else value
        changed = value != self._value
        self._value = value
        self._restore()
        if changed:
            self.entered.emit(value)

    def _restore(self) -> None:
        self.setText(f"{self._value:.0f}" if self._whole else f"{self._value:.5g}")
        self._mark()

    def _mark(self) -> None:
        valid = "true" if self._parse() is not None else "false"
        if self.property("valid") != valid:
            self.setProperty("valid", valid)
            self.style().polish(self)
