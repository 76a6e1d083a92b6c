from typing import get_args

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel
from pytestqt.qtbot import QtBot

from latentlab.app.state import LayerName
from latentlab.ui.layer_names import LAYERS
from latentlab.ui.sigma_histogram import SigmaHistogram, collapsed_part
from latentlab.ui.theme import DARK, LIGHT
from latentlab.ui.view_panel import ViewPanel
from tests.ui.themes import dress

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def panel(qtbot: QtBot) -> ViewPanel:
    panel = ViewPanel()
    qtbot.addWidget(panel)
    panel.resize(260, panel.sizeHint().height())
    panel.show()
    return panel


def button(panel: ViewPanel, name: str) -> QAbstractButton:
    found = panel.findChild(QAbstractButton, name)
    assert found is not None
    return found


def text(panel: ViewPanel, name: str) -> str:
    label = panel.findChild(QLabel, name)
    assert label is not None
    return label.text()


def scales_on(panel: ViewPanel) -> list[str]:
    names = [f"ellipseScale{scale}" for scale in (1, 3, 10, 30)]
    return [name for name in names if button(panel, name).isChecked()]


def test_one_scale_is_chosen(qtbot: QtBot, panel: ViewPanel) -> None:
    with qtbot.waitSignal(panel.ellipseScaleChosen) as said:
        qtbot.mouseClick(button(panel, "ellipseScale10"), LEFT)
    assert said.args == [10]
    with qtbot.assertNotEmitted(panel.ellipseScaleChosen):
        qtbot.mouseClick(button(panel, "ellipseScale10"), LEFT)
        assert scales_on(panel) == ["ellipseScale10"]
        panel.set_ellipse_scale(3)
    assert scales_on(panel) == ["ellipseScale3"]


def test_one_layer_is_chosen_and_the_tooltip_explains_it(qtbot: QtBot, panel: ViewPanel) -> None:
    box = panel.findChild(QComboBox, "layerChoice")
    assert box is not None
    box.setFocus()
    for layer in get_args(LayerName)[1:]:
        with qtbot.waitSignal(panel.layerChosen) as said:
            qtbot.keyClick(box, Qt.Key.Key_Down)
        assert said.args == [layer]
        with qtbot.assertNotEmitted(panel.layerChosen):
            panel.set_layer(layer)
        assert box.toolTip().replace("\n", " ").endswith(LAYERS[layer].tip)
        entry = box.itemData(box.currentIndex(), Qt.ItemDataRole.ToolTipRole)
        assert entry.replace("\n", " ") == LAYERS[layer].tip


def test_the_forces_switch(qtbot: QtBot, panel: ViewPanel) -> None:
    switch = button(panel, "forcesToggle")
    with qtbot.waitSignal(panel.forcesSwitched) as said:
        qtbot.mouseClick(switch, LEFT)
    assert said.args == [True]
    with qtbot.assertNotEmitted(panel.forcesSwitched):
        panel.set_forces(False)
    assert not switch.isChecked()
    switch.setFocus()
    with qtbot.waitSignal(panel.forcesSwitched) as said:
        qtbot.keyClick(switch, Qt.Key.Key_Space)
    assert said.args == [True]


def test_figures_are_means_over_all_posteriors(panel: ViewPanel) -> None:
    mu = np.array([[1.0, -3.0], [0.5, -0.5]])
    sigma = np.array([[0.1, 0.2], [0.3, 0.6]])
    panel.show_posterior_stats(mu, 2 * np.log(sigma))
    assert text(panel, "meanSigma") == "0.300"
    assert text(panel, "meanMu") == "1.250"


def test_infinite_values_do_not_count_and_none_is_no_figure(panel: ViewPanel) -> None:
    panel.show_posterior_stats(np.array([[np.nan, 2.0]]), np.array([[0.0, 0.0]]))
    assert text(panel, "meanMu") == "2.000"
    panel.show_posterior_stats(np.zeros((0, 2)), np.zeros((0, 2)))
    assert text(panel, "meanMu") == "–"


def test_collapse_is_told_in_words_and_in_orange(panel: ViewPanel) -> None:
    histogram = panel.findChild(SigmaHistogram)
    assert histogram is not None
    for theme in (LIGHT, DARK):
        dress(panel, theme)
        for sigma, collapsed in ((1.0, True), (0.03, False)):
            panel.show_posterior_stats(np.zeros((50, 2)), np.full((50, 2), 2 * np.log(sigma)))
            image = histogram.grab().toImage()
            points = ((x, y) for x in range(image.width()) for y in range(image.height()))
            colours = {image.pixelColor(x, y).name() for x, y in points}
            assert (theme.kl in colours) == collapsed
            assert ("100% collapsed (σ ≈ 1)" in text(panel, "collapsedText")) == collapsed


def test_collapsed_part_counts_sigma_within_twelve_percent() -> None:
    sigma = np.array([0.5, 0.88, 0.9, 1.0, 1.1, 1.13])
    assert collapsed_part(np.log10(sigma)) == pytest.approx(3 / 6)
    assert collapsed_part(np.zeros(0)) == 0.0


def test_it_fits_the_column(panel: ViewPanel) -> None:
    assert panel.minimumSizeHint().width() <= 280
