"""Images as files, whatever their classes are called."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from latentlab.data.dataset import Dataset
from latentlab.errors import InputError
from latentlab.ui.choosing.image_files import file_name, write_folder, write_sheet


def dataset(count: int = 5, channels: int = 1, side: int = 4) -> Dataset:
    rng = np.random.default_rng(2)
    return Dataset(
        name="mine",
        split="test",
        images=rng.integers(0, 256, (count, channels, side, side), dtype=np.uint8),
        labels=np.arange(count) % 3 - 1,
        class_names=("../../etc", "Käfer 7" + "x" * 300),
        source="",
        licence="",
    )


def test_a_name_leads_nowhere_else() -> None:
    images = dataset()
    assert file_name(images, 0) == "test-00000-none.png"
    assert file_name(images, 1) == "test-00001-______etc.png"
    assert file_name(images, 2).startswith("test-00002-Käfer_7xxx")
    assert len(file_name(images, 2)) < 60


@pytest.mark.parametrize("channels", [1, 3])
def test_each_file_is_its_image(tmp_path: Path, channels: int) -> None:
    images = dataset(channels=channels)
    assert list(write_folder(images, np.array([1, 4]), tmp_path)) == [1, 2]
    for index in (1, 4):
        found = np.array(Image.open(tmp_path / file_name(images, index)))
        expected = images.images[index].transpose(1, 2, 0).squeeze()
        np.testing.assert_array_equal(found, expected)
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("channels", [1, 3])
def test_a_sheet_has_all_in_their_order(tmp_path: Path, channels: int) -> None:
    images, target = dataset(channels=channels), tmp_path / "sheet.png"
    assert list(write_sheet(images, np.arange(5), target)) == [5]
    sheet = np.array(Image.open(io.BytesIO(target.read_bytes())))
    assert sheet.shape[:2] == (10, 16)
    fourth = images.images[3].transpose(1, 2, 0).squeeze()
    np.testing.assert_array_equal(sheet[6:10, 0:4], fourth)


def test_a_sheet_that_is_too_large_is_refused_in_a_sentence(tmp_path: Path) -> None:
    images = dataset(1, side=2_000)
    work = write_sheet(images, np.zeros(26, np.int64), tmp_path / "sheet.png")
    with pytest.raises(InputError, match="choose at most 25, or export a folder"):
        list(work)
    assert list(tmp_path.iterdir()) == []
