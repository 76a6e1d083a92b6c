"""Models of more than two latent dimensions: what the window shows is a plane of their space."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QWidget

from latentlab.app.infer_view import Inferred
from latentlab.app.layer_view import AggregateMap, LikelihoodMap, MapImage, UncertaintyMap
from latentlab.app.state import LayerName
from latentlab.core.aggregate import aggregate_figures
from latentlab.core.axes import axis_figures
from latentlab.core.importance import Rung
from latentlab.ui.infer.workspace import InferWorkspace
from latentlab.ui.linear_slider import LinearSlider
from latentlab.ui.number_text import fixed
from latentlab.ui.plane.tips import tip
from tests.window.conftest import OpenLab
from tests.window.dimensions import is_decoded, strip_is_right, trained
from tests.window.lab import Lab
from tests.window.reach import all_faults, ambiguous, unexplained
from tests.window.test_reach import resize
from tests.window.test_undo import redo, undo


@pytest.fixture(scope="module")
def model_of_8(tmp_path_factory: pytest.TempPathFactory) -> str:
    return trained(tmp_path_factory.mktemp("models") / "eight.safetensors", 8)


@pytest.fixture
def lab(open_lab: OpenLab, model_of_8: str) -> Lab:
    lab = open_lab(model_of_8)
    lab.wait_until_exact()
    return lab


def test_it_opens_on_the_two_axes_with_the_largest_kl(lab: Lab) -> None:
    cloud, section = lab.snapshot.cloud, lab.state.section
    assert cloud.mu.shape[1] == section.latent_dim == 8
    found = axis_figures(cloud.mu, cloud.logvar)
    assert found is not None
    assert section.axes == found.order[:2]
    assert section.origin == (0.0,) * 8
    assert lab.window.section_panel.isVisible()
    drawn = lab.plane.scene.cloud
    np.testing.assert_array_equal(drawn.mu, cloud.mu[:, list(section.axes)])
    np.testing.assert_array_equal(drawn.logvar, cloud.logvar[:, list(section.axes)])
    assert "projected on" in lab.plane.scene.note
    assert is_decoded(lab)


def test_a_slider_moves_the_slice_and_undo_brings_it_back(lab: Lab) -> None:
    before, axis = lab.decoded(), lab.state.section.others[0]
    slider = lab.child(f"sectionSlider{axis + 1}", LinearSlider)
    lab.bring_into_view(slider)
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_End)
    reached = lab.state.section.origin[axis]
    found = axis_figures(lab.snapshot.cloud.mu, lab.snapshot.cloud.logvar)
    assert found is not None
    assert reached == pytest.approx(found.mean[axis] + 3 * found.sigma[axis], abs=2e-3)
    assert is_decoded(lab)
    assert not np.array_equal(lab.decoded(), before)
    lab.wait(lambda: strip_is_right(lab))
    undo(lab)
    assert lab.state.section.origin[axis] == 0
    assert np.array_equal(lab.decoded(), before)
    redo(lab)
    assert lab.state.section.origin[axis] == reached


def test_other_axes_show_the_same_z(lab: Lab) -> None:
    lab.drag((0.0, 0.0), (1.0, -0.5))
    before, section, z = lab.decoded(), lab.state.section, lab.state.section.lift(lab.state.z)
    box = lab.child("firstAxis", QComboBox)
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_End)
    after = lab.state.section
    assert after.axes[0] not in section.axes
    assert after.axes[1] == section.axes[1]
    np.testing.assert_allclose(after.lift(lab.state.z), z)
    assert np.array_equal(lab.decoded(), before)
    mu = lab.snapshot.cloud.mu[:, list(after.axes)]
    np.testing.assert_array_equal(lab.plane.scene.cloud.mu, mu)
    # The other axis's own swaps the two.
    box.setCurrentIndex(box.findData(after.axes[1]))
    box.activated.emit(box.currentIndex())
    assert lab.state.section.axes == after.axes[::-1]
    np.testing.assert_allclose(lab.state.section.lift(lab.state.z), z)


def test_a_point_that_is_clicked_takes_the_slice_to_its_mean(lab: Lab) -> None:
    mu = lab.snapshot.cloud.mu
    # Far out, where points do not lie one on another.
    index = int(np.argmax(np.abs(lab.state.section.project(mu)).sum(axis=1)))
    x, y = lab.state.section.project(mu[index]).tolist()
    lab.hover(x, y)
    assert lab.plane.scene.hovered == index
    assert "on z" in tip(lab.plane.scene, lab.pixel(x, y))
    lab.press(x, y)
    lab.release(x, y)
    assert lab.state.selected == index
    np.testing.assert_allclose(lab.state.section.lift(lab.state.z), mu[index], atol=1e-3)
    view = lab.viewer.explain(index)
    np.testing.assert_allclose(lab.decoded().astype(int), view.reconstruction_image, atol=2)
    # The numbers of the panel are of the axes that say most of it.
    first = int(np.argmax(view.kl_per_axis))
    assert lab.text("selectionMu").startswith(f"μ{'₁₂₃₄₅₆₇₈'[first]} ")
    assert sum(view.kl_per_axis) == pytest.approx(view.kl, rel=1e-4)
    assert view.samples is not None
    assert f"{view.samples} samples" in lab.child("termsBar", QWidget).toolTip()


def test_samples_are_of_all_dimensions(lab: Lab) -> None:
    lab.click("samplePrior")
    assert all(value != 0 for value in lab.state.section.lift(lab.state.z))
    assert is_decoded(lab)
    lab.click("samplePosterior")
    assert "…" in lab.text("sampleEps")
    assert is_decoded(lab)
    lab.click("zToMu")
    assert lab.state.selected is not None
    mu = lab.viewer.explain(lab.state.selected).mu
    np.testing.assert_allclose(lab.state.section.lift(lab.state.z), mu, atol=1e-6)
    lab.click("sectionZeros")
    assert not any(lab.state.section.origin)
    lab.click("sectionMean")
    np.testing.assert_allclose(lab.state.section.lift(lab.state.z), mu, atol=1e-6)
    lab.trigger("copyZ")
    copied = [float(text) for text in QGuiApplication.clipboard().text().split(",")]
    np.testing.assert_allclose(copied, mu, rtol=1e-4)


@pytest.mark.parametrize("layer", ["decoded", "aggregate", "likelihood", "uncertainty"])
def test_each_layer_is_of_the_slice_or_of_the_marginals(lab: Lab, layer: LayerName) -> None:
    kinds = {
        "decoded": MapImage,
        "aggregate": AggregateMap,
        "likelihood": LikelihoodMap,
        "uncertainty": UncertaintyMap,
    }
    shown: list[object] = []
    lab.shell.layers.shown.connect(shown.append)
    lab.click("sectionMean")
    lab.shell.choices.choose_layer(layer)
    lab.wait(lambda: bool(shown) and isinstance(shown[-1], kinds[layer]))
    answer = shown[-1]
    scene = lab.plane.scene
    if isinstance(answer, AggregateMap):
        cloud, axes = lab.snapshot.cloud, list(lab.state.section.axes)
        expected = aggregate_figures(cloud.mu[:, axes], cloud.logvar[:, axes])
        assert answer.figures.kl_per_dimension == pytest.approx(expected.kl_per_dimension)
        assert answer.figures.kl_aggregate == pytest.approx(expected.kl_aggregate)
        assert scene.layer_words is not None
        assert scene.section.names[0] in scene.layer_words.title
    elif isinstance(answer, LikelihoodMap):
        assert scene.layer_words is not None
        assert "on the slice" in scene.layer_words.title
        assert answer.section == lab.state.section
        assert lab.state.selected is not None
        # It is the highest near μ, through which the slice goes.
        mu = lab.state.section.project(np.array(lab.viewer.explain(lab.state.selected).mu))
        row, column = np.unravel_index(answer.values.argmax(), answer.values.shape)
        view, shape = answer.viewport, answer.values.shape
        best = (
            view.x_min + (column + 0.5) * (view.x_max - view.x_min) / shape[1],
            view.y_max - (row + 0.5) * (view.y_max - view.y_min) / shape[0],
        )
        assert np.hypot(*(mu - best)) < 1.5
    # Moving the slice asks anew.
    shown.clear()
    if layer != "aggregate":
        lab.click("sectionZeros")
        lab.wait(lambda: bool(shown) and isinstance(shown[-1], kinds[layer]))


def test_forces_are_their_components_along_the_axes(lab: Lab) -> None:
    lab.click("forcesToggle")
    lab.wait(lambda: lab.plane.scene.forces.answer is not None)
    answer = lab.plane.scene.forces.answer
    assert answer is not None
    assert answer.sample.mu.shape[1] == 2
    # −∂KL/∂μ = −μ holds for each axis.
    np.testing.assert_allclose(answer.sample.kl.mu, -answer.sample.mu, atol=1e-5)
    names = [label.text() for label in lab.window.force_panel.findChildren(QLabel)]
    assert f"μ{lab.state.section.names[0][1:]}" in names


def test_it_trains_and_looks_back(lab: Lab) -> None:
    lab.click("trainButton")
    lab.wait_for_steps(60)
    lab.click("trainButton")
    lab.wait_until_exact()
    shown = lab.state.section.project(lab.snapshot.cloud.mu)
    lab.wait(lambda: np.array_equal(lab.plane.scene.cloud.mu, shown))
    moments = lab.shell.past.timeline.moments
    lab.shell.store.set_quietly(past=moments[0].step)
    lab.wait(lambda: len(lab.plane.scene.cloud) == len(moments[0].cloud.mu))
    then = lab.state.section.project(moments[0].cloud.mu)
    np.testing.assert_array_equal(lab.plane.scene.cloud.mu, then)
    lab.window.section_panel.axesChosen.emit(*lab.state.section.others[:2])
    then = lab.state.section.project(moments[0].cloud.mu)
    np.testing.assert_array_equal(lab.plane.scene.cloud.mu, then)
    lab.shell.past.return_to_now()


def test_a_step_in_slow_motion_is_shown_on_the_plane(lab: Lab) -> None:
    lab.key("W")
    lab.wait(lambda: lab.shell.slow_motion.on)
    lab.click("stepButton")
    lab.wait(lambda: lab.plane.scene.step is not None)
    step = lab.plane.scene.step
    assert step is not None
    assert step.mu.shape[1] == 2


def test_a_session_comes_back_on_its_plane(lab: Lab, open_lab: OpenLab, tmp_path: Path) -> None:
    lab.window.section_panel.axesChosen.emit(*lab.state.section.others[:2])
    lab.click("sectionMean")
    wanted = lab.state
    session = tmp_path / "a.latentlab.json"
    lab.shell.files.save_session(session)
    again = open_lab(str(session), profile=tmp_path / "other")
    assert again.state.section == wanted.section
    assert again.state.z == wanted.z
    assert is_decoded(again)


def test_other_models_have_planes_of_their_own(lab: Lab) -> None:
    """From 8 dimensions to 2 and back, without a panel too many."""
    lab.shell.choices.choose_layer("likelihood")
    lab.click("forcesToggle")
    lab.wait(lambda: lab.plane.scene.forces.answer is not None)
    eight = lab.shell.controller.present
    assert eight is not None
    lab.shell.files.open_model("mnist-2d-live")
    lab.wait(lambda: lab.state.section.whole and lab.snapshot.cloud.mu.shape[1] == 2)
    lab.wait_until_exact()
    assert not lab.window.section_panel.isVisible()
    assert lab.text("selectionMu").startswith("μ = (")
    assert is_decoded(lab)
    assert eight.model is not None
    lab.shell.files.open_model(eight.model)
    lab.wait(lambda: lab.state.section.latent_dim == 8)
    lab.wait(lambda: lab.snapshot.cloud.mu.shape[1] == 8)
    lab.wait_until_exact()
    assert lab.window.section_panel.isVisible()
    assert is_decoded(lab)


def test_its_branches_are_not_compared(lab: Lab) -> None:
    lab.shell.branches._compare_runs([1, 1])
    assert "2 dimensions" in lab.said
    assert lab.state.workspace == "explore"


def infer(lab: Lab) -> tuple[InferWorkspace, list[Inferred], list[tuple[Rung, ...]]]:
    """The Infer workspace, and what comes of it: exact posteriors, ladders."""
    exact: list[Inferred] = []
    ladders: list[tuple[Rung, ...]] = []
    lab.key(Qt.Key.Key_F7)
    looking, workspace = lab.shell.infer.looking, lab.window.infer
    assert looking is not None
    assert workspace is not None
    looking.shown.connect(lambda shown: exact.append(shown) if shown and shown.exact else None)
    looking.ladder.connect(ladders.append)
    return workspace, exact, ladders


def test_infer_shows_a_slice_through_mu_and_bounds(lab: Lab) -> None:
    workspace, exact, ladders = infer(lab)
    why = lab.child("inferWhyOff", QLabel)
    assert why.isVisible()
    assert "8 latent dimensions" in why.text()
    assert not workspace.account.isVisible()
    assert not workspace.improve_panel.isVisible()
    assert not lab.child("inferAmbiguous", QPushButton).isEnabled()
    np.testing.assert_array_equal(workspace.overview.scene.cloud.mu, lab.plane.scene.cloud.mu)
    lab.wait(lambda: bool(ladders), timeout=90_000)
    assert lab.text("inferQuality") == "slice, exact"
    # The plane goes through the mean, and z is on it.
    assert lab.state.selected is not None
    mu = np.array(lab.viewer.explain(lab.state.selected).mu)
    section = exact[-1].section
    assert section == lab.state.section
    np.testing.assert_allclose(section.lift(section.project(mu)), mu, atol=1e-5)
    lab.click("mode1")
    assert lab.state.z == exact[-1].modes[0].z
    assert is_decoded(lab)
    # The words are of the ladder, and of no exact value.
    words = lab.text("ladderWords")
    assert fixed(ladders[-1][-1].mean) in words
    assert "not known" in words
    # What is off says so.
    lab.key("I")
    assert "2 latent dimensions" in lab.said
    lab.window.message_bar.clear()
    lab.key("A")
    assert "2 latent dimensions" in lab.said


def test_infer_is_itself_again_with_two_dimensions(lab: Lab) -> None:
    workspace, exact, _ = infer(lab)
    lab.shell.files.open_model("mnist-2d-live")
    lab.wait(lambda: bool(exact) and exact[-1].section.whole, timeout=90_000)
    assert not lab.child("inferWhyOff", QLabel).isVisible()
    assert workspace.account.isVisible()
    assert workspace.improve_panel.isVisible()
    assert lab.child("inferAmbiguous", QPushButton).isEnabled()
    assert lab.text("inferQuality") == "exact"


@pytest.mark.parametrize("size", [(1280, 720), (1024, 700)], ids=str)
def test_everything_of_a_slice_has_room_and_words(lab: Lab, size: tuple[int, int]) -> None:
    resize(lab, *size)
    # But for the path of a file of a test, which is longer than any box.
    assert [fault for fault in all_faults(lab.window, *size) if "modelChoice" not in fault] == []
    assert unexplained(lab.window) == []
    assert ambiguous(lab.window) == []


def test_traversals_are_strips_of_each_axis(lab: Lab) -> None:
    lab.click("traverseButton")
    panel = lab.shell.traversing.panel
    assert panel is not None
    assert panel.isVisible()
    assert not lab.window.strip.isVisible()
    rows = panel.rows
    lab.wait(lambda: rows._traversal is not None)
    found, traversal = (
        axis_figures(lab.snapshot.cloud.mu, lab.snapshot.cloud.logvar),
        rows._traversal,
    )
    assert found is not None
    assert traversal is not None
    assert traversal.axes == found.order, "the one that says most first"
    z = lab.state.section.lift(lab.state.z)
    for row, axis in ((0, found.order[0]), (7, found.order[7])):
        low, high = traversal.values[row, 0], traversal.values[row, -1]
        assert low == pytest.approx(found.mean[axis] - 3 * found.sigma[axis])
        assert high == pytest.approx(found.mean[axis] + 3 * found.sigma[axis])
        there = z.copy()
        there[axis] = high
        expected = lab.viewer.decode([there])[0].astype(int)
        np.testing.assert_allclose(traversal.images[row, -1].astype(int), expected, atol=1)
    # A click moves z there, on the plane or with it, and the strips follow.
    for row, place in ((0, 2), (4, 8)):
        before = rows._traversal
        assert before is not None
        lab.bring_into_view(rows)
        at = rows.image_rect(row, place).center().toPoint()
        QTest.mouseClick(rows, Qt.MouseButton.LeftButton, pos=at)
        axis, value = before.axes[row], before.values[row, place]
        assert lab.state.section.lift(lab.state.z)[axis] == pytest.approx(value)
        assert is_decoded(lab)
        lab.wait(lambda then=before: rows._traversal is not then)
    rows.setFocus()
    QTest.keyClick(rows, Qt.Key.Key_Up)
    before = rows._traversal
    assert before is not None
    QTest.keyClick(rows, Qt.Key.Key_Right)
    moved = lab.state.section.lift(lab.state.z)[before.axes[3]]
    assert np.abs(before.values[3] - moved).min() < 1e-9
    lab.click("traversalClose")
    assert lab.window.strip.isVisible()
    assert not panel.isVisible()


def test_traversals_end_with_a_model_of_two_dimensions(lab: Lab) -> None:
    lab.click("traverseButton")
    lab.shell.files.open_model("mnist-2d-live")
    lab.wait(lambda: lab.state.section.whole and lab.shell.controller.heard)
    panel = lab.shell.traversing.panel
    assert panel is not None
    assert not panel.isVisible()
    assert lab.window.strip.isVisible()
