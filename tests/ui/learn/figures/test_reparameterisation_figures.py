"""Page 8: from noise to a sample, and two estimators of a gradient."""

import re

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QPushButton, QSlider
from pytestqt.qtbot import QtBot

from latentlab.core.estimators import FUNCTIONS, estimate
from latentlab.ui.learn.figure import Figure
from latentlab.ui.learn.figures.estimate_chart import axes_for
from latentlab.ui.learn.figures.gradient_estimators import GradientEstimators
from latentlab.ui.learn.figures.reparameterise import Reparameterise
from tests.ui.learn.showing import all_said, part, shown, text

LEFT = Qt.MouseButton.LeftButton


def numbers(words: str) -> list[float]:
    plain = re.sub("<[^>]*>", "", words).replace("−", "-")
    return [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", plain)]


def press(qtbot: QtBot, figure: Figure, slider: str, key: Qt.Key, times: int = 1) -> None:
    widget = part(figure, QSlider, slider)
    widget.setFocus()
    for _ in range(times):
        qtbot.keyClick(widget, key)


def test_z_follows_from_the_dragged_noise(qtbot: QtBot) -> None:
    figure = shown(qtbot, Reparameterise)
    assert numbers(text(figure, "sampleSum")) == [0.8, 0.7, 1.2, 1.64]
    lines = figure.lines
    chart = lines.chart(below=False)
    start, end = chart.at(1.2, 0).toPoint(), chart.at(-2.0, 0).toPoint()
    qtbot.mousePress(lines, LEFT, pos=start)
    qtbot.mouseMove(lines, end)
    qtbot.mouseRelease(lines, LEFT, pos=end)
    mu, sigma, eps, z = numbers(text(figure, "sampleSum"))
    assert eps == pytest.approx(-2, abs=0.03)
    assert z == pytest.approx(mu + sigma * eps, abs=1e-3)
    assert numbers(text(figure, "sampleSlopes")) == [1, eps]
    lines.setFocus()
    qtbot.keyClick(lines, Qt.Key.Key_Right)
    assert numbers(text(figure, "sampleSum"))[2] == pytest.approx(eps + 0.05, abs=1e-9)


def test_without_noise_sigma_does_nothing(qtbot: QtBot) -> None:
    figure = shown(qtbot, Reparameterise)
    press(qtbot, figure, "epsSlider", Qt.Key.Key_Left, 20)
    assert numbers(text(figure, "sampleSum"))[2] == 0
    for key in (Qt.Key.Key_Home, Qt.Key.Key_End):
        press(qtbot, figure, "sigmaSlider", key)
        mu, *_, z = numbers(text(figure, "sampleSum"))
        assert z == mu


def test_new_noise_is_another_each_time_and_reset_brings_the_first_back(qtbot: QtBot) -> None:
    figure = shown(qtbot, Reparameterise)
    before = all_said(figure)
    draw = part(figure, QPushButton, "drawNoise")
    seen = set()
    for _ in range(5):
        qtbot.mouseClick(draw, LEFT)
        seen.add(text(figure, "sampleSum"))
    assert len(seen) == 5
    figure.reset()
    assert all_said(figure) == before


def test_the_ends_of_the_noise_are_drawn(qtbot: QtBot) -> None:
    figure = shown(qtbot, Reparameterise)
    for key in (Qt.Key.Key_Home, Qt.Key.Key_End):
        for slider in ("muSlider", "sigmaSlider"):
            press(qtbot, figure, slider, key)
        for extreme in figure.extremes():
            extreme()
            figure.grab()
            mu, sigma, eps, z = numbers(text(figure, "sampleSum"))
            assert abs(eps) == 3
            assert z == pytest.approx(mu + sigma * eps, abs=1e-3)


def test_the_estimators_agree_with_the_truth_and_differ_in_variance(qtbot: QtBot) -> None:
    figure = shown(qtbot, GradientEstimators)
    press(qtbot, figure, "drawCount", Qt.Key.Key_End)
    (true,) = numbers(text(figure, "trueGradient"))
    assert true == pytest.approx(2 * 0.8)  # of μ² + σ² by μ
    variances = []
    for name in ("pathwiseWords", "scoreWords"):
        mean, error, variance = numbers(text(figure, name))
        assert abs(mean - true) < 5 * error
        assert error == pytest.approx(np.sqrt(variance / 100_000), rel=0.06)
        variances.append(variance)
    # Pathwise: 4σ².
    assert variances[0] == pytest.approx(4 * 0.7**2, rel=0.02)
    (ratio,) = numbers(text(figure, "ratioWords"))
    assert ratio == pytest.approx(variances[1] / variances[0], rel=0.02)


def test_more_draws_tighten_the_error_bars_on_the_same_axes(qtbot: QtBot) -> None:
    figure = shown(qtbot, GradientEstimators)
    errors = []
    for key in (Qt.Key.Key_Home, Qt.Key.Key_End):
        press(qtbot, figure, "drawCount", key)
        errors.append(numbers(text(figure, "scoreWords"))[1])
    assert errors[1] < errors[0] / 30
    few, many = (
        axes_for(estimate(FUNCTIONS["z²"], 0.8, 0.7, figure.eps[:10_000], "mu"), 30)
        for _ in range(2)
    )
    assert few == many


def test_other_noise_gives_other_means_and_reset_the_first(qtbot: QtBot) -> None:
    figure = shown(qtbot, GradientEstimators)
    before = all_said(figure)
    qtbot.mouseClick(part(figure, QPushButton, "drawAgain"), LEFT)
    assert {text(figure, "pathwiseWords"), text(figure, "scoreWords")}.isdisjoint(before)
    assert text(figure, "trueGradient") in before
    figure.reset()
    assert all_said(figure) == before


def test_a_swinging_function_turns_the_comparison_round(qtbot: QtBot) -> None:
    figure = shown(qtbot, GradientEstimators)
    part(figure, QComboBox, "testFunction").setCurrentIndex(2)
    press(qtbot, figure, "estimatorSigma", Qt.Key.Key_End)
    press(qtbot, figure, "drawCount", Qt.Key.Key_End)
    assert "Here the pathwise variance is" in text(figure, "ratioWords")
    # Pathwise: 9·½ nearly; the score function's: ½/σ² nearly.
    (ratio,) = numbers(text(figure, "ratioWords"))
    assert ratio == pytest.approx(4.5 / 0.125, rel=0.1)


def test_every_choice_at_every_end_is_drawn_with_numbers(qtbot: QtBot) -> None:
    figure = shown(qtbot, GradientEstimators)
    functions = part(figure, QComboBox, "testFunction")
    by = part(figure, QComboBox, "gradientOf")
    for key in (Qt.Key.Key_Home, Qt.Key.Key_End):
        for slider in ("estimatorMu", "estimatorSigma", "drawCount"):
            press(qtbot, figure, slider, key)
        for function in range(functions.count()):
            functions.setCurrentIndex(function)
            for parameter in range(by.count()):
                by.setCurrentIndex(parameter)
                figure.grab()
                assert not re.search("nan|not a number", " ".join(all_said(figure)))
