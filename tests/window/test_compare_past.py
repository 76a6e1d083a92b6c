"""Looking back at a comparison in the real window, and going on from a moment of it."""

import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QSlider, QToolButton

from latentlab.app.timeline import Kept
from latentlab.core.objective import mean_image
from latentlab.core.regime import LEAST_LOGVAR, PRESETS
from latentlab.core.vae import vae_from_parameters
from latentlab.ui.compare.words import seen
from latentlab.ui.number_text import fixed
from tests.window.lab import Lab
from tests.window.test_compare import NAMES, Comparing, part


def slider(comparing: Comparing) -> QSlider:
    return comparing.lab.child("comparedHistorySlider", QSlider)


@pytest.fixture
def comparing(lab: Lab) -> Comparing:
    """The shipped networks, with how each was trained."""
    lab.key(Qt.Key.Key_F6)
    found, past = Comparing(lab), lab.shell.compare_opener.past
    found.rest()
    lab.wait(lambda: [glance.cloud.step for glance in past.glances(0).values()] == [0] * 3)
    return found


def test_one_slider_goes_back_through_the_shipped_histories(comparing: Comparing) -> None:
    lab = comparing.lab
    past = lab.shell.compare_opener.past
    now = [comparing.decoded(panel) for panel in comparing.panels]
    slider(comparing).setValue(60)
    step = past.steps[60]
    assert lab.state.compared_past == step
    assert lab.status.startswith(f"Looking back at step {step:,}")
    glances = past.glances(step)
    for panel, then in zip(comparing.panels, now, strict=True):
        glance = glances[panel.number]
        assert glance.kept.step <= glance.cloud.step == step
        np.testing.assert_array_equal(panel.plane.scene.cloud.mu, glance.cloud.mu)
        assert panel.plane.scene.note == f"2,000 test images · step {step:,}"
        formula = part(panel, "comparedFormula", QLabel).text()
        assert formula.endswith(f"step {step:,}, pictures of step {glance.kept.step:,}")
        # Never today's weights under yesterday's cloud.
        expected = decoded_by(glance.kept, lab.state.z)
        lab.wait(lambda p=panel, e=expected: np.abs(comparing.decoded(p) - e).max() < 1.5)
        if glance.regime.name != "KL only":  # whose decoder nothing trains
            assert (comparing.decoded(panel) != then).any()
    # Nor today's figures: those of then come, of the test images that are kept.
    sentences = [part(panel, "comparedSentence", QLabel) for panel in comparing.panels]
    assert not any("Matching the prior alone" in sentence.text() for sentence in sentences)
    lab.wait(lambda: all(s.text().startswith(f"Step {step:,}: ") for s in sentences))
    for panel in comparing.panels:
        found = glances[panel.number].figures()
        assert (found.count, found.reconstruction) == (2_000, None)
        texts = {label.text() for label in panel.findChildren(QLabel)}
        assert {"2,000 test", fixed(found.mutual_information)} <= texts
    lab.click("comparedHistoryNow")
    assert lab.state.compared_past is None
    for panel, before in zip(comparing.panels, now, strict=True):
        member = next(m for m in comparing.newest.members if m.number == panel.number)
        assert member.cloud is not None
        np.testing.assert_array_equal(panel.plane.scene.cloud.mu, member.cloud.mu)
        np.testing.assert_array_equal(comparing.decoded(panel), before)
        assert part(panel, "comparedSentence", QLabel).text() == seen(member.figures)


def test_figures_are_computed_of_where_the_slider_stops_alone(comparing: Comparing) -> None:
    lab, past = comparing.lab, comparing.lab.shell.compare_opener.past
    told: list[int] = []
    past.figures.connect(lambda figures: told.extend({each.step for each in figures.values()}))
    slider(comparing).setValue(60)
    lab.wait(lambda: told == [past.steps[60]])
    past._seconds = 1e4  # it would be hours until the next, but it soon rests
    for value in range(59, 39, -1):
        slider(comparing).setValue(value)
    lab.wait(lambda: len(told) > 1)
    assert told == [past.steps[60], past.steps[40]]
    sentences = [part(panel, "comparedSentence", QLabel) for panel in comparing.panels]
    lab.wait(lambda: all(s.text().startswith(f"Step {past.steps[40]:,}: ") for s in sentences))


def test_codes_without_noise_are_points_in_the_past_too(comparing: Comparing) -> None:
    lab = comparing.lab
    comparing.choose(comparing.panels[0], "autoencoder")
    comparing.rest(lambda c: c.members[0].regime == PRESETS["autoencoder"])
    number, past = comparing.panels[0].number, lab.shell.compare_opener.past
    lab.wait(lambda: past.glances(0)[number].cloud.step == 0)
    slider(comparing).setValue(50)
    assert comparing.panels[0].plane.scene.cloud.logvar.max() <= LEAST_LOGVAR
    sentence = part(comparing.panels[0], "comparedSentence", QLabel)
    lab.wait(lambda: "Codes are points" in sentence.text())


