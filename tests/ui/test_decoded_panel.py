import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton

from latentlab.ui.decoded_panel import DecodedPanel
from latentlab.ui.images import ImageView
from latentlab.ui.number_field import NumberField
from latentlab.ui.theme import DARK
from tests.ui.themes import dress


@pytest.fixture
def panel(qtbot):
    widget = DecodedPanel()
    qtbot.addWidget(widget)
    widget.resize(280, 340)
    widget.show()
    widget.seen = []
    widget.zTyped.connect(lambda x, y: widget.seen.append((x, y)))
    for name in ("samplePriorWanted", "samplePosteriorWanted", "copyZWanted", "copyImageWanted"):
        getattr(widget, name).connect(lambda _=False, name=name: widget.seen.append(name))
    return widget


def test_typing_one_coordinate_keeps_the_other_exactly(qtbot, panel):
    panel.show_z((0.123456, -1.2))
    field = panel.findChild(NumberField, "zyField")
    field.selectAll()
    qtbot.keyClicks(field, "0.75")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert panel.seen == [(0.123456, 0.75)]


def test_buttons_say_what_is_wanted(qtbot, panel):
    panel.set_posterior_available(True)
    for name in ("samplePrior", "samplePosterior"):
        qtbot.mouseClick(panel.findChild(QPushButton, name), Qt.MouseButton.LeftButton)
    for name in ("copyZ", "copyImage"):
        panel.findChild(QAction, name).trigger()
    expected = ["samplePriorWanted", "samplePosteriorWanted", "copyZWanted", "copyImageWanted"]
    assert panel.seen == expected


def test_the_posterior_is_sampled_only_with_an_image(qtbot, panel):
    button = panel.findChild(QPushButton, "samplePosterior")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert panel.seen == []
    assert "Select an image" in button.toolTip()


def test_showing_tells_nobody(panel):
    array = np.full((28, 28), 33, np.uint8)
    panel.show_image(array)
    panel.show_z((0.41, -1.2))
    panel.show_eps((0.31, -1.02))
    panel.show_step("decoded with the weights of step 940")
    panel.set_posterior_available(True)
    dress(panel, DARK)
    assert panel.seen == []
    assert panel.findChild(ImageView, "decodedImage").image.size().width() == 28
    assert panel.findChild(NumberField, "zxField").text() == "0.410"
    assert panel.findChild(NumberField, "zyField").text() == "−1.200"
    assert "ε = (0.31, −1.02)" in panel.findChild(QLabel, "sampleEps").text()
    assert "940" in panel.findChild(QLabel, "decodedStep").text()
    panel.show_eps(None)
    assert not panel.findChild(QLabel, "sampleEps").text().strip()


def test_the_image_can_be_put_on_the_clipboard(panel):
    panel.show_image(np.full((28, 28), 33, np.uint8))
    panel.copy_image()
    assert QGuiApplication.clipboard().image().pixelColor(5, 5).red() == 33


def test_the_image_is_the_largest_thing_and_nothing_is_cut_in_260_pixels(panel):
    assert panel.minimumSizeHint().width() <= 260
    image = panel.findChild(ImageView, "decodedImage")
    assert image.height() > panel.height() / 2
    panel.show_step("decoded with the weights of step 1 234 567 " * 3)
    assert panel.minimumSizeHint().width() <= 260
