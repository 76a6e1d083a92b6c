"""What is remembered between starts: a folder with settings, and autosaves while running."""

import json
import logging
import os
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import platformdirs

from latentlab.system import process_alive, write_atomic

RECENT = 8
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Preferences:
    """Remembered choices. geometry: the window's, as Qt gives it, in hexadecimal."""

    theme: str = ""
    geometry: str = ""
    last_model: str = ""
    last_data: str = ""
    recent: tuple[str, ...] = ()

    def with_recent(self, path: str) -> "Preferences":
        """With `path` first among the recent models."""
        others = tuple(name for name in self.recent if name != path)
        return replace(self, recent=(path, *others)[:RECENT])


class Profile:
    """A folder that one user's latentlab writes to. Two windows may share it."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or platformdirs.user_data_path("latentlab", appauthor=False)
        self.autosave = self.folder / "autosave" / str(os.getpid())
        self.preferences = self._read()

    @property
    def log_file(self) -> Path:
        """Where unexpected errors are logged."""
        return self.folder / "latentlab.log"

    def remember(self, preferences: Preferences) -> None:
        """Keep `preferences` for the next start. A disk that refuses is logged, not fatal."""
        self.preferences = preferences
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_atomic(self._file, json.dumps(asdict(preferences), indent=1).encode())
        except OSError:
            _log.warning("the preferences could not be written to %s", self._file, exc_info=True)

    def crashed_autosave(self) -> Path | None:
        """The newest autosave of a process that is gone; a clean end leaves none."""
        found = [
            session
            for session in self.folder.glob("autosave/*/session.json")
            if session.parent.name.isdecimal() and not process_alive(int(session.parent.name))
        ]
        return max(found, key=lambda path: path.stat().st_mtime, default=None)

    def discard_autosave(self, session: Path | None = None) -> None:
        """Delete an autosave: by default this process's own."""
        folder = session.parent if session else self.autosave
        for path in sorted(folder.glob("*")):
            path.unlink(missing_ok=True)
        if folder.is_dir():
            folder.rmdir()

    @property
    def _file(self) -> Path:
        return self.folder / "preferences.json"

    def _read(self) -> Preferences:
        try:
            value = json.loads(self._file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return Preferences()
        except (OSError, ValueError, RecursionError):
            _log.warning("%s cannot be read; starting with defaults", self._file, exc_info=True)
            return Preferences()
        return _preferences(value)


def _preferences(value: Any) -> Preferences:
    """What is usable of `value`; the rest keeps its default."""
    if not isinstance(value, dict):
        return Preferences()
    known: dict[str, Any] = {
        field.name: value[field.name]
        for field in fields(Preferences)
        if isinstance(value.get(field.name), str)
    }
    recent = value.get("recent")
    if isinstance(recent, list):
        known["recent"] = tuple(name for name in recent if isinstance(name, str))[:RECENT]
    return Preferences(**known)
