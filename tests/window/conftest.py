"""The app opened for a test, and closed behind it without a trace."""

from collections.abc import Callable, Generator
from functools import cache
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from latentlab.app import comparing
from latentlab.app.profile import EngineKind
from latentlab.app.state import Workspace
from latentlab.core.history import History, load_history
from latentlab.paths import PRETRAINED
from latentlab.ui import past
from latentlab.ui.shell import WindowOptions
from tests.window.lab import Lab

OpenLab = Callable[..., Lab]


@pytest.fixture(scope="session", autouse=True)
def shipped_histories_read_once() -> Generator[None]:
    """They never change, and each takes half a second of a core, in nearly every test."""
    read_once = cache(load_history)

    def load(path: Path) -> History:
        return read_once(path) if path.parent == PRETRAINED else load_history(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(past, "load_history", load)
        patch.setattr(comparing, "load_history", load)
        yield


@pytest.fixture
def open_lab(qtbot: QtBot, tmp_path: Path) -> Generator[OpenLab]:
    """Opens the app, settled, as often as wanted: `open_lab(path, settle=…, profile=…, engine=…)`.

    The engine is in a thread, which starts sooner; test_engines.py has it in both places.
    """
    opened: list[Lab] = []
    font = QApplication.font()  # which presentation mode enlarges

    def open_one(
        path: str | None = None,
        *,
        settle: bool = True,
        profile: Path | None = None,
        engine: EngineKind | None = "thread",
        workspace: Workspace = "explore",
        page: int | None = None,
        onnx: tuple[str, str] | None = None,
    ) -> Lab:
        lab = Lab(
            qtbot,
            profile or tmp_path / "profile",
            WindowOptions(
                path=path,
                onnx=onnx,
                theme="light",
                engine=engine,
                workspace=workspace,
                page=page,
            ),
        )
        opened.append(lab)
        lab.start(settle=settle)
        return lab

    yield open_one
    reports = []
    for lab in opened:
        reports.append("" if lab.expects_errors else lab.error_dialog.text)
        lab.end()
    QApplication.setFont(font)
    assert reports == [""] * len(opened), "\n".join(reports)


@pytest.fixture
def lab(open_lab: OpenLab) -> Lab:
    """The app as a stranger starts it, settled."""
    return open_lab()
