"""Looking back at a run in the real window, and going on from a moment of it."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QSlider, QToolButton

from latentlab import paths
from latentlab.app.timeline import MOMENTS
from latentlab.core.history import History, history_beside, load_history, save_history
from latentlab.core.vae import vae_from_parameters
from latentlab.paths import find_model
from latentlab.ui.choice_box import ChoiceBox
from tests.faults import full_disk
from tests.window.conftest import OpenLab
from tests.window.lab import CTRL, LEFT, LIVE_STEPS, NONE, Lab


def slider(lab: Lab) -> QSlider:
    return lab.child("historySlider", QSlider)


def drag_to(lab: Lab, part: float) -> None:
    """Click the slider's groove: by pages, as a mouse does, until it is there."""
    bar = slider(lab)
    bar.setFocus()
    bar.setSliderPosition(round(part * bar.maximum()))


def moment(lab: Lab) -> int:
    past = lab.state.past
    assert past is not None
    return past


@pytest.fixture
def with_history(lab: Lab) -> Lab:
    """The shipped model with the history that is beside it."""
    lab.wait(lambda: len(lab.shell.past.timeline.moments) > 50)
    return lab


def test_the_shipped_history_can_be_scrubbed_at_once(with_history: Lab) -> None:
    lab = with_history
    now = lab.decoded()
    assert lab.text("historyText") == f"now: step {lab.snapshot.step:,}"
    drag_to(lab, 0.3)
    timeline = lab.shell.past.timeline
    kept = timeline.weights_before(moment(lab))
    assert kept.step <= moment(lab)
    # Plane, picture and curves are of then, and say so.
    np.testing.assert_array_equal(lab.plane.scene.cloud.mu, timeline.nearest(moment(lab)).cloud.mu)
    assert "2,000 test images" in lab.plane.scene.note
    lab.wait(lambda: lab.text("decodedStep") == f"weights of step {kept.step:,}")
    model = vae_from_parameters(kept.architecture, kept.whole())
    assert model.architecture == lab.snapshot.architecture
    assert (lab.decoded() != now).any()
    assert lab.text("historyText") == f"step {moment(lab):,} (weights: {kept.step:,})"
    assert lab.status.startswith("Looking back at step")
    lab.click("historyNow")
    assert lab.state.past is None
    np.testing.assert_array_equal(lab.decoded(), now)
    np.testing.assert_array_equal(lab.plane.scene.cloud.mu, lab.snapshot.cloud.mu)
    assert lab.status.startswith("Ready")


def test_test_images_of_the_past_are_not_taken_for_training_images(with_history: Lab) -> None:
    lab = with_history
    selected = lab.state.selected
    drag_to(lab, 0.5)
    mu = lab.plane.scene.cloud.mu
    inside = np.flatnonzero(np.hypot(*mu.T) < 2)
    x, y = map(float, mu[inside[0]])
    QTest.mouseClick(lab.plane, LEFT, NONE, lab.pixel(x, y))
    assert lab.state.selected == selected
    assert lab.state.z == pytest.approx((x, y), abs=0.1)


def test_z_decodes_with_the_weights_of_then(with_history: Lab) -> None:
    lab = with_history
    drag_to(lab, 0.4)
    kept = lab.shell.past.timeline.weights_before(moment(lab))
    lab.drag((0.5, 0.5), (-1.5, 0.5))
    lab.shell.bridge.laboratory.viewer.look_at_now()  # type: ignore[union-attr]
    today = lab.expected()
    lab.shell.bridge.laboratory.viewer.look_back(kept)  # type: ignore[union-attr]
    np.testing.assert_array_equal(lab.decoded(), lab.expected())
    assert (lab.expected() != today).any()


def test_training_is_kept_and_shown_while_it_goes_on(with_history: Lab) -> None:
    lab = with_history
    before = len(lab.shell.past.timeline.moments)
    drag_to(lab, 0.2)
    lab.click("trainButton")
    # Train shows what it does.
    lab.wait(lambda: lab.snapshot.running and lab.state.past is None)
    lab.wait(lambda: len(lab.shell.past.timeline.moments) >= before + 3)
    moments = lab.shell.past.timeline.moments
    slider(lab).setSliderPosition(len(moments) - 3)
    step = moment(lab)
    shown = lab.plane.scene.cloud.mu.copy()
    lab.wait_for_steps(60)
    # Nothing of today comes into the picture of then.
    assert lab.state.past == step
    np.testing.assert_array_equal(lab.plane.scene.cloud.mu, shown)
    assert "10,000 training images" in lab.plane.scene.note
    lab.click("trainButton")
    lab.wait_until_exact()
    lab.click("historyNow")
    lab.wait(lambda: np.array_equal(lab.plane.scene.cloud.mu, lab.snapshot.cloud.mu))


def test_a_branch_goes_on_from_then_and_undo_brings_the_run_back(with_history: Lab) -> None:
    lab = with_history
    present = lab.snapshot
    drag_to(lab, 0.6)
    kept = lab.shell.past.timeline.weights_before(moment(lab))
    lab.click("historyBranch")
    lab.wait(lambda: lab.snapshot.run != present.run and not lab.snapshot.running)
    lab.wait_until_exact()
    assert lab.snapshot.step == kept.step
    assert lab.snapshot.unsaved
    for name, array in kept.whole().items():
        np.testing.assert_array_equal(lab.snapshot.parameters[name], array)
    assert lab.shell.past.timeline.moments[-1].step == kept.step
    lab.key(".")
    lab.wait(lambda: lab.snapshot.step == kept.step + 1)
    lab.wait_until_exact()
    lab.key("Z", CTRL)
    lab.wait(lambda: lab.snapshot.run == present.run)
    lab.wait_until_exact()
    assert lab.snapshot.step == present.step
    assert lab.shell.past.timeline.moments[-1].step == present.step


