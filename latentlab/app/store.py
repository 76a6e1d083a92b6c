"""The one place where the user's choices live, with undo."""

from dataclasses import fields, replace
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from latentlab.app.state import AppState

_UNDO_LIMIT = 500
_CHANGE_ID = 1


class Store(QObject):
    """Holds an AppState. Every change is announced with the names of the fields that differ."""

    changed = Signal(object, object)  # the new AppState, frozenset of field names

    def __init__(self, state: AppState | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state or AppState()
        self._gesture = 0
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(_UNDO_LIMIT)

    @property
    def state(self) -> AppState:
        """The state now."""
        return self._state

    def change(self, label: str, *, merge: bool = False, **values: Any) -> None:
        """Change fields so that undo brings them back; `label` says what in the Edit menu.

        With `merge`, changes of the same label are one step of undo until `end_gesture`.
        """
        after = replace(self._state, **values)
        if after != self._state:
            gesture = self._gesture if merge else None
            self.undo_stack.push(_Change(self, label, self._state, after, gesture))

    def end_gesture(self) -> None:
        """What follows is a step of its own."""
        self._gesture += 1

    def set_quietly(self, **values: Any) -> None:
        """Change fields outside undo: what the user did not do."""
        self.put(replace(self._state, **values))

    def start_over(self, state: AppState) -> None:
        """Take `state`; nothing before it can be undone."""
        self.undo_stack.clear()
        self.put(state)

    def put(self, state: AppState) -> None:
        """Take `state` and announce the difference."""
        before, self._state = self._state, state
        names = frozenset(
            field.name
            for field in fields(state)
            if getattr(before, field.name) != getattr(state, field.name)
        )
        if names:
            self.changed.emit(state, names)


class _Change(QUndoCommand):
    """From one state to another."""

    def __init__(
        self, store: Store, label: str, before: AppState, after: AppState, gesture: int | None
    ) -> None:
        super().__init__(label)
        self._store = store
        self._before = before
        self._after = after
        self._gesture = gesture

    def redo(self) -> None:
        self._store.put(self._after)

    def undo(self) -> None:
        self._store.put(self._before)

    def id(self) -> int:
        return _CHANGE_ID

    def mergeWith(self, other: QUndoCommand) -> bool:
        if (
            not isinstance(other, _Change)
            or self._gesture is None
            or other._gesture != self._gesture
            or other.text() != self.text()
        ):
            return False
        self._after = other._after
        return True
