"""A photo of a digit, on light or dark paper, becomes light ink on black, step by step."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from latentlab.data.drawing import centred
from latentlab.data.photo import otsu, photo_steps
from latentlab.errors import InputError


def photo(paper: int, ink: int, shade: float = 30.0) -> np.ndarray:
    """A seven on paper that is lit from one side, with noise."""
    image = Image.new("L", (400, 300), paper)
    ImageDraw.Draw(image).line([(150, 60), (260, 65), (190, 250)], fill=ink, width=18)
    noise = np.random.default_rng(0).normal(0, 5, (300, 400))
    values = np.asarray(image, float) + np.linspace(-shade / 2, shade / 2, 400) + noise
    return values.clip(0, 255).astype(np.uint8)


def test_light_paper_is_inverted_and_dark_is_not() -> None:
    light, dark = photo_steps(photo(205, 50)), photo_steps(photo(50, 205))
    assert [step.name for step in light] == ["grey", "inverted", "background off", "cut out"]
    assert [step.name for step in dark] == ["grey", "background off", "cut out"]
    made = [centred(steps[-1].picture, 28, 28).astype(float) for steps in (light, dark)]
    assert np.abs(made[0] - made[1]).mean() < 6
    clean = light[2].picture
    assert np.median(clean) == 0
    assert 0.02 < (clean > 128).mean() < 0.08  # the seven's part of the sheet
    height, width = light[3].picture.shape
    assert height == width


def test_otsu_parts_two_heaps_where_scanning_does() -> None:
    rng = np.random.default_rng(1)
    grey = np.concatenate([rng.normal(60, 12, 3000), rng.normal(170, 20, 1000)])
    grey = grey.clip(0, 255).astype(np.uint8).reshape(40, 100)

    def between(level: int) -> float:
        low, high = grey[grey <= level].astype(float), grey[grey > level].astype(float)
        if not low.size or not high.size:
            return 0.0
        return low.size * high.size * float(low.mean() - high.mean()) ** 2

    assert between(otsu(grey)) == pytest.approx(max(map(between, range(255))))


def test_a_blank_sheet_is_refused() -> None:
    with pytest.raises(InputError, match="Nothing stands out"):
        photo_steps(np.full((50, 50), 230, np.uint8))
