"""The Infer workspace: the true posterior, and what the window says of it, in the real window."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QTabBar, QToolButton

from latentlab.app.infer_view import Improved, Inferred
from latentlab.app.inference import Inference
from latentlab.core.coarse import Grid
from latentlab.core.evidence import integrate
from latentlab.core.gap import GapSplit, split_gap
from latentlab.ui.images import ImageView
from tests.window.conftest import OpenLab
from tests.window.lab import CTRL, LEFT, NONE, Lab, pixels
from tests.window.reach import all_faults, ambiguous, unexplained

PIECES = ("inferReconstruction", "inferKl", "inferAmortisation", "inferApproximation")


class Inferring:
    """A Lab with the Infer workspace in front, and eyes for it."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        looking, workspace = lab.shell.infer.looking, lab.window.infer
        assert looking is not None
        assert workspace is not None
        self.looking, self.plane, self.overview = looking, workspace.plane, workspace.overview
        self.seen: list[Inferred] = []
        self.looking.shown.connect(self._keep)

    def _keep(self, inferred: Inferred | None) -> None:
        if inferred is not None:
            self.seen.append(inferred)

    @property
    def inferred(self) -> Inferred:
        assert self.looking.inferred is not None
        return self.looking.inferred

    @property
    def inference(self) -> Inference:
        laboratory = self.lab.shell.bridge.laboratory
        assert laboratory is not None
        return laboratory.inference

    def rest(self) -> None:
        """Until what is shown is exact, of the selected image and of the newest weights."""

        def rested() -> bool:
            found = self.looking.inferred
            return (
                found is not None
                and found.exact
                and found.subject == self.lab.state.selected
                and found.step == self.lab.viewer.step
                and "short" in self.lab.text("ladderWords")
            )

        self.lab.wait(rested)

    def number(self, name: str) -> float:
        return float(self.lab.text(name).replace("−", "-"))

    def core(self) -> GapSplit:
        """What the core says of the selected image."""
        sight, index = self.lab.viewer.sight(), self.lab.state.selected
        assert index is not None
        decoder, x, q = sight.decoder(), sight.x(index), sight.encoded(index)
        (evidence,) = integrate(Grid(decoder), x, q.mean[None], q.sigma[None])
        return split_gap(decoder, x, q, evidence)

    def pixel(self, z: tuple[float, float]) -> QPoint:
        camera = self.plane.picture.camera
        return QPointF(camera.x_to_pixel(z[0]), camera.y_to_pixel(z[1])).toPoint()

    def shown_image(self, name: str) -> np.ndarray:
        image = self.lab.child(name, ImageView).image
        assert image is not None
        return pixels(image)


@pytest.fixture
def inferring(lab: Lab) -> Inferring:
    """Come to by its tab, at rest."""
    tabs = lab.child("workspaceTabs", QTabBar)
    QTest.mouseClick(tabs, LEFT, NONE, tabs.tabRect(2).center())
    assert lab.state.workspace == "infer"
    found = Inferring(lab)
    found.rest()
    return found


def test_it_opens_on_an_image_that_could_have_been_another(inferring: Inferring) -> None:
    lab, found = inferring.lab, inferring.inferred
    # By the rule, not by a number that somebody wrote down.
    shares = sorted(mode.share or 0.0 for mode in found.modes)
    assert shares[-2] >= 0.2
    train = lab.shell.controller.present.pair.train
    own = train.class_names[int(train.labels[found.subject])]
    names = {mode.neighbours for mode in found.modes if (mode.share or 0.0) >= 0.2}
    assert own in names
    assert len(names) == 2
    other = (names - {own}).pop()
    assert f"This {own} could have been a" in lab.text("modeSentence")
    assert other in lab.text("modeSentence")
    assert not lab.shell.store.undo_stack.canUndo(), "nobody has done anything yet"

    # The account: every piece as the core has it, and the sum right to the last digit shown.
    split = inferring.core()
    for name, value in (
        ("inferReconstruction", split.elbo.log_likelihood),
        ("inferKl", -split.elbo.kl),
        ("inferElbo", split.elbo.value),
        ("inferAmortisation", split.amortisation),
        ("inferApproximation", split.approximation),
        ("inferEvidence", split.log_evidence),
    ):
        assert inferring.number(name) == pytest.approx(value, abs=0.016)
    pieces = [inferring.number(name) for name in PIECES]
    assert round(sum(pieces), 2) == inferring.number("inferEvidence")
    assert round(sum(pieces[:2]), 2) == inferring.number("inferElbo")
    assert "✓" in lab.text("inferCheck")
    account = found.account
    assert account.best_elbo is not None
    assert account.full_elbo is not None
    assert account.best_elbo <= account.full_elbo <= account.log_evidence + 1e-3
    left = account.log_evidence - account.full_elbo
    assert lab.text("inferFull").startswith(f"With any covariance: KL {max(left, 0.0):.2f}, ")
    assert lab.text("inferQuality") == "exact"
    assert lab.text("inferHeading").endswith("Bernoulli")
    assert lab.text("inferStep") == f"step {lab.viewer.step:,}"

    # A mode decodes: on the plane, and by its button.
    for number, mode in enumerate(found.modes[:2]):
        if number == 0:
            QTest.mouseClick(inferring.plane, LEFT, NONE, inferring.pixel(mode.z))
        else:
            lab.click(f"mode{number + 1}")
        assert lab.state.z == mode.z
        decoded = lab.viewer.decode([mode.z])[0]
        assert np.array_equal(inferring.shown_image("inferDecoded"), decoded)
        assert np.array_equal(mode.image, decoded)
        assert lab.child(f"mode{number + 1}", QToolButton).isChecked()

    inferring.plane.setFocus()
    lab.key("1")
    assert lab.state.z == found.modes[0].z

    # All of it can be reached and read.
    assert unexplained(lab.window) == []
    assert ambiguous(lab.window) == []
    for size in ((1280, 720), (1024, 700)):
        lab.window.resize(*size)
        for _ in range(3):
            QApplication.processEvents()
        assert all_faults(lab.window, *size) == []


