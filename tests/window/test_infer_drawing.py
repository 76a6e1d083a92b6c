"""Drawing in the Infer workspace: the true posterior follows the pen, in the real window."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from latentlab.app.infer_view import Improved, Inferred
from latentlab.app.subject import Drawn
from latentlab.core.coarse import Grid
from latentlab.core.evidence import integrate
from latentlab.ui.infer.words import drawn_words
from latentlab.ui.pad.canvas import PadCanvas
from tests.data.test_photo import photo
from tests.window.dimensions import trained
from tests.window.lab import CTRL, LEFT, NONE
from tests.window.reach import all_faults, ambiguous, overlong, unexplained
from tests.window.test_infer import Inferring, inferring
from tests.window.test_pad import THREE, draw, drop

__all__ = ["inferring"]  # a fixture


class Sketching:
    """The pad of the Infer workspace, and what is inferred of what is on it."""

    def __init__(self, inferring: Inferring) -> None:
        self.lab, self.inferring = inferring.lab, inferring
        self.lab.key("H")
        self.canvas = self.lab.child("padCanvas", PadCanvas)
        assert self.canvas.isVisible()
        assert self.canvas.hasFocus()
        QApplication.processEvents()

    @property
    def inferred(self) -> Inferred:
        return self.inferring.inferred

    def is_exact(self) -> bool:
        """Whether all that is shown is of the drawing, and exact."""
        found, view = self.inferring.looking.inferred, self.lab.shell.pad.shown
        return (
            found is not None
            and view is not None
            and found.exact
            and found.subject == view.drawn
            and found.step == self.lab.viewer.step
            and "short" in self.lab.text("ladderWords")
        )

    def rest(self) -> None:
        self.lab.wait(self.is_exact)

    def log_evidence(self) -> float:
        """What the core says of the drawing."""
        sight, view = self.lab.viewer.sight(), self.lab.shell.pad.shown
        assert view is not None
        decoder, x, q = sight.decoder(), sight.x(view.drawn), sight.encoded(view.drawn)
        (evidence,) = integrate(Grid(decoder), x, q.mean[None], q.sigma[None])
        return evidence.log_evidence


@pytest.fixture
def sketching(inferring: Inferring) -> Sketching:
    return Sketching(inferring)


def test_a_drawing_is_inferred_as_it_is_drawn(sketching: Sketching) -> None:
    lab, inferring, canvas = sketching.lab, sketching.inferring, sketching.canvas
    selected = lab.state.selected
    assert selected is not None
    assert lab.text("inferTitle").startswith(f"Image {selected:,}"), "nothing is drawn yet"
    inferring.seen.clear()
    QTest.mousePress(canvas, LEFT, NONE, canvas.rect().center())
    lab.wait(lambda: any(isinstance(one.subject, Drawn) for one in inferring.seen))
    first = inferring.seen[-1].subject
    assert not inferring.seen[0].exact, "a preview comes first"
    QTest.mouseMove(canvas, canvas.rect().center() + QPoint(30, 50))
    lab.wait(lambda: inferring.seen[-1].subject != first)
    QTest.mouseRelease(canvas, LEFT, NONE, canvas.rect().center() + QPoint(30, 50))
    lab.click("padClear")
    draw(canvas, THREE)
    sketching.rest()

    # It says what it is of, and every number is the core's.
    assert lab.text("inferTitle") == "Your drawing"
    assert inferring.number("inferEvidence") == pytest.approx(sketching.log_evidence(), abs=0.006)
    assert "✓" in lab.text("inferCheck")
    view = lab.shell.pad.shown
    assert view is not None
    assert view.x is not None
    np.testing.assert_array_equal(inferring.shown_image("inferX"), view.x)
    np.testing.assert_array_equal(inferring.shown_image("inferMean"), view.reconstruction_image)
    mark = inferring.overview.scene.drawn
    assert mark is not None
    assert mark.mu == pytest.approx(sketching.inferred.q.mu, abs=1e-6)
    assert inferring.overview.scene.selected is None
    assert lab.text("modeSentence") == drawn_words(sketching.inferred.modes)
    assert lab.text("modeSentence").startswith("Your drawing ")
    # Its modes decode as any other's.
    mode = sketching.inferred.modes[0]
    lab.click("mode1")
    assert lab.state.z == mode.z
    np.testing.assert_array_equal(inferring.shown_image("inferDecoded"), mode.image)

    # It is no image of the data: that is where it was, and comes back with the pad put away.
    assert lab.state.selected == selected
    lab.key("H")
    assert lab.text("inferTitle").startswith(f"Image {selected:,}")
    inferring.rest()
    assert inferring.overview.scene.drawn is None
    assert inferring.overview.scene.selected == selected
    assert not inferring.plane.picture.chosen, "z is at a mode of the drawing"
    lab.key("H")
    sketching.rest()
    assert lab.text("inferTitle") == "Your drawing", "which was kept"


def click_a_point(sketching: Sketching) -> None:
    overview = sketching.inferring.overview
    mu = sketching.lab.snapshot.cloud.mu[sketching.lab.state.selected or 0]
    camera = overview.scene.camera
    at = QPointF(camera.x_to_pixel(float(mu[0])), camera.y_to_pixel(float(mu[1]))).toPoint()
    sketching.lab.bring_into_view(overview)
    QTest.mouseClick(overview, LEFT, NONE, at)


WAYS: dict[str, Callable[[Sketching], None]] = {
    "next": lambda sketching: sketching.lab.key("N"),
    "previous": lambda sketching: sketching.lab.key("P"),
    "ambiguous": lambda sketching: sketching.lab.key("A"),
    "a point": click_a_point,
}


@pytest.mark.parametrize("way", WAYS)
def test_other_ways_lead_back_to_the_data(sketching: Sketching, way: str) -> None:
    lab = sketching.lab
    draw(sketching.canvas, THREE)
    sketching.rest()
    WAYS[way](sketching)
    lab.wait(lambda: lab.child("inferAmbiguous", QPushButton).text() == "Next ambiguous")
    sketching.inferring.rest()
    assert not sketching.canvas.isVisible()
    assert lab.text("inferTitle").startswith(f"Image {lab.state.selected:,}, a ")
    assert sketching.inferring.overview.scene.drawn is None


def test_an_empty_pad_leaves_the_last_image(sketching: Sketching) -> None:
    lab = sketching.lab
    draw(sketching.canvas, THREE)
    sketching.rest()
    lab.click("padClear")
    sketching.inferring.rest()
    assert lab.text("inferTitle").startswith(f"Image {lab.state.selected:,}, a ")
    assert sketching.canvas.isVisible()
    lab.key(Qt.Key.Key_Z, CTRL)
    sketching.rest()
    assert lab.text("inferTitle") == "Your drawing"


def test_its_q_is_improved_and_it_is_watched_in_training(sketching: Sketching) -> None:
    lab, inferring = sketching.lab, sketching.inferring
    draw(sketching.canvas, THREE)
    sketching.rest()
    start = inferring.number("inferElbo")
    steps: list[Improved] = []
    inferring.looking.improved.connect(steps.append)
    lab.key("I")
    lab.wait(lambda: bool(steps) and steps[-1].done)
    lab.wait(lambda: sketching.is_exact() and sketching.inferred.q == steps[-1].q)
    assert inferring.number("inferElbo") > start
    # More ink is another image, whose q is the encoder's again.
    draw(sketching.canvas, [(60, 60), (90, 60)])
    sketching.rest()
    q = lab.viewer.sight().encoded(sketching.inferred.subject)
    assert sketching.inferred.q.mu == pytest.approx(q.mean.tolist())

    drawn, before = sketching.inferred.subject, lab.viewer.step
    inferring.seen.clear()
    lab.key("T")
    lab.wait(lambda: len({one.step for one in inferring.seen if not one.exact}) >= 2)
    assert {one.subject for one in inferring.seen} == {drawn}
    draw(sketching.canvas, [(60, 200), (90, 200)])
    lab.wait(lambda: inferring.seen[-1].subject not in {drawn, lab.state.selected})
    lab.key("T")
    lab.wait_until_exact()
    sketching.rest()
    assert lab.viewer.step > before
    assert inferring.number("inferEvidence") == pytest.approx(sketching.log_evidence(), abs=0.006)


def test_there_is_one_drawing_for_both_workspaces(sketching: Sketching, tmp_path: Path) -> None:
    lab, inferring = sketching.lab, sketching.inferring
    path = tmp_path / "photo.png"
    Image.fromarray(photo(205, 50)).save(path)
    drop(lab, path)
    lab.wait(lambda: lab.shell.pad.shown is not None)
    sketching.rest()
    drawn = sketching.inferred.subject
    for size in ((1280, 720), (1440, 900)):
        lab.window.resize(*size)
        for _ in range(3):
            QApplication.processEvents()
        assert unexplained(lab.window) == []
        assert ambiguous(lab.window) == []
        assert overlong(lab.window) == []
        assert all_faults(lab.window, *size) == []

    lab.key(Qt.Key.Key_F5)
    assert not sketching.canvas.isVisible(), "it is open in Infer alone"
    assert lab.plane.scene.drawn is None
    lab.key("H")
    assert sketching.canvas.isVisible()
    assert lab.plane.scene.drawn is not None
    assert lab.text("padVote")
    draw(sketching.canvas, [(60, 60), (220, 220)])
    lab.key(Qt.Key.Key_F7)
    sketching.rest()
    assert sketching.inferred.subject != drawn
    assert sketching.canvas.isVisible()
    lab.key(Qt.Key.Key_Z, CTRL)
    sketching.rest()
    assert sketching.inferred.subject == drawn
    # An image that is chosen in the other workspace is looked at in this one.
    lab.key(Qt.Key.Key_F5)
    lab.shell.controller.select(3)
    lab.key(Qt.Key.Key_F7)
    inferring.rest()
    assert lab.text("inferTitle").startswith("Image 3, ")
    assert not sketching.canvas.isVisible()


def test_the_drawing_stays_for_another_model(sketching: Sketching, tmp_path: Path) -> None:
    lab, inferring = sketching.lab, sketching.inferring
    draw(sketching.canvas, THREE)
    sketching.rest()
    drawn, evidence = sketching.inferred.subject, inferring.number("inferEvidence")
    lab.shell.files.open_model("mnist-2d")
    lab.wait(lambda: lab.shell.controller.present.model == "mnist-2d")
    lab.wait(lambda: sketching.is_exact() and inferring.number("inferEvidence") != evidence)
    assert sketching.inferred.subject == drawn
    assert inferring.number("inferEvidence") == pytest.approx(sketching.log_evidence(), abs=0.006)
    # With more dimensions it is seen on the slice through its own mean.
    lab.shell.files.open_model(trained(tmp_path / "eight.safetensors", 8))
    lab.wait(lambda: lab.state.section.latent_dim == 8 and lab.shell.pad.shown is not None)
    lab.wait(
        lambda: (
            sketching.inferred.exact
            and not sketching.inferred.section.whole
            and isinstance(sketching.inferred.subject, Drawn)
        )
    )
    view = lab.shell.pad.shown
    assert view is not None
    section = sketching.inferred.section
    np.testing.assert_allclose(section.lift(section.project(np.array(view.mu))), view.mu, atol=1e-5)
    assert lab.text("inferQuality") == "slice, exact"
    lab.wait(lambda: "not known" in lab.text("ladderWords"))
