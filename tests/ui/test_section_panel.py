"""The panel of a plane's axes and of where it is."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QScrollArea, QToolButton
from pytestqt.qtbot import QtBot

from latentlab.core.axes import AxisFigures, axis_figures
from latentlab.core.section import Section
from latentlab.ui.linear_slider import LinearSlider
from latentlab.ui.section_panel import SectionPanel
from latentlab.ui.theme import DARK

LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def panel(qtbot: QtBot) -> SectionPanel:
    panel = SectionPanel()
    qtbot.addWidget(panel)
    panel.resize(280, 400)
    panel.show_section(Section.at((1, 3), (0.5, 0.0, -1.0, 0.0, 2.0)))
    panel.show_figures(figures())
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def figures() -> AxisFigures:
    """z₄ says most, then z₂, z₅, z₁; z₃ has collapsed."""
    random = np.random.default_rng(0)
    mu = random.standard_normal((500, 5)) * (0.5, 2.0, 0.01, 4.0, 1.0)
    logvar = np.log(np.array([0.75, 0.1, 1.0, 0.1, 0.3])) + np.zeros_like(mu)
    found = axis_figures(mu, logvar)
    assert found is not None
    return found


def slider(panel: SectionPanel, axis: int) -> LinearSlider:
    found = panel.findChild(LinearSlider, f"sectionSlider{axis}")
    assert found is not None
    return found


def test_axes_are_sorted_by_kl_and_a_collapsed_one_is_grey(panel: SectionPanel) -> None:
    for name, shown in (("firstAxis", "z₂"), ("secondAxis", "z₄")):
        box = panel.findChild(QComboBox, name)
        assert box is not None
        texts = [box.itemText(place) for place in range(box.count())]
        assert [text[:2] for text in texts] == ["z₄", "z₂", "z₅", "z₁", "z₃"]
        assert [text for text in texts if "collapsed" in text] == [texts[-1]]
        assert box.currentText().startswith(shown)
        inks = [box.itemData(place, Qt.ItemDataRole.ForegroundRole) for place in range(5)]
        assert inks[-1] != inks[0]
        panel.set_theme(DARK)
        assert box.itemData(4, Qt.ItemDataRole.ForegroundRole) == QColor(DARK.muted)


def test_an_axis_is_chosen_with_the_keyboard(qtbot: QtBot, panel: SectionPanel) -> None:
    box = panel.findChild(QComboBox, "firstAxis")
    assert box is not None
    box.setFocus()
    with qtbot.waitSignal(panel.axesChosen) as chosen:
        QTest.keyClick(box, Qt.Key.Key_Down)
    assert chosen.args == [4, 3], "z₅ comes after z₂"


def test_the_axes_with_the_largest_kl_are_a_click_away(qtbot: QtBot, panel: SectionPanel) -> None:
    button = panel.findChild(QToolButton, "largestAxes")
    assert button is not None
    with qtbot.waitSignal(panel.axesChosen) as chosen:
        QTest.mouseClick(button, LEFT)
    assert chosen.args == [3, 1]


def test_the_other_coordinates_are_on_sliders(panel: SectionPanel) -> None:
    shown = [axis for axis in range(1, 6) if slider(panel, axis).isVisibleTo(panel)]
    assert shown == [1, 3, 5]
    assert [slider(panel, axis).number for axis in shown] == [0.5, -1.0, 2.0]
    number = panel.findChild(QLabel, "sectionNumber3")
    assert number is not None
    assert number.text() == "−1.00"
    panel.show_section(Section.at((0, 3), np.zeros(5)))
    assert [axis for axis in range(1, 6) if slider(panel, axis).isVisibleTo(panel)] == [2, 3, 5]


def test_a_drag_moves_a_coordinate_and_ends(qtbot: QtBot, panel: SectionPanel) -> None:
    moved: list[tuple[int, float, bool]] = []
    panel.coordinateMoved.connect(lambda *args: moved.append(args))
    groove = slider(panel, 5)
    middle = groove.height() // 2
    QTest.mousePress(groove, LEFT, NONE, QPoint(groove.width() // 4, middle))
    QTest.mouseMove(groove, QPoint(3 * groove.width() // 4, middle))
    QTest.mouseRelease(groove, LEFT, NONE, QPoint(3 * groove.width() // 4, middle))
    assert {axis for axis, _, _ in moved} == {4}
    assert [finished for _, _, finished in moved] == [False] * (len(moved) - 1) + [True]
    # From half of 3σ below the mean of q(z₅) to half above.
    found = figures()
    mean, sigma = found.mean[4], found.sigma[4]
    assert moved[0][1] == pytest.approx(mean - 1.5 * sigma, abs=0.4 * sigma)
    assert moved[-1][1] == pytest.approx(mean + 1.5 * sigma, abs=0.4 * sigma)


def test_the_sliders_scroll_and_fold(panel: SectionPanel) -> None:
    panel.show_section(Section.of(64))
    scroll = panel.findChild(QScrollArea, "sectionScroll")
    fold = panel.findChild(QToolButton, "sectionFold")
    assert scroll is not None
    assert fold is not None
    assert "62" in fold.text()
    assert scroll.verticalScrollBar().maximum() > 0
    assert panel.sizeHint().height() < 400
    QTest.mouseClick(fold, LEFT)
    assert not scroll.isVisible()
    QTest.mouseClick(fold, LEFT)
    assert scroll.isVisible()


def test_of_two_dimensions_there_is_nothing_to_choose(panel: SectionPanel) -> None:
    panel.show_section(Section())
    assert not [axis for axis in range(1, 6) if panel.findChild(LinearSlider, f"slider{axis}")]
    panel.show_figures(figures())  # of what was open before: no fault
