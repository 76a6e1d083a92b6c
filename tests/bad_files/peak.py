"""Opens every bad file, and prints how much memory that took: run by test_memory.py, on Linux."""

import json
import sys
from pathlib import Path

from latentlab.errors import InputError
from tests.bad_files.make import make_all
from tests.bad_files.test_museum import OPENS


def memory(which: str) -> int:
    """Bytes of this process: VmRSS now, VmHWM at most since the peak was forgotten."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(which))


def taken() -> dict[str, int]:
    """By exhibit, the bytes at the peak beyond those there were before."""
    museum = [bad for bad in make_all(Path(sys.argv[1])) if bad.kind in OPENS]
    found = {}
    for bad in museum:
        Path("/proc/self/clear_refs").write_text("5")  # forgets the peak
        before = memory("VmRSS")
        try:
            OPENS[bad.kind](bad.path)
        except InputError:
            found[bad.name] = memory("VmHWM") - before
    return found


if __name__ == "__main__":
    print(json.dumps(taken()))
