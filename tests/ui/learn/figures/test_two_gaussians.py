"""Page 3's first figure: its numbers against torch, and its running estimate."""

import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton
from torch.distributions import MultivariateNormal, kl_divergence

from latentlab.ui.learn.figures.two_gaussians import SAMPLES, TwoGaussians
from latentlab.ui.learn.gaussians.pair import EXAMPLES, FIRST, GaussianPair
from latentlab.ui.learn.gaussians.plane import GaussianPlane
from latentlab.ui.learn.gaussians.terms_table import TermsTable, number

TERMS = ("kl_log_determinants", "kl_dimension", "kl_trace", "kl_mahalanobis")


@pytest.fixture
def figure(desk, classroom):
    made = TwoGaussians(classroom, desk)
    made.resize(700, 420)
    desk.show()
    return made


@pytest.fixture
def pair(figure, classroom):
    return GaussianPair.shared(classroom)


def cell(figure, name, column):
    return figure.findChild(TermsTable).text(name, column)


def value(text):
    return float(text.replace("−", "-"))


def samples(figure):
    return int(figure.findChild(QLabel, "klDraws").text().replace("samples", "").replace(",", ""))


def oracle(p, q):
    first, second = (
        MultivariateNormal(torch.tensor(e.gaussian.mean), torch.tensor(e.gaussian.covariance))
        for e in (p, q)
    )
    return float(kl_divergence(first, second))


def check(figure, pair):
    for column, (p, q) in ((1, (pair.p, pair.q)), (2, (pair.q, pair.p))):
        shown = value(cell(figure, "kl", column))
        exact = oracle(p, q)
        assert shown == pytest.approx(exact, rel=1e-5, abs=6e-4)
        terms = [value(cell(figure, name, column)) for name in TERMS]
        assert 0.5 * sum(terms) == pytest.approx(exact, rel=1e-4, abs=2e-3)
        assert terms[1] == -2


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_table_is_right_for_every_example(qtbot, figure, pair, name):
    box = figure.findChild(QComboBox, "gaussianExample")
    box.setCurrentText(name)
    box.activated.emit(box.currentIndex())
    assert (pair.p, pair.q) == EXAMPLES[name]
    check(figure, pair)


def test_it_is_right_at_all_extremes(figure, pair):
    for extreme in figure.extremes():
        extreme()
        check(figure, pair)
        for column in (1, 2):
            for name in ("estimate", "error"):
                value(cell(figure, name, column))


def test_dragging_changes_the_numbers(qtbot, figure, pair):
    plane = figure.findChild(GaussianPlane)
    before = cell(figure, "kl", 1)
    at = plane.handle_at("q", 0).toPoint()
    qtbot.mousePress(plane, Qt.MouseButton.LeftButton, pos=at)
    at.setX(at.x() + 40)
    qtbot.mouseMove(plane, at)
    qtbot.mouseRelease(plane, Qt.MouseButton.LeftButton, pos=at)
    assert cell(figure, "kl", 1) != before
    check(figure, pair)
    assert figure.findChild(QComboBox, "gaussianExample").currentText() == "your own"


def test_the_estimate_tightens_and_stops(qtbot, figure, pair):
    figure._timer.setInterval(0)
    first = [value(cell(figure, "error", column)) for column in (1, 2)]
    qtbot.waitUntil(lambda: samples(figure) == SAMPLES, timeout=60_000)
    assert not figure._timer.isActive()
    for column, (p, q) in ((1, (pair.p, pair.q)), (2, (pair.q, pair.p))):
        error = value(cell(figure, "error", column))
        assert error < first[column - 1] / 20
        assert abs(value(cell(figure, "estimate", column)) - oracle(p, q)) < 4 * error + 1e-3


def test_it_samples_only_while_it_is_seen_and_anew_for_other_gaussians(qtbot, desk, figure, pair):
    figure._timer.setInterval(0)
    qtbot.waitUntil(lambda: samples(figure) > 200)
    desk.hide()
    assert not figure._timer.isActive()
    seen = samples(figure)
    pair.show(*EXAMPLES["Crossed"])
    assert samples(figure) < 200
    assert not figure._timer.isActive()
    desk.show()
    qtbot.waitUntil(lambda: samples(figure) > seen)
    desk.hide()


def test_either_gaussian_may_be_sampled(qtbot, figure):
    plot = figure.findChild(type(figure._plot))
    about_p = plot.accessibleName()
    button = figure.findChild(QPushButton, "samplesFromQ")
    figure._timer.stop()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    about_q = plot.accessibleName()
    assert f"closed form {oracle(*EXAMPLES[FIRST]):.4f}" in about_p
    assert f"closed form {oracle(*EXAMPLES[FIRST][::-1]):.4f}" in about_q


def test_a_line_is_told_of(figure, pair):
    said = figure.findChild(QLabel, "gaussianSentence")
    assert "1σ" in said.text()
    pair.show(*EXAMPLES["Nearly singular"])
    assert said.text().startswith("q is nearly a line")
    assert "∞" in said.text()


def test_between_equals_all_is_zero(figure, pair):
    pair.show(*EXAMPLES["Equal"])
    for column in (1, 2):
        assert cell(figure, "kl", column) == "0.000"
        assert cell(figure, "estimate", column) == "0.000"
        assert cell(figure, "error", column) == "0.0000"


def test_reset(figure, pair):
    pair.show(*EXAMPLES["Crossed"])
    figure.findChild(QPushButton, "samplesFromQ").click()
    figure.reset()
    assert (pair.p, pair.q) == EXAMPLES[FIRST]
    assert figure.findChild(QPushButton, "samplesFromP").isChecked()


@pytest.mark.parametrize(
    ("nats", "text"),
    [(0.0, "0.000"), (-2.0, "−2.000"), (1234.56, "1234.6"), (123456.7, "123457")],
)
def test_large_numbers_are_not_long(nats, text):
    assert number(nats) == text


def test_a_lecture_steps_through_the_examples(figure, pair):
    seen = [(pair.p, pair.q)]
    while figure.step_forward():
        seen.append((pair.p, pair.q))
    assert seen == list(EXAMPLES.values())
    assert figure.step_back()
    assert (pair.p, pair.q) == seen[-2]
    pair.drag("p", seen[2][0].centred(0.3, 0.4))
    assert not figure.step_back()
    assert figure.step_forward()
    assert (pair.p, pair.q) == EXAMPLES[FIRST]
    assert not figure.step_back()