def test_the_film_plays_to_the_end_and_stops_there(with_history: Lab) -> None:
    lab = with_history
    speed = lab.child("historySpeed", ChoiceBox)
    speed.setCurrentText("fast")
    seen: set[int | None] = set()
    lab.shell.store.changed.connect(lambda state, _names: seen.add(state.past))
    play = lab.child("historyPlay", QToolButton)
    QTest.mouseClick(play, LEFT, NONE, play.rect().center())
    assert play.isChecked()
    lab.wait(lambda: not play.isChecked())
    assert lab.state.past is None
    assert len(seen) > 40
    assert slider(lab).value() == slider(lab).maximum()


def make_long(lab: Lab, moments: int) -> int:
    """As if so many more moments of the run had been seen; the first of their steps."""
    now = lab.snapshot
    for number in range(1, moments + 1):
        step, mu = now.step + number, now.cloud.mu + np.float32(0.001 * number)
        then = replace(
            now, step=step, weights_step=step, cloud=replace(now.cloud, step=step, mu=mu)
        )
        lab.shell.past.timeline.add(then)
    lab.shell.controller.snapshot.emit(then)
    return now.step + 1


def test_what_is_long_past_comes_back_from_the_disk(with_history: Lab) -> None:
    lab = with_history
    cloud = lab.snapshot.cloud
    first = make_long(lab, MOMENTS + 60)
    old = lab.shell.past.timeline.nearest(first + 4)
    assert old.step == first + 4
    assert old.copy.on_disk
    slider(lab).setSliderPosition(lab.shell.past.timeline.moments.index(old))
    assert moment(lab) == first + 4
    np.testing.assert_array_equal(lab.plane.scene.cloud.mu, cloud.mu + np.float32(0.005))
    # The file has no name, so that it goes with the window, also by a crash.
    assert not [path for path in lab.profile.folder.iterdir() if path.stat().st_size > 1 << 20]


def test_on_a_full_disk_training_goes_on_with_a_shorter_history(lab: Lab) -> None:
    lab.wait(lambda: len(lab.shell.past.timeline.moments) > 50)
    with full_disk():
        make_long(lab, MOMENTS + 1)
        assert lab.said.startswith("Training goes on, but less of its history is kept")
        assert str(lab.profile.folder) in lab.said
        assert "File too large" in lab.said
        lab.click("messageClose")
        lab.click("trainButton")
        lab.wait_for_steps(20)
        lab.click("trainButton")
        lab.wait_until_exact()
    assert not lab.said
    assert lab.shell.past.timeline.moments[-1].step == lab.snapshot.step


def test_other_things_bring_back_now(with_history: Lab) -> None:
    lab = with_history
    for act in (
        lambda: lab.key("R"),
        lambda: lab.shell.files.open_model("mnist-2d"),
    ):
        drag_to(lab, 0.3)
        assert lab.state.past is not None
        act()
        lab.wait(lambda: lab.state.past is None)
        lab.wait(lambda: lab.shell.controller.heard)
    lab.wait(lambda: "mnist-2d ·" in lab.window.windowTitle())
    lab.wait(lambda: lab.shell.controller.heard)
    assert not slider(lab).isEnabled()
    assert lab.child("historyText", QLabel).text() == "kept as it trains"


def test_keys_move_through_the_past(with_history: Lab) -> None:
    lab = with_history
    drag_to(lab, 0.5)
    first = moment(lab)
    QTest.keyClick(slider(lab), Qt.Key.Key_Left)
    assert moment(lab) < first
    QTest.keyClick(slider(lab), Qt.Key.Key_End)
    assert lab.state.past is None
    assert lab.plane.rect().contains(QPoint(3, 3))


def of_another_network(history: History) -> History:
    wider = replace(history.architecture, hidden=(512,))
    return replace(history, architecture=wider)


def of_another_run(history: History) -> History:
    random = np.random.default_rng(3)
    return replace(
        history,
        weights={
            name: random.permuted(array.reshape(len(array), -1), axis=1).reshape(array.shape)
            for name, array in history.weights.items()
        },
    )


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (of_another_network, "beside mnist-2d-live is of another network"),
        (of_another_run, "beside mnist-2d-live is of another network"),
        (None, "it is cut off, or larger than any history; use another copy."),
    ],
)
def test_a_history_that_does_not_fit_is_one_sentence(
    open_lab: OpenLab,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[History], History] | None,
    said: str,
) -> None:
    shipped = find_model("mnist-2d-live")
    model = tmp_path / shipped.name
    shutil.copy(shipped, model)
    if spoil is None:
        history_beside(model).write_bytes(history_beside(shipped).read_bytes()[:-1000])
    else:
        save_history(spoil(load_history(history_beside(shipped))), history_beside(model))
    monkeypatch.setattr(paths, "PRETRAINED", tmp_path)
    lab = open_lab()
    lab.wait_for_words("the history")
    assert said in lab.said
    assert lab.said.endswith(".")
    assert len(lab.shell.past.timeline.moments) == 1
    lab.key(".")
    lab.wait(lambda: lab.snapshot.step == LIVE_STEPS + 1)
