"""Finds windows, threads, processes and running timers that a test leaves behind."""

import contextlib
import gc
import subprocess
import threading
import time

import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication, QWidget

# Threads of the test tools themselves.
_ALLOWED_THREADS = ("pytest_timeout",)
# A thread or a process whose work is done may need a moment to end.
_GRACE_SECONDS = 2.0


class Leaks:
    """What is there now; `found` says what has been added since."""

    def __init__(self) -> None:
        self._threads = set(threading.enumerate())
        self._processes = {process.pid for process in _running_processes()}
        self._windows = set(_windows())
        self._timers = {id(timer) for timer in _running_timers()}

    def found(self) -> list[str]:
        """One line for each leak, after garbage is collected and deferred deletions are done."""
        lines = [f"thread {thread.name}" for thread in self._new_threads()]
        lines += [f"process {process.pid}: {process.args}" for process in self._new_processes()]
        if QCoreApplication.instance() is None:
            return lines
        _sweep()
        lines += [
            f"window {type(window).__name__} {window.objectName()!r} {window.windowTitle()!r}"
            for window in _windows()
            if window not in self._windows
        ]
        lines += [
            f"running timer {timer.objectName()!r} of {timer.parent()!r}, "
            f"every {timer.interval()} ms"
            for timer in _running_timers()
            if id(timer) not in self._timers
        ]
        return lines

    def _new_threads(self) -> list[threading.Thread]:
        deadline = time.monotonic() + _GRACE_SECONDS
        new = [
            thread
            for thread in threading.enumerate()
            if thread not in self._threads
            and not thread.name.startswith(_ALLOWED_THREADS)
            # Python lists threads that Qt or torch started long after they ended.
            and not isinstance(thread, threading._DummyThread)
        ]
        if new:
            gc.collect()  # some end with what they work for
        for thread in new:
            thread.join(max(0.0, deadline - time.monotonic()))
        return [thread for thread in new if thread.is_alive()]

    def _new_processes(self) -> list["subprocess.Popen[bytes]"]:
        deadline = time.monotonic() + _GRACE_SECONDS
        new = [each for each in _running_processes() if each.pid not in self._processes]
        for process in new:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
        return [process for process in new if process.poll() is None]


def _sweep() -> None:
    gc.collect()
    # Outside an event loop Qt keeps deleteLater() for later still.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()


def _windows() -> list[QWidget]:
    if not isinstance(QCoreApplication.instance(), QApplication):
        return []
    # Qt keeps its one tooltip for the next time.
    return [
        window
        for window in QApplication.topLevelWidgets()
        if window.metaObject().className() != "QTipLabel"
    ]


def _running_processes() -> list["subprocess.Popen[bytes]"]:
    """Children that Python knows: all that this project starts."""
    return [
        process
        for process in gc.get_objects()
        if issubclass(type(process), subprocess.Popen) and process.poll() is None
    ]


def _running_timers() -> list[QTimer]:
    """Timers that Python knows: all that this project starts."""
    if QCoreApplication.instance() is None:
        return []
    return [
        timer
        for timer in gc.get_objects()
        if isinstance(timer, QTimer) and shiboken6.isValid(timer) and timer.isActive()
    ]
