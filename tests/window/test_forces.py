"""The forces in the real window: switched, followed, weighted at once, undone, saved."""

import re
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QColor
from PySide6.QtWidgets import QAbstractButton, QLabel, QScrollArea, QSlider, QWidget

from latentlab.app.force_view import ForceAnswer
from latentlab.ui.theme import LIGHT
from tests.window.conftest import OpenLab
from tests.window.lab import CTRL, SHIFT, Lab, changed_part, rgb
from tests.window.test_files import wait_for_open
from tests.window.test_looking import lonely_point, number


def shown(lab: Lab) -> ForceAnswer:
    answer = lab.plane.scene.forces.answer
    assert answer is not None
    return answer


def is_shown(lab: Lab) -> bool:
    return lab.plane.scene.forces.answer is not None


def switch_on(lab: Lab) -> None:
    lab.click("forcesToggle")
    lab.wait(lambda: is_shown(lab) and shown(lab).rest is not None)


def spots(lab: Lab, name: str) -> int:
    """How many pixels beside the key have a term's colour."""
    image = rgb(lab.plane.plane_image())
    tone = QColor(name)
    away = np.abs(image - (tone.red(), tone.green(), tone.blue())).max(axis=2)
    key = lab.plane.scene.force_key()
    if key is not None:
        box = key.rect.translated(-lab.plane.scene.areas.plane.topLeft()).toAlignedRect()
        away[box.top() : box.bottom() + 1, box.left() : box.right() + 1] = 255
    return int((away <= 12).sum())


def numbers(lab: Lab, table: str) -> list[list[float]]:
    """The rows reconstruction, KL and sum; NaN where there is only a dash."""
    found = lab.child(table, QWidget)
    labels = [label for label in found.findChildren(QLabel) if " on " in label.accessibleName()]
    values = [float("nan") if each.text() == "–" else number(each.text()) for each in labels]
    return [values[0:4], values[4:8], values[8:12]]


def test_mouse_and_key_switch_them(lab: Lab) -> None:
    plain = lab.plane.plane_image()
    action = lab.window.findChild(QAction, "forcesAction")
    assert action is not None
    panel = lab.window.force_panel
    assert not panel.isVisible()
    switch_on(lab)
    assert lab.state.forces_on
    assert panel.isVisible()
    assert action.isChecked()
    assert changed_part(plain, lab.plane.plane_image()) > 0.02
    lab.plane.setFocus()
    lab.key("F")
    assert not lab.state.forces_on
    assert not is_shown(lab)
    assert not panel.isVisible()
    assert not lab.child("forcesToggle", QAbstractButton).isChecked()
    assert changed_part(plain, lab.plane.plane_image()) == 0
    lab.key("F")
    assert lab.child("forcesToggle", QAbstractButton).isChecked()
    lab.wait(lambda: is_shown(lab))


def test_the_key_is_on_the_sheet(lab: Lab) -> None:
    assert ("View", "F", "Forces") in lab.shell.menus.shortcuts()


def test_the_numbers_are_those_of_the_selected_image(lab: Lab) -> None:
    index = lonely_point(lab)
    x, y = (float(value) for value in lab.plane.scene.cloud.mu[index])
    switch_on(lab)
    lab.press(x, y)
    lab.release(x, y)
    assert lab.state.selected == index
    lab.wait(lambda: lab.text("forceTitle") == f"Forces on image {index}")
    lab.wait(lambda: shown(lab).rest is not None)
    reconstruction, kl, total = numbers(lab, "forcesHere")
    view = lab.viewer.explain(index)
    assert kl[:2] == pytest.approx([-value for value in view.mu], abs=0.006)
    assert kl[2:] == pytest.approx([0.5 * (1 - s * s) for s in view.sigma], abs=0.006)
    selected = shown(lab).selected
    assert selected is not None
    assert reconstruction[:2] == pytest.approx(selected.reconstruction.mu[0], rel=0.05, abs=0.006)
    assert total == pytest.approx([a + b for a, b in zip(reconstruction, kl, strict=True)], abs=0.1)
    # Where they cancel, both pull, and nothing is left.
    reconstruction, kl, total = numbers(lab, "forcesAtRest")
    assert total == [0.0] * 4
    assert max(map(abs, kl)) > 0.3
    assert reconstruction == pytest.approx([-value for value in kl], abs=0.02)
    place = re.search(r"μ = \((\S+), (\S+)\),\sσ = \((\S+), (\S+)\)", lab.text("restText"))
    assert place is not None
    assert kl[:2] == pytest.approx([-number(place[1]), -number(place[2])], abs=0.02)


