"""Page 1: the joint table and the die, by mouse and keys."""

import re

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from latentlab.ui.learn.figures.die import DieFigure
from latentlab.ui.learn.figures.joint_grid import JointGrid
from latentlab.ui.learn.figures.joint_table import JointTable
from tests.ui.learn.showing import all_said, part, shown, text

LEFT = Qt.MouseButton.LeftButton


def last_number(words: str) -> float:
    return float(re.findall(r"\d+\.\d+", words)[-1])


def drag(qtbot: QtBot, widget: JointGrid, start: QPoint, end: QPoint) -> None:
    qtbot.mousePress(widget, LEFT, pos=start)
    qtbot.mouseMove(widget, (start + end) / 2)
    qtbot.mouseMove(widget, end)
    qtbot.mouseRelease(widget, LEFT, pos=end)


def test_a_dragged_cell_keeps_both_sides_of_bayes_equal(qtbot: QtBot) -> None:
    figure = shown(qtbot, JointTable)
    grid = part(figure, JointGrid, "jointGrid")
    assert last_number(text(figure, "ruleBayes")) == pytest.approx(0.18 / 0.28, abs=5e-4)
    box = grid.cell_box(1, 2)
    start = box.center().toPoint()
    drag(qtbot, grid, start, start - QPoint(0, round(box.height())))
    assert grid.accessibleDescription() == "P(cloud, umbrella) = 0.550"
    counted = last_number(text(figure, "ruleCounted"))
    assert counted == last_number(text(figure, "ruleBayes"))
    # The other cells have shared 0.45 as they did 0.95.
    share = 0.45 / 0.95
    assert counted == pytest.approx(0.55 / (0.55 + share * (0.05 + 0.18)), abs=5e-4)


def test_a_drag_back_brings_every_cell_back(qtbot: QtBot) -> None:
    figure = shown(qtbot, JointTable)
    grid = part(figure, JointGrid, "jointGrid")
    before = all_said(figure)
    start = grid.cell_box(2, 2).center().toPoint()
    qtbot.mousePress(grid, LEFT, pos=start)
    qtbot.mouseMove(grid, start - QPoint(0, 1000))
    assert grid.accessibleDescription() == "P(rain, umbrella) = 1.000"
    qtbot.mouseMove(grid, start)
    qtbot.mouseRelease(grid, LEFT, pos=start)
    assert all_said(figure) == before


def test_what_is_not_defined_is_said_to_be_so(qtbot: QtBot) -> None:
    figure = shown(qtbot, JointTable)
    choice = part(figure, QComboBox, "jointChoice")
    choice.setFocus()
    for _ in range(3):
        qtbot.keyClick(choice, Qt.Key.Key_Down)
    assert choice.currentText() == "No umbrella"
    assert text(figure, "ruleBayes") == text(figure, "ruleCounted")
    assert text(figure, "ruleBayes") == "undefined, P(umbrella) = 0"
    assert text(figure, "ruleTotal").endswith("= <b>0.000</b>")


def test_a_row_of_zeros_leaves_the_likelihood_undefined(qtbot: QtBot) -> None:
    figure = shown(qtbot, JointTable)
    grid = part(figure, JointGrid, "jointGrid")
    grid.setFocus()
    for key in (Qt.Key.Key_0, Qt.Key.Key_Left, Qt.Key.Key_0, Qt.Key.Key_Left, Qt.Key.Key_0):
        qtbot.keyClick(grid, key)
    assert grid.accessibleDescription() == "P(rain, nothing) = 0.000"
    assert last_number(text(figure, "ruleCounted")) == 0
    assert text(figure, "ruleBayes") == "P(nothing | rain) is undefined: P(rain) = 0"


