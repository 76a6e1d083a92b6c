"""A photo of a digit, on light or dark paper, becomes light ink on black, step by step."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from latentlab.data.drawing import centred
from latentlab.data.photo import otsu, photo_steps, read_photo
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


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "1", "I;16", "CMYK"])
def test_any_mode_is_read(tmp_path: Path, mode: str) -> None:
    path = tmp_path / ("photo.tif" if mode == "CMYK" else "photo.png")
    grey = photo(205, 50)
    if mode == "I;16":
        Image.fromarray(grey.astype(np.uint16) * 257).save(path)
    else:
        Image.fromarray(grey).convert(mode).save(path)
    steps = photo_steps(read_photo(path))
    assert steps[1].name == "inverted"
    assert (steps[-1].picture > 128).mean() > 0.02


def test_what_is_no_photo_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "notes.png"
    path.write_text("no picture")
    with pytest.raises(InputError, match=r"notes\.png is no picture in PNG, JPEG"):
        read_photo(path)
    with pytest.raises(InputError, match=r"none\.png does not exist; check its name"):
        read_photo(tmp_path / "none.png")
    whole = tmp_path / "whole.png"
    Image.fromarray(photo(205, 50)).save(whole)
    path.write_bytes(whole.read_bytes()[:2000])
    with pytest.raises(InputError, match="is damaged"):
        read_photo(path)


def test_a_bomb_is_refused_before_it_unfolds(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    Image.new("1", (9000, 9000)).save(path)
    with pytest.raises(InputError, match=r"has 9000×9000 pixels"):
        read_photo(path)
