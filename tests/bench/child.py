"""The engine's process as a benchmark starts it: with an eye on its queues, which no other sees."""

import gc
import json
import os
import threading
import time
from pathlib import Path
from typing import Any

from latentlab.training import child

# Names the file in which the eye says how long each queue is, or was since it last said so.
FILE = "LATENTLAB_BENCH_QUEUES"
_LOOK_SECONDS, _SAY_SECONDS = 0.005, 0.1
_QUEUES = {"Engine": {"_inbox": "inbox", "notices": "notices"}, "_Outbox": {"letters": "outbox"}}


def main(*arguments: Any) -> None:
    """Run what the app would run."""
    file = Path(os.environ[FILE])
    threading.Thread(target=_watch, args=(file,), name="eye", daemon=True).start()
    child.main(*arguments)


def _watch(file: Path) -> None:
    queues: dict[str, Any] = {}
    while len(queues) < sum(map(len, _QUEUES.values())):
        time.sleep(_SAY_SECONDS)
        for item in gc.get_objects():
            for attribute, name in _QUEUES.get(type(item).__name__, {}).items():
                queues[name] = getattr(item, attribute, None) or queues.get(name)
    beside = file.with_suffix(".part")
    while True:
        longest = dict.fromkeys(queues, 0)
        end = time.monotonic() + _SAY_SECONDS
        while time.monotonic() < end:
            time.sleep(_LOOK_SECONDS)
            longest = {name: max(longest[name], queue.qsize()) for name, queue in queues.items()}
        beside.write_text(json.dumps(longest), encoding="utf-8")
        beside.replace(file)
