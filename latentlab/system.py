"""What differs between operating systems, in one place."""

import builtins
import contextlib
import ctypes
import logging
import os
import sys
from pathlib import Path
from typing import NoReturn

# PROCESS_QUERY_LIMITED_INFORMATION of the Windows API.
_QUERY_LIMITED_INFORMATION = 0x1000


def import_torch_before_qt() -> None:
    """On Windows Qt's DLLs, loaded first, keep torch's from loading; elsewhere torch can wait."""
    if sys.platform == "win32":
        import torch  # noqa: F401, PLC0415


def import_without_reading() -> None:
    """Have modules imported from now on without PySide looking into their source.

    It reads the source of each, torch's thousands too, for whether there is `from __feature__
    import` in it, which nothing here has: a tenth of the time to the first paint, and to the first
    decoded image.
    """
    builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)


def compute_arrays_in_one_thread() -> None:
    """Have NumPy, which is not imported yet, start no threads for products of matrices.

    Just made, they wait by spinning: on two cores that takes a tenth of the time to the first
    paint. What is large torch computes, which has its own.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


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

    A link stays a link: the file it leads to is replaced. Raises OSError; then `path` is as it was.
    """
    # Not Path.resolve, which raises RuntimeError for a link to itself.
    target = Path(os.path.realpath(path))
    # A name of its own: the target's, made longer, could be too long for the file system.
    beside = target.with_name(f".latentlab-{os.urandom(8).hex()}.part")
    try:
        # Not tempfile: its files are private, and a saved model is as readable as any other file.
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
    # The file is in place. Some file systems cannot fsync a folder, which is no failure to save.
    with contextlib.suppress(OSError):
        fsync_folder(target.parent)


def give_back_memory() -> None:
    """Give the system the memory that was freed and not used again; nothing where it cannot be.

    glibc keeps it between what is still in use, so that every model opened would leave some.
    """
    if sys.platform != "linux":
        return
    with contextlib.suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)


def leave_at_once(code: int) -> NoReturn:
    """End the process as it is, without Python's own end.

    For where a thread is still at work: at Python's end torch takes back its operators, and what
    the thread then does with torch fails, or ends the process by a signal.
    """
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
    os._exit(code)


def process_alive(pid: int) -> bool:
    """Whether a process with this number runs now (perhaps another one than once had it)."""
    if sys.platform == "win32":
        # os.kill would end the process there; a handle that can be opened means it is alive.
        handle = ctypes.windll.kernel32.OpenProcess(_QUERY_LIMITED_INFORMATION, False, pid)
        if handle:
            ctypes.windll.kernel32.CloseHandle(handle)
        return bool(handle)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
