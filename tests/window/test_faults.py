"""A disk that refuses, and memory that runs out: one sentence, nothing lost, and on it goes."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QMessageBox, QPushButton

from latentlab.app.session import load_session
from latentlab.core.checkpoint import load_checkpoint
from latentlab.paths import find_model
from tests.bad_files.idx import idx
from tests.check import ROOT
from tests.faults import full_disk, read_only_folder
from tests.window.conftest import OpenLab
from tests.window.lab import CTRL, Lab
from tests.window.test_closing import answer
from tests.window.test_files import drop, save_as, wait_for_open
from tests.window.test_training import same, take_steps

linux = pytest.mark.skipif(sys.platform != "linux", reason="only there it can be arranged so")


def test_what_could_not_be_opened_for_training_is_not_trained_or_saved_as_another(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.click("trainButton")
    lab.wait(lambda: lab.snapshot.running and lab.snapshot.unsaved)
    path = tmp_path / "other.safetensors"

    def fail(*_of: object, **_named: object) -> None:
        raise MemoryError

    with monkeypatch.context() as broken:
        broken.setattr("latentlab.training.engine.begin_run", fail)
        lab.shell.files.open_model("fashion-mnist-2d")
        lab.wait(lambda: lab.window.findChild(QMessageBox, "openQuestion") is not None)
        answer(lab, QMessageBox.StandardButton.Discard, "openQuestion")
        lab.wait(lambda: "could not be opened for training because memory ran out" in lab.said)
        assert "fashion-mnist-2d" in lab.window.windowTitle()
        assert "Nothing trains" in lab.status
        assert not lab.window.progress.isVisible()
        assert lab.child("trainButton", QPushButton).text() == "Train"
        assert "memory ran out" in said_after(lab, lambda: lab.click("trainButton"))
        said_after(lab, lambda: lab.shell.files.save_model(path))
        lab.wait(lambda: "none is open" in lab.said)
        assert not path.exists()
        # There is nothing of it to lose.
        assert not lab.shell.controller.unsaved
    lab.window.message_bar.clear()
    saved = load_checkpoint(find_model("fashion-mnist-2d")).training["steps"]
    lab.click("stepButton")
    lab.wait(lambda: lab.snapshot.step == saved + 1)
    assert lab.said == ""
    assert "trained since it was saved" in lab.status


def processes(lab: Lab) -> list[int]:
    """This one, and the engine's if that has its own."""
    assert lab.shell.bridge.laboratory is not None
    own = getattr(lab.shell.bridge.laboratory.engine, "pid", None)
    return [0] if own is None else [0, own]


def said_after(lab: Lab, act: Callable[[], object]) -> str:
    lab.window.message_bar.clear()
    act()
    lab.wait_for_words("about what failed")
    assert lab.window.message_bar.kind == "error", lab.said
    assert not lab.error_dialog.isVisible()
    return lab.said


def everything_that_writes(lab: Lab, folder: Path) -> dict[Path, Callable[[], None]]:
    exports = {
        "plane.png": lab.shell.exports.plane_png,
        "plane.svg": lab.shell.exports.plane_svg,
        "strip.png": lab.shell.exports.strip_png,
        "path.gif": lab.shell.exports.animation_gif,
        "mine.latentlab.json": lab.shell.files.save_session,
        "mine.safetensors": lab.shell.files.save_model,
    }
    return {
        folder / name: lambda write=write, name=name: write(folder / name)
        for name, write in exports.items()
    }


@linux
def test_a_full_disk_loses_nothing(open_lab: OpenLab, tmp_path: Path) -> None:
    lab = open_lab()
    folder = tmp_path / "mine"
    folder.mkdir()
    model = folder / "mine.safetensors"
    take_steps(lab, 1)
    save_as(lab, model)
    lab.shell.files.save_session(folder / "mine.latentlab.json")
    lab.click("trainButton")
    lab.wait_for_steps(1)
    before = {path: path.read_bytes() for path in folder.iterdir()}
    with full_disk(processes(lab)):
        for path, write in everything_that_writes(lab, folder).items():
            assert said_after(lab, write) == (
                f"{path} could not be written: File too large; make room there, or choose another "
                "place."
            )
        # What is kept of its own accord is not worth a word each time.
        lab.window.message_bar.clear()
        lab.trigger("themeDarkAction")
        lab.shell.files.autosave()
        lab.wait_for_steps(1)
        assert lab.said == ""
        assert lab.snapshot.running
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    lab.click("trainButton")
    lab.wait_until_exact()
    assert lab.snapshot.unsaved
    lab.plane.setFocus()
    lab.key(Qt.Key.Key_S, CTRL)
    lab.wait(lambda: not lab.snapshot.unsaved)
    assert same(dict(load_checkpoint(model).parameters), lab.parameters())
    with full_disk(processes(lab)):
        lab.shell.close_at_once()
    assert not lab.window.isVisible()


