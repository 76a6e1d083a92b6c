"""Images in files of arrays and of text."""

from pathlib import Path

import numpy as np
import pytest

from latentlab.data.dataset import DataPair
from latentlab.data.open import open_data
from latentlab.data.reading import Cancelled, Reading
from latentlab.errors import InputError

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (30, 8, 9), np.uint8)
COLOUR = RNG.integers(0, 256, (30, 8, 9, 3), np.uint8)
SQUARE = RNG.integers(0, 256, (30, 8, 8), np.uint8)


def whole(pair: DataPair) -> list[tuple[bytes, str]]:
    """Every image and its class's name, sorted."""
    return sorted(
        (image.tobytes(), split.class_names[label])
        for split in (pair.train, pair.test)
        for image, label in zip(split.images, split.labels, strict=True)
    )


def expected(images: np.ndarray, labels: list[str]) -> list[tuple[bytes, str]]:
    return sorted(
        (np.ascontiguousarray(image).tobytes(), label)
        for image, label in zip(images, labels, strict=True)
    )


@pytest.mark.parametrize(
    ("saved", "channels_first"),
    [
        (IMAGES, IMAGES),
        (IMAGES.astype(np.float64), IMAGES),
        (IMAGES.astype(np.float32) / 255, IMAGES),
        (IMAGES.astype(">i4"), IMAGES),
        (np.asfortranarray(IMAGES), IMAGES),
        (IMAGES > 99, (IMAGES > 99) * np.uint8(255)),
        (IMAGES[..., None], IMAGES),
        (COLOUR, COLOUR.transpose(0, 3, 1, 2)),
        (COLOUR.transpose(0, 3, 1, 2), COLOUR.transpose(0, 3, 1, 2)),
        (SQUARE.reshape(30, 64), SQUARE),
    ],
)
def test_a_npy_of_any_shape_and_type(
    tmp_path: Path, saved: np.ndarray, channels_first: np.ndarray
) -> None:
    np.save(tmp_path / "mine.npy", saved)
    pair = open_data(str(tmp_path / "mine.npy"))
    assert pair.name == "mine"
    assert whole(pair) == expected(channels_first, ["unlabelled"] * 30)
    assert 0 < len(pair.test) < 30


def test_a_npz_with_its_splits_and_labels(tmp_path: Path) -> None:
    labels = np.arange(30) % 12
    np.savez_compressed(
        tmp_path / "mine.npz",
        x_train=IMAGES[:20], y_train=labels[:20], x_test=IMAGES[20:], y_test=labels[20:, None],
    )  # fmt: skip
    pair = open_data(str(tmp_path / "mine.npz"))
    np.testing.assert_array_equal(pair.train.images[:, 0], IMAGES[:20])
    np.testing.assert_array_equal(pair.test.images[:, 0], IMAGES[20:])
    # In the order of numbers, not of letters.
    assert pair.train.class_names == tuple(str(n) for n in range(12))
    np.testing.assert_array_equal(pair.test.labels, labels[20:])


def test_a_npz_with_names_for_labels(tmp_path: Path) -> None:
    names = np.array(["猫", "dog", "bird"])[np.arange(30) % 3]
    np.savez(tmp_path / "mine.npz", images=COLOUR, labels=names)
    pair = open_data(str(tmp_path / "mine.npz"))
    assert pair.train.class_names == ("bird", "dog", "猫")
    assert whole(pair) == expected(COLOUR.transpose(0, 3, 1, 2), names.tolist())


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("heading", ["none", "first", "last"])
def test_a_csv_with_labels(tmp_path: Path, separator: str, heading: str) -> None:
    labels = [str(number % 11) for number in range(30)]
    pixels = [f"p{n}" for n in range(64)]
    lines = {"none": [], "first": [["label", *pixels]], "last": [[*pixels, "class"]]}[heading]
    for label, image in zip(labels, SQUARE, strict=True):
        row = [str(v) for v in image.ravel()]
        lines.append([*row, label] if heading == "last" else [label, *row])
    path = tmp_path / "mine.csv"
    path.write_text("\n".join(separator.join(line) for line in lines) + "\n\n", "utf-8-sig")
    pair = open_data(str(path))
    assert whole(pair) == expected(SQUARE, labels)
    assert pair.train.class_names == tuple(str(n) for n in range(11))


def test_a_csv_without_labels(tmp_path: Path) -> None:
    np.savetxt(tmp_path / "mine.csv", SQUARE.reshape(30, 64) / 255, delimiter=",")
    pair = open_data(str(tmp_path / "mine.csv"))
    assert whole(pair) == expected(SQUARE, ["unlabelled"] * 30)


def test_reading_a_csv_can_be_cancelled(tmp_path: Path) -> None:
    np.savetxt(tmp_path / "mine.csv", np.tile(SQUARE.reshape(30, 64), (5, 1)), "%d", ",")
    reading = Reading()
    open_data(str(tmp_path / "mine.csv"), reading)
    assert 0 < reading.done <= reading.total == (tmp_path / "mine.csv").stat().st_size
    reading.cancel()
    with pytest.raises(Cancelled):
        open_data(str(tmp_path / "mine.csv"), reading)


@pytest.mark.parametrize("dtype", ["u1", "i8", "f4", "?"])
def test_zeros_and_ones_alone_are_black_and_white(dtype: str, tmp_path: Path) -> None:
    """Binarised images are often kept as whole numbers, which are no shades of black."""
    images = np.random.default_rng(6).integers(0, 2, (40, 8, 8)).astype(dtype)
    np.save(tmp_path / "binary.npy", images)
    pair = open_data(str(tmp_path / "binary.npy"))
    assert set(np.unique(pair.train.images)) == {0, 255}


def test_floats_a_little_above_1_are_not_taken_for_0_to_255(tmp_path: Path) -> None:
    images = np.random.default_rng(7).random((40, 8, 8))
    np.save(tmp_path / "rounded.npy", images * 1.0001)
    assert open_data(str(tmp_path / "rounded.npy")).train.images.max() > 250
    np.save(tmp_path / "other.npy", images * 2)
    with pytest.raises(InputError, match="neither from 0 to 1 nor"):
        open_data(str(tmp_path / "other.npy"))
