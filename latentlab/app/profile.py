"""What is remembered between starts: a folder with settings, and autosaves while running."""

import contextlib
import json
import logging
import os
import re
import shutil
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args

import platformdirs

from latentlab.app.json_file import read_json
from latentlab.errors import InputError
from latentlab.system import process_alive, write_atomic
from latentlab.training.messages import DeviceName, Precision

# Where training runs: in a thread of the window's process, or in a process of its own.
EngineKind = Literal["thread", "process"]

RECENT = 8
LESSONS = 100
# An autosave's folder: the number of its process, and a word, since numbers come again.
_AUTOSAVE = re.compile(r"([0-9]{1,9})(-[0-9a-f]+)?")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Preferences:
    """Remembered choices. geometry: the window's, as Qt gives it, in hexadecimal.

    lesson: the page of the course that was last open. lessons: those whose questions are solved.
    engine, device, precision: how this machine trains; no model and no session is bound to them.
    """

    theme: str = ""
    geometry: str = ""
    last_model: str = ""
    last_data: str = ""
    recent: tuple[str, ...] = ()
    engine: EngineKind = "process"
    device: DeviceName = "cpu"
    precision: Precision = "auto"
    lesson: str = ""
    lessons: tuple[str, ...] = ()

    def with_recent(self, path: str) -> "Preferences":
        """With `path` first among the recent models."""
        others = tuple(name for name in self.recent if name != path)
        return replace(self, recent=(path, *others)[:RECENT])


class Profile:
    """A folder that one user's latentlab writes to. Two windows may share it."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = (
            folder or platformdirs.user_data_path("latentlab", appauthor=False)
        ).absolute()
        self.autosave = self.folder / "autosave" / f"{os.getpid()}-{os.urandom(4).hex()}"
        self.preferences = self._read(Preferences())

    @property
    def log_file(self) -> Path:
        """Where unexpected errors are logged."""
        return self.folder / "latentlab.log"

    def remember(self, preferences: Preferences) -> None:
        """Keep `preferences` for the next start. A disk that refuses is logged, not fatal.

        What is not changed by this stays as another window may have written it meanwhile.
        """
        changes = {
            field.name: getattr(preferences, field.name)
            for field in fields(Preferences)
            if getattr(preferences, field.name) != getattr(self.preferences, field.name)
        }
        self.preferences = replace(self._read(self.preferences), **changes)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            write_atomic(self._file, json.dumps(asdict(self.preferences), indent=1).encode())
        except OSError:
            _log.warning("the preferences could not be written to %s", self._file, exc_info=True)

    def is_autosave(self, path: Path) -> bool:
        """Whether a model or session is an autosave, of whichever process."""
        return path.parent.parent == self.folder / "autosave"

    def crashed_autosave(self) -> Path | None:
        """The session newest autosaved by a process that is gone; a clean end leaves none."""
        ages: dict[Path, float] = {}
        for session in self.folder.glob("autosave/*/session.json"):
            if self._is_left(session.parent):
                with contextlib.suppress(FileNotFoundError):  # another window has discarded it
                    ages[session] = session.stat().st_mtime
        return max(ages, key=ages.__getitem__, default=None)

    def discard_autosave(self, session: Path | None = None) -> None:
        """Delete an autosave: by default this process's own. A disk that refuses is logged."""
        folder = session.parent if session else self.autosave
        if folder.parent != self.folder / "autosave":
            raise ValueError(f"{session} is not an autosave of this profile")
        if folder.is_dir():
            try:
                shutil.rmtree(folder)
            except OSError:
                _log.warning("%s could not be deleted", folder, exc_info=True)

    def _is_left(self, folder: Path) -> bool:
        """Whether no process writes to this autosave's folder any more."""
        match = _AUTOSAVE.fullmatch(folder.name)
        if match is None or folder == self.autosave:
            return False
        owner = int(match[1])
        # In a container this process may have the very number of the one that crashed.
        return owner == os.getpid() or not process_alive(owner)

    @property
    def _file(self) -> Path:
        return self.folder / "preferences.json"

    def _read(self, default: Preferences) -> Preferences:
        """What the file says; `default` if there is none that can be read."""
        try:
            return _preferences(read_json(self._file))
        except FileNotFoundError:
            return default
        except (OSError, InputError):
            _log.warning("%s cannot be read; going on without it", self._file, exc_info=True)
            return default


def _preferences(value: Any) -> Preferences:
    """What is usable of `value`; the rest keeps its default."""
    if not isinstance(value, dict):
        return Preferences()
    known: dict[str, Any] = {
        field.name: value[field.name]
        for field in fields(Preferences)
        if isinstance(value.get(field.name), str)
    }
    kinds = {"engine": EngineKind, "device": DeviceName, "precision": Precision}
    for name, kind in kinds.items():
        if known.get(name) not in get_args(kind):
            known.pop(name, None)
    for key, most in (("recent", RECENT), ("lessons", LESSONS)):
        names = value.get(key)
        if isinstance(names, list):
            known[key] = tuple(name for name in names if isinstance(name, str))[:most]
    return Preferences(**known)
