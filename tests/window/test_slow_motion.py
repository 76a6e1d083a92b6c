"""One step in slow motion, in the real window."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QToolButton

from latentlab.training.dissected import Dissected
from latentlab.ui.choice_box import ChoiceBox
from latentlab.ui.flow_stages import GRADIENTS, SAMPLE, STEP, TERMS
from latentlab.ui.flow_strip import FlowStrip
from latentlab.ui.slow_motion.panel import SlowMotionPanel
from latentlab.ui.slow_motion.stages import STAGES
from tests.window.lab import LEFT, NONE, Lab, changed_part


@pytest.fixture
def slow(lab: Lab) -> Lab:
    """Slow motion is on."""
    lab.key("W")
    lab.wait(lambda: lab.shell.slow_motion.on)
    assert lab.child("slowMotionPanel", SlowMotionPanel).isVisible()
    return lab


def begin(lab: Lab) -> Dissected:
    """Press Step, and wait for its first stage; it does not play on."""
    lab.click("stepButton")
    lab.wait(lambda: lab.text("slowTitle").endswith(STAGES[0].title))
    lab.child("slowPlay", QToolButton).click()
    step = lab.shell.slow_motion._step
    assert step is not None
    return step


def test_a_step_happens_stage_by_stage_and_the_points_move_last(slow: Lab) -> None:
    lab = slow
    before, count = lab.plane.scene.cloud.mu.copy(), lab.snapshot.step
    step = begin(lab)
    assert step.step == count + 1
    lab.wait(lambda: lab.snapshot.step == step.step)  # the step itself is taken at once
    lab.wait_until_exact()
    titles = [lab.text("slowTitle")]
    pictures = [lab.plane.grab().toImage()]
    for stage in range(1, len(STAGES)):
        np.testing.assert_array_equal(lab.plane.scene.cloud.mu, before)
        assert f"step {count:,} · mean σ" in lab.plane.scene.note
        lab.click("slowNext")
        titles.append(lab.text("slowTitle"))
        pictures.append(lab.plane.grab().toImage())
        layer = lab.plane.scene.step
        assert layer is not None
        assert (layer.z is not None) == (SAMPLE <= stage < GRADIENTS)
        assert bool(layer.pulls) == (stage == GRADIENTS)
    assert titles == [
        f"Step {step.step:,} · {i} of 7: {stage.title}" for i, stage in enumerate(STAGES, 1)
    ]
    # What is ringed is where the plane has it, and goes where the plane then has it.
    shown = step.shown
    np.testing.assert_array_equal(lab.plane.scene.cloud.mu, lab.snapshot.cloud.mu)
    assert (lab.plane.scene.cloud.mu != before).any()
    assert pictures[1] != pictures[2] != pictures[GRADIENTS]
    assert shown.indices.max() < len(before)
    assert not lab.child("slowNext", QPushButton).isEnabled()
    # The moves are a few pixels: their arrows can be seen from the last row.
    layer = lab.plane.scene.step
    assert layer is not None
    assert layer.after is not None
    lab.plane.set_step(replace(layer, after=None))
    assert changed_part(lab.plane.grab().toImage(), pictures[STEP]) > 0.005
    lab.click("slowBack")
    np.testing.assert_array_equal(lab.plane.scene.cloud.mu, before)


def test_the_rings_are_around_their_points(slow: Lab) -> None:
    step = begin(slow)
    layer, points = slow.plane.scene.step, slow.plane.scene.cloud.mu
    assert layer is not None
    np.testing.assert_array_equal(layer.mu, points[step.shown.indices])


def test_pressed_while_it_trains_the_points_are_those_before_the_step(slow: Lab) -> None:
    lab = slow
    lab.click("trainButton")
    lab.wait_for_steps(30)
    step = begin(lab)
    assert step.before.step == step.step - 1
    np.testing.assert_array_equal(lab.plane.scene.cloud.mu, step.before.mu)
    assert f"step {step.step - 1:,}" in lab.plane.scene.note


def test_the_arrow_keys_follow_another_image(slow: Lab) -> None:
    begin(slow)
    slow.click("slowNext")
    said, flow = slow.text("slowSays"), slow.child("flowStrip", FlowStrip)
    flow.setFocus()
    QTest.keyClick(flow, Qt.Key.Key_Right)
    assert slow.text("slowSays") != said
    QTest.keyClick(flow, Qt.Key.Key_Left)
    assert slow.text("slowSays") == said


def test_it_plays_by_itself_to_the_end(slow: Lab) -> None:
    lab = slow
    lab.child("slowPace", ChoiceBox).setCurrentText("fast")
    lab.click("stepButton")
    lab.wait(lambda: lab.text("slowTitle").endswith(STAGES[STEP].title))
    assert not lab.shell.slow_motion._timer.isActive()
    # Another step begins another film.
    lab.key(".")
    lab.wait(lambda: lab.text("slowTitle").endswith(STAGES[0].title))


def test_what_is_said_is_of_the_image_that_is_clicked(slow: Lab) -> None:
    lab = slow
    step = begin(lab)
    lab.click("slowNext")
    flow = lab.child("flowStrip", FlowStrip)
    said = lab.text("slowSays")
    scale, left, top = flow._fit()
    QTest.mouseClick(flow, LEFT, NONE, (QPoint(round(left + 65 * scale), round(top + 40 * scale))))
    assert lab.text("slowSays") != said
    assert f"{step.shown.mu[1, 0]:.2f}".replace("-", "−") in lab.text("slowSays")


def test_training_ends_it_at_once(slow: Lab) -> None:
    lab = slow
    begin(lab)
    lab.click("trainButton")
    lab.wait_for_steps(20)
    assert lab.plane.scene.step is None
    assert "full speed" in lab.text("slowSays")
    lab.click("trainButton")
    lab.wait_until_exact()
    np.testing.assert_array_equal(lab.plane.scene.cloud.mu, lab.snapshot.cloud.mu)


@pytest.mark.parametrize("how", ["slowClose", "resetButton"])
def test_in_the_middle_of_it_something_else(slow: Lab, how: str) -> None:
    lab = slow
    begin(lab)
    lab.click(how)
    assert lab.plane.scene.step is None
    lab.wait_until_exact()
    lab.wait(lambda: np.array_equal(lab.plane.scene.cloud.mu, lab.snapshot.cloud.mu))
    assert lab.shell.slow_motion.on == (how != "slowClose")


def test_step_pressed_many_times(slow: Lab) -> None:
    lab, count = slow, slow.snapshot.step
    for _ in range(5):
        lab.click("stepButton")
    lab.wait(lambda: lab.shell.slow_motion._step is not None)
    lab.wait(lambda: count < lab.snapshot.step <= count + 5)
    lab.click("klToggle")
    lab.click("stepButton")
    lab.wait(lambda: lab.text("slowTitle").endswith(STAGES[0].title))
    lab.click("slowEnd")
    assert lab.text("slowTitle").endswith(STAGES[STEP].title)


def test_with_nothing_to_minimise_it_says_so_and_waits_for_nothing(slow: Lab) -> None:
    lab = slow
    lab.click("klToggle")
    lab.click("reconstructionToggle")
    lab.click("stepButton")
    lab.wait_for_words("that both terms are off")
    assert not lab.shell.slow_motion._waiting
    assert lab.plane.scene.step is None


def test_closing_the_window_while_it_plays_stops_it(slow: Lab) -> None:
    slow.click("stepButton")
    slow.wait(slow.shell.slow_motion._timer.isActive)
    slow.shell.close_at_once()
    slow.wait(lambda: not slow.window.isVisible())
    assert not slow.shell.slow_motion._timer.isActive()


def test_without_a_step_it_is_the_way_of_the_selected_image(slow: Lab) -> None:
    lab, flow = slow, slow.child("flowStrip", FlowStrip)
    for index in (5, 7):
        lab.shell.controller.select(index)
        lab.wait(lambda index=index: flow._flow.passed.indices[0] == index)
        view = lab.viewer.explain(index)
        np.testing.assert_allclose(flow._flow.passed.mu[0], view.mu, rtol=1e-4)
        assert flow._flow.passed.kl[0] == pytest.approx(view.kl, rel=1e-4)
        assert flow._stage == TERMS
    before = flow._flow.objective
    flow.setFocus()
    lab.key(Qt.Key.Key_Right)
    assert flow._image == 1
    assert flow._flow.objective != before
    begin(lab)
    assert flow._flow.backward is not None
    lab.click("trainButton")
    lab.wait(lambda: flow._flow is None)
    lab.click("trainButton")
    lab.wait(lambda: flow._flow is not None)
    lab.wait(lambda: "Press Step" in lab.text("slowSays"))
