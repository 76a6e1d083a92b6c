import contextlib
import gzip
import hashlib
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latentlab.data.idx import held_out, open_idx
from latentlab.errors import InputError

Images = npt.NDArray[np.uint8]


def some_images(count: int, height: int = 5, width: int = 4, seed: int = 0) -> Images:
    return np.random.default_rng(seed).integers(0, 256, (count, height, width), np.uint8)


def some_labels(count: int) -> Images:
    return (np.arange(count) % 4).astype(np.uint8)


def write(path: Path, array: Images) -> None:
    header = struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    content = header + array.tobytes()
    path.write_bytes(gzip.compress(content) if path.name.endswith(".gz") else content)


@pytest.mark.parametrize("end", ["", ".gz"])
@pytest.mark.parametrize("dot", ["-", "."])
def test_the_four_files_are_read_in_every_spelling(tmp_path: Path, dot: str, end: str) -> None:
    train, test = some_images(30), some_images(12, seed=1)
    write(tmp_path / f"train-images{dot}idx3-ubyte{end}", train)
    write(tmp_path / f"train-labels{dot}idx1-ubyte{end}", some_labels(30))
    write(tmp_path / f"t10k-images{dot}idx3-ubyte{end}", test)
    write(tmp_path / f"t10k-labels{dot}idx1-ubyte{end}", some_labels(12))

    pair = open_idx(tmp_path)

    assert pair.train.images.shape == (30, 1, 5, 4)
    np.testing.assert_array_equal(pair.train.images[:, 0], train)
    np.testing.assert_array_equal(pair.test.images[:, 0], test)
    np.testing.assert_array_equal(pair.train.labels, some_labels(30))
    np.testing.assert_array_equal(pair.test.labels, some_labels(12))
    assert pair.train.labels.dtype == np.int64
    assert pair.train.class_names == pair.test.class_names == ("0", "1", "2", "3")
    assert (pair.train.split, pair.test.split) == ("train", "test")
    assert pair.name == tmp_path.name
    assert pair.train.image_shape == (1, 5, 4)


def test_a_file_unpacked_without_being_renamed_is_read(tmp_path: Path) -> None:
    images = some_images(30)
    write(tmp_path / "plain", images)
    (tmp_path / "plain").rename(tmp_path / "train-images-idx3-ubyte.gz")
    write(tmp_path / "t10k-images-idx3-ubyte", images)
    np.testing.assert_array_equal(open_idx(tmp_path).train.images[:, 0], images)


def test_labels_that_only_the_test_split_has_are_classes_of_both(tmp_path: Path) -> None:
    write(tmp_path / "train-images-idx3-ubyte", some_images(3))
    write(tmp_path / "train-labels-idx1-ubyte", np.zeros(3, np.uint8))
    write(tmp_path / "t10k-images-idx3-ubyte", some_images(2))
    write(tmp_path / "t10k-labels-idx1-ubyte", np.array([255, 1], np.uint8))
    pair = open_idx(tmp_path)
    assert len(pair.train.class_names) == 256
    assert pair.train.class_names == pair.test.class_names


def test_without_labels_all_are_of_one_class(tmp_path: Path) -> None:
    write(tmp_path / "train-images-idx3-ubyte", some_images(50))
    write(tmp_path / "t10k-images-idx3-ubyte", some_images(20))
    pair = open_idx(tmp_path)
    assert pair.train.class_names == pair.test.class_names == ("unlabelled",)
    assert pair.train.labels.tolist() == [0] * 50
    assert pair.test.labels.tolist() == [0] * 20


def test_without_a_split_a_tenth_is_held_out_with_its_labels(tmp_path: Path) -> None:
    images, labels = some_images(2000), some_labels(2000)
    write(tmp_path / "train-images-idx3-ubyte.gz", images)
    write(tmp_path / "train-labels-idx1-ubyte.gz", labels)

    pair = open_idx(tmp_path)

    # Five standard deviations of a binomial of 2000 at 0.1.
    assert 200 - 67 < len(pair.test) < 200 + 67
    label_of = {image.tobytes(): label for image, label in zip(images, labels, strict=True)}
    for split in (pair.train, pair.test):
        assert [label_of[image.tobytes()] for image in split.images] == split.labels.tolist()
    sides = [{image.tobytes() for image in split.images} for split in (pair.train, pair.test)]
    assert not sides[0] & sides[1]
    assert sides[0] | sides[1] == set(label_of)


def test_the_held_out_are_those_whose_sha256_is_below_a_tenth() -> None:
    images = some_images(500)
    expected = [int(hashlib.sha256(i.tobytes()).hexdigest(), 16) < 2**256 / 10 for i in images]
    assert held_out(images).tolist() == expected


@given(order=st.permutations(range(60)), kept=st.integers(30, 60))
def test_held_out_depends_on_neither_order_nor_neighbours(order: list[int], kept: int) -> None:
    images = some_images(60)
    whole = held_out(images)
    assert whole.any()
    chosen = order[:kept]
    if whole[chosen].any():
        np.testing.assert_array_equal(held_out(images[chosen]), whole[chosen])


def test_equal_images_are_on_the_same_side() -> None:
    images = some_images(200)
    twice = held_out(np.concatenate([images, images]))
    np.testing.assert_array_equal(twice[:200], twice[200:])


@pytest.mark.parametrize("count", range(2, 12))
def test_neither_side_of_a_tiny_set_is_empty(count: int) -> None:
    for seed in range(40):
        chosen = held_out(some_images(count, 1, 1 + seed, seed=seed))
        if len(np.unique(some_images(count, 1, 1 + seed, seed=seed), axis=0)) > 1:
            assert 0 < chosen.sum() < count


@given(data=st.data())
def test_a_damaged_file_is_read_or_refused_but_never_worse(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    path = folder / "train-images-idx3-ubyte.gz"
    write(path, some_images(6))
    if data.draw(st.booleans(), label="plain"):
        path.write_bytes(gzip.decompress(path.read_bytes()))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4), label="changes")):
        content[data.draw(st.integers(0, min(len(content) - 1, 40)))] = data.draw(
            st.integers(0, 255)
        )
    path.write_bytes(content[: data.draw(st.integers(0, len(content)), label="length")])
    # Any other exception, MemoryError for one, fails the test.
    with contextlib.suppress(InputError):
        pair = open_idx(folder)
        assert len(pair.train) >= 1
        assert len(pair.test) >= 1


def test_a_gzip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    header = struct.pack(">4B3I", 0, 0, 8, 3, 1, 4, 4)
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(header + bytes(1 << 26)))
    peak = peak_memory_of_refusing(tmp_path, "too long")
    assert peak < 2 << 20


def test_nothing_is_allocated_for_a_header_that_lies(tmp_path: Path) -> None:
    # 1 GiB is allowed, so only the size of the file itself gives the lie away.
    header = struct.pack(">4B3I", 0, 0, 8, 3, 1 << 10, 1 << 10, 1 << 10)
    for content in (header, gzip.compress(header), gzip.compress(header + bytes(1 << 21))):
        (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(content)
        assert peak_memory_of_refusing(tmp_path, "too short") < 5 << 20


def peak_memory_of_refusing(folder: Path, message: str) -> int:
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=message):
            open_idx(folder)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
