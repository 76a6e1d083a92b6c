"""The log, on a disk that takes it and on one that does not."""

import logging
import sys
from pathlib import Path

import pytest

from latentlab.app.log_file import LogFile
from tests.faults import full_disk


@pytest.mark.skipif(sys.platform != "linux", reason="only there a disk can be filled so")
def test_a_full_disk_is_no_word_and_no_hindrance(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "new" / "latentlab.log"
    log = LogFile(path)
    log.emit(logging.LogRecord("a", logging.ERROR, "", 1, "first", None, None))
    with full_disk():
        log.emit(logging.LogRecord("a", logging.ERROR, "", 1, "second", None, None))
    log.emit(logging.LogRecord("a", logging.ERROR, "", 1, "third", None, None))
    with full_disk():
        log.emit(logging.LogRecord("a", logging.ERROR, "", 1, "fourth", None, None))
        log.close()
    assert capsys.readouterr().err == ""
    text = path.read_text()
    assert "ERROR a: first" in text
    assert "ERROR a: third" in text


def test_a_fault_in_what_is_logged_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = LogFile(tmp_path / "latentlab.log")
    log.emit(logging.LogRecord("a", logging.ERROR, "", 1, "%d", ("no number",), None))
    log.close()
    assert "Logging error" in capsys.readouterr().err
