"""A drawing is brought to a data set's form wherever and however large it was drawn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from latentlab.data.bundled import load_bundled
from latentlab.data.drawing import centred, cropped, fitted, is_centred, prepared


def mass_centre(image: np.ndarray) -> tuple[float, float]:
    """By a sum over the pixels, one by one."""
    rows, columns = np.indices(image.shape)
    total = image.sum(dtype=float)
    return (rows * image.astype(float)).sum() / total, (columns * image.astype(float)).sum() / total


def digit_on(side: int, index: int, size: int, top: int, left: int) -> np.ndarray:
    """A real digit, `size` pixels high and wide, somewhere on a black canvas."""
    grey = load_bundled("mnist").test.images[index, 0]
    canvas = Image.new("L", (side, side))
    larger = Image.fromarray(grey).resize((size, size), Image.Resampling.BICUBIC)
    canvas.paste(larger, (left, top))
    return np.asarray(canvas)


@given(index=st.integers(0, 1999), top=st.integers(0, 140), left=st.integers(0, 140))
@settings(max_examples=40, deadline=None)
def test_where_it_was_drawn_changes_nothing(index: int, top: int, left: int) -> None:
    here = centred(digit_on(280, index, 140, 0, 0), 28, 28)
    np.testing.assert_array_equal(centred(digit_on(280, index, 140, top, left), 28, 28), here)


@pytest.mark.parametrize("size", [150, 200, 240])
def test_how_large_it_was_drawn_changes_little(size: int) -> None:
    """Edges fall differently onto pixels; a digit moved by a pixel differs far more."""
    small, moved = [], []
    for index in range(100):
        one = centred(digit_on(280, index, 280, 0, 0), 28, 28).astype(float)
        other = centred(digit_on(280, index, size, 0, 0), 28, 28).astype(float)
        small.append(np.abs(other - one).mean())
        moved.append(np.abs(np.roll(one, 1, 1) - one).mean())
    assert np.mean(small) < 0.4 * np.mean(moved)


@given(index=st.integers(0, 1999))
@settings(max_examples=40, deadline=None)
def test_the_form_is_that_of_the_real_digits(index: int) -> None:
    made = centred(digit_on(280, index, 200, 30, 50), 28, 28)
    y, x = mass_centre(made)
    assert abs(y - 14) <= 0.51
    assert abs(x - 14) <= 0.51
    assert 19 <= max(cropped(made).shape) <= 20


def test_a_real_digit_comes_back_as_it_was() -> None:
    images = load_bundled("mnist").test.images[:300, 0]
    back = np.stack(
        [centred(np.kron(image, np.ones((10, 10), np.uint8)), 28, 28) for image in images]
    )
    difference = np.abs(back.astype(float) - images).mean()
    moved = np.abs(np.roll(back, 1, 2).astype(float) - images).mean()
    assert difference < 8
    assert moved > 2 * difference


def test_nothing_drawn_is_black() -> None:
    assert not centred(np.zeros((280, 280), np.uint8), 28, 28).any()
    assert cropped(np.full((5, 5), 63, np.uint8)).size == 0


@pytest.mark.parametrize(("height", "width"), [(28, 28), (8, 8), (32, 48), (128, 128)])
def test_any_size_can_be_made(height: int, width: int) -> None:
    canvas = digit_on(280, 3, 280, 0, 0)
    for as_mnist in (True, False):
        made = prepared(canvas, height, width, as_mnist=as_mnist)
        assert made.shape == (height, width)
        assert made.dtype == np.uint8
        assert made.max() > 200


def test_fitting_keeps_all_where_it_is() -> None:
    canvas = np.zeros((280, 280), np.uint8)
    canvas[0:140, 140:280] = 255
    wanted = np.zeros((28, 28), np.uint8)
    wanted[0:14, 14:28] = 255
    assert np.abs(fitted(canvas, 28, 28).astype(int) - wanted).max() <= 45  # at the edge


def test_the_data_say_how_they_were_made() -> None:
    assert is_centred(load_bundled("mnist").train.images)
    assert not is_centred(load_bundled("fashion-mnist").train.images)
    assert not is_centred(np.zeros((0, 1, 28, 28), np.uint8))
    assert not is_centred(np.roll(load_bundled("mnist").train.images, 4, 3))
