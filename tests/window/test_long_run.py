"""A long run in the window: begun, watched, ended, and gone on with; and what it is computed on."""

import re
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QPushButton

from latentlab.app.profile import Preferences, Profile
from latentlab.training.messages import PlanProgress
from latentlab.training.plan import Plan
from latentlab.ui import files
from latentlab.ui.curve_legend import LegendEntry
from tests.window.conftest import OpenLab
from tests.window.lab import CTRL, SHIFT, Lab
from tests.window.reach import cut, out_of_view
from tests.window.test_reach import resize
from tests.window.test_training import same

# What no machine of this kind has.
ABSENT = "cuda" if sys.platform == "darwin" else "mps"


def begin(lab: Lab, epochs: int, **typed: str) -> None:
    """Begin a long run with the mouse, `typed` into its other fields; its epochs have 19 steps."""
    lab.type("batchSize", "500")
    if not lab.window.plan_panel.isVisible():
        lab.click("longRunButton")
    lab.type("planEpochs", str(epochs))
    for name, text in typed.items():
        lab.type(name, text)
    lab.click("planBegin")
    lab.wait(lambda: lab.snapshot.plan is not None)


def plan_of(lab: Lab) -> PlanProgress:
    assert lab.snapshot.plan is not None
    return lab.snapshot.plan


def wait_for_best(lab: Lab) -> None:
    lab.wait(lambda: lab.snapshot.plan is not None and lab.snapshot.plan.best_step is not None)


def enabled(lab: Lab, name: str) -> bool:
    action = lab.window.findChild(QAction, name)
    assert action is not None
    return action.isEnabled()


def test_a_long_run_goes_to_its_end_and_keeps_the_best(lab: Lab) -> None:
    start = lab.snapshot.step
    assert not enabled(lab, "endPlanAction")
    begin(lab, 4)
    assert plan_of(lab).plan == Plan(epochs=4)
    assert lab.child("trainButton", QPushButton).text() == "Pause"
    assert re.match(r"Long run of mnist-2d-live on mnist: epoch \d\.\d of 4 · ", lab.status)
    assert enabled(lab, "endPlanAction")
    wait_for_best(lab)
    progress = plan_of(lab)
    assert lab.text("planFar").startswith(f"epoch {progress.epoch:.1f} of 4")
    assert lab.text("planBest") in lab.status
    found = re.fullmatch(r"best: ELBO −\d+\.\d \(step ([\d,]+)\)", lab.text("planBest"))
    assert found is not None, lab.text("planBest")
    assert int(found[1].replace(",", "")) > start
    lab.wait(lambda: lab.snapshot.plan is None)
    lab.wait(lambda: not lab.snapshot.running and "has ended" in lab.said)
    assert lab.window.message_bar.kind == "info"
    assert lab.said.startswith("The long run has ended after 4 epochs. The weights of step ")
    steps = (lab.snapshot.step - start) // 4
    assert lab.snapshot.weights_step in [start + epoch * steps for epoch in range(1, 5)]
    assert f"The weights of step {lab.snapshot.weights_step:,} are kept" in lab.said
    assert lab.child("planBegin", QPushButton).isVisible()
    assert lab.status.startswith("Ready")


def test_train_and_pause_leave_the_plan_and_go_on_with_it(lab: Lab) -> None:
    begin(lab, 50)
    wait_for_best(lab)
    lab.click("trainButton")
    lab.wait(lambda: not lab.snapshot.running)
    epoch = plan_of(lab).epoch
    assert plan_of(lab).seconds_left is None
    assert "Long run (paused) of mnist-2d-live" in lab.status
    assert "long run" in lab.child("trainButton", QPushButton).toolTip()
    # Undo brings a run back with its plan.
    step = lab.snapshot.step
    lab.click("resetButton")
    lab.wait(lambda: lab.snapshot.plan is None)
    assert lab.child("planBegin", QPushButton).isVisible()
    lab.key(Qt.Key.Key_Z, CTRL)
    lab.wait(lambda: lab.snapshot.plan is not None)
    assert (lab.snapshot.step, plan_of(lab).epoch) == (step, epoch)
    lab.click("trainButton")
    lab.wait(lambda: plan_of(lab).epoch > epoch + 0.2)
    assert lab.snapshot.running