def test_a_switch_counts_at_once(lab: Lab) -> None:
    """In the event itself: the terms are known, only their weights are others."""
    switch_on(lab)
    assert spots(lab, LIGHT.kl) > 100
    assert spots(lab, LIGHT.reconstruction) > 500
    lab.click("klToggle")
    assert spots(lab, LIGHT.kl) == 0
    assert numbers(lab, "forcesHere")[1] == [0.0] * 4
    lab.wait(lambda: "nothing stops σ from shrinking" in " ".join(lab.text("restText").split()))
    lab.click("klToggle")
    lab.click("reconstructionToggle")
    assert numbers(lab, "forcesHere")[0] == [0.0] * 4
    assert (shown(lab).sample.reconstruction.mu == 0).all()
    assert spots(lab, LIGHT.kl) > 100
    lab.wait(lambda: "σ = (1, 1)" in lab.text("restText"))
    lab.click("reconstructionToggle")
    kl = numbers(lab, "forcesHere")[1]
    lab.type("betaValue", "4")
    assert numbers(lab, "forcesHere")[1] == pytest.approx([4 * value for value in kl], rel=0.03)
    # The place of rest is another, and found anew.
    lab.wait(lambda: shown(lab).rest is not None)
    assert numbers(lab, "forcesAtRest")[2] == [0.0] * 4


def test_another_likelihood_pulls_otherwise(lab: Lab) -> None:
    switch_on(lab)
    before = shown(lab).sample
    lab.shell.choices.choose_likelihood("gaussian")
    lab.wait(lambda: lab.snapshot.likelihood.name == "gaussian")
    lab.wait(lambda: shown(lab).sample.mu.shape and shown(lab).sample is not before)

    def differs() -> bool:
        now = shown(lab).sample
        both = np.isin(before.indices, now.indices)
        again = np.isin(now.indices, before.indices)
        first, second = before.reconstruction.mu[both], now.reconstruction.mu[again]
        return bool(np.abs(first - second).max() > 1)

    lab.wait(differs)


def test_they_follow_the_view_and_the_class(lab: Lab) -> None:
    switch_on(lab)
    lab.plane.setFocus()
    first = shown(lab).sample.indices
    lab.key("+")
    lab.key("+")

    def within() -> bool:
        view, mu = lab.plane.viewport(), shown(lab).sample.mu
        inside = (mu[:, 0] > view.x_min) & (mu[:, 0] < view.x_max)
        inside &= (mu[:, 1] > view.y_min) & (mu[:, 1] < view.y_max)
        return len(mu) > 5 and bool(inside.all())

    lab.wait(lambda: within() and not np.array_equal(shown(lab).sample.indices, first))
    lab.shell.choices.isolate(3)
    labels = lab.plane.scene.cloud.labels
    lab.wait(lambda: bool((labels[shown(lab).sample.indices] == 3).all()))
    lab.window.resize(lab.window.width() - 250, lab.window.height())
    lab.wait(within)


def test_while_training_they_follow_and_a_drag_decodes(lab: Lab) -> None:
    switch_on(lab)
    lab.click("trainButton")
    lab.wait(lambda: lab.snapshot.running)
    seen = []

    def follows() -> bool:
        seen.append(shown(lab).sample)
        return len({id(view) for view in seen}) >= 4

    lab.wait(follows)
    assert shown(lab).rest is None
    assert numbers(lab, "forcesAtRest")[2][0] != numbers(lab, "forcesAtRest")[2][0], "a dash"
    lab.press(0.5, 0.5)
    for x in np.linspace(0.4, -2.0, 8):
        lab.drag_to(float(x), -1.0)
        assert np.array_equal(lab.decoded(), lab.expected())
    lab.release(-2.0, -1.0)
    lab.click("klToggle")
    assert spots(lab, LIGHT.kl) == 0
    lab.wait_for_steps(10)
    lab.wait(lambda: not lab.snapshot.weights.kl_on)
    assert (shown(lab).sample.kl.mu == 0).all()
    lab.click("klToggle")
    lab.click("trainButton")
    lab.wait_until_exact()

    def exact() -> bool:
        answer = shown(lab)
        cloud = lab.snapshot.cloud
        places = answer.sample.indices
        return answer.rest is not None and np.allclose(
            answer.sample.mu, cloud.mu[places], atol=1e-4
        )

    lab.wait(exact)
    assert numbers(lab, "forcesAtRest")[2] == [0.0] * 4


