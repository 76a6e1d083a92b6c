"""The same window with its engine in a thread and in a process of its own, and a crash of that."""

import json
import os
import signal
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMessageBox, QPushButton

from latentlab.app.profile import EngineKind
from latentlab.core.checkpoint import load_checkpoint
from latentlab.training.plan import Plan
from latentlab.training.process import ProcessEngine
from tests.window.conftest import OpenLab
from tests.window.lab import CTRL, LIVE_STEPS, LONG, SHIFT, Lab
from tests.window.test_closing import answer
from tests.window.test_training import same, take_steps

on_both = pytest.mark.parametrize("engine", ["thread", "process"])
can_kill = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="only there it can be killed")


def process_of(lab: Lab) -> ProcessEngine:
    laboratory = lab.shell.bridge.laboratory
    assert laboratory is not None
    assert isinstance(laboratory.engine, ProcessEngine)
    return laboratory.engine


def wait_for_engine(lab: Lab) -> None:
    """Until it has said how things stand: a process loads torch first, on a busy machine slowly."""
    lab.wait(lambda: lab.shell.controller.heard, timeout=4 * LONG)


def crash(lab: Lab) -> None:
    """End the engine's process as the system does where memory runs out."""
    pid = process_of(lab).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    lab.wait(lambda: "SIGKILL" in lab.said)


@on_both
def test_train_drag_switch_save_reset_and_close(
    open_lab: OpenLab, tmp_path: Path, engine: EngineKind
) -> None:
    lab = open_lab(engine=engine)
    loaded, sigma = lab.parameters(), lab.mean_sigma()
    lab.click("trainButton")
    lab.wait(lambda: lab.snapshot.running and lab.snapshot.unsaved)
    assert lab.child("trainButton", QPushButton).text() == "Pause"
    for end in ((-1.0, 1.0), (1.5, -0.5), (0.2, 0.3)):
        lab.drag((0.5, 0.5), end)
        assert lab.state.z == pytest.approx(end, abs=0.05)
        assert np.array_equal(lab.decoded(), lab.expected())
        lab.wait_for_steps(1)
    lab.click("klToggle")
    lab.wait(lambda: [mark.formula for mark in lab.snapshot.curves.marks] == ["rec"])
    lab.wait(lambda: float(np.exp(0.5 * lab.snapshot.cloud.logvar).mean()) < 0.8 * sigma)
    lab.click("trainButton")
    lab.wait_until_exact()
    lab.wait(lambda: lab.viewer.step == lab.snapshot.step)
    assert np.array_equal(lab.decoded(), lab.expected())

    path = tmp_path / "mine.safetensors"
    trained = lab.parameters()
    lab.shell.files.save_model(path)
    lab.wait(lambda: not lab.snapshot.unsaved)
    assert same(dict(load_checkpoint(path).parameters), trained)

    lab.plane.setFocus()
    lab.key("R")
    lab.wait(lambda: same(lab.parameters(), loaded))
    lab.key(Qt.Key.Key_Z, CTRL)
    lab.wait(lambda: same(lab.parameters(), trained))
    lab.key(Qt.Key.Key_R, SHIFT)
    lab.wait(lambda: not lab.snapshot.from_file)
    lab.wait_until_exact()

    # Closed while it trains.
    lab.click("trainButton")
    lab.wait(lambda: lab.snapshot.running)
    lab.window.close()
    answer(lab, QMessageBox.StandardButton.Discard)
    lab.wait(lambda: not lab.window.isVisible())


def test_what_is_pressed_before_the_process_is_up_is_done_when_it_is(open_lab: OpenLab) -> None:
    lab = open_lab(engine="process", settle=False)
    # The window's own torch is there, and decodes; the process is still loading its own.
    lab.wait(lambda: lab.shell.controller.engine_knows)
    assert not lab.shell.controller.heard
    assert "Decoding works" in lab.status
    lab.drag((0.5, 0.5), (-1.0, 1.0))
    assert np.array_equal(lab.decoded(), lab.expected())
    assert lab.decoded().max() > 100
    lab.click("klToggle")
    lab.click("stepButton")
    wait_for_engine(lab)
    lab.wait(lambda: lab.snapshot.step == LIVE_STEPS + 1)
    assert lab.snapshot.weights == lab.state.weights
    assert not lab.state.weights.kl_on
    assert lab.snapshot.curves.marks[-1].step == LIVE_STEPS