# Starts the app, takes its memory away while it trains, and gives it back.
TRAIN_WITHOUT_MEMORY = """
import json, os, resource, sys
from pathlib import Path
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from latentlab.app.profile import Profile
from latentlab.ui.error_dialog import ErrorDialog
from latentlab.ui.shell import Shell, WindowOptions

app = QApplication(["latentlab"])
shell = Shell(app, Profile(Path(sys.argv[1])), WindowOptions(theme="light"))
controller, window = shell.controller, shell.window
settled = []
shell.settled.connect(lambda: settled.append(True))
steps = [0]
controller.snapshot.connect(lambda snapshot: steps.append(snapshot.step))

def wait(condition):
    while not condition():
        QTest.qWait(20)

shell.start()
wait(lambda: settled)
first = steps[-1]
controller.step()
wait(lambda: steps[-1] == first + 1 and not controller.running)
which = resource.RLIMIT_AS
pid = getattr(shell.bridge.laboratory.engine, "pid", None) or os.getpid()
limits = resource.prlimit(pid, which)
pages = int(Path(f"/proc/{pid}/statm").read_text().split()[0])
# Enough for all but 4096 images as floats, 13 MB: that is asked for before any arithmetic, in which
# libraries beneath torch do not always live through a want of memory.
resource.prlimit(pid, which, (pages * resource.getpagesize() + (10 << 20), limits[1]))
shell.choices.set_batch_size(4096)
controller.train(True)
wait(lambda: window.message_bar.text)
wait(lambda: not controller.running)
said, stopped = window.message_bar.text, steps[-1]
shell.choices.move_z(-1.0, 0.5)
resource.prlimit(pid, which, limits)
controller.train(True)
wait(lambda: steps[-1] > stopped)
controller.train(False)
wait(lambda: not controller.running)
mine = Path(sys.argv[1]) / "mine.safetensors"
shell.files.save_model(mine)
wait(mine.exists)
wait(lambda: not controller.unsaved)
dialog = window.findChild(ErrorDialog)
further = steps[-1] > stopped > first
print(json.dumps({"said": said, "shown": dialog.isVisible(), "further": further}))
shell.close_at_once()
"""


@linux
def test_memory_that_runs_out_ends_only_the_training(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", TRAIN_WITHOUT_MEMORY, str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "MALLOC_MMAP_THRESHOLD_": "65536"},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout.splitlines()[-1])
    assert found["said"].startswith("Training stopped because memory ran out: ")
    assert not found["shown"], "it is told in a sentence"
    assert found["further"]
    assert load_checkpoint(tmp_path / "mine.safetensors").training["batch_size"] == 4096


def test_a_read_only_folder_is_named(lab: Lab, tmp_path: Path) -> None:
    folder = read_only_folder(tmp_path / "kept")
    take_steps(lab, 1)
    for path, write in everything_that_writes(lab, folder).items():
        said = said_after(lab, write)
        assert said.startswith(f"{path} could not be written: ")
        assert said.endswith("; choose another place.")
    assert lab.snapshot.unsaved
    save_as(lab, tmp_path / "elsewhere.safetensors")


def test_a_profile_that_cannot_be_written_is_gone_without(
    open_lab: OpenLab, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = read_only_folder(tmp_path / "kept")
    lab = open_lab(profile=folder / "profile")
    take_steps(lab, 1)
    lab.trigger("themeDarkAction")
    lab.shell.files.autosave()
    save_as(lab, tmp_path / "mine.safetensors")
    lab.shell.close_at_once()
    assert "no log file" in caplog.text


def test_folders_may_vanish(open_lab: OpenLab, tmp_path: Path) -> None:
    images, models = tmp_path / "images", tmp_path / "models"
    images.mkdir()
    models.mkdir()
    content = np.random.default_rng(0).integers(0, 255, 60 * 36, dtype=np.uint8).tobytes()
    (images / "train-images-idx3-ubyte").write_bytes(idx(60, 6, 6, content=content))
    lab = open_lab()
    wait_for_open(lab, lambda: drop(lab, images))
    take_steps(lab, 2)
    save_as(lab, models / "mine.safetensors")
    take_steps(lab, 1)
    for folder in (images, models, lab.profile.folder):
        shutil.rmtree(folder)
    # Everything it needs it has; what it had is told where it is missed.
    said = said_after(lab, lambda: lab.key(Qt.Key.Key_S, CTRL))
    assert said.startswith(f"{models / 'mine.safetensors'} could not be written: No such file")
    said = said_after(lab, lambda: lab.shell.files.open_data(str(images)))
    assert str(images) in said
    assert lab.snapshot.unsaved
    lab.window.message_bar.clear()
    lab.trigger("themeDarkAction")
    lab.shell.files.autosave()
    lab.key(Qt.Key.Key_R)
    lab.wait(lambda: lab.snapshot.step == 0)
    take_steps(lab, 1)
    # The dialogs began where the last file was.
    lab.plane.setFocus()
    lab.key(Qt.Key.Key_S, CTRL | Qt.KeyboardModifier.ShiftModifier)
    lab.answer_file_dialog(tmp_path / "kept.safetensors")
    lab.wait(lambda: not lab.snapshot.unsaved)
    assert lab.child("datasetChoice", QComboBox).currentData() == str(images)
    lab.shell.files.save_session(tmp_path / "mine.latentlab.json")
    assert load_session(tmp_path / "mine.latentlab.json").data == str(images)