def test_it_is_undone_and_redone(lab: Lab) -> None:
    switch_on(lab)
    lab.plane.setFocus()
    lab.key(Qt.Key.Key_Z, CTRL)
    assert not lab.state.forces_on
    assert not is_shown(lab)
    lab.key(Qt.Key.Key_Z, CTRL | SHIFT)
    assert lab.state.forces_on
    lab.wait(lambda: is_shown(lab))


def test_nothing_selected_has_no_numbers(lab: Lab) -> None:
    switch_on(lab)
    lab.plane.setFocus()
    lab.key(Qt.Key.Key_Escape, SHIFT)
    lab.wait(lambda: shown(lab).selected is None)
    assert "Click a point" in lab.text("restText")
    assert len(shown(lab).sample.indices) > 10


def test_a_session_brings_them_back(open_lab: OpenLab, tmp_path: Path) -> None:
    lab = open_lab()
    switch_on(lab)
    session = tmp_path / "forces.latentlab.json"
    lab.trigger("saveSessionAction")
    lab.answer_file_dialog(session)
    assert session.exists()
    again = open_lab(str(session), profile=tmp_path / "other")
    assert again.state.forces_on
    again.wait(lambda: is_shown(again) and len(shown(again).sample.indices) > 10)
    assert again.child("forcesToggle", QAbstractButton).isChecked()
    assert again.window.force_panel.isVisible()


def test_other_data_have_forces_of_their_own(lab: Lab) -> None:
    switch_on(lab)
    wait_for_open(lab, lambda: lab.choose("modelChoice", "fashion-mnist-2d"))
    assert lab.state.forces_on
    lab.wait(lambda: is_shown(lab) and len(shown(lab).sample.indices) > 10)

    def theirs() -> bool:
        sample = shown(lab).sample
        first = int(sample.indices[0])
        return bool(sample.mu[0] == pytest.approx(lab.viewer.explain(first).mu, abs=1e-4))

    lab.wait(theirs)


def test_they_are_of_now_and_not_of_the_past(lab: Lab) -> None:
    """Never today's forces over yesterday's posteriors, which may be of other images."""
    switch_on(lab)
    lab.wait(lambda: len(lab.shell.past.timeline.moments) > 50)
    bar = lab.child("historySlider", QSlider)
    bar.setSliderPosition(bar.maximum() // 2)
    assert lab.state.past is not None
    assert not is_shown(lab)
    assert "those of now" in lab.text("restText")
    lab.plane.setFocus()
    lab.key("+")
    lab.click("klToggle")
    lab.click("klToggle")
    # What is asked for later is there, so an answer would be, too.
    lab.trigger("decodedLayerAction")
    lab.wait(lambda: lab.plane.scene.layer is not None)
    assert not is_shown(lab)
    lab.click("historyNow")
    lab.wait(lambda: is_shown(lab) and shown(lab).rest is not None)
    places = shown(lab).sample.indices
    lab.wait_until_exact()
    np.testing.assert_allclose(shown(lab).sample.mu, lab.snapshot.cloud.mu[places], atol=1e-4)


def test_what_is_in_the_picture_is_in_the_file(lab: Lab, tmp_path: Path) -> None:
    switch_on(lab)
    lab.plane.save_svg(tmp_path / "plane.svg")
    written = "".join((tmp_path / "plane.svg").read_text().split())
    assert LIGHT.kl in written
    assert "natsperunit" in written


def test_the_numbers_can_be_reached_in_a_small_window(lab: Lab) -> None:
    lab.window.resize(1280, 720)
    switch_on(lab)
    lab.app.processEvents()
    column = lab.child("rightColumn", QScrollArea)
    panel = lab.window.force_panel
    column.ensureWidgetVisible(panel)
    assert panel.width() <= column.viewport().width()
    assert not panel.visibleRegion().isEmpty()
