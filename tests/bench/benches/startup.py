"""Seconds from the start of the process to the first pictures, against importing what they need.

first_paint_s: the window is painted with its points; first_decode_s: and with the decoded image.
qt_import_s: `import PySide6.QtWidgets, pyqtgraph` is done; torch_import_s: and torch on top. Each
time a new process, files warm from a run before that does not count.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from typing import cast

from tests.bench.result import BenchError, Figure, Options, Result, at_most

_APP = ("-m", "tests.bench.starting", "--size", "1440x900")
_QT = "import PySide6.QtWidgets, pyqtgraph"
_SAY = "; import time, json; print(json.dumps({'done': time.monotonic()}))"
_PATIENCE = 120


def run(options: Options) -> Result:
    rounds = 1 if options.quick else 7
    app: list[dict[str, float]] = []
    qt: list[float] = []
    both: list[float] = []
    for _ in range(rounds + (0 if options.quick else 1)):
        with tempfile.TemporaryDirectory(prefix="latentlab-bench-") as folder:
            app.append(_moments(*_APP, "--profile", folder))
        qt.append(_moments("-c", _QT + _SAY)["done"])
        both.append(_moments("-c", f"{_QT}, torch{_SAY}")["done"])
    # The first came from a cold disk.
    app, qt, both = app[-rounds:], qt[-rounds:], both[-rounds:]
    paint = [moments["first_paint"] for moments in app]
    decode = [moments["first_decode"] for moments in app]
    return Result(
        [
            Figure("first_paint_s", paint),
            Figure("first_decode_s", decode),
            Figure("qt_import_s", qt),
            Figure("torch_import_s", both),
            Figure("paint_ratio", _ratios(paint, qt), at_most(1.6)),
            Figure("decode_ratio", _ratios(decode, both), at_most(1.5)),
        ],
        {"rounds": rounds},
    )


def _ratios(ours: list[float], imports: list[float]) -> list[float]:
    return [one / other for one, other in zip(ours, imports, strict=True)]


def _moments(*arguments: str) -> dict[str, float]:
    """What a process of Python says of its moments, in seconds since it was started."""
    # pip compiles what it installs, and a start what lies beside it, unless it is told not to.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )
    if done.returncode:
        raise BenchError(f"python {' '.join(arguments)} ended with {done.stderr.strip()}")
    said = cast(dict[str, float], json.loads(done.stdout))
    return {name: at - start for name, at in said.items()}
