"""Page 9's figures: pixels, and the two objectives."""

import math

import numpy as np
import pytest
import torch
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from torch.distributions import Bernoulli, Normal

from latentlab.app.lessons.likelihood import Fits, Reading
from latentlab.ui.learn.figure import HEIGHT, WIDTH, Figure
from latentlab.ui.learn.figures.pixel_likelihood import PixelLikelihood
from latentlab.ui.learn.figures.pixel_map import PixelMap
from latentlab.ui.learn.figures.variance_as_beta import VarianceAsBeta
from latentlab.ui.log_slider import LogSlider
from latentlab.ui.theme import DARK
from tests.ui.learn.live_class import LiveClass
from tests.ui.themes import dress

PIXELS, FITS = "pixels", "fits"


@pytest.fixture
def pixels(live: LiveClass) -> PixelLikelihood:
    figure = live.show(PixelLikelihood)
    live.wait(PIXELS)
    return figure


@pytest.fixture
def beta(live: LiveClass) -> VarianceAsBeta:
    figure = live.show(VarianceAsBeta)
    live.wait(FITS)
    return figure


def number(figure: Figure, name: str) -> float:
    label = figure.findChild(QLabel, name)
    assert label is not None
    return float(label.text().replace("−", "-").split(" = ")[-1])


def click(figure: Figure, name: str) -> None:
    button = figure.findChild(QPushButton, name)
    assert button is not None
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def move(figure: Figure, name: str, part: float) -> float:
    """Drag the slider to this part of its way; σ² there."""
    slider = figure.findChild(LogSlider, name)
    assert slider is not None
    start, end = QPoint(slider.width() // 2, 8), QPoint(round(part * (slider.width() - 1)), 8)
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(slider, end)
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=end)
    return slider.number


def test_the_gaussian_s_terms_are_those_of_torch(pixels: PixelLikelihood, live: LiveClass) -> None:
    reading = live.newest[PIXELS]
    assert isinstance(reading, Reading)
    for part in (0.0, 0.3, 1.0):
        variance = move(pixels, "pixelVariance", part)
        x, mean = (torch.tensor(each) for each in (reading.grey, reading.mean))
        whole = float(Normal(mean, math.sqrt(variance)).log_prob(x).sum())
        assert number(pixels, "pixel-log_likelihood_sum") == pytest.approx(whole, abs=0.006)
        terms = ("gaussian_exponent", "gaussian_determinant", "gaussian_constant")
        added = sum(number(pixels, f"pixel-{name}") for name in terms)
        assert added == pytest.approx(whole, abs=0.02)
    assert variance == 10


def test_the_bernoulli_s_terms_are_those_of_torch(pixels: PixelLikelihood, live: LiveClass) -> None:
    reading = live.newest[PIXELS]
    assert isinstance(reading, Reading)
    click(pixels, "pixel-bernoulli")
    logits, x = torch.tensor(reading.logit), torch.tensor(reading.binary)
    whole = float(Bernoulli(logits=logits).log_prob(x).sum())
    assert number(pixels, "pixel-log_likelihood_sum") == pytest.approx(whole, abs=0.006)
    added = sum(number(pixels, f"pixel-bernoulli_{name}") for name in ("ones", "zeros"))
    assert added == pytest.approx(whole, abs=0.02)
    slider = pixels.findChild(LogSlider, "pixelVariance")
    assert slider is not None
    assert not slider.isEnabled()
    pixels.reset()
    live.wait(PIXELS, 2)
    assert slider.isEnabled()


def test_a_pixel_is_picked_by_mouse_and_by_arrows(pixels: PixelLikelihood, live: LiveClass) -> None:
    reading = live.newest[PIXELS]
    assert isinstance(reading, Reading)
    costs = reading.gaussian(0.05)
    shown = pixels.findChild(PixelMap, "pixelMap")
    said = pixels.findChild(QLabel, "pixelSaid")
    assert shown is not None
    assert said is not None
    assert shown.pixel == np.unravel_index(costs.argmax(), costs.shape)
    QTest.mouseClick(shown, Qt.MouseButton.LeftButton, pos=shown.rect().center())
    row, column = shown.pixel
    assert 12 <= row <= 15
    assert 12 <= column <= 15
    shown.setFocus()
    QTest.keyClick(shown, Qt.Key.Key_Down)
    QTest.keyClick(shown, Qt.Key.Key_Left)
    assert shown.pixel == (row + 1, column - 1)
    text = said.text().replace("−", "-")
    assert text.startswith(f"Row {row + 2}, column {column}:")
    assert float(text.split()[-2]) == pytest.approx(costs[row + 1, column - 1], abs=0.006)
    for _ in range(30):
        QTest.keyClick(shown, Qt.Key.Key_Right)
    assert shown.pixel == (row + 1, 27)


def test_both_minima_stay_together_while_the_variance_moves(
    beta: VarianceAsBeta, live: LiveClass
) -> None:
    fits = live.newest[FITS]
    assert isinstance(fits, Fits)
    for key, family in (("beta-prior", fits.to_prior), ("beta-width", fits.width)):
        click(beta, key)
        places = []
        for part in (0.0, 0.7, 1.0):
            variance = move(beta, "betaVariance", part)
            places.append(number(beta, "beta-lowest-likelihood"))
            assert number(beta, "beta-lowest-weighted") == places[-1]
            scores = 0.5 * family.squared_error + variance * family.kl
            assert family.place[scores.argmin()] == pytest.approx(places[-1], abs=0.08)
            sums = [number(beta, f"beta-sum-{side}") for side in ("likelihood", "weighted")]
            assert sums[0] * variance == pytest.approx(sums[1], rel=0.01)
        assert places == sorted(places)
        assert places[0] < places[-1]


def test_other_images_and_the_way_back(beta: VarianceAsBeta, live: LiveClass) -> None:
    first = number(beta, "beta-sum-likelihood")
    click(beta, "betaImageNext")
    live.wait(FITS, 2)
    assert number(beta, "beta-sum-likelihood") != first
    click(beta, "beta-width")
    move(beta, "betaVariance", 1.0)
    beta.reset()
    live.wait(FITS, 3)
    assert number(beta, "beta-sum-likelihood") == first


def test_the_figures_fit_their_room_in_both_themes(
    pixels: PixelLikelihood, beta: VarianceAsBeta
) -> None:
    for figure in (pixels, beta):
        least = figure.minimumSizeHint()
        assert least.width() <= WIDTH
        assert least.height() <= HEIGHT
        before = figure.grab().toImage()
        dress(figure, DARK)
        figure.set_text_scale(1.4)
        assert figure.grab().toImage() != before
