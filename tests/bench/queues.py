"""What waits between the window and what works behind it."""

import json
import os
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from latentlab.app.laboratory import Laboratory
from latentlab.app.looks import Worker
from latentlab.training import child as real_child
from latentlab.training import process
from latentlab.training.mailbox import Mailbox
from tests.bench import child

Lengths = dict[str, int]


@contextmanager
def seen_in_child() -> Generator[Callable[[], Lengths]]:
    """Lets an engine's process that is started meanwhile tell of its queues; gives what it tells.

    Each length is the longest of the last moments.
    """
    code = process._CHILD.replace(real_child.__name__, child.__name__)
    with tempfile.TemporaryDirectory(prefix="latentlab-bench-") as folder:
        file = Path(folder) / "queues.json"

        def told() -> Lengths:
            if not file.exists():
                return {}
            found: Lengths = json.loads(file.read_text(encoding="utf-8"))
            return {f"child.{name}": length for name, length in found.items()}

        environment = {child.FILE: str(file)}
        with patch.object(process, "_CHILD", code), patch.dict(os.environ, environment):
            yield told


def lengths(laboratory: Laboratory) -> Lengths:
    """The length of every queue and mailbox of engine, viewer and reader, by its name."""
    found: Lengths = {}
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
