"""The one place where the user's choices live, with undo."""

from dataclasses import fields, replace
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from latentlab.app.state import AppState

_UNDO_LIMIT = 500


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

        With `merge`, changes of the same label are one step of undo until `end_gesture`, and no
        step if they end where they began.
        """
        after = replace(self._state, **values)
        names = _differing(self._state, after)
        if names:
            before, then = _picked(self._state, names), _picked(after, names)
            gesture = self._gesture if merge else None
            last = self._last
            if last is not None and last.goes_on(label, gesture):
                self._extend(last, before, then)
            else:
                self.undo_stack.push(_Change(self, label, before, then, gesture))

    @property
    def _last(self) -> "_Change | None":
        """What the next undo would take back."""
        command = self.undo_stack.command(self.undo_stack.index() - 1)
        return command if isinstance(command, _Change) else None

    def _extend(self, last: "_Change", before: dict[str, Any], then: dict[str, Any]) -> None:
        # Not by QUndoCommand.mergeWith: PySide never frees what Qt has merged.
        changes = last.extend(before, then)
        self.put(replace(self._state, **then))
        if not changes:
            last.setObsolete(True)
            self.undo_stack.undo()  # which takes it off the stack, and does nothing else

    def end_gesture(self) -> None:
        """What follows is a step of its own."""
        self._gesture += 1

    def set_quietly(self, **values: Any) -> None:
        """Change fields outside undo: what the user did not do. Undo leaves them as they are."""
        self.put(replace(self._state, **values))

    def start_over(self, state: AppState) -> None:
        """Take `state`; nothing before it can be undone."""
        self.undo_stack.clear()
        self.put(state)

    def put(self, state: AppState) -> None:
        """Take `state` and announce the difference."""
        names = _differing(self._state, state)
        self._state = state
        if names:
            self.changed.emit(state, names)


class _Change(QUndoCommand):
    """Some fields from their values before to those after.

    Not whole states: those would bring back, too, what was set quietly in between.
    """

    def __init__(
        self,
        store: Store,
        label: str,
        before: dict[str, Any],
        after: dict[str, Any],
        gesture: int | None,
    ) -> None:
        super().__init__(label)
        self._store = store
        self._before = before
        self._after = after
        self._gesture = gesture

    def redo(self) -> None:
        self._store.put(replace(self._store.state, **self._after))

    def undo(self) -> None:
        # What is changed from here on must not merge into what is under this command.
        self._store.end_gesture()
        self._store.put(replace(self._store.state, **self._before))

    def goes_on(self, label: str, gesture: int | None) -> bool:
        """Whether a change of this label in this gesture is part of it."""
        return gesture is not None and self._gesture == gesture and self.text() == label

    def extend(self, before: dict[str, Any], after: dict[str, Any]) -> bool:
        """Take more changes in; False if all of it together changes nothing."""
        self._before = before | self._before
        self._after = self._after | after
        return self._before != self._after


def _differing(before: AppState, after: AppState) -> frozenset[str]:
    names = (field.name for field in fields(AppState))
    return frozenset(name for name in names if getattr(before, name) != getattr(after, name))


def _picked(state: AppState, names: frozenset[str]) -> dict[str, Any]:
    return {name: getattr(state, name) for name in names}
