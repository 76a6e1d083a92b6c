"""Page 7's figure: its lines, their values, and the images."""

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from latentlab.app.lesson import pages_folder
from latentlab.app.lesson_lines import read_lines
from latentlab.app.lessons.elbo import Terms
from latentlab.errors import InputError
from latentlab.ui.formula import formula_names
from latentlab.ui.learn.figure import HEIGHT, WIDTH
from latentlab.ui.learn.figures.chain_line import ChainLine
from latentlab.ui.learn.figures.elbo_chain import ElboChain
from latentlab.ui.theme import DARK
from tests.ui.learn.live_class import LiveClass
from tests.ui.themes import dress

TOPIC = "elbo terms"


@pytest.fixture
def figure(live: LiveClass) -> ElboChain:
    figure = live.show(ElboChain)
    live.wait(TOPIC)
    return figure


def lines(figure: ElboChain) -> list[ChainLine]:
    return [figure.findChild(ChainLine, f"elboLine{n}") for n in range(8)]  # type: ignore[misc]


def text(figure: ElboChain, name: str) -> str:
    label = figure.findChild(QLabel, name)
    assert label is not None
    return label.text()


def numbers(value: str) -> list[float]:
    return [float(part) for part in re.findall(r"-?\d+\.\d+", value.replace("−", "-"))]


def test_each_line_shows_what_its_formula_comes_to(figure: ElboChain, live: LiveClass) -> None:
    terms = live.newest[TOPIC]
    assert isinstance(terms, Terms)
    shown = [numbers(line.value) for line in lines(figure)]
    for line in shown[:4]:
        assert line == pytest.approx([terms.to_posterior], abs=1e-3)
    for left, right in shown[4:6]:
        assert left == pytest.approx(right, abs=2e-3)
    assert shown[5][0] == pytest.approx(terms.log_evidence, abs=1e-3)
    evidence, bound = shown[6]
    assert evidence > bound
    assert shown[7] == pytest.approx([-bound], abs=1e-3)
    assert "·10⁻" in text(figure, "elboResidual") or "0.00" in text(figure, "elboResidual")


def test_an_opened_line_says_how_its_terms_add_up(figure: ElboChain, qtbot: QtBot) -> None:
    for number, line in enumerate(lines(figure)):
        qtbot.mouseClick(line, Qt.MouseButton.LeftButton)
        assert [other.isChecked() for other in lines(figure)] == [n == number for n in range(8)]
        found = text(figure, "elboTermSum").replace("−", "-").replace(" ", "")
        if found:
            sides = [
                sum(map(float, re.findall(r"[+-]?\d+\.\d+", side))) for side in found.split("=")
            ]
            for value, side in zip(numbers(line.value), sides, strict=len(sides) > 1):
                assert side == pytest.approx(value, abs=3e-3)
    assert sum(bool(line.value) for line in lines(figure)) == 8


def test_the_keyboard_opens_lines_and_a_lecture_steps_through_them(figure: ElboChain) -> None:
    third = lines(figure)[2]
    third.setFocus()
    QTest.keyClick(third, Qt.Key.Key_Space)
    assert third.isChecked()
    figure.reset()
    assert lines(figure)[0].isChecked()
    assert not figure.step_back()
    steps = 0
    while figure.step_forward():
        steps += 1
    assert steps == 7
    assert lines(figure)[7].isChecked()
    assert figure.step_back()


def test_the_buttons_go_to_other_images_and_back(
    figure: ElboChain, live: LiveClass, qtbot: QtBot
) -> None:
    first = lines(figure)[0].value
    button = figure.findChild(QPushButton, "elboImageNext")
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    live.wait(TOPIC, 2)
    assert text(figure, "elboImageTitle").startswith("Image 1,")
    assert lines(figure)[0].value != first
    figure.reset()
    live.wait(TOPIC, 3)
    assert lines(figure)[0].value == first
    before = figure.findChild(QPushButton, "elboImagePrevious")
    assert before is not None
    qtbot.mouseClick(before, Qt.MouseButton.LeftButton)
    live.wait(TOPIC, 4)
    assert text(figure, "elboImageTitle") != "Image 0, a “0”"


def test_before_there_is_a_model_it_says_so_and_then_asks(room: LiveClass) -> None:
    figure = room.show(ElboChain)
    assert "Computing" in text(figure, "elboImageTitle")
    room.begin()
    room.wait(TOPIC)
    assert "Image 0" in text(figure, "elboImageTitle")


def test_it_fits_its_room_in_both_themes(figure: ElboChain) -> None:
    for line in lines(figure):
        line.click()
        figure.layout().activate()
        least = figure.minimumSizeHint()
        assert least.width() <= WIDTH
        assert least.height() <= HEIGHT
    before = figure.grab().toImage()
    dress(figure, DARK)
    assert figure.grab().toImage() != before


def test_the_lines_on_disk_are_eight_with_known_formulas(tmp_path: object) -> None:
    written = read_lines(pages_folder() / "lines" / "elbo.toml")
    assert len(written) == 8
    known = formula_names()
    for line in written:
        assert {line.formula, *re.findall(r"\{f:(\w+)\}", line.why)} <= known
    with pytest.raises(InputError, match=r"nothing\.toml"):
        read_lines(pages_folder() / "nothing.toml")