def test_all_branch_off_at_a_moment_and_undo_brings_them_back(comparing: Comparing) -> None:
    lab = comparing.lab
    past, before = lab.shell.compare_opener.past, comparing.newest
    slider(comparing).setValue(70)
    glances = list(past.glances(past.steps[70]).values())
    step = glances[0].kept.step
    lab.click("comparedHistoryBranch")
    comparing.rest(lambda c: [m.step for m in c.members] == [step] * 3)
    assert lab.state.compared_past is None
    assert comparing.names == NAMES
    for member, glance in zip(comparing.newest.members, glances, strict=True):
        for name, array in glance.kept.whole().items():
            np.testing.assert_array_equal(member.parameters[name], array)
    # Their past is that of those they branched off from, and no more.
    assert past.steps[0] == 0
    assert past.steps[-1] == step
    # Another objective is for the very weights that branched off.
    branched = comparing.newest.members[1]
    comparing.choose(comparing.panels[1], "β = 100")
    comparing.rest(lambda c: c.members[1].regime == PRESETS["β = 100"])
    assert comparing.newest.members[1].number == branched.number
    assert comparing.newest.members[1].step == step
    lab.key("Z", Qt.KeyboardModifier.ControlModifier)
    comparing.rest(lambda c: c.members[1].regime == branched.regime)
    lab.key(".")
    comparing.rest(lambda c: [m.step for m in c.members] == [step + 1] * 3)
    assert past.steps[-1] == step + 1
    lab.key("Z", Qt.KeyboardModifier.ControlModifier)
    comparing.rest(lambda c: c.members[0].step == before.members[0].step)
    for then, now in zip(before.members, comparing.newest.members, strict=True):
        for name, array in then.parameters.items():
            np.testing.assert_array_equal(array, now.parameters[name])
    assert past.steps[-1] == before.members[0].step


def test_a_branch_is_reset_to_where_it_branched_off_and_keeps_its_past(
    comparing: Comparing,
) -> None:
    lab = comparing.lab
    past = lab.shell.compare_opener.past
    slider(comparing).setValue(70)
    lab.click("comparedHistoryBranch")
    comparing.rest(lambda c: c.members[0].step < past.steps[-1] + 1)
    step, before = comparing.newest.members[0].step, past.steps
    lab.key(".")
    comparing.rest(lambda c: c.members[0].step == step + 1)
    lab.key("R")
    comparing.rest(lambda c: [m.step for m in c.members] == [step] * 3)
    assert past.steps == before
    slider(comparing).setValue(0)
    assert {glance.cloud.step for glance in past.glances(0).values()} == {0}
    assert comparing.panels[0].plane.scene.note == "2,000 test images · step 0"


def test_training_is_kept_at_the_same_steps_for_all(comparing: Comparing) -> None:
    lab = comparing.lab
    past, shipped = lab.shell.compare_opener.past, comparing.newest.members[0].step
    slider(comparing).setValue(10)
    lab.click("trainButton")
    # Train shows what it does.
    lab.wait(lambda: comparing.newest.running and lab.state.compared_past is None)
    lab.wait(lambda: sum(step > shipped for step in past.steps) >= 2)
    slider(comparing).setValue(slider(comparing).maximum() - 1)
    step = lab.state.compared_past
    assert step is not None
    shown = [panel.plane.scene.cloud.mu.copy() for panel in comparing.panels]
    count = len(past.steps)
    lab.wait(lambda: len(past.steps) > count)
    # Nothing of today comes into the picture of then.
    for panel, mu in zip(comparing.panels, shown, strict=True):
        assert panel.plane.scene.note == f"10,000 images · step {step:,}"
        np.testing.assert_array_equal(panel.plane.scene.cloud.mu, mu)
    lab.click("trainButton")
    comparing.rest()
    assert past.steps[-1] == comparing.newest.members[0].step
    lab.click("comparedHistoryNow")
    for panel, member in zip(comparing.panels, comparing.newest.members, strict=True):
        assert member.cloud is not None
        lab.wait(lambda p=panel, c=member.cloud: np.array_equal(p.plane.scene.cloud.mu, c.mu))


def test_a_film_of_the_comparison_plays_to_its_end(comparing: Comparing) -> None:
    lab = comparing.lab
    lab.child("comparedHistorySpeed", QComboBox).setCurrentText("fast")
    seen_steps: set[int | None] = set()
    lab.shell.store.changed.connect(lambda state, _names: seen_steps.add(state.compared_past))
    lab.click("comparedHistoryPlay")
    play = lab.child("comparedHistoryPlay", QToolButton)
    assert play.isChecked()
    lab.wait(lambda: not play.isChecked())
    assert lab.state.compared_past is None
    assert len(seen_steps) > 40


def decoded_by(kept: Kept, z: tuple[float, float]) -> np.ndarray:
    """Independently of the viewer, 0 to 255."""
    model = vae_from_parameters(kept.architecture, kept.whole())
    with torch.no_grad():
        image = mean_image(kept.likelihood, model.decode(torch.tensor([z])))
    return 255 * image.reshape(28, 28).numpy()
