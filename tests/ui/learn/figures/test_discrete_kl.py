"""Page 2: bars that are dragged, and the two divergences."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from scipy.stats import entropy

from latentlab.ui.learn.classroom import Classroom
from latentlab.ui.learn.figures.discrete_kl import PRESETS, DiscreteKl
from latentlab.ui.learn.figures.pair_bars import PairBars

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def figure(qtbot: QtBot, desk: QWidget, classroom: Classroom) -> DiscreteKl:
    figure = DiscreteKl(classroom, desk)
    figure.resize(700, 420)
    desk.show()
    qtbot.waitExposed(desk)
    return figure


def number(figure: DiscreteKl, name: str) -> float:
    label = figure.findChild(QLabel, name)
    assert label is not None
    text = label.text().split()[0].replace("−", "-")
    return np.inf if text == "∞" else float(text)


def both(figure: DiscreteKl) -> tuple[float, float]:
    return number(figure, "klForwardNumber"), number(figure, "klBackwardNumber")


def click(figure: DiscreteKl, name: str) -> None:
    button = figure.findChild(QPushButton, name)
    assert button is not None
    QTest.mouseClick(button, LEFT)


def choose(figure: DiscreteKl, row: int) -> None:
    box = figure.findChild(QComboBox, "klPreset")
    assert box is not None
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Home)
    for _ in range(row):
        QTest.keyClick(box, Qt.Key.Key_Down)


def bars(figure: DiscreteKl) -> PairBars:
    found = figure.findChild(PairBars)
    assert found is not None
    return found


def drag(figure: DiscreteKl, which: int, index: int, to: float) -> None:
    """The top of a bar to a probability, by the mouse."""
    area = bars(figure)
    start = area.bar(which, index)
    scale = start.height() / figure.pair[which][index]
    end = QPointF(start.center().x(), start.bottom() - to * scale).toPoint()
    QTest.mousePress(area, LEFT, pos=QPoint(round(start.center().x()), round(start.top())))
    QTest.mouseMove(area, end)
    QTest.mouseRelease(area, LEFT, pos=end)


@pytest.mark.parametrize("row", range(len(PRESETS)))
def test_the_examples_have_scipy_s_numbers(figure: DiscreteKl, row: int) -> None:
    choose(figure, row)
    _, p, q = PRESETS[row]
    assert both(figure) == pytest.approx((entropy(p, q), entropy(q, p)), abs=5e-5)
    click(figure, "klBits")
    assert both(figure) == pytest.approx((entropy(p, q, 2), entropy(q, p, 2)), abs=5e-5)


def test_the_notes_examples_show_what_is_true_of_them(figure: DiscreteKl) -> None:
    assert both(figure) == (0.2968, 0.3243)
    choose(figure, 1)
    assert both(figure) == (0.0853, 0.0975)


@pytest.mark.parametrize("which", [0, 1])
def test_a_dragged_bar_stays_where_it_is_let_go_and_all_sum_to_1(
    figure: DiscreteKl, which: int
) -> None:
    before = figure.pair[which]
    drag(figure, which, 0, 0.5)
    after = figure.pair[which]
    assert after[0] == pytest.approx(0.5, abs=0.01)
    assert after.sum() == pytest.approx(1)
    assert after[1] / after[2] == pytest.approx(before[1] / before[2])
    assert both(figure) == pytest.approx(
        (entropy(*figure.pair), entropy(*figure.pair[::-1])), abs=5e-5
    )


def test_dragged_to_the_floor_it_is_0_and_the_divergence_infinite(figure: DiscreteKl) -> None:
    drag(figure, 1, 2, -0.01)
    assert figure.pair[1][2] == 0
    assert both(figure)[0] == np.inf
    assert np.isfinite(both(figure)[1])


def test_the_keyboard_moves_bars(figure: DiscreteKl) -> None:
    area = bars(figure)
    area.setFocus()
    QTest.keyClick(area, Qt.Key.Key_Up)
    assert figure.pair[0][0] == pytest.approx(0.71)
    QTest.keyClick(area, Qt.Key.Key_Right)
    QTest.keyClick(area, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert figure.pair[1][0] == pytest.approx(1 / 3 - 0.1, abs=1e-6)


def test_random_pairs_are_never_below_0(figure: DiscreteKl) -> None:
    click(figure, "klTry")
    said = figure.findChild(QLabel, "klSaid")
    assert said is not None
    assert said.text().endswith("below 0: 0.")
    assert both(figure)[0] == pytest.approx(entropy(*figure.pair), abs=5e-5)
    assert 0 < entropy(*figure.pair) < 0.05


def test_reset_is_the_first_state(figure: DiscreteKl) -> None:
    first = both(figure)
    choose(figure, 4)
    click(figure, "klBits")
    figure.reset()
    assert both(figure) == first
    assert figure.pair[0].tolist() == list(PRESETS[0][1])


def test_it_fits(figure: DiscreteKl) -> None:
    needed = figure.minimumSizeHint()
    assert needed.width() <= 700
    assert needed.height() <= 420
