import struct
from pathlib import Path

import numpy as np
import pytest

from latentlab.data.make_bundled import choose, make


def write(folder: Path, prefix: str, labels: np.ndarray) -> np.ndarray:
    images = np.random.default_rng(len(labels)).integers(0, 256, (len(labels), 2, 2), np.uint8)
    for content, array in (("images-idx3", images), ("labels-idx1", labels.astype(np.uint8))):
        header = struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
        (folder / f"{prefix}-{content}-ubyte").write_bytes(header + array.tobytes())
    return images


def test_a_choice_is_balanced_shuffled_and_without_repeats() -> None:
    labels = np.random.default_rng(1).integers(0, 10, 1000)
    chosen = choose(labels, 50, np.random.default_rng(2))
    assert len(set(chosen.tolist())) == 500
    assert np.bincount(labels[chosen]).tolist() == [50] * 10
    assert (np.diff(labels[chosen]) < 0).any()
    assert (np.diff(chosen) < 0).any()


def test_too_few_of_a_class_are_refused() -> None:
    with pytest.raises(ValueError, match="larger sample"):
        choose(np.arange(10), 2, np.random.default_rng(0))


def test_the_same_folder_gives_the_same_file_of_its_own_images(tmp_path: Path) -> None:
    train_labels = np.arange(12_000) % 10
    train = write(tmp_path, "train", train_labels)
    test = write(tmp_path, "t10k", np.arange(2_500) % 10)
    make(tmp_path, tmp_path / "first.npz")
    make(tmp_path, tmp_path / "second.npz")
    assert (tmp_path / "first.npz").read_bytes() == (tmp_path / "second.npz").read_bytes()
    with np.load(tmp_path / "first.npz", allow_pickle=False) as made:
        assert made["train_images"].shape == (10_000, 1, 2, 2)
        assert made["test_images"].shape == (2_000, 1, 2, 2)
        for split, images in (("train", train), ("test", test)):
            known = {(image.tobytes(), i % 10) for i, image in enumerate(images)}
            found = zip(made[f"{split}_images"], made[f"{split}_labels"].tolist(), strict=True)
            assert all((image.tobytes(), label) in known for image, label in found)


def test_no_test_image_is_one_of_the_full_training_file(tmp_path: Path) -> None:
    # Of the 2,400 test images 300 are copies of training images.
    write(tmp_path, "train", np.arange(12_000) % 10)
    write(tmp_path, "t10k", np.arange(2_400) % 10)
    training = (tmp_path / "train-images-idx3-ubyte").read_bytes()
    path = tmp_path / "t10k-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:-1200] + training[-1200:])
    make(tmp_path, tmp_path / "made.npz")
    known = {training[16 + 4 * i :][:4] for i in range(12_000)}
    with np.load(tmp_path / "made.npz", allow_pickle=False) as made:
        assert len(made["test_images"]) == 2_000
        assert not known & {image.tobytes() for image in made["test_images"]}
