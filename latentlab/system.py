"""What differs between operating systems, in one place."""

import contextlib
import os
import sys
import tempfile
from pathlib import Path


def import_torch_before_qt() -> None:
    """On Windows Qt's DLLs, loaded first, keep torch's from loading; elsewhere torch can wait."""
    if sys.platform == "win32":
        import torch  # noqa: F401, PLC0415


def fsync_folder(folder: Path) -> None:
    """Make a rename in `folder` last. Windows cannot open folders, and needs no such call."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_atomic(path: Path, content: bytes) -> None:
    """Write `content` to `path` so that a crash or a full disk leaves the old file or the new one.

    Raises OSError; then `path` is as it was.
    """
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes files private; a saved model is as readable as any other file.
        umask = os.umask(0)
        os.umask(umask)
        beside.chmod(0o666 & ~umask)
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
    fsync_folder(path.parent)
