"""Page 4: each line as text and as a number."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QVBoxLayout

from latentlab.app.lesson import Page, Text, pages_folder, read_pages
from latentlab.app.lesson_lines import read_lines
from latentlab.core.gaussian_proof import prove
from latentlab.core.kl_terms import kl_terms
from latentlab.ui.formula import formula_names
from latentlab.ui.learn.figures import FIGURES
from latentlab.ui.learn.figures.chain_line import ChainLine
from latentlab.ui.learn.figures.gaussian_proof import GaussianProof
from latentlab.ui.learn.figures.two_gaussians import TwoGaussians
from latentlab.ui.learn.gaussians.opening import Opening
from latentlab.ui.learn.gaussians.pair import EXAMPLES, FIRST, GaussianPair
from latentlab.ui.learn.page_view import PageView

LINES = read_lines(pages_folder() / "lines" / "gaussian-proof.toml")


@pytest.fixture
def figure(desk, classroom):
    made = GaussianProof(classroom, desk)
    made.resize(700, 420)
    desk.show()
    return made


@pytest.fixture
def pair(figure, classroom):
    return GaussianPair.shared(classroom)


def values(figure):
    return [row.value for row in figure.findChildren(ChainLine)]


def opened(figure):
    return [
        number for number, opening in enumerate(figure.findChildren(Opening)) if opening.isVisible()
    ]


def check(figure, pair):
    exact = kl_terms(pair.p.gaussian, pair.q.gaussian).kl
    assert len(set(values(figure))) == 1
    assert float(values(figure)[0]) == pytest.approx(exact, rel=1e-6, abs=1e-6)


def test_the_lines_written_are_the_lines_proved():
    proof = prove(*(ellipse.gaussian for ellipse in EXAMPLES[FIRST]))
    assert [line.value for line in LINES] == list(proof.chain)
    assert [side.value for line in LINES for side in line.sides] == list(proof.sides)


def test_every_formula_is_there():
    for line in LINES:
        named = (line.formula, *Text(line.why).formulas, *(side.formula for side in line.sides))
        assert set(named) <= formula_names()
        assert line.title
        # What is worked out beside a line is said where to put.
        assert bool(line.sides) == bool(line.enters)


@pytest.mark.parametrize("name", EXAMPLES)
def test_all_lines_show_one_number_for_every_example(figure, pair, name):
    box = figure.findChild(QComboBox, "proofExample")
    box.setCurrentText(name)
    box.activated.emit(box.currentIndex())
    assert (pair.p, pair.q) == EXAMPLES[name]
    check(figure, pair)


@pytest.mark.parametrize("row", range(4))
def test_and_for_random_ones_of_any_condition(qtbot, figure, pair, row):
    box = figure.findChild(QComboBox, "proofCondition")
    box.setCurrentIndex(row)
    for _ in range(5):
        before = pair.p
        qtbot.mouseClick(figure.findChild(QPushButton, "proofRandom"), Qt.MouseButton.LeftButton)
        assert pair.p != before
        for ellipse in (pair.p, pair.q):
            assert ellipse.condition == pytest.approx((1, 10, 100, 10_000)[row], rel=1e-9)
        check(figure, pair)


def test_and_at_all_extremes(figure, pair):
    for extreme in figure.extremes():
        extreme()
        check(figure, pair)


def test_a_click_opens_a_line_with_its_side_calculation(qtbot, figure, pair):
    assert opened(figure) == [0]
    qtbot.mouseClick(figure.findChild(ChainLine, "proofLine4"), Qt.MouseButton.LeftButton)
    assert opened(figure) == [3]
    for side in LINES[3].sides:
        assert figure.findChild(QLabel, f"proofOpening4-{side.value}").text() == "= 2.000000"
    qtbot.mouseClick(figure.findChild(ChainLine, "proofLine6"), Qt.MouseButton.LeftButton)
    assert opened(figure) == [5]
    assert figure.findChild(QLabel, "proofOpening6-cross_term").text() == "= 0.000000"


def test_the_split_adds_up(figure, pair):
    whole, *parts = (
        float(figure.findChild(QLabel, f"proofOpening5-{side.value}").text().removeprefix("= "))
        for side in LINES[4].sides
    )
    assert whole == pytest.approx(sum(parts), abs=3e-6)


def test_a_lecture_steps_through_the_lines(figure):
    seen = [opened(figure)]
    while figure.step_forward():
        seen.append(opened(figure))
    assert seen == [[number] for number in range(7)]
    while figure.step_back():
        pass
    assert opened(figure) == [0]


def test_the_pair_is_that_of_the_page_before(desk, classroom, figure, pair):
    other = TwoGaussians(classroom, desk)
    pair.show(*EXAMPLES["Crossed"])
    check(figure, pair)
    other.reset()
    assert (pair.p, pair.q) == EXAMPLES[FIRST]
    check(figure, pair)


def test_reset(figure, pair):
    pair.show(*EXAMPLES["Crossed"])
    figure.step_forward()
    figure.reset()
    assert (pair.p, pair.q) == EXAMPLES[FIRST]
    assert opened(figure) == [0]


def test_on_its_page_it_takes_no_more_height_than_it_needs(qtbot, desk, classroom):
    pages = read_pages(pages_folder(), formula_names(), FIGURES)
    page = next(page for page in pages if page.number == 4)
    assert isinstance(page, Page)
    view = PageView(page, classroom, desk)
    QVBoxLayout(desk).addWidget(view)
    desk.resize(1200, 1100)
    desk.show()
    figure = view.figures[0]
    for number in (0, 3):
        figure._open(number)
        qtbot.waitUntil(lambda: figure.height() == figure.heightForWidth(figure.width()))
        assert figure.y() < 20
        assert figure.height() < 600
