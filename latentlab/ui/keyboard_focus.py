"""Which focus has to be shown."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent

_REASONS = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


def by_keyboard(event: QFocusEvent) -> bool:
    """Whether the keyboard brought it; a click shows itself."""
    return event.reason() in _REASONS
