"""Folders of pictures that are too many for memory."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from latentlab.data.dataset import DataPair
from latentlab.data.form import Form
from latentlab.data.image_folder import open_image_folder
from latentlab.data.picture_cache import FOLDER_VARIABLE, cache_folder
from latentlab.data.reading import Cancelled, Reading
from latentlab.data.sample import Limits
from latentlab.errors import InputError
from tests.data.test_image_folder import make_pictures

SMALL = Limits(in_memory=1_000, shown=20, held_out=3)
FORM = Form(10)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "cache"))
    yield cache_folder()
    assert not list(tmp_path.rglob("*.part"))


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    return make_pictures(tmp_path / "mine", ["a", "b"], 25)


def open_(folder: Path, form: Form = FORM, reading: Reading | None = None) -> DataPair:
    return open_image_folder(folder, form, reading, SMALL)


def pixels(folder: Path) -> list[bytes]:
    return [np.asarray(Image.open(path)).tobytes() for path in sorted(folder.rglob("*.png"))]


def test_pictures_are_brought_once_into_a_file_from_which_they_are_read(
    pictures: Path, cache: Path
) -> None:
    pair = open_(pictures)
    assert (pair.train.counted, pair.test.counted) == ("20 of 45", "3 of 5")
    every = pixels(pictures)
    for split in (pair.train, pair.test):
        assert [image.tobytes() for image in split.images] == [every[n] for n in split.numbers]
        assert (split.labels == (split.numbers >= 25)).all()
    assert pair.train.class_names == ("a", "b")
    (images,) = cache.glob("*.images")
    written = images.stat().st_mtime_ns
    reading = Reading()
    again = open_(pictures, reading=reading)
    assert images.stat().st_mtime_ns == written
    assert again.train.sha256 == pair.train.sha256


def test_a_folder_that_has_changed_is_read_anew_and_takes_the_place_of_the_old(
    pictures: Path, cache: Path
) -> None:
    open_(pictures)
    (before,) = cache.glob("*.images")
    os.utime(pictures / "a" / "000.png", ns=(1, 1))
    open_(pictures)
    (after,) = cache.glob("*.images")
    assert after != before
    open_(pictures, Form(16))
    assert len(list(cache.glob("*.images"))) == len(list(cache.glob("*.json"))) == 2


def test_bad_files_are_told_each_time(pictures: Path) -> None:
    (pictures / "a" / "000.png").write_bytes(b"\x89PNG")
    for _ in range(2):
        pair = open_(pictures)
        assert pair.skipped_count == 1
        assert str(pictures / "a" / "000.png") in pair.skipped[0]
        assert pair.train.total + pair.test.total == 49


def test_folders_train_and_test_are_the_splits(tmp_path: Path) -> None:
    make_pictures(tmp_path / "mine" / "train", ["a", "b"], 15)
    make_pictures(tmp_path / "mine" / "test", ["a", "b"], 2, seed=1)
    pair = open_(tmp_path / "mine")
    assert (pair.train.counted, pair.test.counted) == ("20 of 30", "3 of 4")
    assert pair.train.drawn is not None
    trained_on = pair.train.drawn.whole.read(np.arange(30))
    assert sorted(i.tobytes() for i in trained_on) == sorted(pixels(tmp_path / "mine" / "train"))


def test_a_cancelled_reading_leaves_nothing(pictures: Path, cache: Path) -> None:
    reading = Reading()
    reading.cancel()
    with pytest.raises(Cancelled):
        open_(pictures, reading=reading)
    assert not list(cache.glob("*"))


def test_what_somebody_else_did_to_the_cache_is_mended(pictures: Path, cache: Path) -> None:
    first = open_(pictures)
    for path in cache.iterdir():
        path.write_bytes(b"[[1]]")
    assert open_(pictures).train.sha256 == first.train.sha256


def test_a_cache_that_cannot_be_written_is_told(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "file"))
    with pytest.raises(InputError, match=r"could not be written: .*; choose another place\.$"):
        open_(pictures)


def test_a_disk_without_room_is_told_before_anything_is_read(
    pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=200 << 20))
    reading = Reading()
    with pytest.raises(
        InputError, match=r"need 0\.0 GiB in .*, but there are 0\.2 free; make room"
    ):
        open_(pictures, reading=reading)
    assert reading.done == 0