@can_kill
def test_a_crash_is_a_message_and_training_goes_on_from_the_last_snapshot(
    open_lab: OpenLab,
) -> None:
    lab = open_lab(engine="process")
    lab.click("trainButton")
    lab.wait(lambda: lab.snapshot.running and lab.snapshot.unsaved)
    lab.wait_for_steps(20)
    crash(lab)
    assert lab.window.message_bar.kind == "offer"
    step, parameters = lab.snapshot.step, lab.parameters()
    assert lab.child("messageAction_restart", QPushButton).text() == f"Restart from step {step:,}"
    assert not lab.snapshot.running
    assert lab.child("trainButton", QPushButton).text() == "Train"
    assert lab.text("speedFigure") == "paused"
    assert "Nothing trains" in lab.status
    assert lab.window.isVisible()

    # Meanwhile one looks, and switches.
    for _ in range(2):
        lab.drag((0.5, 0.5), (-1.0, 1.0))
        assert np.array_equal(lab.decoded(), lab.expected())
        assert lab.viewer.step == step
        lab.drag((-1.0, 1.0), (0.5, 0.5))
    lab.click("klToggle")

    lab.click("messageAction_restart")
    wait_for_engine(lab)
    lab.wait_until_exact()
    assert lab.said == ""
    assert lab.snapshot.step == step
    assert same(lab.parameters(), parameters)
    assert lab.snapshot.unsaved
    assert lab.snapshot.from_file
    assert lab.snapshot.weights == lab.state.weights
    assert not lab.state.weights.kl_on
    take_steps(lab, 1)
    assert lab.snapshot.step == step + 1
    assert lab.snapshot.curves.marks[-1].step == step
    assert lab.snapshot.curves.marks[-1].formula == "rec"
    # Back to loaded is still the file.
    lab.plane.setFocus()
    lab.key("R")
    lab.wait(lambda: lab.snapshot.step == LIVE_STEPS)
    assert "SIGKILL" in (lab.profile.folder / "latentlab.log").read_text()


@can_kill
def test_after_a_crash_the_training_is_saved_and_train_restarts(
    open_lab: OpenLab, tmp_path: Path
) -> None:
    lab = open_lab(engine="process")
    take_steps(lab, 2)
    lab.plane.setFocus()
    lab.key("R")
    lab.wait(lambda: lab.snapshot.step == LIVE_STEPS)
    take_steps(lab, 3)
    crash(lab)
    lab.click("messageClose")
    trained = lab.parameters()
    # The run that Reset left went with the process.
    lab.plane.setFocus()
    lab.key(Qt.Key.Key_Z, CTRL)
    assert "no longer kept" in lab.said
    assert lab.snapshot.step == LIVE_STEPS + 3
    lab.window.message_bar.clear()

    path = tmp_path / "mine.safetensors"
    lab.window.close()
    answer(lab, QMessageBox.StandardButton.Save)
    lab.answer_file_dialog(path, closes=True)
    lab.wait(lambda: not lab.window.isVisible())
    assert same(dict(load_checkpoint(path).parameters), trained)
    assert load_checkpoint(path).training["steps"] == LIVE_STEPS + 3

    again = open_lab(str(path), engine="process")
    crash(again)
    again.plane.setFocus()
    again.key(".")
    wait_for_engine(again)
    again.wait(lambda: again.snapshot.step == LIVE_STEPS + 4)
    assert again.said == ""
    assert not same(again.parameters(), trained)

    # What is opened in its place brings the engine back as well.
    crash(again)
    again.shell.files.open_model("fashion-mnist-2d")
    again.wait(lambda: again.window.findChild(QMessageBox, "openQuestion") is not None)
    answer(again, QMessageBox.StandardButton.Discard, "openQuestion")
    again.wait(lambda: "fashion-mnist-2d" in again.window.windowTitle())
    wait_for_engine(again)
    assert again.said == ""
    step = again.snapshot.step
    again.click("stepButton")
    again.wait(lambda: again.snapshot.step == step + 1)


