"""Unexpected errors: a report to copy, in one dialog that stops nothing."""

import logging
import platform
import sys
import threading
import traceback
from collections.abc import Callable
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from latentlab import __version__
from latentlab.errors import InputError, memory_ran_out, told

_LOG = logging.getLogger(__name__)
_PACKAGES = ("torch", "PySide6-Essentials", "pyqtgraph", "numpy", "safetensors")
# A fault in a timer comes many times a second; the first reports say it all.
_MOST_REPORTS = 5

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def _installed(package: str) -> str:
    from importlib import metadata  # noqa: PLC0415

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def report_text(exc_info: ExcInfo) -> str:
    """What a developer needs to know: versions, the platform, and the traceback."""
    lines = [
        f"latentlab {__version__}",
        f"Python {platform.python_version()}",
        f"Platform {platform.platform()}",
        *(f"{package} {_installed(package)}" for package in _PACKAGES),
        "",
        "".join(traceback.format_exception(*exc_info)).rstrip(),
    ]
    return "\n".join(lines)


class ErrorDialog(QDialog):
    """Shows error reports; more that come while it is open are added, not shown beside it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("errorDialog")
        self.setWindowTitle("latentlab: an unexpected error")
        self.setModal(False)
        self._count = 0
        self._words = QLabel(self)
        self._words.setObjectName("errorWords")
        self._words.setWordWrap(True)
        self._report = QPlainTextEdit(self)
        self._report.setObjectName("errorReport")
        self._report.setAccessibleName("Error report")
        self._report.setReadOnly(True)
        self._report.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._copy = QPushButton("Copy report", self)
        self._copy.setObjectName("copyReportButton")
        self._copy.setAccessibleName("Copy the report")
        self._copy.setToolTip("Put the whole report on the clipboard")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        buttons.addButton(self._copy, QDialogButtonBox.ButtonRole.ActionRole)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(10)
        layout.addWidget(self._words)
        layout.addWidget(self._report, 1)
        layout.addWidget(buttons)
        self.resize(640, 400)
        self._copy.clicked.connect(self._copy_report)
        buttons.rejected.connect(self.reject)
        self.finished.connect(self._forget)

    @property
    def text(self) -> str:
        """The reports shown."""
        return self._report.toPlainText()

    def show_report(self, text: str) -> None:
        """Show `text`, under what is shown if the dialog is open. Returns at once."""
        self._count += 1
        if self._count == 1:
            self._report.setPlainText(text)
        elif self._count <= _MOST_REPORTS:
            self._report.appendPlainText(f"\n\n— error {self._count} —\n{text}")
        more = "" if self._count == 1 else f" It happened {self._count} times, or others followed."
        self._words.setText(
            "Something went wrong inside latentlab. You can go on; save your model to be safe."
            f"{more} Please copy the report and send it to the developers."
        )
        if not self.isVisible():
            self.show()

    def _copy_report(self) -> None:
        QGuiApplication.clipboard().setText(self.text)

    def _forget(self) -> None:
        self._count = 0


class ErrorHooks(QObject):
    """Leads sys.excepthook and threading.excepthook to callables in this object's thread."""

    reported = Signal(str)
    sentence_said = Signal(str)

    def __init__(self, show: Callable[[str], None], say: Callable[[str], None]) -> None:
        super().__init__()
        self._show = show
        self._say = say
        self._sys_hook = sys.excepthook
        self._thread_hook = threading.excepthook
        # Queued: from whichever thread it comes, and never in the middle of what failed.
        self.reported.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self.sentence_said.connect(self._deliver_sentence, Qt.ConnectionType.QueuedConnection)
        sys.excepthook = self._uncaught
        threading.excepthook = self._uncaught_in_thread

    def remove(self) -> None:
        """Bring the hooks back that were there before."""
        sys.excepthook = self._sys_hook
        threading.excepthook = self._thread_hook

    def _deliver(self, text: str) -> None:
        self._show(text)

    def _deliver_sentence(self, text: str) -> None:
        self._say(text)

    def _uncaught(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if not issubclass(kind, Exception):
            # Ctrl+C and the like end the program as they always do.
            sys.__excepthook__(kind, error, trace)
            return
        if isinstance(error, InputError):
            _LOG.info("nobody waited for this", exc_info=(kind, error, trace))
        else:
            _LOG.error("unexpected error", exc_info=(kind, error, trace))
        if memory_ran_out(error) or isinstance(error, InputError):
            self.sentence_said.emit(told(error, "That could not be done")[0])
        else:
            self.reported.emit(report_text((kind, error, trace)))

    def _uncaught_in_thread(self, args: threading.ExceptHookArgs) -> None:
        # Python leaves the value out when it has been lost; the type then still says something.
        error = args.exc_value if args.exc_value is not None else args.exc_type()
        self._uncaught(args.exc_type, error, args.exc_traceback)


def install_error_hooks(show: Callable[[str], None], say: Callable[[str], None]) -> ErrorHooks:
    """From now on log every uncaught exception, of any thread, and give its report to `show`.

    Of one for want of memory, and of an InputError, give a sentence to `say` instead. Both are
    called in the calling thread (the GUI's), from its event loop. Keep the result as long as the
    hooks are wanted, then call its `remove`.
    """
    return ErrorHooks(show, say)
