"""A folder of pictures as a set of images."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from latentlab.data.form import Form
from latentlab.data.idx import held_out
from latentlab.data.image_folder import open_image_folder, preview, suited
from latentlab.data.image_list import list_images
from latentlab.data.open import open_data, pictures_without_form
from latentlab.data.reading import Cancelled, Reading
from latentlab.errors import InputError


def make_pictures(folder: Path, names: list[str], count: int = 12, seed: int = 0) -> Path:
    """`count` grey noise pictures of 10×10 in a subfolder for each name."""
    rng = np.random.default_rng(seed)
    for name in names:
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            noise = rng.integers(0, 256, (10, 10), np.uint8)
            Image.fromarray(noise).save(folder / name / f"{number:03}.png")
    return folder


def test_subfolders_are_classes_in_any_script(tmp_path: Path) -> None:
    pair = open_image_folder(make_pictures(tmp_path / "mine", ["猫", "кольцо", "a b"]), Form(10))
    assert pair.train.class_names == ("a b", "кольцо", "猫")
    assert len(pair.train) + len(pair.test) == 36
    assert pair.train.image_shape == (1, 10, 10)
    for number, name in enumerate(pair.train.class_names):
        own = {np.asarray(Image.open(p)).tobytes() for p in (tmp_path / "mine" / name).iterdir()}
        for split in (pair.train, pair.test):
            images = split.images[split.labels == number]
            assert {image.tobytes() for image in images} <= own


def test_the_split_depends_on_the_pixels_alone(tmp_path: Path) -> None:
    folder = make_pictures(tmp_path / "mine", ["a", "b"], 40)
    first = open_image_folder(folder, Form(10))
    (folder / "a" / "000.png").rename(folder / "b" / "zzz.png")
    again = open_image_folder(folder, Form(10))
    images = np.concatenate([first.train.images, first.test.images])
    assert held_out(images).sum() == len(first.test)
    assert {i.tobytes() for i in first.test.images} == {i.tobytes() for i in again.test.images}
    assert open_image_folder(folder, Form(10)).test.sha256 == again.test.sha256


def test_folders_train_and_test_are_the_splits(tmp_path: Path) -> None:
    make_pictures(tmp_path / "train", ["a", "b"], 5)
    make_pictures(tmp_path / "test", ["a", "b"], 3, seed=1)
    pair = open_image_folder(tmp_path, Form(10))
    assert (len(pair.train), len(pair.test)) == (10, 6)
    assert pair.train.class_names == ("a", "b")
    make_pictures(tmp_path / "third", ["a"], 2, seed=2)
    assert open_image_folder(tmp_path, Form(10)).train.class_names == ("test", "third", "train")


def test_without_subfolders_there_is_one_class(tmp_path: Path) -> None:
    pair = open_image_folder(make_pictures(tmp_path, ["."]), Form(10))
    assert pair.train.class_names == ("unlabelled",)
    assert not pair.train.labels.any()


def test_bad_files_among_good_ones_are_skipped_and_listed(tmp_path: Path) -> None:
    make_pictures(tmp_path, ["a"])
    (tmp_path / "a" / "005.png").write_bytes(b"\x89PNG")
    (tmp_path / "a" / "notes.jpg").write_text("no picture")
    (tmp_path / "a" / "link.png").symlink_to(tmp_path / "nowhere")
    (tmp_path / "a" / "README.txt").write_text("not counted")
    pair = open_image_folder(tmp_path, Form(10))
    assert len(pair.train) + len(pair.test) == 11
    assert pair.skipped_count == len(pair.skipped) == 3
    for name, sentence in zip(("005.png", "link.png", "notes.jpg"), pair.skipped, strict=True):
        assert str(tmp_path / "a" / name) in sentence


def test_equal_pictures_cannot_be_split(tmp_path: Path) -> None:
    for name in "abc":
        Image.new("L", (9, 9), 7).save(tmp_path / f"{name}.png")
    with pytest.raises(InputError, match=r"fewer than two different pictures .*; add more\.$"):
        open_image_folder(tmp_path)


def test_the_form_that_suits_is_the_pictures_own(tmp_path: Path) -> None:
    own = make_pictures(tmp_path / "own", ["a"])
    assert suited(list_images(own)) == Form(10)
    Image.new("L", (9, 40)).save(own / "a" / "other.png")
    assert suited(list_images(own)) == Form(32)
    Image.new("RGB", (9, 40), (250, 0, 0)).save(own / "a" / "red.png")
    assert suited(list_images(own)) == Form(32, rgb=True)


def test_a_preview_shows_every_class_before_and_after(tmp_path: Path) -> None:
    make_pictures(tmp_path, ["a", "b", "c"], 50)
    (tmp_path / "a" / "000.png").write_bytes(b"no picture")
    shown = preview(tmp_path, Form(16, rgb=True))
    assert (shown.count, shown.class_names) == (150, ("a", "b", "c"))
    assert [image.shape for image in shown.after] == [(3, 16, 16)] * 6
    assert [image.shape for image in shown.before] == [(10, 10, 3)] * 6
    for name in "abc":
        own = {np.asarray(Image.open(p)).tobytes() for p in (tmp_path / name).glob("0[1-9]*.png")}
        assert any(image[..., 0].tobytes() in own for image in shown.before)


def test_reading_says_how_far_it_is_and_ends_when_told(tmp_path: Path) -> None:
    make_pictures(tmp_path, ["a"])
    reading = Reading()
    open_image_folder(tmp_path, Form(10), reading)
    assert (reading.done, reading.total) == (12, 12)
    reading.cancel()
    with pytest.raises(Cancelled):
        open_image_folder(tmp_path, Form(10), reading)


def test_a_name_may_say_the_form(tmp_path: Path) -> None:
    folder = make_pictures(tmp_path / "mine", ["a"])
    assert open_data(f"{folder}::16-rgb-crop").train.image_shape == (3, 16, 16)
    assert open_data(str(folder)).train.image_shape == (1, 10, 10)
    assert pictures_without_form(str(folder)) == folder
    assert pictures_without_form(f"{folder}::16-rgb-crop") is None
    # A folder really called so is that folder.
    other = make_pictures(tmp_path / "mine::16-rgb-crop", ["b"])
    assert open_data(str(other)).train.class_names == ("b",)
