import logging
import sys
import threading
from collections.abc import Generator

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from latentlab import __version__
from latentlab.ui.error_dialog import ErrorDialog, install_error_hooks, report_text


def exc_info() -> tuple[type[BaseException], BaseException, object]:
    try:
        raise ValueError("the cloud is gone")
    except ValueError:
        return sys.exc_info()


@pytest.fixture
def reports(qtbot: QtBot) -> Generator[list[tuple[str, threading.Thread]]]:
    said: list[tuple[str, threading.Thread]] = []

    def note(text: str) -> None:
        said.append((text, threading.current_thread()))

    hooks = install_error_hooks(note, note)
    yield said
    hooks.remove()


def test_a_report_says_versions_and_traceback() -> None:
    report = report_text(exc_info())
    assert f"latentlab {__version__}" in report
    for name in ("Python 3.", "torch ", "PySide6-Essentials 6."):
        assert name in report
    assert report.endswith("ValueError: the cloud is gone")
    assert 'in exc_info\n    raise ValueError("the cloud is gone")' in report


def test_errors_of_this_thread_are_logged_and_shown_later(
    qtbot: QtBot,
    reports: list[tuple[str, threading.Thread]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR):
        sys.excepthook(*exc_info())
    assert reports == []
    assert "the cloud is gone" in caplog.text
    qtbot.waitUntil(lambda: len(reports) == 1)
    assert "the cloud is gone" in reports[0][0]


def test_want_of_memory_is_a_sentence_and_no_report(
    qtbot: QtBot, reports: list[tuple[str, threading.Thread]]
) -> None:
    error = MemoryError()
    sys.excepthook(MemoryError, error, None)
    qtbot.waitUntil(lambda: len(reports) == 1)
    assert reports[0][0] == (
        "That could not be done because memory ran out: close other programs, then try again."
    )


def test_errors_of_other_threads_are_shown_in_this_one(
    qtbot: QtBot, reports: list[tuple[str, threading.Thread]]
) -> None:
    def fail() -> None:
        raise RuntimeError("from afar")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: len(reports) == 1)
    assert "RuntimeError: from afar" in reports[0][0]
    assert reports[0][1] is threading.main_thread()


def test_ctrl_c_is_no_error(
    reports: list[tuple[str, threading.Thread]], capsys: pytest.CaptureFixture[str]
) -> None:
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    QCoreApplication.processEvents()
    assert reports == []
    assert "KeyboardInterrupt" in capsys.readouterr().err


def test_removed_hooks_are_gone(qtbot: QtBot) -> None:
    before = sys.excepthook, threading.excepthook
    hooks = install_error_hooks(print, print)
    assert sys.excepthook != before[0]
    hooks.remove()
    assert (sys.excepthook, threading.excepthook) == before


def test_one_dialog_takes_them_all_and_stops_nothing(qtbot: QtBot) -> None:
    dialog = ErrorDialog()
    qtbot.addWidget(dialog)
    for number in range(50):
        dialog.show_report(f"report {number}")
    assert dialog.isVisible()
    assert not dialog.isModal()
    assert "report 0" in dialog.text
    assert "report 3" in dialog.text
    assert "report 49" not in dialog.text
    dialog.reject()
    dialog.show_report("another day")
    assert dialog.text == "another day"


def test_copy(qtbot: QtBot) -> None:
    dialog = ErrorDialog()
    qtbot.addWidget(dialog)
    dialog.show_report("line one\nline two")
    button = dialog.findChild(QAbstractButton, "copyReportButton")
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "line one\nline two"