def test_keys_change_a_cell_and_reset_brings_the_weather_back(qtbot: QtBot) -> None:
    figure = shown(qtbot, JointTable)
    before = all_said(figure)
    grid = part(figure, JointGrid, "jointGrid")
    grid.setFocus()
    qtbot.keyClick(grid, Qt.Key.Key_Plus)
    assert grid.accessibleDescription() == "P(rain, umbrella) = 0.190"
    qtbot.keyClick(grid, Qt.Key.Key_Minus, Qt.KeyboardModifier.ShiftModifier)
    assert grid.accessibleDescription() == "P(rain, umbrella) = 0.090"
    qtbot.keyClick(grid, Qt.Key.Key_Up)
    assert grid.accessibleDescription().startswith("P(cloud, umbrella)")
    figure.reset()
    assert all_said(figure) == before


def test_the_ends_of_the_table_say_no_nan(qtbot: QtBot) -> None:
    figure = shown(qtbot, JointTable)
    grid = part(figure, JointGrid, "jointGrid")
    for extreme in figure.extremes():
        extreme()
        for x in range(3):
            for y in range(3):
                grid.chosen.emit(x, y)
                figure.grab()
                assert not re.search("nan|not a number", " ".join(all_said(figure)))


def test_the_fair_die_of_the_notes(qtbot: QtBot) -> None:
    figure = shown(qtbot, DieFigure)
    assert "<b>1/3 ≈ 0.333</b>" in text(figure, "dieConditional")
    assert text(figure, "dieMean").endswith("<b>7/2 = 3.500</b>")


def test_a_die_loaded_by_dragging(qtbot: QtBot) -> None:
    figure = shown(qtbot, DieFigure)
    bars = figure.bars
    room = bars.bar_box(3)
    start = QPoint(round(room.center().x()), round(room.bottom()) - 4)
    qtbot.mousePress(bars, LEFT, pos=start)
    qtbot.mouseMove(bars, QPoint(start.x(), start.y() + 1000))
    qtbot.mouseRelease(bars, LEFT, pos=QPoint(start.x(), start.y() + 1000))
    assert "3: 0.000" in bars.accessibleDescription()
    assert text(figure, "dieConditionProbability") == "P(odd) = 2/5 = 0.400"
    assert text(figure, "dieConditional").endswith("<b>0.000</b>")
    qtbot.mousePress(bars, LEFT, pos=QPoint(round(bars.bar_box(2).center().x()), start.y()))
    qtbot.mouseMove(bars, QPoint(start.x(), start.y() - 2000))
    qtbot.mouseRelease(bars, LEFT, pos=QPoint(start.x(), start.y() - 2000))
    assert text(figure, "dieConditional").endswith("is undefined, P(odd) = 0")
    assert text(figure, "dieConditionalMean") == "E[face | odd] is undefined, P(odd) = 0"
    assert text(figure, "dieMean").endswith("<b>2.000</b>")


def test_the_die_by_keys_and_lists(qtbot: QtBot) -> None:
    figure = shown(qtbot, DieFigure)
    before = all_said(figure)
    bars = figure.bars
    bars.setFocus()
    qtbot.keyClick(bars, Qt.Key.Key_Right)
    qtbot.keyClick(bars, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert "4: 0.267" in bars.accessibleDescription()
    part(figure, QComboBox, "dieEvent").setCurrentText("at least 4")
    part(figure, QComboBox, "dieCondition").setCurrentText("any face")
    assert text(figure, "dieConditionProbability") == "P(any face) = 1.000"
    assert last_number(text(figure, "dieConditional")) == last_number(
        text(figure, "dieEventProbability")
    )
    figure.reset()
    assert all_said(figure) == before


def test_the_ends_of_the_die_say_no_nan(qtbot: QtBot) -> None:
    figure = shown(qtbot, DieFigure)
    condition = part(figure, QComboBox, "dieCondition")
    for extreme in figure.extremes():
        extreme()
        for index in range(condition.count()):
            condition.setCurrentIndex(index)
            figure.grab()
            assert not re.search("nan|not a number", " ".join(all_said(figure)))
