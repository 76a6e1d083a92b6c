"""What the processes of the app take of the memory. Linux alone tells."""

import os
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")


def resident_mb(apart_from: str) -> float:
    """Of this process and all it started but those with `apart_from` in their command, in MB."""
    pages = 0
    for pid in _family(os.getpid()):
        try:
            if apart_from not in (_PROC / str(pid) / "cmdline").read_text():
                pages += int((_PROC / str(pid) / "statm").read_text().split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended meanwhile
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _family(pid: int) -> Iterator[int]:
    yield pid
    try:
        files = list((_PROC / str(pid) / "task").glob("*/children"))
        children = [int(child) for file in files for child in file.read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return
    for child in children:
        yield from _family(child)
