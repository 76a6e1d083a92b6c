"""Page 10: the terms of KL to N(0, I), the two descents, and the bound on s."""

import math
import re

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QPushButton, QSlider
from pytestqt.qtbot import QtBot

from latentlab.core.spec import LOGVAR_BOUND
from latentlab.ui.learn.figures.descent_chart import DescentChart
from latentlab.ui.learn.figures.logvar_bound import LogvarBound
from latentlab.ui.learn.figures.prior_plane import PriorPlane
from latentlab.ui.learn.figures.standard_kl import StandardKlFigure
from latentlab.ui.learn.figures.variance_descent import STEPS, VarianceDescent
from latentlab.ui.log_slider import LogSlider
from tests.ui.learn.showing import F, all_said, part, shown, text

LEFT = Qt.MouseButton.LeftButton
SHIFT = Qt.KeyboardModifier.ShiftModifier


def numbers(words: str) -> list[float]:
    return [float(n.replace("−", "-")) for n in re.findall(r"−?\d+\.\d+", words)]


def drag(qtbot: QtBot, plane: PriorPlane, handle: int, x: float, y: float) -> None:
    start, end = plane.handle(handle).toPoint(), plane.chart.at(x, y).toPoint()
    qtbot.mousePress(plane, LEFT, pos=start)
    qtbot.mouseMove(plane, (start + end) / 2)
    qtbot.mouseMove(plane, end)
    qtbot.mouseRelease(plane, LEFT, pos=end)


def without_nan(figure: F) -> None:
    figure.grab()
    words = " ".join(all_said(figure))
    assert not re.search("nan|not a number", words, re.IGNORECASE), words


def test_dragging_the_mean_and_sigma_changes_what_it_should(qtbot: QtBot) -> None:
    figure = shown(qtbot, StandardKlFigure)
    plane = figure.plane
    drag(qtbot, plane, 2, -1.0, 2.0)
    drag(qtbot, plane, 0, 1.0, 2.0)
    drag(qtbot, plane, 1, -1.0, 3.0)
    mu, sigma = re.findall(r"\(([^)]*)\)", plane.accessibleDescription())
    # To a pixel of the plane.
    unit = plane.chart.px(1) - plane.chart.px(0)
    assert numbers(mu) == pytest.approx([-1, 2], abs=1.5 / unit)
    assert [float(n) for n in sigma.split(",")] == pytest.approx([2, 1], abs=2.5 / unit)
    total = numbers(text(figure, "standardKlTotal"))
    assert total[0] + total[1] == pytest.approx(total[2], abs=2e-3)
    general = numbers(text(figure, "standardKlGeneral"))
    assert general[-1] == total[2]
    assert 0.5 * sum(general[:4]) == pytest.approx(general[-1], abs=3e-3)


def test_at_the_prior_there_is_no_kl(qtbot: QtBot) -> None:
    figure = shown(qtbot, StandardKlFigure)
    list(figure.extremes())[-1]()
    assert text(figure, "standardKlTotal") == "KL = 0.000 + 0.000 = 0.000 nats"
    figure.plane.setFocus()
    for _ in range(10):
        qtbot.keyClick(figure.plane, Qt.Key.Key_Right)
    # KL(N(1, 1) ‖ N(0, 1)) of the notes.
    assert text(figure, "standardKlTotal") == "KL = 0.500 + 0.000 = 0.500 nats"


def test_keys_widen_and_reset_brings_back(qtbot: QtBot) -> None:
    figure = shown(qtbot, StandardKlFigure)
    before = all_said(figure)
    figure.plane.setFocus()
    qtbot.keyClick(figure.plane, Qt.Key.Key_Right, SHIFT)
    assert f"sigma = ({0.5 * math.exp(0.1):.3g}, 1.4)" in figure.plane.accessibleDescription()
    qtbot.keyClick(figure.plane, Qt.Key.Key_Down, SHIFT)
    assert f", {1.4 * math.exp(-0.1):.3g})" in figure.plane.accessibleDescription()
    figure.reset()
    assert all_said(figure) == before


def test_the_ends_of_the_plane_say_no_nan(qtbot: QtBot) -> None:
    figure = shown(qtbot, StandardKlFigure)
    for extreme in figure.extremes():
        extreme()
        without_nan(figure)


def test_a_sigma_dragged_through_the_centre_stays_a_variance(qtbot: QtBot) -> None:
    figure = shown(qtbot, StandardKlFigure)
    drag(qtbot, figure.plane, 0, -3.0, 0.0)
    assert "sigma = (0.000912, 1.4)" in figure.plane.accessibleDescription()
    assert math.exp(-0.5 * LOGVAR_BOUND) == pytest.approx(0.000912, rel=1e-3)


def test_steps_lead_out_of_the_variances_but_s_goes_on(qtbot: QtBot) -> None:
    figure = shown(qtbot, VarianceDescent)
    qtbot.mouseClick(part(figure, QPushButton, "descentAgain"), LEFT)
    assert text(figure, "varianceWords") == "Step 0: σ² = 4, KL = 0.807"
    assert "a variance; KL = 0.807" in text(figure, "logvarWords")
    step = part(figure, QPushButton, "descentStep")
    for _ in range(6):
        qtbot.mouseClick(step, LEFT)
    assert "Step 6: σ² = −0.459 is no variance" in text(figure, "varianceWords")
    qtbot.mouseClick(part(figure, QPushButton, "descentAll"), LEFT)
    assert text(figure, "varianceWords").startswith("Step 6")
    assert text(figure, "logvarWords").startswith(f"Step {STEPS}: s = ")
    assert "a variance" in text(figure, "logvarWords")
    assert not step.isEnabled()


