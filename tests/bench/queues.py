"""What waits between the window and what works behind it."""

from typing import Any

from latentlab.app.laboratory import Laboratory
from latentlab.app.looks import Worker
from latentlab.training.mailbox import Mailbox


def lengths(laboratory: Laboratory) -> dict[str, int]:
    """The length of every queue and mailbox of engine, viewer and reader, by its name."""
    found: dict[str, int] = {}
    for name, part in vars(laboratory).items():
        for of, value in getattr(part, "__dict__", {}).items():
            length = _length(value)
            if length is not None:
                found[f"{name}.{of.lstrip('_')}"] = length
        if isinstance(part, Worker):
            found[f"{name}.waiting"] = len(part._waiting)
    return found


def _length(value: Any) -> int | None:
    if isinstance(value, Mailbox):
        return len(value._letters)
    return value.qsize() if hasattr(value, "qsize") else None
