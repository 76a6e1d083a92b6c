import json

import pytest
from PySide6.QtCore import QByteArray, QPoint
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from pytestqt.qtbot import QtBot

from latentlab.paths import RESOURCES
from latentlab.ui.formula import FormulaLabel
from latentlab.ui.make_formulas import drawn, formulas
from latentlab.ui.theme import DARK, LIGHT

WORDS = json.loads((RESOURCES / "formulas" / "words.json").read_text(encoding="utf-8"))
NEEDED = {
    "reconstruction_bernoulli",
    "reconstruction_gaussian",
    "reconstruction_continuous_bernoulli",
    "kl",
}


def grabbed(label: FormulaLabel, ratio: float = 1.0) -> QImage:
    image = QImage(label.size() * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(QColor("white"))
    painter = QPainter(image)
    label.render(painter, QPoint())
    painter.end()
    return image


def colours(image: QImage) -> set[str]:
    return {
        image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())
    }


@pytest.mark.parametrize("name", sorted(WORDS))
def test_every_formula_is_there_in_words_and_in_ink(qtbot: QtBot, name: str) -> None:
    label = FormulaLabel(name)
    qtbot.addWidget(label)
    label.resize(label.sizeHint())
    assert label.accessibleName() == WORDS[name]
    assert len(colours(grabbed(label))) > 3


def test_it_takes_the_colour_of_its_role(qtbot: QtBot) -> None:
    label = FormulaLabel("kl", "kl")
    qtbot.addWidget(label)
    label.resize(label.sizeHint() * 4)
    for theme in (LIGHT, DARK):
        label.set_theme(theme)
        assert theme.kl in colours(grabbed(label, 2.0))
    label.set_role("muted")
    assert DARK.muted in colours(grabbed(label, 2.0))


def test_it_grows_with_the_font(qtbot: QtBot) -> None:
    label = FormulaLabel("kl")
    qtbot.addWidget(label)
    before = label.sizeHint()
    font = label.font()
    font.setPixelSize(2 * label.fontInfo().pixelSize())
    label.setFont(font)
    assert label.sizeHint().width() == pytest.approx(2 * before.width(), abs=3)


def test_at_200_percent_it_is_drawn_with_twice_the_pixels_not_enlarged(qtbot: QtBot) -> None:
    label = FormulaLabel("kl")
    qtbot.addWidget(label)
    label.resize(label.sizeHint())
    fine = grabbed(label, 2.0)
    # An enlarged picture has every pixel four times; a drawn one differs inside such blocks.
    blocks = [
        {fine.pixel(2 * x + i, 2 * y + j) for i in (0, 1) for j in (0, 1)}
        for x in range(fine.width() // 2)
        for y in range(fine.height() // 2)
    ]
    assert sum(len(block) > 1 for block in blocks) > 100


def test_a_narrow_column_shrinks_it_and_cuts_nothing(qtbot: QtBot) -> None:
    label = FormulaLabel("reconstruction_bernoulli")
    qtbot.addWidget(label)
    label.resize(label.minimumSizeHint())
    image = grabbed(label)
    right = min(image.pixelColor(image.width() - 1, y).lightness() for y in range(image.height()))
    inked = [
        x
        for x in range(image.width())
        if any(image.pixelColor(x, y).lightness() < 160 for y in range(image.height()))
    ]
    assert right > 200
    assert max(inked) > 0.9 * image.width()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # ziamath's own
def test_all_are_as_the_script_draws_them_and_there_are_no_others() -> None:
    entries = formulas()
    files = {path.stem: path.read_text() for path in (RESOURCES / "formulas").glob("*.svg")}
    assert files == {name: drawn(entry["latex"]) for name, entry in entries.items()}
    assert {name: entry["words"] for name, entry in entries.items()} == WORDS
    assert set(WORDS) >= NEEDED


def test_qtsvg_understands_every_file(qtbot: QtBot) -> None:
    for path in (RESOURCES / "formulas").glob("*.svg"):
        assert "currentColor" in path.read_text(encoding="utf-8")
        assert QSvgRenderer(QByteArray(path.read_bytes())).isValid()
