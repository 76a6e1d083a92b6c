import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from latentlab.ui.images import ImageView, fitted, to_qimage
from latentlab.ui.theme import DARK, LIGHT

SHAPES = hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=9)
PICTURES = SHAPES.flatmap(lambda s: hnp.arrays(np.uint8, st.sampled_from([s, (*s, 3)])))


@given(PICTURES)
def test_every_pixel_arrives(array):
    image = to_qimage(array)
    assert (image.height(), image.width()) == array.shape[:2]
    for y, x in np.ndindex(array.shape[:2]):
        colour = QColor(image.pixel(x, y))
        expected = array[y, x] if array.ndim == 3 else [array[y, x]] * 3
        assert [colour.red(), colour.green(), colour.blue()] == list(expected)


def test_the_image_owns_its_bytes():
    array = np.full((5, 5), 9, np.uint8)
    image = to_qimage(array)
    array[:] = 200
    assert QColor(image.pixel(2, 2)).red() == 9


@pytest.mark.parametrize(
    "array", [np.zeros((2, 2)), np.zeros(4, np.uint8), np.zeros((2, 2, 4), np.uint8)]
)
def test_other_arrays_are_refused(array):
    with pytest.raises(ValueError, match="uint8 picture"):
        to_qimage(array)


@given(
    st.tuples(st.integers(1, 300), st.integers(1, 300)),
    st.tuples(st.integers(40, 600), st.integers(40, 600)),
    st.sampled_from([1.0, 1.25, 1.5, 2.0]),
)
def test_images_fit_and_keep_their_aspect(size, room, ratio):
    target = fitted(QSize(*size), QRectF(0, 0, *room), ratio)
    assert target.width() <= room[0] + 1
    assert target.height() <= room[1] + 1
    # One device pixel of rounding on each side.
    assert abs(target.width() * size[1] - target.height() * size[0]) <= sum(size) / ratio


def test_small_images_are_enlarged_by_whole_pixels():
    assert fitted(QSize(28, 28), QRectF(0, 0, 203, 210), 1.0).width() == 196
    assert fitted(QSize(28, 28), QRectF(0, 0, 80, 80), 1.0).width() == 80


@pytest.fixture
def window(qtbot):
    window = QWidget()
    layout = QVBoxLayout(window)
    layout.addWidget(ImageView("someImage", "Some image", 200, "Nothing yet", window))
    qtbot.addWidget(window)
    window.resize(220, 220)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


@pytest.fixture
def view(window):
    return window.findChild(ImageView)


def test_it_shows_crisp_pixels(view):
    board = np.array([[0, 255], [255, 0]], np.uint8)
    view.set_image(board)
    shown = view.grab().toImage()
    reds = {QColor(shown.pixel(x, shown.height() // 4)).red() for x in range(20, 180)}
    assert reds == {0, 255}


def test_it_says_why_it_is_empty(view):
    assert view.accessibleDescription() == "Nothing yet"
    view.set_image(np.zeros((28, 14), np.uint8))
    assert view.accessibleDescription() == "14 by 28 pixels"
    view.set_image(None)
    assert view.image is None
    assert view.accessibleDescription() == "Nothing yet"


def test_ctrl_c_copies_the_image_even_where_the_window_has_that_key(qtbot, view):
    taken = []
    shortcut = QShortcut(QKeySequence.StandardKey.Copy, view.window())
    shortcut.activated.connect(lambda: taken.append(1))
    array = np.arange(784, dtype=np.uint16).reshape(28, 28).astype(np.uint8)
    view.set_image(array)
    view.setFocus()
    qtbot.waitUntil(view.hasFocus)
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().image()
    assert copied.size() == QSize(280, 280)
    assert [QColor(copied.pixel(10 * x + 5, 5)).red() for x in range(28)] == list(array[0])
    assert taken == []


def test_the_menu_copies_only_what_is_there(view):
    (action,) = view.actions()
    assert not action.isEnabled()
    QGuiApplication.clipboard().clear()
    view.copy_image()
    assert QGuiApplication.clipboard().image().isNull()
    view.set_image(np.full((28, 28), 70, np.uint8))
    action.trigger()
    assert QColor(QGuiApplication.clipboard().image().pixel(3, 3)).red() == 70


def test_showing_an_image_costs_far_less_than_a_frame(view):
    array = np.zeros((28, 28), np.uint8)
    times = []
    for _ in range(200):
        before = time.perf_counter()
        view.set_image(array)
        times.append(time.perf_counter() - before)
    assert np.median(times) < 0.0005


def test_the_frame_follows_the_theme(view):
    view.set_image(np.full((28, 28), 255, np.uint8))
    pictures = []
    for theme in (LIGHT, DARK):
        view.set_theme(theme)
        pictures.append(view.grab().toImage())
    assert pictures[0] != pictures[1]