@can_kill
def test_a_long_run_goes_on_from_its_autosave(open_lab: OpenLab) -> None:
    lab = open_lab(engine="process")
    plan = Plan(epochs=5)
    lab.shell.controller.begin(plan)
    # Something is best by then.
    lab.wait(lambda: lab.snapshot.plan is not None and lab.snapshot.plan.best_step is not None)
    path = lab.profile.autosave / "mnist-2d-live.safetensors"
    step = lab.snapshot.step
    lab.shell.files.autosave()
    # The timer may have had one written before.
    lab.wait(lambda: path.exists() and load_checkpoint(path).training["steps"] >= step)
    lab.wait(lambda: lab.shell.files.plan_is_autosaved)
    lab.click("trainButton")
    lab.wait_until_exact()
    crash(lab)
    saved = load_checkpoint(path)
    lab.click("messageClose")
    # Whether the plan goes on is asked again, not decided.
    lab.click("trainButton")
    bar = lab.window.message_bar
    lab.wait(lambda: len(bar.findChildren(QPushButton, "messageAction_resume")) == 1)
    lab.click("messageAction_resume")
    wait_for_engine(lab)
    lab.wait_until_exact()
    assert lab.snapshot.step == saved.training["steps"]
    assert same(lab.parameters(), dict(saved.parameters))
    assert lab.snapshot.unsaved
    assert lab.snapshot.plan is not None
    assert lab.snapshot.plan.plan == plan
    assert lab.snapshot.plan.best_step is not None
    step = lab.snapshot.step
    lab.click("stepButton")
    lab.wait(lambda: lab.snapshot.step == step + 1)
    assert lab.snapshot.plan is not None


@can_kill
def test_after_a_crash_the_plan_that_is_offered_is_the_one_under_way(open_lab: OpenLab) -> None:
    lab = open_lab(engine="process")
    files, controller = lab.shell.files, lab.shell.controller
    path = lab.profile.autosave / "mnist-2d-live.safetensors"

    def keeps(epochs: int) -> bool:
        plan = load_checkpoint(path).training.get("course") if path.exists() else None
        return files.plan_is_autosaved and plan is not None and plan["plan"]["epochs"] == epochs

    # Kept as soon as it has begun, and no longer offered where another run is there.
    controller.begin(Plan(epochs=500))
    lab.wait(lambda: keeps(500))
    controller.reset()
    lab.wait(lambda: lab.snapshot.plan is None)
    assert not files.plan_is_autosaved
    controller.begin(Plan(epochs=600))
    lab.wait(lambda: keeps(600))
    controller.begin(Plan(epochs=700))
    lab.wait(lambda: keeps(700))
    lab.wait_for_steps(3)
    crash(lab)
    lab.click("messageClose")
    # What only the engine knew of the plan stays in the file.
    files.autosave()
    assert keeps(700)
    # There is nothing to be ended: it is asked again.
    controller.end_plan()
    assert "SIGKILL" in lab.said
    bar = lab.window.message_bar
    lab.wait(lambda: len(bar.findChildren(QPushButton, "messageAction_resume")) == 1)
    lab.click("messageAction_resume")
    wait_for_engine(lab)
    lab.wait_until_exact()
    assert lab.snapshot.plan is not None
    assert lab.snapshot.plan.plan == Plan(epochs=700)


@can_kill
def test_after_a_crash_what_was_last_seen_is_autosaved(open_lab: OpenLab, tmp_path: Path) -> None:
    lab = open_lab(engine="process")
    take_steps(lab, 3)
    crash(lab)
    lab.shell.files.autosave()
    path = lab.profile.autosave / "mnist-2d-live.safetensors"
    lab.wait((lab.profile.autosave / "session.json").exists)
    assert load_checkpoint(path).training["steps"] == LIVE_STEPS + 3
    assert same(dict(load_checkpoint(path).parameters), lab.parameters())
    assert lab.snapshot.unsaved, "an autosave is no save"


def test_where_training_runs_is_chosen_and_remembered(open_lab: OpenLab, tmp_path: Path) -> None:
    def action(lab: Lab) -> QAction:
        found = lab.window.findChild(QAction, "ownProcessAction")
        assert found is not None
        return found

    lab = open_lab(engine="thread")
    assert action(lab).isChecked(), "the default, whatever this start was told"
    lab.trigger("ownProcessAction")
    assert "From the next start on, training runs in a thread" in lab.said
    lab.shell.close_at_once()
    preferences = json.loads((tmp_path / "profile" / "preferences.json").read_text())
    assert preferences["engine"] == "thread"

    again = open_lab(engine=None)
    assert not action(again).isChecked()
    laboratory = again.shell.bridge.laboratory
    assert laboratory is not None
    assert not isinstance(laboratory.engine, ProcessEngine)
    again.trigger("ownProcessAction")
    assert "in a process of its own" in again.said
    assert again.profile.preferences.engine == "process"
