"""The end: clean, asked about, or sudden."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMessageBox

from latentlab.core.checkpoint import load_checkpoint
from tests.check import ROOT
from tests.window.conftest import OpenLab
from tests.window.lab import CTRL, LEFT, LIVE_STEPS, Lab
from tests.window.test_training import same, take_steps

# Drives the app that the real command line opens: trains, then closes while it trains.
TRAIN_AND_CLOSE = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton

app = QApplication(["latentlab"])
clock = QTimer()

def poll():
    for window in app.topLevelWidgets():
        if window.objectName() != "mainWindow" or not window.isVisible():
            continue
        button = window.findChild(QPushButton, "trainButton")
        box = window.findChild(QMessageBox, "closeQuestion")
        if box is not None:
            clock.stop()
            box.button(QMessageBox.StandardButton.Discard).click()
        elif button.text() == "Pause" and "trained since" not in window.status_text.text():
            window.close()
        elif button.isEnabled() and button.text() == "Train":
            button.click()

clock.timeout.connect(poll)
clock.start(100)
from latentlab.cli import main
sys.exit(main(["--profile", sys.argv[1]]))
"""

# Trains, autosaves as the timer does, and then is killed.
TRAIN_AND_DIE = """
import os, signal, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from latentlab.app.profile import Profile
from latentlab.ui.shell import Shell, WindowOptions

app = QApplication(["latentlab"])
profile = Profile(Path(sys.argv[1]))
shell = Shell(app, profile, WindowOptions())
clock = QTimer()

def poll():
    if not shell.controller.unsaved:
        return
    session = list(profile.folder.glob("autosave/*/session.json"))
    if session:
        os.kill(os.getpid(), signal.SIGKILL)
    elif not shell.controller.running:
        shell.choices.move_z(-1.0, 0.5)
        shell.files.autosave()

def train():
    for _ in range(3):
        QTimer.singleShot(0, shell.controller.step)

clock.timeout.connect(poll)
clock.start(50)
shell.settled.connect(train)
shell.start()
app.exec()
"""


def run(script: str, profile: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, str(profile)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def answer(lab: Lab, button: QMessageBox.StandardButton, question: str = "closeQuestion") -> None:
    box = lab.child(question, QMessageBox)
    lab.wait(box.isActiveWindow)
    QTest.mouseClick(box.button(button), LEFT)


def test_closing_while_it_trains_ends_cleanly(tmp_path: Path) -> None:
    result = run(TRAIN_AND_CLOSE, tmp_path)
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr, result.stderr
    log = tmp_path / "latentlab.log"
    assert not log.exists() or "ERROR" not in log.read_text()
    assert not list(tmp_path.glob("autosave/*/*")), "a clean end leaves no autosave"
    assert json.loads((tmp_path / "preferences.json").read_text())["geometry"]


def test_unsaved_training_is_asked_about(lab: Lab, tmp_path: Path) -> None:
    take_steps(lab, 1)
    buttons = QMessageBox.StandardButton
    lab.key(Qt.Key.Key_Q, CTRL)
    assert lab.window.isVisible()
    # It trains on behind the question.
    step = lab.snapshot.step
    lab.shell.controller.step()
    lab.wait(lambda: lab.snapshot.step == step + 1)
    answer(lab, buttons.Cancel)
    assert lab.window.isVisible()
    lab.wait(lambda: lab.window.findChild(QMessageBox, "closeQuestion") is None)
    # Saved, but then not: the window stays.
    lab.window.close()
    answer(lab, buttons.Save)
    lab.answer_file_dialog(tmp_path / "mine", accept=False)
    assert lab.window.isVisible()
    lab.wait(lambda: lab.window.findChild(QMessageBox, "closeQuestion") is None)
    parameters = lab.parameters()
    lab.window.close()
    answer(lab, buttons.Save)
    lab.answer_file_dialog(tmp_path / "mine", closes=True)
    lab.wait(lambda: not lab.window.isVisible())
    assert same(dict(load_checkpoint(tmp_path / "mine.safetensors").parameters), parameters)


def test_a_save_that_fails_keeps_the_window_open(lab: Lab, tmp_path: Path) -> None:
    take_steps(lab, 1)
    lab.window.close()
    answer(lab, QMessageBox.StandardButton.Save)
    folder = tmp_path / "folder.safetensors"
    folder.mkdir()
    (folder / "full").write_text("")
    lab.shell.files.save_model(folder, lab.shell.close_at_once)
    lab.wait(lambda: "folder.safetensors" in lab.said)
    assert lab.window.isVisible()
    assert lab.snapshot.unsaved
    lab.answer_file_dialog(tmp_path / "mine", accept=False)


def test_another_model_takes_the_place_of_unsaved_training_only_when_told(
    lab: Lab, tmp_path: Path
) -> None:
    take_steps(lab, 1)
    title = lab.window.windowTitle()
    run = lab.snapshot.run

    def choose() -> None:
        lab.shell.files.open_model("fashion-mnist-2d")
        lab.wait(lambda: lab.window.findChild(QMessageBox, "openQuestion") is not None)

    choose()
    answer(lab, QMessageBox.StandardButton.Cancel, "openQuestion")
    lab.wait(lambda: lab.window.findChild(QMessageBox, "openQuestion") is None)
    assert lab.window.windowTitle() == title
    assert lab.snapshot.run == run
    choose()
    parameters = lab.parameters()
    answer(lab, QMessageBox.StandardButton.Save, "openQuestion")
    lab.answer_file_dialog(tmp_path / "mine")
    lab.wait(lambda: "fashion-mnist-2d" in lab.window.windowTitle())
    assert same(dict(load_checkpoint(tmp_path / "mine.safetensors").parameters), parameters)


def test_discarding_closes_and_saved_training_is_not_asked_about(
    open_lab: OpenLab, tmp_path: Path
) -> None:
    lab = open_lab()
    take_steps(lab, 1)
    lab.window.close()
    answer(lab, QMessageBox.StandardButton.Discard)
    lab.wait(lambda: not lab.window.isVisible())
    again = open_lab()
    take_steps(again, 1)
    again.shell.files.save_model(tmp_path / "mine.safetensors")
    again.wait(lambda: not again.snapshot.unsaved)
    again.window.close()
    assert not again.window.isVisible()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="only there can it be killed so")
