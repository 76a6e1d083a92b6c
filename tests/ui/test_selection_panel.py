from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QToolButton

from latentlab.app.point_view import PointView
from latentlab.ui.images import ImageView
from latentlab.ui.selection_panel import SelectionPanel
from latentlab.ui.terms_bar import TermsBar
from latentlab.ui.theme import DARK, LIGHT
from tests.ui.themes import dress

VIEW = PointView(
    index=17,
    number=1234,
    class_name="7",
    grey=np.full((28, 28), 10, np.uint8),
    x=np.full((28, 28), 255, np.uint8),
    reconstruction_image=np.full((28, 28), 30, np.uint8),
    mu=(0.41, -1.2),
    sigma=(0.031, 0.024),
    reconstruction=121.35,
    kl=6.02,
)


@pytest.fixture
def panel(qtbot):
    widget = SelectionPanel()
    qtbot.addWidget(widget)
    widget.resize(280, 230)
    widget.show()
    return widget


def text(panel, name):
    return panel.findChild(QLabel, name).text()


def test_empty_it_says_what_to_do(panel):
    panel.show_point(VIEW, False)
    panel.show_point(None, False)
    empty = panel.findChild(QLabel, "selectionEmpty")
    assert empty.isVisible()
    assert "Hover or click a point" in empty.text()
    assert not panel.findChild(ImageView, "greyImage").isVisible()


def test_every_number_of_the_point(panel):
    panel.show_point(VIEW, True)
    assert text(panel, "selectionTitle") == "class 7 · image 1234"
    assert text(panel, "selectionManner") == "under the mouse"
    assert text(panel, "selectionMu") == "μ = (0.410, −1.200)"
    assert text(panel, "selectionSigma") == "σ = (0.031, 0.024)"
    assert text(panel, "reconstructionNumber") == "121.35"
    assert text(panel, "klNumber") == "6.02"
    assert text(panel, "negativeElboNumber") == "127.37"
    panel.show_point(VIEW, False)
    assert text(panel, "selectionManner") == "selected"


def test_three_images_or_two_when_nothing_is_binarised(panel):
    panel.show_point(VIEW, False)
    reds = [
        QColor(panel.findChild(ImageView, name).image.pixel(0, 0)).red()
        for name in ("greyImage", "xImage", "reconstructionImage")
    ]
    assert reds == [10, 255, 30]
    panel.show_point(replace(VIEW, x=None), False)
    assert not panel.findChild(ImageView, "xImage").isVisible()
    panel.show_point(VIEW, False)
    assert panel.findChild(ImageView, "xImage").isVisible()


@pytest.mark.parametrize(
    ("button", "signal"),
    [("setZ1", "setZ1Wanted"), ("setZ2", "setZ2Wanted"), ("zToMu", "zToMuWanted")],
)
def test_buttons_say_what_is_wanted(qtbot, panel, button, signal):
    panel.show_point(VIEW, False)
    with qtbot.waitSignal(getattr(panel, signal), timeout=1000):
        qtbot.mouseClick(panel.findChild(QToolButton, button), Qt.MouseButton.LeftButton)


def colours_of_bar(panel):
    """The colours of the bar from left to right, one for each pixel."""
    bar = panel.findChild(TermsBar)
    shown = bar.grab().toImage()
    return [QColor(shown.pixel(x, 3)).name() for x in range(shown.width())]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_bar_is_proportional(panel, theme):
    dress(panel, theme)
    panel.show_point(replace(VIEW, reconstruction=30.0, kl=10.0), False)
    colours = colours_of_bar(panel)
    blue = colours.count(theme.reconstruction) / len(colours)
    orange = colours.count(theme.kl) / len(colours)
    assert blue == pytest.approx(0.75, abs=0.02)
    assert orange == pytest.approx(0.25, abs=0.02)


def test_a_negative_reconstruction_ends_at_zero(panel):
    panel.show_point(replace(VIEW, reconstruction=-30.0, kl=10.0), False)
    assert text(panel, "negativeElboNumber") == "−20.00"
    colours = colours_of_bar(panel)
    assert LIGHT.text in colours[round(0.74 * len(colours)) : round(0.77 * len(colours))]


@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_numbers_that_are_not_finite_leave_the_bar_empty(panel, value):
    panel.show_point(replace(VIEW, reconstruction=value), False)
    assert set(colours_of_bar(panel)) == {LIGHT.line}


def test_it_fits_260_pixels_with_long_numbers(panel):
    long = replace(VIEW, class_name="Ankle boot", mu=(-3.123, -2.123), sigma=(0.00312, 0.00244))
    panel.show_point(long, True)
    assert panel.minimumSizeHint().width() <= 260
    assert panel.sizeHint().height() <= 240