def test_a_long_run_can_be_ended_early(lab: Lab) -> None:
    begin(lab, 50)
    wait_for_best(lab)
    lab.click("planEnd")
    lab.wait(lambda: lab.snapshot.plan is None and not lab.snapshot.running)
    lab.wait_for_words("of the end")
    assert re.match(r"The long run has ended after [\d.]+ of 50 epochs\. ", lab.said)
    assert not enabled(lab, "endPlanAction")
    # What is decoded is the best, not the last.
    lab.wait(lambda: lab.snapshot.cloud.step == lab.snapshot.weights_step)
    lab.wait(lambda: bool((lab.decoded() == lab.expected()).all()))


def test_a_long_run_needs_no_mouse(lab: Lab) -> None:
    lab.key("T", SHIFT)
    assert lab.window.plan_panel.isVisible()
    assert lab.child("longRunButton", QPushButton).isChecked()
    epochs = QApplication.focusWidget()
    assert epochs is not None
    assert epochs.objectName() == "planEpochs"
    QTest.keyClicks(epochs, "7")  # what was there is selected by the first Tab only
    for _ in range(20):
        lab.key(Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        if focused is not None and focused.objectName() == "planBegin":
            break
    lab.key(Qt.Key.Key_Space)
    lab.wait(lambda: lab.snapshot.plan is not None)
    # A second press of Space does not end what has just begun.
    lab.wait(lambda: lab.child("planEnd", QPushButton).isVisible())
    assert QApplication.focusWidget() is not lab.child("planEnd", QPushButton)
    lab.plane.setFocus()
    lab.key("T", SHIFT)
    assert not lab.window.plan_panel.isVisible()
    assert not lab.child("longRunButton", QPushButton).isChecked()
    assert plan_of(lab).plan.epochs == 507


def test_a_warm_up_is_told_where_the_objective_stands(lab: Lab) -> None:
    def formula() -> str:
        found = re.match(r"minimising (.*) = [\d.]+ nats, training$", lab.text("objectiveText"))
        return found[1] if found else ""

    begin(lab, 20, planWarmUp="10")
    lab.wait(lambda: re.fullmatch(r"rec \+ 0\.\d+·KL", formula()) is not None)
    assert lab.child("warmUpText", QLabel).isVisible()
    assert lab.text("warmUpText").startswith("The long run warms KL up: 0.")
    entries = lab.window.curves.findChildren(LegendEntry)
    lab.wait(lambda: any(entry.text() == f"objective: {formula()}" for entry in entries))
    # The switches say what they said.
    assert lab.state.weights.beta == 1
    lab.click("planEnd")
    lab.wait(lambda: formula() == "rec + KL")
    assert not lab.child("warmUpText", QLabel).isVisible()


@pytest.mark.parametrize("size", [(1280, 720), (1024, 700)], ids=str)
def test_the_long_run_has_room(lab: Lab, size: tuple[int, int]) -> None:
    lab.click("longRunButton")
    resize(lab, *size)
    assert [*out_of_view(lab.window), *cut(lab.window)] == []
    begin(lab, 9_999, planWarmUp="1.25", planPatience="100")
    wait_for_best(lab)
    lab.click("trainButton")
    lab.wait_until_exact()
    resize(lab, *size)
    assert [*out_of_view(lab.window), *cut(lab.window)] == []


def test_a_restored_autosave_goes_on_with_its_plan(lab: Lab, open_lab: OpenLab) -> None:
    lab.type("learningRate", "0.0005")
    begin(lab, 30, planWarmUp="4", planPatience="9")
    wait_for_best(lab)
    lab.click("trainButton")
    lab.wait_until_exact()
    before, parameters = plan_of(lab), lab.parameters()
    lab.shell.files.autosave()
    lab.wait((lab.profile.autosave / "session.json").exists)
    # To another window what this one has autosaved is left by a crash.
    again = open_lab(profile=lab.profile.folder)
    again.wait_for_words("of the crash")
    again.click("messageAction_restore")
    again.wait(lambda: again.snapshot.plan is not None)
    found = plan_of(again)
    assert found.plan == before.plan == Plan(epochs=30, kl_warm_up=4, patience=9)
    assert (found.epoch, found.best_elbo, found.best_step) == (
        before.epoch,
        before.best_elbo,
        before.best_step,
    )
    assert same(again.parameters(), parameters)
    assert again.snapshot.settings == lab.snapshot.settings
    assert again.snapshot.settings.learning_rate == 0.0005
    assert again.text("planFar") == lab.text("planFar")
    assert "Long run (paused)" in again.status
    again.click("trainButton")
    again.wait(lambda: plan_of(again).epoch > before.epoch + 0.2)


def test_each_epoch_is_autosaved_but_not_within_seconds(
    open_lab: OpenLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    hours = 10_000_000
    monkeypatch.setattr(files, "_AUTOSAVE_MILLISECONDS", hours)
    monkeypatch.setattr(files, "_LEAST_MILLISECONDS", hours)
    lab = open_lab()
    session = lab.profile.autosave / "session.json"
    lab.key("E")
    lab.wait(lambda: lab.snapshot.unsaved)
    lab.wait_until_exact()
    assert not session.exists()
    monkeypatch.setattr(files, "_LEAST_MILLISECONDS", 1)
    lab.key("E")
    lab.wait(session.exists)


# --- where it is computed ------------------------------------------------------------------------


def choice(lab: Lab, name: str) -> str:
    return lab.child(name, QComboBox).currentText()


def choose(lab: Lab, name: str, text: str) -> None:
    """Choose with the keyboard."""
    box = lab.child(name, QComboBox)
    box.setFocus()
    keys = {True: Qt.Key.Key_Down, False: Qt.Key.Key_Up}
    for _ in range(box.count()):
        if box.currentText() != text:
            QTest.keyClick(box, keys[box.findText(text) > box.currentIndex()])
    assert box.currentText() == text


def test_the_precision_is_chosen_shown_and_remembered(lab: Lab, open_lab: OpenLab) -> None:
    assert choice(lab, "precisionChoice") == "auto"
    for precision in ("float32", "bfloat16"):
        choose(lab, "precisionChoice", precision)
        lab.wait(lambda precision=precision: lab.snapshot.settings.precision == precision)
        lab.plane.setFocus()
        lab.key("T")
        lab.wait(
            lambda precision=precision: (
                re.fullmatch(rf"[\d,]+ img/s on cpu, {precision}", lab.text("speedText"))
                is not None
            )
        )
        lab.key("T")
        lab.wait(lambda: not lab.snapshot.running)
    again = open_lab(profile=lab.profile.folder)
    assert choice(again, "precisionChoice") == "bfloat16"
    assert again.snapshot.settings.precision == "bfloat16"
    # How fast one model trained says nothing of another.
    again.shell.files.open_model("mnist-2d")
    again.wait(lambda: again.text("speedText") == "speed: once it trains")
    assert choice(again, "precisionChoice") == "bfloat16"


def test_a_device_that_is_gone_gives_way_with_a_sentence(open_lab: OpenLab, tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    Profile(folder).remember(Preferences(device=ABSENT))  # type: ignore[arg-type]
    lab = open_lab(profile=folder)
    lab.wait_for_words("of the device")
    assert lab.said.startswith(f"{ABSENT} cannot be used here (")
    assert lab.window.message_bar.kind == "info"
    lab.wait(lambda: choice(lab, "deviceChoice") == "cpu")
    assert lab.snapshot.settings.device == "cpu"
    assert Profile(folder).preferences.device == "cpu"
    lab.key(".")
    lab.wait(lambda: lab.snapshot.unsaved)


def test_what_is_noted_takes_no_offer_away(lab: Lab, open_lab: OpenLab) -> None:
    lab.key(".")
    lab.wait(lambda: lab.snapshot.unsaved)
    lab.shell.files.autosave()
    lab.wait((lab.profile.autosave / "session.json").exists)
    folder = lab.profile.folder
    Profile(folder).remember(Preferences(device=ABSENT))  # type: ignore[arg-type]
    again = open_lab(profile=folder)
    again.wait(lambda: "cannot be used here" in again.status)
    assert again.window.message_bar.kind == "offer"
    assert "training was kept" in again.said
