"""What every line for a number does: read it, mark it, take it, bring the last one back."""

import math

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget


def parse_number(text: str) -> float | None:
    """The finite number in `text` (− or -, decimal point or comma), or None."""
    try:
        value = float(text.strip().replace("−", "-").replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


class TypedField(QLineEdit):
    """Shows a number shortly and keeps it exactly.

    Enter, or leaving the field, takes what was typed. Escape, or leaving text that is no number for
    this field, brings the last value back; such text is marked meanwhile: its property "valid" is
    False. While someone types, `set_value` does not write over the text.

    A kind of field says how it reads a number (`_parse`), how it writes one (`_format`), what it
    needs room for (`_widest`), and what follows when the user has typed another (`_take`).
    """

    def __init__(self, name: str, value: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value = value
        self.setObjectName(name)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setProperty("valid", True)
        self.textEdited.connect(self._mark)
        self.editingFinished.connect(self._commit)

    @property
    def value(self) -> float:
        """The number last set or typed, not rounded."""
        return self._value

    def set_value(self, value: float) -> None:
        """Show `value`, unless someone is typing here. Emits nothing."""
        changed = value != self._value
        self._value = value
        if changed and not self.isModified():
            self._restore()

    def sizeHint(self) -> QSize:
        """Room for the widest text."""
        width = max(map(self.fontMetrics().horizontalAdvance, self._widest()))
        return QSize(width + 18, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """The same: a number that is cut off is another number."""
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape brings the last value back; it and Enter leave the field to the shortcuts."""
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self._restore()
        else:
            super().keyPressEvent(event)
        if key in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.clearFocus()

    def _widest(self) -> tuple[str, ...]:
        raise NotImplementedError

    def _parse(self, text: str) -> float | None:
        raise NotImplementedError

    def _format(self, value: float) -> str:
        raise NotImplementedError

    def _take(self, value: float) -> None:
        raise NotImplementedError

    def _restore(self) -> None:
        # This also ends what was typed: the text is no longer modified.
        self.setText(self._format(self._value))
        self._mark()

    def _mark(self) -> None:
        """Let the style sheet show text that is no number."""
        valid = self._parse(self.text()) is not None
        if self.property("valid") != valid:
            self.setProperty("valid", valid)
            self.style().polish(self)

    def _commit(self) -> None:
        if not self.isModified():
            return
        value = self._parse(self.text())
        self._restore()
        if value is not None:
            self._take(value)
