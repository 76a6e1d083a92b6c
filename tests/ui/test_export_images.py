import io

import numpy as np
import pytest
from PIL import Image, ImageSequence

from latentlab.ui.export_images import gif, strip_png

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 256, (5, 6, 4), np.uint8)
# Few colours, so that the palette can hold every one exactly.
COLOUR = RNG.choice(np.array([0, 90, 255], np.uint8), (5, 6, 4, 3))


@pytest.mark.parametrize("frames", [GREY, COLOUR])
def test_a_strip_holds_every_frame_side_by_side(frames):
    image = np.asarray(Image.open(io.BytesIO(strip_png(frames, scale=3))))
    assert image.shape[:2] == (18, 60)
    for index, frame in enumerate(frames):
        np.testing.assert_array_equal(image[1::3, 12 * index + 1 : 12 * (index + 1) : 3], frame)


@pytest.mark.parametrize("frames", [GREY, COLOUR])
def test_a_gif_goes_there_and_back(frames):
    animation = Image.open(io.BytesIO(gif(frames, frames_per_second=25, scale=2)))
    assert animation.info["loop"] == 0
    pictures = []
    for picture in ImageSequence.Iterator(animation):
        assert picture.info["duration"] == 40
        pictures.append(np.asarray(picture.convert("RGB"))[::2, ::2])
    order = [0, 1, 2, 3, 4, 3, 2, 1]
    assert len(pictures) == len(order)
    for picture, index in zip(pictures, order, strict=True):
        expected = frames[index] if frames.ndim == 4 else frames[index][..., None].repeat(3, 2)
        np.testing.assert_array_equal(picture, expected)


def test_a_gif_one_way_shows_each_frame_once():
    animation = Image.open(io.BytesIO(gif(GREY, there_and_back=False)))
    assert animation.n_frames == len(GREY)


@pytest.mark.parametrize("frames", [GREY[0], GREY.astype(float), GREY[:0], COLOUR[..., :2]])
def test_other_arrays_are_refused(frames):
    for write in (strip_png, gif):
        with pytest.raises(ValueError, match="uint8 frames"):
            write(frames)


def test_numbers_out_of_range_are_refused():
    with pytest.raises(ValueError, match="frames_per_second"):
        gif(GREY, frames_per_second=0)
    with pytest.raises(ValueError, match="scale"):
        strip_png(GREY, scale=0)


@pytest.mark.parametrize(
    ("height", "width", "scale"),
    [(28, 28, 10), (14, 28, 10), (128, 100, 2), (300, 4, 1), (1, 1, 280)],
)
def test_a_gif_is_about_as_large_whatever_the_images_size(height, width, scale):
    animation = Image.open(io.BytesIO(gif(np.zeros((1, height, width), np.uint8))))
    assert animation.size == (width * scale, height * scale)
