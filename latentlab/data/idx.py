"""A folder of IDX files, as MNIST and its relatives come."""

import hashlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from latentlab.data.dataset import DataPair, Dataset, Split, shown_name
from latentlab.data.idx_file import find_stored, read_images, read_labels
from latentlab.data.reading import Reading
from latentlab.data.sample import LIMITS, Limits, held_apart, sampled
from latentlab.data.stored import StoredImages, Whole
from latentlab.errors import InputError

UNLABELLED = "unlabelled"
TEST_SHARE = 0.1

Images = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.uint8]
AnyImages = Images | StoredImages | Whole


def find_idx(folder: Path, prefix: str, content: str) -> Path | None:
    """The file of `prefix` (train, t10k) and `content` (images, labels) in any usual spelling."""
    kind = "idx3-ubyte" if content == "images" else "idx1-ubyte"
    names = (f"{prefix}-{content}{sep}{kind}{end}" for sep in "-." for end in ("", ".gz"))
    return next((folder / name for name in names if (folder / name).exists()), None)


def holds_idx(folder: Path) -> bool:
    """Whether `folder` has any file that `open_idx` would read."""
    return any(_files(folder))


def is_idx(path: Path) -> bool:
    """Whether `path` is a file that `open_idx` would read in its folder."""
    try:
        return path in _files(path.parent)
    except OSError:
        return False  # to find it will say why


def _files(folder: Path) -> list[Path | None]:
    return [
        find_idx(folder, prefix, content)
        for prefix in ("train", "t10k")
        for content in ("images", "labels")
    ]


def open_idx(folder: Path, reading: Reading | None = None, limits: Limits = LIMITS) -> DataPair:
    """Read the IDX files of `folder`: train-images, train-labels, t10k-images, t10k-labels.

    Without labels every label is 0, "unlabelled". Without t10k files a tenth of the images, chosen
    by `held_out`, is the test split. Images of a plain file of more bytes than `limits` has in
    memory stay there; a tenth of them is chosen by `held_apart`. Raises InputError naming the file
    and the fault, and Cancelled.
    """
    train = _read_pair(folder, "train", limits)
    test = _read_pair(folder, "t10k", limits)
    if train is None:
        raise InputError(f"{folder} has no train-images-idx3-ubyte file; add it, plain or gzip.")
    images: AnyImages
    test_images: AnyImages
    images, labels = train
    if test is not None:
        test_images, test_labels = test
        _check_match(folder, train, test)
    elif isinstance(images, StoredImages):
        # Each with its own numbers, and the labels of all.
        images, test_images = (Whole(images, numbers) for numbers in held_apart(len(images)))
        test_labels = labels
    else:
        split = _split(folder, images)
        test_images, test_labels = images[split], None if labels is None else labels[split]
        images, labels = images[~split], None if labels is None else labels[~split]
    if labels is None or test_labels is None:
        names: tuple[str, ...] = (UNLABELLED,)
    else:
        names = tuple(str(c) for c in range(max(int(labels.max()), int(test_labels.max())) + 1))

    def dataset(split: Split, images: AnyImages, labels: Labels | None) -> Dataset:
        if isinstance(images, StoredImages):
            images = Whole(images, np.arange(len(images)))
        if isinstance(images, Whole):
            nothing = np.empty((0, *images.images.shape[1:]), np.uint8)
            empty = _dataset(folder, split, nothing, None, names)
            return sampled(empty, images, labels, limits, reading)
        return _dataset(folder, split, images, labels, names)

    return DataPair(dataset("train", images, labels), dataset("test", test_images, test_labels))


def held_out(images: Images) -> npt.NDArray[np.bool_]:
    """Which of (N, ...) images are `test` where the data says nothing: (N,) booleans.

    An image is held out when the SHA-256 of its bytes, as a fraction of 1, is below a tenth. So
    the choice depends on neither order nor neighbours, and equal images are on the same side. Only
    where that leaves a side empty does the image with the lowest (highest) hash change sides.
    """
    rows = np.ascontiguousarray(images).reshape(len(images), -1)
    hashes = np.array(
        [int.from_bytes(hashlib.sha256(row.data).digest()[:8], "big") for row in rows], "u8"
    )
    chosen: npt.NDArray[np.bool_] = hashes < np.uint64(int(TEST_SHARE * 2**64))
    if not chosen.any():
        chosen = hashes == hashes.min()
    elif chosen.all():
        chosen = hashes != hashes.max()
    return chosen


def _split(folder: Path, images: Images) -> npt.NDArray[np.bool_]:
    chosen = held_out(images)
    if chosen.all() or not chosen.any():
        raise InputError(
            f"{folder} holds fewer than two different images, so none can be held out; "
            "add more images or t10k files."
        )
    return chosen


def _read_pair(
    folder: Path, prefix: str, limits: Limits
) -> tuple[Images | StoredImages, Labels | None] | None:
    images_path = find_idx(folder, prefix, "images")
    labels_path = find_idx(folder, prefix, "labels")
    if images_path is None:
        if labels_path is not None:
            raise InputError(
                f"{labels_path} has no images beside it; add {prefix}-images-idx3-ubyte, plain or "
                "gzip, or remove it."
            )
        return None
    images = find_stored(images_path, limits.in_memory) or read_images(images_path)
    if labels_path is None:
        return images, None
    labels = read_labels(labels_path)
    if len(labels) != len(images):
        raise InputError(
            f"{labels_path} holds {len(labels)} labels, but {images_path.name} holds {len(images)} "
            "images; use two files of one set."
        )
    return images, labels


def _check_match(
    folder: Path,
    train: tuple[Images | StoredImages, Labels | None],
    test: tuple[Images | StoredImages, Labels | None],
) -> None:
    if train[0].shape[-2:] != test[0].shape[-2:]:
        sizes = ["×".join(str(n) for n in images.shape[-2:]) for images, _ in (train, test)]
        raise InputError(
            f"{folder} has training images of {sizes[0]} but t10k images of {sizes[1]}; "
            "use files of one set."
        )
    if (train[1] is None) != (test[1] is None):
        missing = "train" if train[1] is None else "t10k"
        raise InputError(
            f"{folder} has labels for only one split; "
            f"add {missing}-labels-idx1-ubyte or remove the other labels."
        )


def _dataset(
    folder: Path, split: Split, images: Images, labels: Labels | None, names: tuple[str, ...]
) -> Dataset:
    return Dataset(
        name=shown_name(folder.resolve().name),
        split=split,
        images=np.ascontiguousarray(images[:, None]),
        labels=np.zeros(len(images), np.int64) if labels is None else labels.astype(np.int64),
        class_names=names,
        source=str(folder),
        licence="unknown",
    )
