"""Infer with one latent dimension: densities over a line, and the same account."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from scipy import stats

from latentlab.app.infer_view import Improved
from latentlab.app.subject import Drawn
from latentlab.ui.infer.posterior_line import PosteriorLine
from latentlab.ui.pad.canvas import PadCanvas
from tests.window.conftest import OpenLab
from tests.window.dimensions import is_decoded, trained
from tests.window.lab import LEFT, NONE
from tests.window.reach import all_faults, ambiguous, unexplained
from tests.window.test_infer import Inferring
from tests.window.test_pad import THREE, draw


@pytest.fixture(scope="module")
def model_of_1(tmp_path_factory: pytest.TempPathFactory) -> str:
    return trained(tmp_path_factory.mktemp("models") / "one.safetensors", 1)


@pytest.fixture
def inferring(open_lab: OpenLab, model_of_1: str) -> Inferring:
    lab = open_lab(model_of_1)
    lab.wait_until_exact()
    lab.key(Qt.Key.Key_F7)
    found = Inferring(lab)
    found.rest()
    return found


def riemann(inferring: Inferring) -> float:
    """log p(x) of what is shown, by a plain sum over the line."""
    sight, subject = inferring.lab.viewer.sight(), inferring.inferred.subject
    z = np.linspace(-8, 8, 80_001)
    logs = sight.decoder().log_likelihood(sight.x(subject), z[:, None])[0] + stats.norm.logpdf(z)
    return float(np.logaddexp.reduce(logs) + np.log(z[1] - z[0]))


def test_a_line_has_its_posterior_and_its_account(inferring: Inferring) -> None:
    lab, line = inferring.lab, inferring.lab.child("posteriorLine", PosteriorLine)
    assert line.isVisible()
    assert line.hasFocus()
    assert not lab.child("posteriorPlane", QWidget).isVisible()
    assert not lab.child("inferWhyOff", QLabel).isVisible()
    assert not lab.child("inferAmbiguous", QPushButton).isEnabled()
    assert lab.text("inferQuality") == "exact"
    assert inferring.number("inferEvidence") == pytest.approx(riemann(inferring), abs=0.006)
    assert "✓" in lab.text("inferCheck")
    assert lab.text("inferFull") == "", "on a line there is no covariance"
    found = inferring.inferred
    assert found.best is not None
    assert found.account.best_elbo is not None
    # The field is log p(x|z) along the part of the line that is seen.
    area, values = found.field.area, found.field.values
    z = area.x_min + 100.5 * (area.x_max - area.x_min) / len(values)
    sight = lab.viewer.sight()
    there = sight.decoder().log_likelihood(sight.x(found.subject), np.array([[z]]))[0, 0]
    assert values[100, 0] == pytest.approx(there, abs=1e-3)

    # A mode and a place decode, and z stays on the line.
    mode = line.picture.mode_at
    at = next(
        QPoint(x, y)
        for y in range(0, line.height(), 4)
        for x in range(0, line.width(), 4)
        if mode(x, y) == 0
    )
    QTest.mouseClick(line, LEFT, NONE, at)
    assert lab.state.z == found.modes[0].z
    assert is_decoded(lab)
    right = QPointF(line.picture.camera.left + line.picture.camera.width - 5, 100.0).toPoint()
    QTest.mouseClick(line, LEFT, NONE, right)
    assert lab.state.z[0] > found.modes[0].z[0]
    assert lab.state.z[1] == 0
    lab.key("1")
    assert lab.state.z == found.modes[0].z
    selected = lab.state.selected or 0
    lab.key(Qt.Key.Key_Right)
    assert lab.state.selected == selected + 1
    inferring.rest()
    assert inferring.number("inferEvidence") == pytest.approx(riemann(inferring), abs=0.006)

    assert unexplained(lab.window) == []
    assert ambiguous(lab.window) == []
    for size in ((1280, 720), (1024, 700)):
        lab.window.resize(*size)
        for _ in range(3):
            QApplication.processEvents()
        # But for the path of a file of a test, which is longer than any box.
        assert [one for one in all_faults(lab.window, *size) if "modelChoice" not in one] == []


def test_on_a_line_q_climbs_and_a_drawing_is_inferred(inferring: Inferring) -> None:
    lab = inferring.lab
    steps: list[Improved] = []
    inferring.looking.improved.connect(steps.append)
    lab.key("I")
    lab.wait(lambda: bool(steps) and steps[-1].done)
    lab.wait(lambda: inferring.inferred.q == steps[-1].q)
    best = inferring.inferred.best
    assert best is not None
    # In one dimension there is mostly one top, which is the best Gaussian.
    q, p = ((np.array(one.mu[:1]), np.array(one.sigma[:1]) ** 2) for one in (steps[-1].q, best))
    assert q[0] == pytest.approx(p[0], abs=0.1 * best.sigma[0])
    assert q[1] == pytest.approx(p[1], rel=0.2)
    lab.key("H")
    draw(lab.child("padCanvas", PadCanvas), THREE)
    lab.wait(lambda: isinstance(inferring.inferred.subject, Drawn) and inferring.inferred.exact)
    assert lab.text("inferTitle") == "Your drawing"
    assert inferring.number("inferEvidence") == pytest.approx(riemann(inferring), abs=0.006)
    lab.key("T")
    inferring.seen.clear()
    lab.wait(lambda: len({one.step for one in inferring.seen}) >= 2)
    lab.key("T")
    lab.wait_until_exact()
    lab.wait(lambda: inferring.inferred.step == lab.viewer.step)
    assert inferring.number("inferEvidence") == pytest.approx(riemann(inferring), abs=0.006)


def test_a_plane_follows_a_line(inferring: Inferring) -> None:
    lab = inferring.lab
    lab.shell.files.open_model("mnist-2d-live")
    lab.wait(lambda: lab.state.section.whole and inferring.looking.inferred is not None)
    inferring.rest()
    assert not lab.child("posteriorLine", QWidget).isVisible()
    assert lab.child("posteriorPlane", QWidget).isVisible()
    assert inferring.plane.picture.inferred is inferring.inferred
    area, view = inferring.inferred.area, inferring.plane.view
    assert view.x_min <= area.x_min + 1e-9
    assert view.y_max >= area.y_max - 1e-9