def test_a_crash_loses_no_more_than_the_last_autosave(open_lab: OpenLab, tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    result = run(TRAIN_AND_DIE, profile)
    assert result.returncode == -signal.SIGKILL, result.stderr
    [session] = profile.glob("autosave/*/session.json")
    saved = load_checkpoint(next(session.parent.glob("*.safetensors")))

    lab = open_lab()
    assert "did not end properly" in lab.said
    assert lab.window.message_bar.kind == "offer"
    run_number = lab.snapshot.run
    lab.click("messageAction_restore")
    lab.wait(lambda: lab.snapshot.run > run_number)
    lab.wait_until_exact()
    assert same(lab.parameters(), dict(saved.parameters))
    assert lab.snapshot.step == int(saved.training["steps"]) > LIVE_STEPS
    assert lab.state.z == (-1.0, 0.5)
    assert np.array_equal(lab.decoded(), lab.expected())
    assert lab.said == ""
    assert session.exists(), "it was not saved elsewhere yet"
    assert lab.profile.preferences.recent == ()
    lab.shell.close_at_once()

    # Still offered, until it is saved elsewhere; saving asks where.
    again = open_lab()
    again.click("messageAction_restore")
    again.wait(lambda: again.snapshot.step == int(saved.training["steps"]))
    again.plane.setFocus()
    again.key(Qt.Key.Key_S, CTRL)
    kept = tmp_path / "kept.safetensors"
    again.answer_file_dialog(kept)
    again.wait(kept.exists)
    again.wait(lambda: not session.exists())
    again.shell.close_at_once()
    third = open_lab()
    assert third.said == ""
    assert same(third.parameters(), dict(saved.parameters))


def test_what_a_crash_left_can_be_thrown_away(open_lab: OpenLab, tmp_path: Path) -> None:
    folder = tmp_path / "profile" / "autosave" / "999999999"
    folder.mkdir(parents=True)
    (folder / "session.json").write_text("{}")
    lab = open_lab()
    lab.click("messageAction_discard")
    assert lab.said == ""
    assert not folder.exists()
    lab.shell.close_at_once()
    again = open_lab()
    # What cannot be read is refused as any bad file is.
    assert again.said == ""
    folder.mkdir()
    (folder / "session.json").write_text("{}")
    again.shell.close_at_once()
    third = open_lab()
    third.click("messageAction_restore")
    assert third.window.message_bar.kind == "error"
    assert "session" in third.said


def test_closing_before_torch_is_there(open_lab: OpenLab, tmp_path: Path) -> None:
    for turns in (0, 1, 5):
        lab = open_lab(settle=False)
        # What needs the engine waits for it, or says so.
        lab.shell.files.open_model("mnist-2d-live")
        lab.click("samplePrior")
        lab.drag((0.5, 0.5), (-1.0, 1.0))
        assert lab.state.z == pytest.approx((-1.0, 1.0), abs=0.05)
        for _ in range(turns):
            lab.app.processEvents()
        lab.window.close()
        assert not lab.window.isVisible()


def test_two_windows_share_a_profile(open_lab: OpenLab, tmp_path: Path) -> None:
    first, second = open_lab(), open_lab()
    take_steps(second, 1)
    second.shell.files.save_model(tmp_path / "second.safetensors")
    second.wait(lambda: not second.snapshot.unsaved)
    assert not first.snapshot.unsaved
    first.trigger("themeDarkAction")
    first.shell.close_at_once()
    second.shell.close_at_once()
    preferences = json.loads((tmp_path / "profile" / "preferences.json").read_text())
    assert preferences["theme"] == "dark"
    assert preferences["recent"] == [str(tmp_path / "second.safetensors")]


def test_an_unexpected_error_is_reported_and_stops_nothing(lab: Lab) -> None:
    lab.expects_errors = True

    def fail() -> None:
        raise RuntimeError("a fault made for this test")

    lab.window.run_bar.stepWanted.connect(fail)
    step = lab.snapshot.step
    lab.click("stepButton")
    dialog = lab.error_dialog
    lab.wait(dialog.isVisible)
    assert "RuntimeError: a fault made for this test" in dialog.text
    assert "latentlab 0" in dialog.text
    lab.wait(lambda: lab.snapshot.step == step + 1)
    lab.drag((0.5, 0.5), (-1.0, 1.0))
    assert np.array_equal(lab.decoded(), lab.expected())
    assert "a fault made for this test" in (lab.profile.folder / "latentlab.log").read_text()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    lab.wait(lambda: not dialog.isVisible())
    lab.window.run_bar.stepWanted.disconnect(fail)
