"""Images that stay in their file, and samples of them."""

import os
import pickle
import struct
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latentlab.data.dataset import Dataset
from latentlab.data.open import open_data
from latentlab.data.reading import Cancelled, Reading
from latentlab.data.sample import LIMITS, Limits, held_apart
from latentlab.data.stored import stored_images
from latentlab.errors import InputError

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (500, 8, 9), np.uint8)
COLOUR = RNG.integers(0, 256, (500, 8, 9, 3), np.uint8)
SQUARE = RNG.integers(0, 256, (500, 64), np.uint8)
SMALL = Limits(in_memory=1_000, shown=60, held_out=10)


def images_of(whole: Dataset) -> np.ndarray:
    """All images of the split, read from the file."""
    assert whole.drawn is not None
    return whole.drawn.whole.read(np.arange(whole.total))


@given(
    numbers=st.lists(st.integers(0, 499), max_size=40),
    neighbours=st.integers(0, 480),
)
def test_any_images_in_any_order(
    numbers: list[int], neighbours: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "images"
    if not path.exists():
        path.write_bytes(b"head" + IMAGES.tobytes())
    wanted = np.array([*numbers, *range(neighbours, neighbours + 20)], np.int64)
    images = stored_images(path, 4, 500, (1, 8, 9))
    np.testing.assert_array_equal(images.read(wanted)[:, 0], IMAGES[wanted])


@given(numbers=st.lists(st.integers(0, 39), max_size=12))
def test_images_that_are_near_and_far(
    numbers: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    # Of 12 KB: what is between two is read as well, but no more.
    path, large = tmp_path_factory.getbasetemp() / "large", np.resize(IMAGES, (40, 3, 64, 64))
    if not path.exists():
        path.write_bytes(b"head" + large.tobytes())
    wanted = np.array(numbers, np.int64)
    read = stored_images(path, 4, 40, (3, 64, 64)).read(wanted)
    np.testing.assert_array_equal(read, large[wanted])


def test_what_lies_between_takes_a_bounded_part_of_the_memory(tmp_path: Path) -> None:
    with (tmp_path / "images").open("wb") as file:
        file.truncate(2_000_000 * 64)  # none of it is on the disk
    images = stored_images(tmp_path / "images", 0, 2_000_000, (1, 8, 8))
    tracemalloc.start()
    try:
        assert not images.read(np.arange(0, 2_000_000, 500)).any()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 20e6


@pytest.mark.parametrize(
    ("saved", "channels_first"),
    [
        (IMAGES, IMAGES[:, None]),
        (COLOUR, COLOUR.transpose(0, 3, 1, 2)),
        (COLOUR.transpose(0, 3, 1, 2).copy(), COLOUR.transpose(0, 3, 1, 2)),
        (SQUARE, SQUARE.reshape(500, 1, 8, 8)),
    ],
)
def test_a_large_npy_stays_in_its_file_and_a_sample_is_shown(
    tmp_path: Path, saved: np.ndarray, channels_first: np.ndarray
) -> None:
    np.save(tmp_path / "mine.npy", saved)
    pair = open_data(str(tmp_path / "mine.npy"), limits=SMALL)
    assert (pair.train.counted, pair.test.counted) == ("60 of 450", "10 of 50")
    for split in (pair.train, pair.test):
        np.testing.assert_array_equal(split.images, channels_first[split.numbers])
        assert [split.number(i) for i in range(len(split))] == split.numbers.tolist()
        assert split.images.shape[1:] == split.image_shape == channels_first.shape[1:]
    every = np.concatenate([images_of(pair.train), images_of(pair.test)])
    assert sorted(i.tobytes() for i in every) == sorted(i.tobytes() for i in channels_first)


def test_what_is_not_large_or_not_in_uint8_is_read_as_ever(tmp_path: Path) -> None:
    for name, array in (("floats", IMAGES / 255), ("fortran", np.asfortranarray(IMAGES))):
        np.save(tmp_path / f"{name}.npy", array)
        assert open_data(str(tmp_path / f"{name}.npy"), limits=SMALL).train.drawn is None
    np.save(tmp_path / "mine.npy", IMAGES)
    plain = open_data(str(tmp_path / "mine.npy"))
    assert plain.train.drawn is None
    assert plain.train.counted == f"{len(plain.train)}"
    assert plain.train.numbers.tolist() == list(range(len(plain.train)))


def test_samples_and_splits_are_the_same_each_time_and_have_no_more_bytes_than_they_may(
    tmp_path: Path,
) -> None:
    np.save(tmp_path / "mine.npy", IMAGES)
    first, again = (open_data(str(tmp_path / "mine.npy"), limits=SMALL) for _ in range(2))
    assert first.train.sha256 == again.train.sha256
    assert set(first.train.numbers.tolist()).isdisjoint(first.test.numbers.tolist())
    few = open_data(str(tmp_path / "mine.npy"), limits=replace(SMALL, sample_bytes=72 * 7))
    assert (len(few.train), len(few.test)) == (7, 7)


def test_the_hash_is_of_the_sample_and_says_so(tmp_path: Path) -> None:
    np.save(tmp_path / "mine.npy", IMAGES)
    train = open_data(str(tmp_path / "mine.npy"), limits=SMALL).train
    assert train.provenance == {"name": "mine", "sha256": train.sha256, "n": 450, "sample": 60}
    alone = train.at(np.arange(60))
    assert alone.drawn is None
    assert alone.sha256 != train.sha256, "60 images are not a sample of 450"
    assert "sample" not in alone.provenance


def test_a_tenth_is_held_apart_by_number() -> None:
    train, test = held_apart(1_000)
    assert (len(train), len(test)) == (900, 100)
    assert sorted([*train, *test]) == list(range(1_000))
    assert (np.diff(train) > 0).all()
    assert (np.diff(test) > 0).all()


def test_another_process_opens_the_file_itself(tmp_path: Path) -> None:
    np.save(tmp_path / "mine.npy", IMAGES)
    train = open_data(str(tmp_path / "mine.npy"), limits=SMALL).train
    assert train.drawn is not None
    train.drawn.whole.read(np.arange(3))
    content = pickle.dumps(train.drawn.whole.images)
    assert len(content) < 1_000
    np.testing.assert_array_equal(pickle.loads(content).read(np.arange(3))[:, 0], IMAGES[:3])


@pytest.mark.parametrize("harm", ["shorter", "longer", "other", "gone"])
def test_a_file_that_changes_is_refused_in_a_sentence(tmp_path: Path, harm: str) -> None:
    path = tmp_path / "mine.npy"
    np.save(path, IMAGES)
    train = open_data(str(path), limits=SMALL).train
    assert train.drawn is not None
    images = train.drawn.whole.images
    if harm == "gone":
        images = pickle.loads(pickle.dumps(images))  # as in a process that has not opened it
        path.unlink()
    elif harm == "other":
        os.utime(path, ns=(0, 0))
    else:
        os.truncate(path, path.stat().st_size + (-20_000 if harm == "shorter" else 20_000))
    said = r"mine\.npy (was changed while|can no longer be read).*open it again\.$"
    with pytest.raises(InputError, match=said):
        images.read(np.arange(400, 500))


def test_a_file_of_another_size_than_it_says_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.npy"
    np.save(path, IMAGES)
    os.truncate(path, path.stat().st_size - 1)
    with pytest.raises(InputError, match=r"declares 36000 bytes of images but holds 35999"):
        open_data(str(path), limits=SMALL)


def test_sampling_can_be_cancelled(tmp_path: Path) -> None:
    np.save(tmp_path / "mine.npy", IMAGES)
    reading = Reading()
    open_data(str(tmp_path / "mine.npy"), reading, SMALL)
    assert reading.done == reading.total == 10
    reading.cancel()
    with pytest.raises(Cancelled):
        open_data(str(tmp_path / "mine.npy"), reading, SMALL)


def test_more_images_than_can_be_numbered_are_refused_before_anything_is_made(
    tmp_path: Path,
) -> None:
    with (tmp_path / "many.npy").open("wb") as file:
        header = {"descr": "|u1", "fortran_order": False, "shape": (20_000_000, 8, 8)}
        np.lib.format.write_array_header_1_0(file, header)
        file.truncate(file.tell() + 20_000_000 * 64)  # none of it is on the disk
    with pytest.raises(InputError, match=r"20,000,000 images; up to 10,000,000 can be opened"):
        open_data(str(tmp_path / "many.npy"))


def write_idx(path: Path, array: np.ndarray) -> None:
    header = struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    path.write_bytes(header + array.astype(np.uint8).tobytes())


def test_large_idx_files_stay_where_they_are_with_their_labels(tmp_path: Path) -> None:
    labels = np.arange(500) % 7
    write_idx(tmp_path / "train-images-idx3-ubyte", IMAGES)
    write_idx(tmp_path / "train-labels-idx1-ubyte", labels)
    pair = open_data(str(tmp_path), limits=SMALL)
    assert (pair.train.counted, pair.test.counted) == ("60 of 450", "10 of 50")
    for split in (pair.train, pair.test):
        np.testing.assert_array_equal(split.images[:, 0], IMAGES[split.numbers])
        np.testing.assert_array_equal(split.labels, labels[split.numbers])
    assert pair.train.class_names == tuple("0123456")

    # A split of its own, which is small enough.
    write_idx(tmp_path / "t10k-images-idx3-ubyte", IMAGES[:12])
    write_idx(tmp_path / "t10k-labels-idx1-ubyte", labels[:12])
    pair = open_data(str(tmp_path), limits=SMALL)
    assert (pair.train.counted, pair.test.counted) == ("60 of 500", "12")

    # A header that says more than there is.
    write_idx(tmp_path / "train-images-idx3-ubyte", IMAGES)
    os.truncate(tmp_path / "train-images-idx3-ubyte", 30_000)
    with pytest.raises(InputError, match=r"train-images-idx3-ubyte declares .* use an unaltered"):
        open_data(str(tmp_path), limits=SMALL)


def test_the_limits_are_those_that_are_documented() -> None:
    assert Limits(192 << 20, 60_000, 10_000, 128 << 20) == LIMITS
