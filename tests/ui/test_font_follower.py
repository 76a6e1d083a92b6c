from collections.abc import Generator

import pytest
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from latentlab.ui.curves import LossCurves
from latentlab.ui.data_panel import DataPanel
from latentlab.ui.font_follower import FontFollower
from latentlab.ui.formula import FormulaLabel
from latentlab.ui.loss_panel import LossPanel
from latentlab.ui.message_bar import MessageBar
from latentlab.ui.run_bar import RunBar
from latentlab.ui.shortcut_sheet import ShortcutSheet
from latentlab.ui.view_panel import ViewPanel


@pytest.fixture
def larger(qtbot: QtBot) -> Generator[QFont]:
    before = QFont(QApplication.font())
    font = QFont(before)
    font.setPointSizeF(before.pointSizeF() * 1.5)
    yield font
    QApplication.setFont(before)


@pytest.mark.parametrize("kind", [RunBar, DataPanel, LossPanel, ViewPanel, LossCurves, MessageBar])
def test_a_panel_in_a_window_grows_with_the_application_font_and_shrinks_again(
    qtbot: QtBot, larger: QFont, kind: type[QWidget]
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    FontFollower(window)
    panel = kind(window)
    QVBoxLayout(window).addWidget(panel)
    if isinstance(panel, MessageBar):
        panel.offer("An offer", [("Take it", "take")])
    window.show()
    before = QFont(QApplication.font())
    texts = [w for w in panel.findChildren(QWidget) if isinstance(w, QLabel | QPushButton)]
    texts = [w for w in texts if w.text()]
    sizes = [w.font().pointSizeF() for w in texts]
    assert sizes
    for font, factor in ((larger, 1.5), (before, 1.0)):
        QApplication.setFont(font)
        wanted = [pytest.approx(size * factor, rel=0.02) for size in sizes]
        qtbot.waitUntil(lambda wanted=wanted: [w.font().pointSizeF() for w in texts] == wanted)


def test_formulas_grow_too(qtbot: QtBot, larger: QFont) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    FontFollower(window)
    panel = LossPanel(window)
    QVBoxLayout(window).addWidget(panel)
    window.show()
    formula = panel.findChild(FormulaLabel)
    assert formula is not None
    before = formula.sizeHint().width()
    QApplication.setFont(larger)
    qtbot.waitUntil(lambda: formula.sizeHint().width() > 1.35 * before)


def test_the_shortcut_sheet_is_large_enough(qtbot: QtBot, larger: QFont) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    FontFollower(window)
    window.resize(900, 600)
    sheet = ShortcutSheet(window, [("Run", "Space", "train or pause")])
    window.show()
    sheet.open()
    label = next(w for w in sheet.findChildren(QLabel) if w.text() == "train or pause")
    before = label.width()
    QApplication.setFont(larger)
    qtbot.waitUntil(lambda: label.width() > 1.3 * before)
    assert label.width() >= label.sizeHint().width()