def test_a_smaller_step_arrives_in_both(qtbot: QtBot) -> None:
    figure = shown(qtbot, VarianceDescent)
    slider = part(figure, LogSlider, "stepSize")
    slider.setFocus()
    for _ in range(10):
        qtbot.keyClick(slider, Qt.Key.Key_Left)
    qtbot.mouseClick(part(figure, QPushButton, "descentAll"), LEFT)
    assert numbers(text(figure, "varianceWords"))[-1] < 0.01
    assert numbers(text(figure, "logvarWords"))[-1] < 0.01


def test_either_point_is_dragged_and_both_move(qtbot: QtBot) -> None:
    figure = shown(qtbot, VarianceDescent)
    qtbot.mouseClick(part(figure, QPushButton, "descentAgain"), LEFT)
    logvar = part(figure, DescentChart, "logvarChart")
    pixel = logvar.chart.px(1.0)
    qtbot.mousePress(logvar, LEFT, pos=QPoint(round(pixel) + 20, 60))
    qtbot.mouseMove(logvar, QPoint(round(pixel), 60))
    qtbot.mouseRelease(logvar, LEFT, pos=QPoint(round(pixel), 60))
    said = float(text(figure, "logvarWords").split("s = ")[1].split(",")[0])
    assert said == pytest.approx(1.0, abs=0.1)
    variance = float(text(figure, "varianceWords").split("σ² = ")[1].split(",")[0])
    assert variance == pytest.approx(math.exp(said), rel=0.02)
    chart = part(figure, DescentChart, "varianceChart")
    qtbot.mouseClick(chart, LEFT, pos=QPoint(round(chart.chart.px(-1.0)), 60))
    # What is dragged to is a variance.
    assert text(figure, "varianceWords").startswith("Step 0: σ² = 0.01,")


def test_lecture_steps_and_reset(qtbot: QtBot) -> None:
    figure = shown(qtbot, VarianceDescent)
    before = all_said(figure)
    taken = 0
    while figure.step_back():
        taken += 1
    assert text(figure, "varianceWords").startswith("Step 0")
    while figure.step_forward():
        taken += 1
    assert taken == 6 + STEPS
    figure.reset()
    assert all_said(figure) == before


def test_the_ends_of_the_descent_say_no_nan(qtbot: QtBot) -> None:
    figure = shown(qtbot, VarianceDescent)
    slider = part(figure, LogSlider, "stepSize")
    slider.setFocus()
    qtbot.mouseClick(part(figure, QPushButton, "descentAll"), LEFT)
    for key in (Qt.Key.Key_Home, Qt.Key.Key_End):
        qtbot.keyClick(slider, key)
        for extreme in figure.extremes():
            extreme()
            without_nan(figure)
            while figure.step_back():
                without_nan(figure)
            while figure.step_forward():
                pass


def column(figure: LogvarBound, which: int) -> list[str]:
    labels = [label for label in figure.findChildren(QLabel) if label.text()]
    rows = {label.y(): [] for label in labels if label.text().startswith(("s", "σ", "KL", "slope"))}
    for label in sorted(labels, key=QLabel.x):
        if label.y() in rows:
            rows[label.y()].append(label.text())
    return [row[which] for _, row in sorted(rows.items())]


def test_without_the_bound_a_wild_output_overflows(qtbot: QtBot) -> None:
    figure = shown(qtbot, LogvarBound)
    assert column(figure, 0) == ["s", "σ² = e<sup>s</sup>", "KL", "slope"]
    assert column(figure, 1) == ["95.00", "∞", "∞", "∞"]
    assert column(figure, 2)[:2] == ["14.00", "1.2·10⁶"]
    slider = part(figure, QSlider, "rawOutput")
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    assert column(figure, 1) == ["−120.00", "0", "59.5", "−0.5"]
    without_nan(figure)


def test_the_bound_by_dragging_and_keys(qtbot: QtBot) -> None:
    figure = shown(qtbot, LogvarBound)
    before = all_said(figure)
    for extreme in figure.extremes():
        extreme()
        without_nan(figure)
    assert column(figure, 1) == column(figure, 2) == ["0.00", "1", "0", "0"]
    chart = figure.curve
    middle, high = chart.chart.at(0, 0).toPoint(), chart.chart.at(60, 0).toPoint()
    qtbot.mousePress(chart, LEFT, pos=middle)
    qtbot.mouseMove(chart, high)
    qtbot.mouseRelease(chart, LEFT, pos=high)
    assert float(column(figure, 1)[0]) == pytest.approx(60, abs=1.5)
    chart.setFocus()
    was = float(column(figure, 1)[0])
    qtbot.keyClick(chart, Qt.Key.Key_Left)
    assert float(column(figure, 1)[0]) == pytest.approx(was - 1, abs=0.011)
    figure.reset()
    assert all_said(figure) == before
