"""Page 3's second figure: a Gaussian goes to a mixture, either way."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton

from latentlab.core.mixture import kl_from, kl_to
from latentlab.ui.learn.figures.mixture_fit import MixtureFit
from latentlab.ui.learn.gaussians.plane import GaussianPlane
from latentlab.ui.learn.gaussians.terms_table import number


@pytest.fixture
def figure(desk, classroom):
    made = MixtureFit(classroom, desk)
    made.resize(700, 420)
    desk.show()
    made._timer.setInterval(0)
    return made


def press(qtbot, figure, name):
    qtbot.mouseClick(figure.findChild(QPushButton, name), Qt.MouseButton.LeftButton)


def said(figure):
    return figure.findChild(QLabel, "fitSentence").text()


def drag(qtbot, figure, name, to):
    """The centre of a shape goes to where that of another is."""
    plane = figure.findChild(GaussianPlane)
    qtbot.mousePress(plane, Qt.MouseButton.LeftButton, pos=plane.handle_at(name, 0).toPoint())
    qtbot.mouseMove(plane, to.toPoint())
    qtbot.mouseRelease(plane, Qt.MouseButton.LeftButton, pos=to.toPoint())


def fit(qtbot, figure):
    press(qtbot, figure, "fitRun")
    qtbot.waitUntil(lambda: figure._fit.ended, timeout=60_000)
    assert not figure._timer.isActive()


def check_numbers(figure):
    made = figure._fit
    values = {"fitForward": kl_from(made.p, made.q), "fitBackward": kl_to(made.q, made.p)}
    for name, nats in values.items():
        assert figure.findChild(QLabel, name).text() == f"{number(nats)} nats"


def test_covering_ends_with_the_moments_of_the_mixture(qtbot, figure):
    check_numbers(figure)
    fit(qtbot, figure)
    q, moments = figure._fit.q, figure._fit.p.moments
    np.testing.assert_allclose(q.mean, moments.mean, atol=1e-12)
    np.testing.assert_allclose(q.covariance, moments.covariance, atol=1e-12)
    assert "covers both modes" in said(figure)
    assert np.all(np.diff(figure._fit.values) <= 1e-12)
    check_numbers(figure)


@pytest.mark.parametrize("mode", [0, 1])
def test_seeking_ends_on_the_mode_it_is_dragged_to(qtbot, figure, mode):
    press(qtbot, figure, "seekChoice")
    plane = figure.findChild(GaussianPlane)
    offset = plane.handle_at(("p₁", "p₂")[mode], 0)
    offset.setY(offset.y() - 30)
    drag(qtbot, figure, "q", offset)
    fit(qtbot, figure)
    part = figure._fit.p.parts[mode]
    np.testing.assert_allclose(figure._fit.q.mean, part.mean, atol=0.1)
    assert figure._fit.value == pytest.approx(-np.log(figure._fit.p.weights[mode]), abs=0.05)
    assert np.all(np.diff(figure._fit.values) <= 0)
    assert "Try another start" in said(figure)
    check_numbers(figure)


def test_step_by_step(qtbot, figure):
    for count in (1, 2, 3):
        press(qtbot, figure, "fitStep")
        assert said(figure) == f"Step {count}"
        check_numbers(figure)
    start = figure._start
    press(qtbot, figure, "fitAgain")
    assert figure._fit.steps == 0
    assert figure._start == start


def test_a_fit_may_be_stopped_and_goes_on(qtbot, figure):
    figure._timer.setInterval(60_000)
    press(qtbot, figure, "fitRun")
    run = figure.findChild(QPushButton, "fitRun")
    assert (figure._timer.isActive(), run.text()) == (True, "Pause")
    press(qtbot, figure, "fitRun")
    assert (figure._timer.isActive(), run.text()) == (False, "Fit")


def test_an_ended_fit_begins_anew(qtbot, figure):
    fit(qtbot, figure)
    assert not figure.findChild(QPushButton, "fitStep").isEnabled()
    figure._timer.setInterval(60_000)
    press(qtbot, figure, "fitRun")
    assert figure._fit.steps == 0
    press(qtbot, figure, "fitRun")


def test_it_rests_while_it_is_not_seen(qtbot, desk, figure):
    figure._timer.setInterval(60_000)
    press(qtbot, figure, "fitRun")
    desk.hide()
    assert not figure._timer.isActive()


def test_dragging_a_mode_changes_the_mixture_and_starts_anew(qtbot, figure):
    press(qtbot, figure, "fitStep")
    plane = figure.findChild(GaussianPlane)
    to = plane.handle_at("p₁", 0)
    to.setX(to.x() - 20)
    drag(qtbot, figure, "p₁", to)
    assert figure._fit.steps == 0
    assert figure._fit.p.parts[0].mean[0] < -2
    check_numbers(figure)


def test_it_bears_all_extremes(figure):
    for extreme in figure.extremes():
        extreme()
        assert all(np.isfinite(figure._fit.values))
        check_numbers(figure)
    figure.reset()
    assert said(figure) == "Drag q to its start, then fit."


def test_a_lecture_shows_one_fit_and_then_the_other(qtbot, figure):
    assert not figure.step_back()
    for covering in (True, False):
        assert figure.step_forward()
        assert figure._fit.covering == covering
        qtbot.waitUntil(lambda: figure._fit.ended, timeout=60_000)
    assert not figure.step_forward()
    assert figure.step_back()
    assert figure._fit.covering
    assert figure.step_back()
    assert figure._fit.steps == 0
    assert not figure._timer.isActive()
