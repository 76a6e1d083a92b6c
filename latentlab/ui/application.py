"""Assembles the application and runs it until its window closes, or saves a screenshot of it."""

import logging
import sys
import tempfile
from pathlib import Path

from latentlab.system import (
    compute_arrays_in_one_thread,
    import_torch_before_qt,
    import_without_reading,
    leave_at_once,
)

compute_arrays_in_one_thread()
import_torch_before_qt()

from PySide6.QtCore import (  # noqa: E402
    QEventLoop,
    QMessageLogContext,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
)

import_without_reading()

from PySide6.QtWidgets import QApplication  # noqa: E402

from latentlab.app.profile import Profile  # noqa: E402
from latentlab.errors import InputError  # noqa: E402
from latentlab.ui.icons import application_icon  # noqa: E402
from latentlab.ui.shell import Shell, WindowOptions  # noqa: E402

# A screenshot that has not settled by then will not.
_SETTLE_MILLISECONDS = 90_000
# Threads take turns this often: with Python's 5 ms, a busy engine makes drags stutter.
_SWITCH_SECONDS = 0.0001

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def run_window(options: WindowOptions) -> int:
    """Open the window and run until it closes; returns the exit code. Raises InputError.

    Does not return, but ends the process, where a thread is still at work then.
    """
    app = make_application()
    if options.screenshot is None:
        shell = Shell(app, Profile(options.profile), options)
        shell.start()
        code = app.exec()
    else:
        with tempfile.TemporaryDirectory(prefix="latentlab-") as folder:
            shell = Shell(app, Profile(options.profile or Path(folder)), options)
            code = _screenshot(shell, options.screenshot)
    if not shell.ended:
        leave_at_once(code)
    return code


def make_application() -> QApplication:
    """The process made ready for a window: one QApplication, Qt's messages logged with ours."""
    sys.setswitchinterval(_SWITCH_SECONDS)
    qInstallMessageHandler(_log_qt)
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(["latentlab"])
    app.setApplicationName("latentlab")
    app.setApplicationDisplayName("latentlab")
    app.setDesktopFileName("latentlab")
    app.setWindowIcon(application_icon())
    return app


def _log_qt(kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
    """Qt's own messages go where ours go."""
    logging.getLogger("qt").log(_LEVELS[kind], "%s", text)


def _screenshot(shell: Shell, target: Path) -> int:
    """Save the settled window; 1 if it did not settle. Raises InputError when it can't write."""
    loop = QEventLoop()
    late = QTimer(loop)
    late.setSingleShot(True)
    late.timeout.connect(loop.quit)
    late.start(_SETTLE_MILLISECONDS)
    shell.settled.connect(loop.quit)
    failures: list[str] = []
    for failed in (shell.files.failed, shell.single.failed):
        failed.connect(lambda message, _report: failures.append(message))
    shell.start()
    loop.exec()
    in_time = late.isActive()
    late.stop()
    picture = shell.window.grab()
    shell.close_at_once()
    if failures:
        raise InputError(failures[0])
    if not in_time:
        print("latentlab: the window did not settle, so there is no picture.", file=sys.stderr)
        return 1
    if not picture.save(str(target), "PNG"):
        raise InputError(f"{target} could not be written: give a PNG file in a folder that exists.")
    return 0
