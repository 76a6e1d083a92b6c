"""Page 6's figures: the sum over the grid, and the draws."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QSlider
from pytestqt.qtbot import QtBot

from latentlab.app.lessons.integral import Draws, GridSum
from latentlab.ui.learn.figure import HEIGHT, WIDTH, Figure
from latentlab.ui.learn.figures.few_draws import FewDraws, duration
from latentlab.ui.learn.figures.grid_map import GridMap
from latentlab.ui.learn.figures.grid_sum import SIDES, GridSumFigure
from latentlab.ui.theme import DARK, LIGHT
from tests.ui.learn.live_class import LiveClass
from tests.ui.themes import dress

GRID, FEW = "grid sum", "few draws"


@pytest.fixture
def grid(live: LiveClass) -> GridSumFigure:
    figure = live.show(GridSumFigure)
    live.wait(GRID)
    return figure


@pytest.fixture
def few(live: LiveClass) -> FewDraws:
    figure = live.show(FewDraws)
    live.wait(FEW)
    return figure


def text(figure: Figure, name: str) -> str:
    label = figure.findChild(QLabel, name)
    assert label is not None
    return label.text().replace("−", "-")


def slider(figure: Figure, name: str) -> QSlider:
    found = figure.findChild(QSlider, name)
    assert found is not None
    return found


def test_all_cells_are_summed_at_first(grid: GridSumFigure, live: LiveClass) -> None:
    answer = live.newest[GRID]
    assert isinstance(answer, GridSum)
    assert text(grid, "gridCells") == "1,024 of 1,024"
    assert float(text(grid, "gridTotal").split(",")[0]) == pytest.approx(answer.total, abs=0.006)
    exact = float(text(grid, "gridExact"))
    assert exact == pytest.approx(answer.log_evidence, abs=0.006)
    without = text(grid, "gridWithout")
    off = float(without.split("+")[1])
    assert float(without.split(",")[0]) - exact == pytest.approx(off, abs=0.02)
    assert f"{answer.needed:,} of 1,024" in text(grid, "gridNeeded")


def test_dragging_the_slider_sums_that_many_cells(grid: GridSumFigure, live: LiveClass) -> None:
    cells = slider(grid, "gridCellSlider")
    QTest.mousePress(cells, Qt.MouseButton.LeftButton, pos=QPoint(cells.width() - 6, 8))
    QTest.mouseMove(cells, QPoint(cells.width() // 2, 8))
    QTest.mouseRelease(cells, Qt.MouseButton.LeftButton, pos=QPoint(cells.width() // 2, 8))
    count = cells.value()
    assert 0 < count < 1_024
    filled = grid.findChild(GridMap, "gridMap")
    assert filled is not None
    assert filled.filled == count
    answer = live.newest[GRID]
    assert isinstance(answer, GridSum)
    shown = float(text(grid, "gridTotal").split(",")[0])
    assert shown == pytest.approx(answer.running[count - 1], abs=0.006)
    cells.setFocus()
    QTest.keyClick(cells, Qt.Key.Key_Home)
    assert text(grid, "gridTotal") == "-∞"
    assert text(grid, "gridCells").startswith("0 of")


def test_finer_grids_come_nearer_and_keep_the_part_that_is_summed(
    grid: GridSumFigure, live: LiveClass
) -> None:
    fineness = grid.findChild(QComboBox, "gridFineness")
    assert fineness is not None
    slider(grid, "gridCellSlider").setValue(512)
    fineness.setCurrentIndex(len(SIDES) - 1)
    live.wait(GRID, 2)
    assert text(grid, "gridCells") == "32,768 of 65,536"
    grid.reset()
    live.wait(GRID, 3)
    assert text(grid, "gridCells") == "1,024 of 1,024"
    for times in range(4, 7):
        assert grid.step_forward()
        live.wait(GRID, times)
    assert not grid.step_forward()
    answer = live.newest[GRID]
    assert isinstance(answer, GridSum)
    assert answer.side == 256
    assert abs(answer.total - answer.log_evidence) < 0.05
    assert grid.step_back()
    live.wait(GRID, 7)


def test_summing_up_runs_to_the_end_and_stops_where_nobody_sees_it(
    grid: GridSumFigure, qtbot: QtBot
) -> None:
    play, cells = grid.findChild(QPushButton, "gridPlay"), slider(grid, "gridCellSlider")
    assert play is not None
    qtbot.mouseClick(play, Qt.MouseButton.LeftButton)
    assert play.text() == "Pause"
    qtbot.waitUntil(lambda: 0 < cells.value() < 1_024)
    qtbot.mouseClick(play, Qt.MouseButton.LeftButton)
    assert play.text() == "Sum up"
    cells.setValue(1_010)
    qtbot.mouseClick(play, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: play.text() == "Sum up")
    assert cells.value() == 1_024
    qtbot.mouseClick(play, Qt.MouseButton.LeftButton)
    grid.hide()
    assert play.text() == "Sum up"


def test_another_image_has_another_sum(grid: GridSumFigure, live: LiveClass, qtbot: QtBot) -> None:
    before = text(grid, "gridExact")
    button = grid.findChild(QPushButton, "gridImageNext")
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    live.wait(GRID, 2)
    assert text(grid, "gridImageTitle").startswith("Image 1,")
    assert text(grid, "gridExact") != before


def test_the_cost_is_a_power_of_k_at_the_measured_speed(few: FewDraws, live: LiveClass) -> None:
    answer = live.newest[FEW]
    assert isinstance(answer, Draws)
    assert text(few, "costPoints").startswith("16,384 points")
    dimensions = slider(few, "costDimensions")
    dimensions.setFocus()
    QTest.keyClick(dimensions, Qt.Key.Key_End)
    assert text(few, "costK") == "K = 20"
    shown = text(few, "costPoints")
    assert shown.startswith("1.4·10⁴² points")
    assert duration(128.0**20 * answer.seconds) in shown
    assert shown.endswith("years")
    QTest.keyClick(dimensions, Qt.Key.Key_Home)
    assert text(few, "costPoints").startswith("128 points")
    few.reset()
    assert text(few, "costK") == "K = 2"
    live.wait(FEW, 2)
    assert [few.step_forward() for _ in range(4)] == [True, True, True, False]
    assert [few.step_back() for _ in range(4)] == [True, True, True, False]


def test_the_table_holds_the_means_of_the_draws(few: FewDraws, live: LiveClass) -> None:
    answer = live.newest[FEW]
    assert isinstance(answer, Draws)
    for name, rungs in (("q", answer.from_q), ("p", answer.from_prior)):
        for rung in rungs:
            shown = text(few, f"draws-{name}-{rung.k}").split(" ± ")
            expected = [rung.mean, rung.standard_error]
            assert list(map(float, shown)) == pytest.approx(expected, abs=0.006)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (3e-9, "0.003 µs"),
        (4.2e-5, "42 µs"),
        (0.68, "680 ms"),
        (1.0, "1 s"),
        (90, "1.5 minutes"),
        (86_400 * 300, "300 days"),
        (365.25 * 86_400 * 5e33, "5·10³³ years"),
    ],
)
def test_durations_are_said_in_units_that_suit(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_the_figures_fit_their_room_in_both_themes(grid: GridSumFigure, few: FewDraws) -> None:
    for figure in (grid, few):
        least = figure.minimumSizeHint()
        assert least.width() <= WIDTH
        assert least.height() <= HEIGHT
        before = figure.grab().toImage()
        dress(figure, DARK)
        figure.set_text_scale(1.4)
        assert figure.grab().toImage() != before


def test_before_there_is_a_model_there_is_nothing_to_see(qtbot: QtBot, room: LiveClass) -> None:
    for kind in (GridSumFigure, FewDraws):
        figure = room.show(kind)
        labels = [label.text() for label in figure.findChildren(QLabel)]
        assert "Computing…" in labels
        assert not figure.grab().isNull()
        play = figure.findChild(QPushButton, "gridPlay")
        if play is not None:
            qtbot.mouseClick(play, Qt.MouseButton.LeftButton)
            assert play.text() == "Sum up"


def test_cells_are_filled_column_by_column_from_the_left(grid: GridSumFigure) -> None:
    slider(grid, "gridCellSlider").setValue(512)
    shown = grid.findChild(GridMap, "gridMap")
    assert shown is not None
    picture = shown.grab().toImage()
    ratio, side = picture.devicePixelRatio(), min(shown.width(), shown.height()) - 2
    left, right = (
        picture.pixelColor(round(ratio * part * side), round(ratio * 0.9 * side)).name()
        for part in (0.45, 0.55)
    )
    assert right == LIGHT.plane
    assert left != LIGHT.plane
