"""Running text with formulas in it."""

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget

from latentlab.ui.learn.prose import Prose, Written, spoken
from latentlab.ui.theme import DARK, LIGHT

SENTENCE = "When {f:p_less_q}, the term is **below** 0, as ({f:zero_log_zero}) says."


def grabbed(prose: Prose, ratio: float = 1.0) -> QImage:
    image = QImage(prose.size() * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor("white"))
    painter = QPainter(image)
    prose.render(painter, QPoint(), renderFlags=QWidget.RenderFlag.DrawChildren)
    painter.end()
    return image


def ink(image: QImage, left: int, right: int) -> int:
    """How many dark pixels there are between two columns."""
    return sum(
        image.pixelColor(x, y).lightness() < 140
        for x in range(left, right)
        for y in range(image.height())
    )


@pytest.fixture
def prose(desk: QWidget) -> Prose:
    prose = Prose(SENTENCE, desk)
    prose.resize(700, prose.heightForWidth(700))
    return prose


def test_a_screen_reader_hears_the_formulas_in_words(prose: Prose) -> None:
    assert prose.accessibleName() == (
        "When p i is less than q i, the term is below 0, as (zero times the log of zero is zero) "
        "says."
    )
    assert spoken("**a** *b*") == "a b"


def test_a_formula_is_drawn_where_its_line_has_room_for_it(desk: QWidget) -> None:
    one, two = Prose("{f:p_less_q}", desk), Prose("{f:p_less_q} {f:p_less_q}", desk)
    for each in (one, two):
        each.resize(300, each.heightForWidth(300))
    width = int(one._written.natural_width()) + 1
    assert 20 < width < 100
    assert two.height() == one.height()
    single = ink(grabbed(one), 0, width)
    assert single > 20
    assert ink(grabbed(one), width, 300) == 0
    # Anti-aliasing differs by where between two pixels the second one stands.
    assert ink(grabbed(two), 0, 300) == pytest.approx(2 * single, rel=0.3)


def test_it_takes_the_theme_s_ink(prose: Prose) -> None:
    for theme in (LIGHT, DARK):
        prose.set_theme(theme)
        image = grabbed(prose, 2.0)
        colours = {
            image.pixelColor(x, y).name()
            for x in range(image.width())
            for y in range(image.height())
        }
        assert theme.text in colours


def test_a_narrow_column_makes_it_higher(prose: Prose) -> None:
    line = prose.heightForWidth(2_000)
    assert prose.heightForWidth(150) > 1.8 * line


def test_lines_of_formulas_alone_are_as_high_as_others(desk: QWidget) -> None:
    words, formulas = Prose("word " * 30, desk), Prose("{f:p_less_q} " * 30, desk)
    lines = formulas.heightForWidth(200) / formulas.heightForWidth(10_000)
    assert lines > 3
    assert formulas.heightForWidth(10_000) == pytest.approx(words.heightForWidth(10_000), abs=2)


def test_no_line_begins_with_a_full_stop(desk: QWidget) -> None:
    written = Written("It is ({f:zero_log_zero}). So {f:p_is_q}, and no more.", desk.font(), "#000")
    for width in range(120, 400, 3):
        written.height(width)
        layout = written._document.begin().layout()
        text = written._document.begin().text()
        lines = [layout.lineAt(n) for n in range(layout.lineCount())]
        starts = {text[line.textStart()] for line in lines}
        assert not starts & set(".,)")


def test_it_grows_with_lecture_mode(prose: Prose) -> None:
    before = prose.heightForWidth(5_000)
    prose.set_larger(2.0)
    assert prose.heightForWidth(5_000) == pytest.approx(2 * before, rel=0.1)
