"""Sets too large for memory: the images stay in their file, and a sample of them is shown."""

from dataclasses import dataclass, replace

import numpy as np

from latentlab.data.dataset import DataPair, Dataset
from latentlab.data.reading import Reading
from latentlab.data.stored import Drawn, Labels, Numbers, StoredImages, Whole
from latentlab.errors import InputError

MAX_IMAGES = 10_000_000
HELD_OUT_SHARE = 0.1
# Which images are held out, and which are shown, hangs on their number and their count alone.
_SEED = 60_000
_CHUNK = 4_096  # images read between two reports


@dataclass(frozen=True, slots=True)
class Limits:
    """When images stay in their file, and how many are shown then.

    in_memory: bytes; of more, the images stay in the file. shown, held_out: images of the training
    split that are on the plane, and of the test split that are evaluated, at most. sample_bytes:
    and no more than come to so many bytes, of each.
    """

    in_memory: int = 192 << 20
    shown: int = 60_000
    held_out: int = 10_000
    sample_bytes: int = 128 << 20


LIMITS = Limits()


def held_apart(count: int) -> tuple[Numbers, Numbers]:
    """The numbers of the training images and of a tenth held out, ascending: of `count` in all.

    By number, so that nothing has to be read; unlike `latentlab.data.idx.held_out` it may part
    images that are equal.
    """
    order = np.random.default_rng(_SEED).permutation(count)
    apart = np.zeros(count, np.bool_)
    apart[order[: max(1, int(count * HELD_OUT_SHARE))]] = True
    return np.flatnonzero(~apart), np.flatnonzero(apart)


def sampled(
    empty: Dataset,
    whole: Whole,
    labels: Labels | None,
    limits: Limits = LIMITS,
    reading: Reading | None = None,
) -> Dataset:
    """`empty`, with a sample of `whole` for its images, chosen at random with a fixed seed.

    labels: of all images of the file. Raises InputError for too many images and where the file
    cannot be read, and Cancelled.
    """
    reading = reading or Reading()
    if len(whole) > MAX_IMAGES:
        raise InputError(
            f"{whole.images.path} holds {len(whole.images):,} images; up to {MAX_IMAGES:,} can be "
            "opened, so use a part of them."
        )
    most = limits.shown if empty.split == "train" else limits.held_out
    most = max(1, min(most, limits.sample_bytes // whole.images.image_bytes))
    drawn = Drawn(whole, _choose(len(whole), most))
    count = len(drawn.indices)
    images = np.empty((count, *whole.images.shape), np.uint8)
    for start in range(0, count, _CHUNK):
        reading.at(start, count)
        rows = slice(start, start + _CHUNK)
        images[rows] = whole.read(drawn.indices[rows])
    reading.at(count, count)
    own = np.zeros(count, np.int64) if labels is None else labels[drawn.numbers].astype(np.int64)
    every = count == len(whole)
    return replace(empty, images=images, labels=own, drawn=None if every else drawn)


def sampled_pair(
    empty: Dataset,
    images: StoredImages,
    limits: Limits = LIMITS,
    reading: Reading | None = None,
) -> DataPair:
    """Samples of both splits of a file that says nothing of splits nor labels, by `held_apart`.

    Raises what `sampled` raises.
    """
    train, test = (Whole(images, numbers) for numbers in held_apart(len(images)))
    return DataPair(
        sampled(replace(empty, split="train"), train, None, limits, reading),
        sampled(replace(empty, split="test"), test, None, limits, reading),
    )


def _choose(count: int, most: int) -> Numbers:
    if count <= most:
        return np.arange(count)
    return np.sort(np.random.default_rng(_SEED + 1).choice(count, most, replace=False))
