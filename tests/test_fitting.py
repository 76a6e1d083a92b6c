"""Both shapes, in words that a user has seen before."""

import pytest

from latentlab.fitting import misfit, of_images, values_misfit


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ((1, 28, 28), "28×28 grey"),
        ((3, 32, 48), "32×48 RGB"),
        ((4, 9, 9), "9×9 4 channels"),
    ],
)
def test_a_shape_is_called_by_height_width_and_colour(
    shape: tuple[int, int, int], words: str
) -> None:
    assert of_images(shape) == words


def test_both_shapes_are_said() -> None:
    assert misfit("mnist-2d", (1, 28, 28), "photos", (3, 32, 32)) == (
        "mnist-2d takes images of 28×28 grey, but photos has 32×32 RGB"
    )
    assert str(values_misfit("theirs", 784, "photos", (3, 32, 32))) == (
        "theirs takes images of 784 values, but photos has 32×32 RGB, which are 3,072: choose data "
        "of that many."
    )
