"""One image from outside in the form of a data set's images: as it is, as a photo, or fitted in."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from latentlab.data.bundled import load_bundled
from latentlab.data.single_image import (
    SingleImage,
    Target,
    pasted_image,
    read_single_image,
    single_image,
    target_of,
    unenlarged,
)
from latentlab.errors import InputError
from tests.data.test_photo import photo

MNIST = Target((1, 28, 28), as_mnist=True, on_black=True)
FASHION = Target((1, 28, 28), on_black=True)
RGB = Target((3, 32, 32))


def names(single: SingleImage) -> list[str]:
    return [step.name for step in single.steps]


def test_the_form_of_the_data_is_found() -> None:
    assert target_of(load_bundled("mnist").train.images) == MNIST
    assert target_of(load_bundled("fashion-mnist").train.images) == FASHION
    noise = np.random.default_rng(0).integers(0, 256, (9, 3, 32, 32), np.uint8)
    assert target_of(noise) == RGB


@pytest.mark.parametrize("data", ["mnist", "fashion-mnist"])
def test_images_of_the_data_come_back_as_they_were_however_enlarged(data: str) -> None:
    images = load_bundled(data).test.images[:200, 0]
    target = target_of(load_bundled(data).train.images)
    for index, image in enumerate(images):
        large = image.repeat(1 + index % 11, axis=0).repeat(1 + index % 11, axis=1)
        single = single_image(Image.fromarray(large).convert("RGB"), target)
        assert single.in_form
        np.testing.assert_array_equal(single.picture, image)


def test_what_was_not_enlarged_to_whole_pixels_is_not_so_taken() -> None:
    image = np.random.default_rng(0).integers(0, 256, (56, 56), np.uint8)
    assert unenlarged(image, 28, 28) is None
    assert unenlarged(image, 28, 56) is None
    assert unenlarged(image, 112, 112) is None


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "1", "I;16", "CMYK"])
def test_for_digits_a_picture_of_any_mode_is_a_photo(tmp_path: Path, mode: str) -> None:
    path = tmp_path / ("photo.tif" if mode == "CMYK" else "photo.png")
    grey = photo(205, 50)
    if mode == "I;16":
        Image.fromarray(grey.astype(np.uint16) * 257).save(path)
    else:
        Image.fromarray(grey).convert(mode).save(path)
    single = read_single_image(path, MNIST)
    assert not single.in_form
    assert names(single) == ["grey", "inverted", "background off", "cut out"]
    assert (single.picture > 128).mean() > 0.02


def test_a_digit_on_white_of_just_the_size_is_a_photo_too() -> None:
    digit = 255 - load_bundled("mnist").test.images[0, 0]
    assert "inverted" in names(single_image(Image.fromarray(digit).convert("RGB"), MNIST))


def test_other_pictures_are_fitted_in_and_inverted_if_the_data_lie_on_black() -> None:
    picture = np.full((300, 150, 3), (250, 240, 245), np.uint8)
    picture[100:200, 50:100] = (200, 20, 20)
    image = Image.fromarray(picture)
    grey = single_image(image, FASHION)
    assert names(grey) == ["grey", "28 × 28", "inverted"]
    assert grey.in_form
    assert grey.picture.shape == (28, 28)
    assert grey.picture[0, 0] < 20
    assert grey.picture[14, 14] > 100
    colour = single_image(image, RGB)
    assert names(colour) == ["RGB", "32 × 32"]
    assert colour.picture.shape == (32, 32, 3)
    np.testing.assert_allclose(colour.picture[16, 16], (200, 20, 20), atol=4)
    np.testing.assert_array_equal(colour.picture[0, 0], (250, 240, 245))
    wide = single_image(image, Target((1, 20, 40)))
    assert names(wide) == ["grey", "20 × 40"]
    assert wide.picture.shape == (20, 40)


def test_of_an_animation_the_first_frame_is_taken(tmp_path: Path) -> None:
    frames = [Image.new("L", (28, 28), level) for level in (30, 90, 200)]
    path = tmp_path / "a.gif"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    assert np.unique(read_single_image(path, FASHION).picture).tolist() == [30]


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((1, 90, 3), "The image on the clipboard is one pixel high, so there is nothing to see; "),
        ((90, 1, 3), "The image on the clipboard is one pixel wide, so there is nothing to see; "),
    ],
)
def test_what_cannot_be_pasted_is_said(shape: tuple[int, ...], words: str) -> None:
    with pytest.raises(InputError, match=words):
        pasted_image(np.zeros(shape, np.uint8), RGB)
