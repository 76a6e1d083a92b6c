"""Pictures of every mode and size in one form."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from latentlab.data.form import Form, parted, with_form
from latentlab.data.picture import read_picture
from latentlab.errors import InputError
from tests.bad_files.pictures import png_of

RED = (200, 40, 20)
LUMA = round(0.299 * 200 + 0.587 * 40 + 0.114 * 20)


def saved(folder: Path, image: Image.Image, name: str = "a.png", **how: object) -> Path:
    path = folder / name
    image.save(path, **how)
    return path


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "CMYK", "P", "YCbCr"])
def test_a_colour_of_every_mode_is_that_colour(tmp_path: Path, mode: str) -> None:
    image = Image.new("RGB", (20, 20), RED)
    image = image.quantize(4) if mode == "P" else image.convert(mode)
    path = saved(tmp_path, image, "a.tif" if mode in ("CMYK", "YCbCr") else "a.png")
    rgb = read_picture(path, Form(8, rgb=True))
    assert rgb.shape == (3, 8, 8)
    np.testing.assert_allclose(rgb.reshape(3, -1).T, np.tile(RED, (64, 1)), atol=3)
    grey = read_picture(path, Form(8))
    assert grey.shape == (1, 8, 8)
    assert np.abs(grey.astype(int) - LUMA).max() <= 3


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        (np.full((9, 9), 0x8000, np.uint16), 128),
        (np.full((9, 9), 65_535, np.uint16), 255),
        (np.full((9, 9), 0.5, np.float32), 128),
        (np.full((9, 9), 100.0, np.float32), 100),
        (np.full((9, 9), 40_000, np.int32), 156),
        (np.full((9, 9), True), 255),
    ],
)
def test_many_levels_become_256(tmp_path: Path, values: np.ndarray, wanted: int) -> None:
    path = saved(tmp_path, Image.fromarray(values), "a.tif")
    assert np.unique(read_picture(path, Form(9))).tolist() == [wanted]


def test_a_16_bit_png_is_not_clipped(tmp_path: Path) -> None:
    ramp = np.linspace(0, 65_535, 16).round().astype(np.uint16)
    path = saved(tmp_path, Image.fromarray(np.tile(ramp, (16, 1))))
    expected = np.rint(ramp / 257)
    np.testing.assert_array_equal(read_picture(path, Form(16))[0, 0], expected)


def test_what_is_transparent_lies_on_white(tmp_path: Path) -> None:
    image = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 8, 4))
    grey = read_picture(saved(tmp_path, image), Form(8))[0]
    assert (grey[:4] == 0).all()
    assert (grey[4:] == 255).all()


def test_of_an_animation_the_first_frame(tmp_path: Path) -> None:
    frames = [Image.new("L", (8, 8), level) for level in (30, 90, 200)]
    path = saved(tmp_path, frames[0], "a.gif", save_all=True, append_images=frames[1:])
    assert np.unique(read_picture(path, Form(8))).tolist() == [30]


def test_a_picture_lying_on_its_side_is_turned_upright(tmp_path: Path) -> None:
    image = Image.fromarray(np.repeat(np.array([[0, 255]], np.uint8), 8, 0).repeat(4, 1))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by a quarter
    grey = read_picture(saved(tmp_path, image, exif=exif), Form(8))[0]
    assert (grey[:4] == 0).all()
    assert (grey[4:] == 255).all()


def test_fit_keeps_proportions_on_the_borders_median(tmp_path: Path) -> None:
    pixels = np.full((16, 8), 70, np.uint8)
    pixels[4:12, 2:6] = 250
    path = saved(tmp_path, Image.fromarray(pixels))
    grey = read_picture(path, Form(16))[0]
    np.testing.assert_array_equal(grey[:, 4:12], pixels)
    assert (grey[:, :4] == 70).all()
    assert (grey[:, 12:] == 70).all()


def test_crop_keeps_the_middle_and_invert_turns_black_white(tmp_path: Path) -> None:
    pixels = np.arange(12 * 8, dtype=np.uint8).reshape(12, 8)
    path = saved(tmp_path, Image.fromarray(pixels))
    cropped = read_picture(path, Form(8, fit="crop"))[0]
    np.testing.assert_array_equal(cropped, pixels[2:10])
    inverted = read_picture(path, Form(8, fit="crop", inverted=True))[0]
    np.testing.assert_array_equal(inverted, 255 - pixels[2:10])


def test_a_smooth_picture_stays_smooth_when_made_smaller(tmp_path: Path) -> None:
    x = np.linspace(0, 255, 640)
    path = saved(tmp_path, Image.fromarray(np.tile(x, (640, 1)).round().astype(np.uint8)))
    expected = (np.arange(32) + 0.5) / 32 * 255
    assert np.abs(read_picture(path, Form(32))[0] - expected).max() < 2


def test_a_bomb_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(png_of(30_000, 30_000))
    if sys.platform != "linux":
        pytest.skip("/proc says how much memory it took")
    script = (
        "import re, sys\n"
        "from pathlib import Path\n"
        "from latentlab.data.form import Form\n"
        "from latentlab.data.picture import read_picture\n"
        "from latentlab.errors import InputError\n"
        "try:\n"
        "    read_picture(Path(sys.argv[1]), Form())\n"
        "except InputError as error:\n"
        "    assert '30000×30000' in str(error)\n"
        "    print(re.search(r'VmHWM:\\s*(\\d+)', Path('/proc/self/status').read_text())[1])\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script, str(path)],
        capture_output=True, text=True, check=True, env=dict(os.environ),
    )  # fmt: skip
    assert int(done.stdout) < 300_000  # KiB; the pixels would be 900,000


def test_a_form_stands_in_a_name() -> None:
    for form in (Form(), Form(8, rgb=True, fit="crop"), Form(128, inverted=True)):
        assert parted(with_form("my::photos", form)) == ("my::photos", form)
    assert parted("my::photos") == ("my::photos", None)
    with pytest.raises(InputError, match="8 to 128 pixels a side, not 200"):
        parted("photos::200-rgb-fit")
