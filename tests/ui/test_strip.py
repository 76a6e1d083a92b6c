from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QColor
from PySide6.QtWidgets import QComboBox, QSpinBox, QToolButton

from latentlab.data.bundled import load_bundled
from latentlab.ui.number_field import NumberField
from latentlab.ui.playback import there_and_back
from latentlab.ui.strip import InterpolationStrip
from latentlab.ui.strip_frames import FrameRow
from latentlab.ui.theme import DARK, LIGHT
from tests.ui.themes import dress

SIGNALS = (
    "countChanged",
    "sphericalSwitched",
    "z1Typed",
    "z2Typed",
    "playheadMoved",
    "playingSwitched",
    "frameChosen",
    "savePngWanted",
    "saveGifWanted",
    "swapWanted",
)


@pytest.fixture(scope="module")
def images():
    return load_bundled("mnist").test.images[:41, 0]


@pytest.fixture
def strip(qtbot, images):
    widget = InterpolationStrip()
    qtbot.addWidget(widget)
    widget.resize(700, 130)
    widget.show_frames(images[:11])
    widget.show()
    widget.seen = []
    for name in SIGNALS:
        getattr(widget, name).connect(
            lambda *values, name=name: widget.seen.append((name, *values))
        )
    return widget


@pytest.fixture
def row(strip):
    return strip.findChild(FrameRow)


def click(qtbot, row, index):
    place = row.frame_rect(index).center().toPoint()
    qtbot.mouseClick(row, Qt.MouseButton.LeftButton, pos=place)


def test_a_click_on_a_frame_takes_its_time(qtbot, strip, row):
    for index in (0, 3, 10):
        click(qtbot, row, index)
    assert strip.seen == [("frameChosen", 0.0), ("frameChosen", 0.3), ("frameChosen", 1.0)]
    qtbot.mouseClick(row, Qt.MouseButton.LeftButton, pos=QPoint(1, row.height() - 2))
    assert len(strip.seen) == 3


def test_keys_walk_along_the_frames(qtbot, strip, row):
    keys = (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_End, Qt.Key.Key_Right)
    for key in (*keys, Qt.Key.Key_Home, Qt.Key.Key_A):
        qtbot.keyClick(row, key)
    assert [t for _, t in strip.seen] == [0.1, 0.2, 0.1, 1.0, 1.0, 0.0]


def test_fields_choices_and_buttons_say_what_is_wanted(qtbot, strip):
    strip.show_ends((-1.5, 0.25), (1.5, 0.123456))
    field = strip.findChild(NumberField, "z1xField")
    field.selectAll()
    qtbot.keyClicks(field, "-2\r")
    field = strip.findChild(NumberField, "z2xField")
    field.selectAll()
    qtbot.keyClicks(field, "3\r")
    count = strip.findChild(QSpinBox, "stripCount")
    count.selectAll()
    qtbot.keyClicks(count, "12\r")
    qtbot.keyClick(strip.findChild(QComboBox, "stripPath"), Qt.Key.Key_Down)
    qtbot.mouseClick(strip.findChild(QToolButton, "stripSwap"), Qt.MouseButton.LeftButton)
    menu = strip.findChild(QToolButton, "stripSave").menu()
    for name in ("stripSavePng", "stripSaveGif"):
        menu.findChild(QAction, name).trigger()
    assert strip.seen == [
        ("z1Typed", -2.0, 0.25),
        ("z2Typed", 3.0, 0.123456),
        ("countChanged", 12),
        ("sphericalSwitched", True),
        ("swapWanted",),
        ("savePngWanted",),
        ("saveGifWanted",),
    ]


def test_showing_tells_nobody(strip, images):
    strip.set_count(41)
    strip.set_spherical(True)
    strip.show_frames(images)
    strip.show_ends((1, 2), (3, 4))
    strip.show_playhead(0.5)
    dress(strip, DARK)
    strip.set_playing(True)
    strip.set_playing(False)
    assert strip.seen == []
    assert strip.findChild(QSpinBox, "stripCount").value() == 41
    assert strip.findChild(QComboBox, "stripPath").currentText() == "Spherical"
    assert strip.findChild(NumberField, "z2yField").text() == "4.000"


def test_playing_moves_along_the_line_until_paused(qtbot, strip, row):
    button = strip.findChild(QToolButton, "stripPlay")
    strip.show_playhead(0.4)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert button.accessibleName() == "Pause"
    qtbot.waitUntil(lambda: len(strip.seen) >= 4)
    assert strip.seen[0] == ("playingSwitched", True)
    times = [t for name, t in strip.seen if name == "playheadMoved"]
    assert 0.4 < times[0] < times[1] < times[2] <= 1.0
    assert row.playhead == times[-1]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert button.accessibleName() == "Play"
    assert strip.seen[-1] == ("playingSwitched", False)
    strip.seen.clear()
    qtbot.wait(100)
    assert strip.seen == []


def test_hiding_or_choosing_a_frame_stops_the_animation(qtbot, strip, row):
    button = strip.findChild(QToolButton, "stripPlay")
    strip.set_playing(True)
    click(qtbot, row, 2)
    assert not button.isChecked()
    assert strip.seen == [("playingSwitched", False), ("frameChosen", 0.2)]
    strip.set_playing(True)
    strip.hide()
    assert not button.isChecked()
    assert strip.seen[-1] == ("playingSwitched", False)


def test_time_goes_there_and_back():
    phases = [0, 0.25, 1, 1.25, 2, 2.5, 3.75]
    assert [there_and_back(phase) for phase in phases] == [0, 0.25, 1, 0.75, 0, 0.5, 0.25]


def accents(row, colour):
    """The mean x of what has this colour above and on the line of time."""
    shown = row.grab().toImage()
    height = int(row.frame_rect(0).bottom()) + 8
    found = [
        x
        for x in range(shown.width())
        for y in range(height)
        if QColor(shown.pixel(x, y)).name() == colour
    ]
    return np.array(found)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("count", [3, 4, 11, 12, 41])
def test_the_midpoint_is_marked_in_the_middle(strip, row, images, theme, count):
    dress(strip, theme)
    strip.show_frames(images[:count])
    marks = accents(row, theme.accent)
    between = (row.frame_rect(0).center().x() + row.frame_rect(count - 1).center().x()) / 2
    assert marks.mean() == pytest.approx(between, abs=1.5)
    frame_width = row.frame_rect(0).width()
    if count % 2:
        assert np.ptp(marks) == pytest.approx(frame_width, abs=4)
    else:
        assert np.ptp(marks) <= 3


@pytest.mark.parametrize("width", [610, 800, 1400])
@pytest.mark.parametrize("count", [3, 11, 41])
def test_frames_fit_any_width(strip, row, images, width, count):
    assert strip.minimumSizeHint().width() <= 610
    assert strip.minimumSizeHint().height() <= 120
    strip.show_frames(images[:count])
    strip.resize(width, 130)
    rects = [row.frame_rect(index) for index in range(count)]
    assert rects[0].left() >= 0
    assert rects[-1].right() <= row.width()
    assert all(a.right() < b.left() for a, b in pairwise(rects))
    assert rects[0].height() == pytest.approx(rects[0].width())
    assert rects[0].top() >= 0


def test_without_frames_it_says_what_comes_here(qtbot):
    row = InterpolationStrip()
    qtbot.addWidget(row)
    row.resize(600, 130)
    shown = row.findChild(FrameRow).grab().toImage()
    assert len({shown.pixel(x, shown.height() // 2) for x in range(shown.width())}) > 1
