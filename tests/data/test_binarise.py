import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from latentlab.data.binarise import binarise_fixed
from latentlab.data.bundled import load_bundled


def noise(count: int, *shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, *shape), np.uint8)


def test_every_grey_level_has_its_own_probability() -> None:
    """A chi-square test over the levels 1 to 254, on 2.4 million draws."""
    grey = noise(3000, 1, 28, 28)
    binary = binarise_fixed(grey)
    count = np.bincount(grey.ravel(), minlength=256)[1:255]
    ones = np.bincount(grey.ravel(), weights=binary.ravel(), minlength=256)[1:255]
    p = np.arange(1, 255) / 255
    z = (ones - count * p) / np.sqrt(count * p * (1 - p))
    assert 0.001 < chi2.sf((z**2).sum(), 254) < 0.999


def test_black_and_white_are_certain() -> None:
    images = load_bundled("mnist").test.images
    binary = binarise_fixed(images)
    assert binary.dtype == np.uint8
    assert binary.shape == images.shape
    assert set(np.unique(binary)) == {0, 1}
    assert not binary[images == 0].any()
    assert binary[images == 255].all()


def test_pixels_and_images_are_independent() -> None:
    """Images alike but for one pixel: their draws, and those of neighbours, do not correlate."""
    images = np.full((4000, 1, 8, 8), 128, np.uint8)
    images[:, 0, 0, 0] = np.arange(4000) % 256
    images[:, 0, 0, 1] = np.arange(4000) // 256
    flat = binarise_fixed(images).reshape(4000, 64)[:, 2:].astype(float)
    between_pixels = np.corrcoef(flat, rowvar=False)[~np.eye(62, dtype=bool)]
    between_images = np.corrcoef(flat[:200])[~np.eye(200, dtype=bool)]
    # Five standard deviations of a correlation of n pairs, 1/√n.
    assert np.abs(between_pixels).max() < 5 / np.sqrt(4000)
    assert np.abs(between_images).max() < 5 / np.sqrt(62)
    assert abs(between_images.mean()) < 0.01


@given(order=st.permutations(range(40)), kept=st.integers(0, 40))
def test_an_image_is_binarised_alike_wherever_it_stands(order: list[int], kept: int) -> None:
    images = noise(40, 1, 4, 5)
    chosen = order[:kept]
    np.testing.assert_array_equal(binarise_fixed(images[chosen]), binarise_fixed(images)[chosen])


def test_the_numbers_of_a_set_never_change() -> None:
    """Figures quoted for the shipped models rest on these bits."""
    binary = binarise_fixed(load_bundled("mnist").test.images)
    assert (
        hashlib.sha256(binary.tobytes()).hexdigest()
        == "3e3d55557b6519032fe8105641e531bb98f493b88b126ced122c3bbf8b05adc5"
    )


@pytest.mark.parametrize("shape", [(0, 1, 28, 28), (3, 5), (2, 3, 4, 6), (1500, 1, 1, 1)])
def test_any_shape_keeps_its_shape(shape: tuple[int, ...]) -> None:
    assert binarise_fixed(noise(*shape)).shape == shape


def test_images_that_are_not_contiguous_are_binarised_as_themselves() -> None:
    images = noise(30, 6, 6)
    turned = images.transpose(0, 2, 1)
    np.testing.assert_array_equal(binarise_fixed(turned), binarise_fixed(turned.copy()))
