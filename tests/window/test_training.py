"""The heart of it: train, switch the terms, and see what becomes of the posteriors."""

import math

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QPushButton

from latentlab.ui.curve_legend import LegendEntry
from latentlab.ui.images import ImageView
from latentlab.ui.log_slider import LogSlider
from latentlab.ui.value_field import ValueField
from tests.window.lab import CTRL, LEFT, NONE, SHIFT, Lab, changed_part

Parameters = dict[str, npt.NDArray[np.float32]]


def take_steps(lab: Lab, count: int) -> None:
    """So many single steps, each with its key and each awaited."""
    for _ in range(count):
        step = lab.snapshot.step
        lab.key(".")
        lab.wait(lambda step=step: lab.snapshot.step == step + 1 and not lab.snapshot.running)


def mean_kl(lab: Lab) -> float:
    """Of all training images, from the cloud: ½ Σ (e^s + μ² − 1 − s)."""
    cloud = lab.snapshot.cloud
    mu, s = cloud.mu.astype(np.float64), cloud.logvar.astype(np.float64)
    return float(0.5 * (np.exp(s) + mu**2 - 1 - s).sum(axis=1).mean())


def same(a: Parameters, b: Parameters) -> bool:
    """Bitwise equal."""
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a)


def finish_epoch(lab: Lab) -> int:
    """Train to the end of the epoch with the key; returns the steps that took."""
    before = lab.snapshot.step
    lab.plane.setFocus()
    lab.key("E")
    lab.wait(lambda: lab.snapshot.step > before)
    lab.wait_until_exact()
    return lab.snapshot.step - before


def test_without_kl_every_posterior_shrinks(lab: Lab) -> None:
    lab.click("trainButton")
    lab.wait(lambda: lab.snapshot.running and lab.snapshot.unsaved)
    assert lab.child("trainButton", QPushButton).text() == "Pause"
    lab.click("trainButton")
    lab.wait(lambda: not lab.snapshot.running)
    # To the end of an epoch, so that the next one is so many steps long.
    lab.click("resetButton")
    lab.wait(lambda: not lab.snapshot.unsaved)
    lab.wait_until_exact()
    before, picture = lab.mean_sigma(), lab.plane.plane_image()
    lab.click("klToggle")
    assert not lab.state.weights.kl_on
    assert lab.text("objectiveText").startswith("minimising rec")
    assert finish_epoch(lab) <= 100
    assert lab.snapshot.weights.kl_on is False
    assert lab.mean_sigma() < before / 2
    assert changed_part(picture, lab.plane.plane_image()) > 0.02
    shown = float(lab.text("meanSigma"))
    assert shown == pytest.approx(lab.mean_sigma(), abs=0.0006)
    assert lab.snapshot.curves.marks[-1].formula == "rec"


def test_without_reconstruction_every_posterior_becomes_the_prior(lab: Lab) -> None:
    before, kl, picture = lab.decoded(), mean_kl(lab), lab.plane.plane_image()
    lab.click("reconstructionToggle")
    lab.click("trainButton")
    lab.wait(lambda: mean_kl(lab) < 0.05 * kl, timeout=60_000)
    assert lab.snapshot.running
    assert lab.snapshot.latest is not None
    assert lab.snapshot.latest.kl < 0.3 * kl
    lab.click("trainButton")
    lab.wait_until_exact()
    assert changed_part(picture, lab.plane.plane_image()) > 0.02
    # The decoder had no gradient: z still decodes to digits, the very same ones.
    assert np.array_equal(lab.decoded(), before)
    assert before.max() > 150


def test_the_status_says_what_a_newcomer_can_do_next(lab: Lab) -> None:
    assert "drag over the plane to decode z, press Train" in lab.status
    lab.click("regime_kl")
    assert "press Train to see what the switch does" in lab.status
    lab.key("Z", Qt.KeyboardModifier.ControlModifier)
    assert "switch" not in lab.status
    lab.click("regime_kl")
    lab.click("stepButton")
    lab.wait_for_steps(1)
    lab.wait_until_exact()
    assert "switch" not in lab.status
    lab.click("trainButton")
    lab.wait(lambda: lab.snapshot.running)
    lab.click("trainButton")
    lab.wait_until_exact()
    assert lab.status.startswith("Ready")
    assert "press Train" not in lab.status


