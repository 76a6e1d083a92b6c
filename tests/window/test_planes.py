"""Planes along no axes, in the window: principal components, and through three clicked images."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QWidget

from latentlab.app.layer_view import AggregateMap, LikelihoodMap, MapImage
from latentlab.core.tilt import Tilt
from latentlab.ui.plane.tips import tip
from tests.window.conftest import OpenLab
from tests.window.dimensions import is_decoded, strip_is_right, trained
from tests.window.lab import Lab
from tests.window.reach import all_faults, ambiguous, unexplained
from tests.window.test_reach import resize
from tests.window.test_undo import redo, undo


@pytest.fixture(scope="module")
def model_of_10(tmp_path_factory: pytest.TempPathFactory) -> str:
    return trained(tmp_path_factory.mktemp("models") / "ten.safetensors", 10)


@pytest.fixture
def lab(open_lab: OpenLab, model_of_10: str) -> Lab:
    lab = open_lab(model_of_10)
    lab.wait_until_exact()
    return lab


def tilt(lab: Lab) -> Tilt:
    found = lab.state.section.tilt
    assert found is not None
    return found


def click_point(lab: Lab, *others: int) -> int:
    """Click a point far out, where points do not lie one on another; none of `others`."""
    flat = lab.state.section.project(lab.snapshot.cloud.mu)
    away = np.abs(flat - flat.mean(axis=0)).sum(axis=1)
    view = lab.plane.viewport()
    seen = (flat[:, 0] > view.x_min + 0.2) & (flat[:, 0] < view.x_max - 0.2)
    seen &= (flat[:, 1] > view.y_min + 0.2) & (flat[:, 1] < view.y_max - 0.2)
    # Each from another side.
    side = flat @ [(1.0, 0.3), (-1.0, 0.2), (0.1, -1.0)][len(others)]
    order = np.argsort(-(side + 0.1 * away) * seen)
    index = next(int(place) for place in order if place not in others)
    x, y = flat[index].tolist()
    lab.hover(x, y)
    found = lab.plane.scene.hovered
    assert found is not None
    lab.press(x, y)
    lab.release(x, y)
    return found


def three_images(lab: Lab) -> tuple[int, ...]:
    lab.click("planeImages")
    picked: tuple[int, ...] = ()
    for _ in range(3):
        picked = (*picked, click_point(lab, *picked))
    return picked


def shows_the_section(lab: Lab) -> None:
    """Whether points and ellipses are on the plane as the state has it."""
    section, cloud, drawn = lab.state.section, lab.snapshot.cloud, lab.plane.scene.cloud
    mu, logvar = section.posteriors(cloud.mu, cloud.logvar)
    np.testing.assert_array_equal(drawn.mu, mu)
    np.testing.assert_array_equal(drawn.logvar, logvar)
    expected = section.correlation(cloud.logvar)
    if expected is None:
        assert drawn.correlation is None
    else:
        assert drawn.correlation is not None
        np.testing.assert_array_equal(drawn.correlation, expected)


def test_the_pca_plane_is_that_of_the_means(lab: Lab) -> None:
    before = lab.state.section
    lab.click("planePrincipal")
    mu = lab.snapshot.cloud.mu.astype(np.float64)
    _, singular, vectors = np.linalg.svd(mu - mu.mean(axis=0), full_matrices=False)
    for row, expected in zip(tilt(lab).rows, vectors[:2], strict=True):
        assert abs(row @ expected) == pytest.approx(1, abs=1e-5)
    section, share = lab.state.section, (singular**2 / (singular**2).sum())[0]
    np.testing.assert_allclose(
        section.lift(section.project(mu.mean(axis=0))), mu.mean(axis=0), atol=1e-6
    )
    shows_the_section(lab)
    assert is_decoded(lab)
    lab.wait(lambda: strip_is_right(lab))
    assert f"PC 1 has {100 * share:.0f} %" in lab.text("planeWords")
    assert "through the mean of the means" in lab.text("planeWhere")
    assert "projected on PC 1 and PC 2" in lab.plane.scene.note
    assert not lab.child("firstAxis", QWidget).isVisible()
    assert not lab.child("sectionScroll", QWidget).isVisible()
    wanted = lab.state.section
    undo(lab)
    assert lab.state.section == before
    shows_the_section(lab)
    assert lab.child("firstAxis", QWidget).isVisible()
    redo(lab)
    assert lab.state.section == wanted
    shows_the_section(lab)
    lab.click("planeAxes")
    assert lab.state.section.tilt is None
    assert lab.state.section.axes == before.axes
    shows_the_section(lab)
    assert is_decoded(lab)


def test_other_names_stand_on_the_axes_at_once(lab: Lab) -> None:
    lab.click("planePrincipal")
    shown = lab.plane.grab().toImage()
    lab.plane._layers.forget_view()
    assert lab.plane.grab().toImage() == shown
    others = lab.state.section.others[:2]
    lab.window.section_panel.axesChosen.emit(*others)
    shown = lab.plane.grab().toImage()
    lab.plane._layers.forget_view()
    assert lab.plane.grab().toImage() == shown


def test_a_click_moves_the_slice_and_there_is_a_way_back(lab: Lab) -> None:
    lab.click("planePrincipal")
    home = lab.state.section
    index = click_point(lab)
    mu = lab.snapshot.cloud.mu[index]
    np.testing.assert_allclose(lab.state.section.lift(lab.state.z), mu, atol=1e-3)
    assert lab.state.selected == index
    assert is_decoded(lab)
    assert "beside the mean of the means" in lab.text("planeWhere")
    x, y = lab.state.section.project(mu).tolist()
    lab.hover(x, y)
    words = tip(lab.plane.scene, lab.pixel(x, y))
    assert "on PC 1 and PC 2" in words
    assert "correlation" in words
    lab.trigger("copyZ")
    copied = [float(text) for text in QGuiApplication.clipboard().text().split(",")]
    np.testing.assert_allclose(copied, lab.state.section.lift(lab.state.z), rtol=1e-4, atol=1e-6)
    lab.click("samplePrior")
    assert is_decoded(lab)
    lab.click("planeHome")
    np.testing.assert_allclose(lab.state.section.origin, home.origin, atol=1e-9)
    assert "through the mean of the means" in lab.text("planeWhere")
    lab.click("sectionZeros")
    np.testing.assert_allclose(lab.state.section.origin, 0, atol=1e-9)


def test_three_clicked_images_lie_in_their_plane(lab: Lab) -> None:
    before = lab.state.section
    lab.click("planeImages")
    assert "Click a first image" in lab.text("planeWords")
    first = click_point(lab)
    assert f"A: image {first}" in lab.text("planeWords")
    assert lab.plane.scene.marked == (first,)
    assert lab.state.section.is_parallel(before), "the plane is still what it was"
    second = click_point(lab, first)
    third = click_point(lab, first, second)
    assert tilt(lab).images == (first, second, third) == lab.plane.scene.marked
    section, mu = lab.state.section, lab.snapshot.cloud.mu[[first, second, third]]
    np.testing.assert_allclose(section.lift(section.project(mu.astype(float))), mu, atol=1e-6)
    shows_the_section(lab)
    view, flat = lab.plane.viewport(), section.project(mu)
    assert (flat > (view.x_min, view.y_min)).all()
    assert (flat < (view.x_max, view.y_max)).all()
    assert f"A (image {first})" in lab.text("planeWords")
    assert "through the three" in lab.text("planeWhere")
    assert is_decoded(lab)
    # A click on one of them leaves the slice where it is.
    x, y = flat[1].tolist()
    lab.press(x, y)
    lab.release(x, y)
    assert "through the three" in lab.text("planeWhere")
    # Three others, given up half-way.
    lab.click("planeImages")
    assert lab.plane.scene.marked == ()
    click_point(lab)
    lab.click("planeAxes")
    assert lab.plane.scene.marked == ()
    assert lab.state.section.tilt is None


def test_one_image_is_not_taken_twice(lab: Lab) -> None:
    lab.click("planeImages")
    first = click_point(lab)
    x, y = lab.state.section.project(lab.snapshot.cloud.mu[first]).tolist()
    lab.press(x, y)
    lab.release(x, y)
    assert lab.plane.scene.marked == (first,)


def test_a_collapsed_model_has_no_pca_plane(lab: Lab) -> None:
    cloud = lab.snapshot.cloud
    cloud.mu[:] = 0
    before = lab.state.section
    lab.click("planePrincipal")
    assert "two directions" in lab.said
    assert lab.state.section == before
    three_on_one_spot = (0, 1, 2)
    lab.click("planeImages")
    for index in three_on_one_spot:
        lab.plane.pointSelected.emit(index)
    assert "same mean" in lab.said
    assert lab.plane.scene.marked == (0, 1), "another third can be clicked"
    lab.window.message_bar.clear()


def test_layers_are_of_the_slice_or_of_the_marginals(lab: Lab) -> None:
    shown: list[object] = []
    lab.shell.layers.shown.connect(shown.append)
    lab.click("planePrincipal")
    lab.click("sectionMean")
    lab.shell.choices.choose_layer("likelihood")
    lab.wait(lambda: bool(shown) and isinstance(shown[-1], LikelihoodMap))
    answer = shown[-1]
    assert isinstance(answer, LikelihoodMap)
    assert answer.section == lab.state.section
    lab.shell.choices.choose_layer("decoded")
    lab.wait(lambda: isinstance(shown[-1], MapImage))
    lab.shell.choices.choose_layer("aggregate")
    lab.wait(lambda: isinstance(shown[-1], AggregateMap))
    words = lab.plane.scene.layer_words
    assert words is not None
    assert "q(PC 1, PC 2)" in words.title
    assert "in their correlation" in words.about


def test_forces_are_their_components_along_the_plane(lab: Lab) -> None:
    lab.click("planePrincipal")
    lab.click("forcesToggle")
    lab.wait(lambda: lab.plane.scene.forces.answer is not None)
    answer = lab.plane.scene.forces.answer
    assert answer is not None
    # −∂KL/∂μ = −μ, along any direction.
    np.testing.assert_allclose(answer.sample.kl.mu, -answer.sample.mu, atol=1e-5)
    assert answer.sample.angle is not None
    names = [label.text() for label in lab.window.force_panel.findChildren(QLabel)]
    assert {"PC 1", "PC 2", "log s₁²", "log s₂²"} <= set(names)
    lab.click("planeAxes")
    answer = lab.plane.scene.forces.answer
    assert answer is not None
    assert answer.sample.angle is None


def test_training_leaves_the_plane_where_it_is_until_it_is_made_anew(lab: Lab) -> None:
    lab.click("planePrincipal")
    before = lab.state.section
    lab.click("trainButton")
    lab.wait_for_steps(60)
    lab.click("trainButton")
    lab.wait_until_exact()
    assert lab.state.section == before
    shown = before.project(lab.snapshot.cloud.mu)
    lab.wait(lambda: np.array_equal(lab.plane.scene.cloud.mu, shown))
    shows_the_section(lab)
    lab.click("planeAgain")
    after = lab.state.section
    assert not after.is_parallel(before)
    shows_the_section(lab)
    undo(lab)
    assert lab.state.section == before


def test_traversals_and_a_step_in_slow_motion_work_on_any_plane(lab: Lab) -> None:
    lab.click("planePrincipal")
    lab.shell.choices.move_along(3, 1.5)
    z = lab.state.section.lift(lab.state.z)
    assert z[3] == pytest.approx(1.5)
    assert is_decoded(lab)
    lab.key("W")
    lab.wait(lambda: lab.shell.slow_motion.on)
    lab.click("stepButton")
    lab.wait(lambda: lab.plane.scene.step is not None)
    step = lab.plane.scene.step
    assert step is not None
    assert step.correlation is not None
    assert step.correlation.shape == step.mu.shape[:1]


def test_infer_looks_along_axes_and_leaves_the_plane_as_it_was(lab: Lab) -> None:
    lab.click("planePrincipal")
    before, axes = tilt(lab), lab.state.section.axes
    lab.key(Qt.Key.Key_F7)
    lab.wait(lambda: lab.state.section.tilt is None)
    assert lab.state.section.axes == axes
    assert "Infer looks along two axes" in lab.said
    looking, workspace = lab.shell.infer.looking, lab.window.infer
    assert looking is not None
    assert workspace is not None
    lab.wait(lambda: looking.inferred is not None)
    assert looking.inferred is not None
    assert looking.inferred.section.tilt is None
    shown = lab.state.section.project(lab.snapshot.cloud.mu)
    lab.wait(lambda: np.array_equal(workspace.overview.scene.cloud.mu, shown))
    lab.key(Qt.Key.Key_F5)
    lab.wait(lambda: lab.state.section.tilt is not None)
    assert tilt(lab) == before
    shows_the_section(lab)
    assert is_decoded(lab)
    lab.window.message_bar.clear()


def test_a_session_comes_back_on_its_plane(lab: Lab, open_lab: OpenLab, tmp_path: Path) -> None:
    images = three_images(lab)
    wanted = lab.state
    session = tmp_path / "a.latentlab.json"
    lab.shell.files.save_session(session)
    again = open_lab(str(session), profile=tmp_path / "other")
    again.wait_until_exact()
    assert again.state.section == wanted.section
    assert again.state.z == wanted.z
    assert again.plane.scene.marked == images
    shows_the_section(again)
    assert is_decoded(again)


def test_a_picture_of_it_names_its_axes(lab: Lab, tmp_path: Path) -> None:
    lab.click("planePrincipal")
    lab.plane.save_svg(tmp_path / "a.svg")
    text = (tmp_path / "a.svg").read_text()
    assert lab.state.section.titles[0] in text
    lab.plane.save_png(tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 10_000


def test_another_model_is_on_its_axes(lab: Lab) -> None:
    three_images(lab)
    lab.shell.files.open_model("mnist-2d-live")
    lab.wait(lambda: lab.state.section.whole and lab.snapshot.cloud.mu.shape[1] == 2)
    lab.wait_until_exact()
    assert lab.plane.scene.marked == ()
    assert lab.plane.scene.cloud.correlation is None


@pytest.mark.parametrize("kind", ["planePrincipal", "planeImages"])
def test_everything_of_it_has_room_and_words(lab: Lab, kind: str) -> None:
    size = (1280, 720)
    if kind == "planeImages":
        three_images(lab)
    else:
        lab.click(kind)
    resize(lab, *size)
    assert [fault for fault in all_faults(lab.window, *size) if "modelChoice" not in fault] == []
    assert unexplained(lab.window) == []
    assert ambiguous(lab.window) == []
