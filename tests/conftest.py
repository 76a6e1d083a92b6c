"""What every test runs under: no display, one torch thread, and nothing left behind."""

import gc
import os
import sys
import threading
from collections.abc import Generator
from pathlib import Path

# Before Qt and torch load. A developer may still watch the tests with QT_QPA_PLATFORM=xcb.
if os.environ.get("QT_QPA_PLATFORM", "offscreen") == "offscreen":
    # Its own screen has 800×800 pixels: a window that needs more falls out of full screen.
    screen = Path(__file__).with_name("screen.json")
    os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={screen}"
# So that tests that never need torch need not import it to keep its threads down.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
import tqdm
from hypothesis import settings
from PySide6.QtGui import QCursor, QGuiApplication

from tests.leaks import Leaks

# The monitor is a thread that outlives its bar.
tqdm.tqdm.monitor_interval = 0

settings.register_profile("desk", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "desk")

_failed = pytest.StashKey[bool]()
_frozen: set[str] = set()


def pytest_configure(config: pytest.Config) -> None:
    # Said by the offscreen platform of windows with a minimum size or raised; a real one heeds it.
    config.addinivalue_line(
        "qt_log_ignore", r"^This plugin does not support (propagateSizeHints|raise)\(\)$"
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    item.stash[_failed] = item.stash.get(_failed, False) or report.failed
    return report


@pytest.fixture(autouse=True)
def nothing_left_behind(request: pytest.FixtureRequest) -> Generator[None]:
    """Fail a test that leaves a window, a thread, a process or a running timer behind."""
    _freeze_imported()
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(1)
    if QGuiApplication.instance():
        # Another test may have left the pointer where a button of this one will be.
        QCursor.setPos(QGuiApplication.primaryScreen().geometry().bottomRight())
    leaks = Leaks()
    yield
    # The traceback of a failed test keeps its windows alive: they would say nothing new.
    if not request.node.stash.get(_failed, False) and (found := leaks.found()):
        pytest.fail(f"left behind: {'; '.join(found)}", pytrace=False)


def _freeze_imported() -> None:
    """Keep the garbage collector off the modules, or each collection takes a fifth of a second.

    Not only at the start: torch and scipy import much of themselves when it is first wanted.
    """
    if not _frozen.issuperset(sys.modules) and threading.active_count() == 1:
        gc.collect()
        gc.freeze()
        _frozen.update(sys.modules)
