"""Disks that refuse, for tests of what is said then."""

import contextlib
import os
import resource
from collections.abc import Iterator, Sequence
from pathlib import Path


@contextlib.contextmanager
def full_disk(processes: Sequence[int] = (0,), room: int = 0) -> Iterator[None]:
    """As on a full disk: no file can be longer than `room` bytes that these processes (0: this
    one) write meanwhile.
    """
    which = resource.RLIMIT_FSIZE
    limits = {process: resource.prlimit(process, which) for process in processes}
    for process, (_, hard) in limits.items():
        resource.prlimit(process, which, (room, hard))
    try:
        yield
    finally:
        for process, limit in limits.items():
            resource.prlimit(process, which, limit)


def read_only_folder(folder: Path) -> Path:
    """A folder where no file can be made; not even by root, who may write to all on a real disk."""
    folder.mkdir()
    folder.chmod(0o555)
    return Path("/sys") if os.access(folder, os.W_OK) else folder