def test_without_both_there_is_nothing_to_minimise(lab: Lab) -> None:
    lab.click("reconstructionToggle")
    lab.click("klToggle")
    before = lab.parameters()
    lab.click("trainButton")
    lab.wait(lambda: "nothing to minimise" in lab.said)
    lab.wait_until_exact()
    assert lab.window.message_bar.kind == "warning"
    assert "nothing to minimise" in lab.text("objectiveText")
    assert same(lab.parameters(), before)
    lab.plane.setFocus()
    lab.key("3")
    assert lab.state.weights.reconstruction_on
    assert lab.state.weights.kl_on
    take_steps(lab, 1)
    assert not same(lab.parameters(), before)


def test_beta_acts_while_training_and_is_marked(lab: Lab) -> None:
    lab.click("trainButton")
    lab.wait(lambda: lab.snapshot.running)
    marks = len(lab.snapshot.curves.marks)
    lab.type("betaValue", "4")
    lab.wait(lambda: lab.snapshot.weights.beta == 4.0)
    lab.wait(lambda: len(lab.snapshot.curves.marks) > marks)
    assert lab.snapshot.curves.marks[-1].formula == "rec + 4·KL"
    assert "rec + 4·KL" in lab.text("objectiveText")
    entries = lab.window.curves.findChildren(LegendEntry)
    lab.wait(lambda: any("rec + 4·KL" in entry.text() for entry in entries))
    lab.wait_for_steps(30)
    slider = lab.child("betaSlider", LogSlider)
    lab.bring_into_view(slider)
    end = QPoint(slider.width() - 3, slider.height() // 2)
    undo = lab.shell.store.undo_stack.count()
    QTest.mousePress(slider, LEFT, NONE, QPoint(slider.width() // 2, slider.height() // 2))
    for part in (0.6, 0.8, 1.0):
        QTest.mouseMove(slider, QPoint(round(end.x() * part), end.y()))
    QTest.mouseRelease(slider, LEFT, NONE, end)
    assert lab.state.weights.beta > 50
    assert lab.child("betaValue", ValueField).value == lab.state.weights.beta
    assert lab.shell.store.undo_stack.count() == undo + 1, "a drag is one step of undo"
    lab.wait(lambda: lab.snapshot.weights == lab.state.weights and lab.snapshot.running)


def test_the_likelihood_is_switched_live(lab: Lab) -> None:
    lab.click("trainButton")
    lab.wait(lambda: lab.snapshot.running)
    choice = lab.child("likelihoodChoice", QComboBox)
    choice.setFocus()
    before = lab.text("negativeElboNumber")
    QTest.keyClick(choice, Qt.Key.Key_Down)
    lab.wait(lambda: lab.snapshot.likelihood.name == "gaussian")
    # The Gaussian takes the grey image as it is: there is no binarised one, and other numbers.
    lab.wait(lambda: lab.child("xImage", ImageView).isHidden())
    assert lab.text("negativeElboNumber") != before
    lab.type("varianceValue", "0.05")
    lab.wait(lambda: lab.snapshot.likelihood.variance == 0.05)
    lab.wait_for_steps(5)
    assert lab.snapshot.running
    choice.setFocus()
    QTest.keyClick(choice, Qt.Key.Key_Down)
    lab.wait(lambda: lab.snapshot.likelihood.name == "continuous_bernoulli")
    lab.wait_for_steps(5)
    assert lab.snapshot.running
    lab.click("trainButton")
    lab.wait_until_exact()
    lab.wait(lambda: lab.viewer.step == lab.snapshot.step)
    assert lab.state.selected is not None
    view = lab.viewer.explain(lab.state.selected)
    shown = float(lab.text("negativeElboNumber").replace("−", "-"))
    assert shown == pytest.approx(view.negative_elbo, abs=0.0101)


def test_step_epoch_and_pause(lab: Lab) -> None:
    start = lab.snapshot.step
    lab.click("stepButton")
    lab.wait(lambda: lab.snapshot.step == start + 1)
    lab.wait_until_exact()
    assert lab.text("stepFigure") == f"step {start + 1:,}"
    assert lab.text("decodedStep").endswith(f"step {start + 1:,}")
    assert np.array_equal(lab.decoded(), lab.expected())
    lab.click("epochButton")
    lab.wait(lambda: lab.snapshot.step > start + 1)
    lab.wait_until_exact()
    assert lab.snapshot.epoch == pytest.approx(61.0, abs=1e-6)
    assert lab.snapshot.step == start + math.ceil(10_000 / lab.state.batch_size)
    assert lab.text("epochFigure") == "epoch 61.0"
    lab.plane.setFocus()
    lab.key("T")
    lab.wait(lambda: lab.snapshot.running)
    lab.key("T")
    lab.wait_until_exact()
    assert "trained since it was saved" in lab.status
    step = lab.snapshot.step
    lab.key(".")
    lab.wait(lambda: lab.snapshot.step == step + 1)


def test_learning_rate_and_batch_size_act(lab: Lab) -> None:
    before = lab.snapshot.settings
    lab.type("learningRate", "0.002")
    lab.type("batchSize", "32")
    lab.wait(lambda: lab.snapshot.settings.batch_size == 32)
    assert lab.snapshot.settings.learning_rate == 0.002
    lab.plane.setFocus()
    lab.key(Qt.Key.Key_Z, CTRL)
    lab.wait(lambda: lab.snapshot.settings.batch_size == before.batch_size)
    lab.key(Qt.Key.Key_Z, CTRL)
    lab.wait(lambda: lab.snapshot.settings == before)


@pytest.mark.parametrize("modifiers", [NONE, SHIFT], ids=["back to loaded", "from scratch"])
def test_a_reset_can_be_undone_and_a_seed_repeats_itself(
    lab: Lab, modifiers: Qt.KeyboardModifier
) -> None:
    # Twenty steps are an epoch then.
    lab.type("batchSize", "500")
    lab.wait(lambda: lab.snapshot.settings.batch_size == 500)
    lab.plane.setFocus()
    loaded = lab.parameters()
    take_steps(lab, 2)
    trained, step = lab.parameters(), lab.snapshot.step
    assert not same(trained, loaded)

    def reset() -> None:
        run = lab.snapshot.run
        lab.plane.setFocus()
        lab.key(Qt.Key.Key_R, modifiers)
        lab.wait(lambda: lab.snapshot.run > run)
        lab.wait_until_exact()

    reset()
    fresh = lab.parameters()
    assert same(fresh, loaded) == (modifiers == NONE)
    assert not same(fresh, trained)
    assert np.array_equal(lab.decoded(), lab.expected())
    lab.key(Qt.Key.Key_Z, CTRL)
    lab.wait(lambda: lab.snapshot.step == step)
    assert same(lab.parameters(), trained)
    lab.key(Qt.Key.Key_Z, CTRL | SHIFT)
    lab.wait(lambda: lab.snapshot.step != step)
    assert same(lab.parameters(), fresh)

    # The same seed gives the same run, whatever one looks at meanwhile.
    assert finish_epoch(lab) == 20
    quiet = lab.parameters()
    reset()
    assert same(lab.parameters(), fresh)
    start = lab.snapshot.step
    lab.key("E")
    lab.trigger("decodedLayerAction")
    while lab.snapshot.step == start or lab.snapshot.running:
        lab.drag((0.5, 0.5), (-1.0, 1.0))
        lab.click("samplePrior")
        lab.click("samplePosterior")
        lab.app.processEvents()
    assert lab.snapshot.step == start + 20
    assert same(lab.parameters(), quiet)
