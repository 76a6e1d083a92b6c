"""The log on the disk, which must not be in the way when the disk is."""

import contextlib
import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

_BYTES = 1 << 20


class LogFile(RotatingFileHandler):
    """Writes to `path`, and goes without what a full or vanished disk does not take.

    Raises OSError when it cannot be begun.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        super().__init__(path, maxBytes=_BYTES, backupCount=1, encoding="utf-8")
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))

    def handleError(self, record: logging.LogRecord) -> None:
        """What is wrong with the disk is told by what was to be saved there."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handleError(record)

    def close(self) -> None:
        """Close it. What is not written by then is lost; that must not keep a window open."""
        with contextlib.suppress(OSError):
            super().close()
