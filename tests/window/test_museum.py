"""The museum in the real window: one message each, and the app is as it was."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from latentlab.errors import printable
from tests.bad_files.entry import BadFile
from tests.bad_files.make import make_all
from tests.window.lab import Lab
from tests.window.test_files import drop
from tests.window.test_pad import drop as drop_on_pad


@pytest.fixture
def museum(tmp_path: Path) -> list[BadFile]:
    return make_all(tmp_path / "museum")


def fault_of(sentence: str, path: Path) -> str:
    """Why this is not one sentence that names the file, or nothing."""
    rest = sentence.replace(printable(str(path)), "", 1)
    checks = {
        "does not name the file": rest != sentence,
        "is no sentence": rest.endswith(".") and not rest.endswith(".."),
        "is more than one sentence": not re.search(r"[.!?]\s", rest),
        "is too long": len(rest) < 400,
    }
    return "; ".join(what for what, holds in checks.items() if not holds)


class Watched:
    """All that a user has made of the app, and what it says."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.said: list[str] = []
        shell = lab.shell
        for signal in (
            shell.files.failed,
            shell.files.noted,
            shell.controller.failed,
            shell.controller.noted,
            shell.foreign.failed,
            shell.past.failed,
            shell.single.failed,
        ):
            signal.connect(self._hear)

    def _hear(self, sentence: str, _report: str = "") -> None:
        self.said.append(sentence)

    def state(self) -> tuple[object, ...]:
        lab = self.lab
        shown = lab.shell.pad.shown
        return (
            lab.shell.controller.present,
            lab.state,
            lab.window.windowTitle(),
            lab.shell.store.undo_stack.index(),
            lab.profile.preferences,
            lab.snapshot.run,
            lab.snapshot.running,
            lab.snapshot.likelihood,
            shown and shown.mu,
            sum(widget.isVisible() for widget in QApplication.topLevelWidgets()),
        )

    def faults(self, museum: list[BadFile], acts: dict[str, Callable[[Path], None]]) -> list[str]:
        """What is wrong with how the exhibits of these kinds are told."""
        bar, before, found = self.lab.window.message_bar, self.state(), []
        for bad in (bad for bad in museum if bad.kind in acts):
            bar.clear()
            self.said.clear()
            acts[bad.kind](bad.path)
            self.lab.wait_for_words(f"about {bad.name}")
            fault = fault_of(self.lab.said, bad.path)
            if bar.kind != "error":
                fault += f"; shown as {bar.kind}"
            if not re.search(bad.message, self.lab.said):
                fault += f"; {bad.message!r} is not said"
            if self.said != [self.lab.said]:
                fault += f"; {len(self.said)} messages"
            if self.state() != before:
                fault += "; something changed"
            if fault:
                found.append(f"{bad.name}: {fault}: {self.lab.said}")
        return found


def test_no_bad_file_changes_anything(lab: Lab, museum: list[BadFile]) -> None:
    lab.drag((0.5, 0.5), (-1.0, 1.0))
    lab.click("trainButton")
    lab.wait(lambda: lab.snapshot.running)
    files = lab.shell.files
    acts: dict[str, Callable[[Path], None]] = {
        "data": lambda path: files.open_data(str(path)),
        "model": lambda path: files.open_model(str(path)),
        "foreign": lambda path: files.open_model(str(path)),
        "session": lambda path: drop(lab, path),
    }
    # A history is opened by no choice of the user, and of ONNX it takes two: see test_onnx.py.
    assert {bad.kind for bad in museum} == {*acts, "photo", "history", "onnx"}
    assert Watched(lab).faults(museum, acts) == []
    lab.wait_for_steps(1)
    assert np.array_equal(lab.decoded(), lab.expected())
    assert lab.status.startswith("Training")


def test_no_bad_file_changes_a_model_at_rest(lab: Lab, museum: list[BadFile]) -> None:
    """Nor its weights, its cloud or what it decodes: one exhibit of each kind and place."""
    parameters, cloud = lab.parameters(), lab.snapshot.cloud
    decoded = lab.decoded()
    few = list({(bad.kind, bad.path.suffix): bad for bad in museum}.values())
    files = lab.shell.files
    acts: dict[str, Callable[[Path], None]] = {
        "data": lambda path: drop(lab, path),
        "model": lambda path: files.open_path(str(path)),
        "foreign": lambda path: files.open_path(str(path)),
        "session": lambda path: files.open_path(str(path)),
    }
    # A folder's own file says nothing of the folder.
    few = [bad for bad in few if bad.path.exists() and bad.name != "a-file-not-a-folder"]
    assert Watched(lab).faults(few, acts) == []
    assert all(np.array_equal(lab.parameters()[name], parameters[name]) for name in parameters)
    assert lab.snapshot.cloud is cloud
    assert np.array_equal(lab.decoded(), decoded)


def test_no_bad_photo_changes_what_is_drawn(lab: Lab, museum: list[BadFile]) -> None:
    lab.key("H")
    view = lab.child("padView", QWidget)
    lab.wait(view.isVisible)
    for key in (Qt.Key.Key_Space, *[Qt.Key.Key_Down] * 6, Qt.Key.Key_Space):
        lab.key(key)
    lab.wait(lambda: lab.shell.pad.shown is not None)
    acts: dict[str, Callable[[Path], None]] = {"photo": lambda path: drop_on_pad(lab, path)}
    assert Watched(lab).faults(museum, acts) == []