def test_keys_and_drags_choose_the_image_that_explore_shows_too(inferring: Inferring) -> None:
    lab = inferring.lab
    first = lab.state.selected
    assert first is not None
    inferring.plane.setFocus()
    lab.key(Qt.Key.Key_Right)
    assert lab.state.selected == first + 1
    lab.key("P")
    assert lab.state.selected == first
    inferring.rest()
    inferring.seen.clear()

    # Over the points, slowly enough that something is seen on the way.
    overview = inferring.overview
    camera = overview.scene.camera

    def mouse(kind: QEvent.Type, z: tuple[float, float], *, button: bool) -> None:
        place = QPointF(camera.x_to_pixel(z[0]), camera.y_to_pixel(z[1])).toPoint()
        act = {
            QEvent.Type.MouseButtonPress: QTest.mousePress,
            QEvent.Type.MouseButtonRelease: QTest.mouseRelease,
        }.get(kind)
        if act is not None:
            act(overview, LEFT, NONE, place)
        else:
            QTest.mouseMove(overview, place)

    ends = (-1.0, -2.0), (1.0, 1.5)
    mouse(QEvent.Type.MouseButtonPress, ends[0], button=True)
    chosen = [lab.state.selected]
    lab.wait(lambda: len(inferring.seen) > 0)
    overview.zMoved.emit(0.0, 0.0, False)  # what a move of the mouse leads to
    chosen.append(lab.state.selected)
    lab.wait(lambda: inferring.seen[-1].subject == lab.state.selected)
    mouse(QEvent.Type.MouseButtonRelease, ends[0], button=True)
    assert len(set(chosen)) == 2
    assert not inferring.seen[0].exact, "a preview comes first"
    inferring.rest()
    assert inferring.number("inferEvidence") == pytest.approx(
        inferring.core().log_evidence, abs=0.006
    )
    mu = lab.snapshot.cloud.mu
    nearest = int(np.square(mu - lab.state.z).sum(axis=1).argmin())
    assert lab.state.selected == nearest
    lab.key("Z", Qt.KeyboardModifier.ControlModifier)
    assert lab.state.selected == first, "a drag is one step of undo"

    # The view: by the wheel it is the user's, by Home it follows the mass again.
    inferring.rest()
    view = inferring.plane.view
    middle = QPointF(inferring.plane.rect().center())
    wheel = QWheelEvent(
        middle,
        QPointF(inferring.plane.mapToGlobal(middle)),
        QPoint(),
        QPoint(0, 240),
        Qt.MouseButton.NoButton,
        NONE,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    before = inferring.plane.picture.likelihood
    QApplication.sendEvent(inferring.plane, wheel)
    assert inferring.plane.view.x_max - inferring.plane.view.x_min < view.x_max - view.x_min
    lab.wait(lambda: inferring.plane.picture.likelihood is not before)
    lab.key(Qt.Key.Key_Home)
    area = inferring.inferred.area
    assert inferring.plane.view.x_min <= area.x_min + 1e-9
    assert inferring.plane.view.x_max >= area.x_max - 1e-9
    lab.key(Qt.Key.Key_F5)
    assert lab.text("selectionTitle").endswith(f"image {first}")


def test_a_session_keeps_the_image_and_the_view(
    inferring: Inferring, open_lab: OpenLab, tmp_path: Path
) -> None:
    lab, plane = inferring.lab, inferring.plane
    plane.setFocus()
    lab.key("P")
    inferring.rest()
    lab.key("+")
    lab.key(Qt.Key.Key_Right, CTRL)
    selected, view = lab.state.selected, plane.view
    assert lab.state.infer_view == view
    path = tmp_path / "lecture.latentlab.json"
    lab.shell.files.save_session(path)
    lab.wait(path.exists)
    lab.key("N")
    lab.key(Qt.Key.Key_Home)
    inferring.rest()
    assert lab.state.infer_view is None
    lab.shell.files.open_session(path)
    lab.wait(lambda: lab.state.selected == selected and lab.state.infer_view == view)
    inferring.rest()
    assert plane.view == view
    # Also in a window that has not shown it before.
    other = open_lab(str(path), profile=tmp_path / "other", settle=False)
    other.wait(lambda: other.window.infer is not None and other.shell.infer.looking is not None)
    again = Inferring(other)
    again.rest()
    assert other.state.selected == selected
    shown = (again.plane.view.x_min + again.plane.view.x_max) / 2
    assert shown == pytest.approx((view.x_min + view.x_max) / 2)


def test_improving_q_climbs_to_the_mass_and_back(inferring: Inferring) -> None:
    lab = inferring.lab
    encoder, start = inferring.inferred.q, inferring.number("inferElbo")
    evidence = inferring.number("inferEvidence")
    steps: list[Improved] = []
    inferring.looking.improved.connect(steps.append)
    lab.click("improveButton")
    lab.wait(lambda: bool(steps) and steps[-1].done)
    assert [one.steps for one in steps] == sorted(one.steps for one in steps)
    inferring.rest()
    lab.wait(lambda: inferring.inferred.q == steps[-1].q and inferring.inferred.exact)
    best = inferring.number("inferElbo")
    assert start + 0.3 < best <= evidence
    assert inferring.number("inferEvidence") == evidence, "log p(x) knows no q"
    assert inferring.number("inferAmortisation") < 0.3
    assert "✓" in lab.text("inferCheck")
    assert inferring.plane.picture.q == steps[-1].q
    lab.click("improveReset")
    lab.wait(lambda: inferring.inferred.q == encoder)
    inferring.rest()
    assert inferring.number("inferElbo") == start
    assert not lab.child("improveReset", QPushButton).isEnabled()


def test_training_is_watched_in_previews_and_exact_when_it_rests(inferring: Inferring) -> None:
    lab = inferring.lab
    before = lab.viewer.step
    lab.key("T")
    lab.wait(lambda: len({one.step for one in inferring.seen if not one.exact}) >= 2)
    assert lab.text("inferQuality") == "preview"
    assert lab.text("inferApproximation") == "", "a preview does not tell the gaps apart"
    assert lab.text("inferFull") == ""
    assert "log p(x) is" in lab.text("inferCheck")
    assert inferring.number("inferEvidence") == pytest.approx(
        round(inferring.number("inferElbo") + inferring.number("inferAmortisation"), 2)
    )
    # Another image, meanwhile.
    lab.key("N")
    lab.wait(lambda: inferring.inferred.subject == lab.state.selected)
    lab.key("T")
    lab.wait_until_exact()
    inferring.rest()
    assert inferring.inferred.step > before
    assert inferring.number("inferEvidence") == pytest.approx(
        inferring.core().log_evidence, abs=0.006
    )


def test_another_workspace_in_front_ends_the_work(inferring: Inferring) -> None:
    lab = inferring.lab
    lab.click("inferAmbiguous")  # seconds of work, if it is not given up
    lab.click("inferNext")
    lab.key(Qt.Key.Key_F5)
    inferring.seen.clear()
    # Whatever was asked is over as soon as the worker does something else.
    inferring.inference._worker.submit("sentinel", lambda: None)
    with lab.qtbot.waitSignal(
        lab.shell.bridge.reply, check_params_cb=lambda reply: reply.kind == "sentinel"
    ):
        pass
    assert inferring.seen == []
    lab.shell.controller.select(3)
    assert inferring.inference._worker._waiting == {}
    lab.key(Qt.Key.Key_F7)
    inferring.rest()
    assert inferring.inferred.subject == 3


def test_it_closes_while_it_works(open_lab: OpenLab) -> None:
    lab = open_lab(workspace="infer", settle=False)
    lab.wait(lambda: lab.child("inferAmbiguous", QPushButton).text() == "Searching…")
    assert lab.child("inferEvidence", QLabel).text() == "–"
    lab.window.close()
    assert not lab.window.isVisible()
