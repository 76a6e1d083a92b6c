"""A folder of pictures as a set of images, all brought to one form."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from latentlab.data.dataset import DataPair, Dataset, Split, shown_name
from latentlab.data.form import DEFAULT_SIDE, SIDE_RANGE, Form
from latentlab.data.idx import held_out
from latentlab.data.image_list import ImageList, list_images
from latentlab.data.picture import Pixels, load_picture, read_picture
from latentlab.data.picture_cache import Cached, cached
from latentlab.data.reading import Reading
from latentlab.data.sample import LIMITS, Limits, held_apart, sampled
from latentlab.data.stored import Whole
from latentlab.errors import InputError

_LISTED = 1_000  # skipped files that are named
_SAMPLES = 24  # pictures that say which form suits
_SHOWN = 6
_SIDE_SHOWN = 160
_GREY = 12  # how far, of 255, the channels of a grey JPEG may differ


@dataclass(frozen=True)
class Preview:
    """What a folder holds, and some of its pictures in a form and before.

    before: (H, W, 3) uint8 each, 160 pixels at most. after: (C, side, side) uint8, as many.
    """

    folder: str
    count: int
    class_names: tuple[str, ...]
    form: Form
    before: tuple[Pixels, ...]
    after: tuple[Pixels, ...]


def open_image_folder(
    folder: Path,
    form: Form | None = None,
    reading: Reading | None = None,
    limits: Limits = LIMITS,
) -> DataPair:
    """Read every picture in `folder` in this form, or in the one that suits.

    A subfolder is a class. Folders train and test are the splits; otherwise a tenth, by
    `latentlab.data.idx.held_out`, is the test split. What comes to more bytes than `limits` has in
    memory is read into a file of the cache, and a tenth chosen by `held_apart`. A file that cannot
    be read is skipped and told in the pair's `skipped`. Raises InputError where too little is left,
    and Cancelled.
    """
    reading = reading or Reading()
    listing = list_images(folder, reading)
    form = form or suited(listing)
    count = len(listing.files)
    if count * math.prod(form.shape) > limits.in_memory:
        into = partial(_read_all, listing, form, reading)
        return _sampled(listing, form, cached(listing, form, into), limits, reading)
    # Pages of it are had only as they are written to.
    images = np.empty((count, *form.shape), np.uint8)
    places = iter(range(count))
    skipped = _read_all(listing, form, reading, lambda image: _put(images, next(places), image))
    kept = [index for index in range(count) if index not in skipped]
    _check_any(folder, kept, skipped.values())
    return _pair(listing, form, images[: len(kept)], kept, list(skipped.values()))


def _put(images: Pixels, place: int, image: Pixels) -> None:
    images[place] = image


def _read_all(
    listing: ImageList, form: Form, reading: Reading, take: Callable[[Pixels], object]
) -> dict[int, str]:
    """`take` each picture in `form`; returns why others cannot be read, by their numbers."""
    skipped: dict[int, str] = {}
    for index, file in enumerate(listing.files):
        reading.at(index, len(listing.files))
        try:
            image = read_picture(file.path, form)
        except InputError as error:
            skipped[index] = _one_line(str(error))
        else:
            take(image)
    reading.at(len(listing.files), len(listing.files))
    return skipped


def suited(listing: ImageList) -> Form:
    """The form to begin with: that of the pictures, where some of them have one size.

    Square pictures of one size, 8 to 64 pixels a side, keep it; any others become 32×32. Grey
    unless one of them has colour.
    """
    sizes, colour = set(), False
    for path in _spread(listing, _SAMPLES):
        try:
            picture = load_picture(path, True, DEFAULT_SIDE)
        except InputError:
            continue
        sizes.add(picture.size)
        picture.thumbnail((DEFAULT_SIDE, DEFAULT_SIDE))
        colour = colour or bool(np.ptp(np.asarray(picture), axis=2).max() > _GREY)
    size = sizes.pop() if len(sizes) == 1 else (0, 0)
    own = size[0] == size[1] and SIDE_RANGE[0] <= size[0] <= 64
    return Form(size[0] if own else DEFAULT_SIDE, rgb=colour)


def preview(folder: Path, form: Form | None = None) -> Preview:
    """Some pictures of `folder` before and after, in `form` or in the one that suits.

    Raises InputError where there is none that can be read.
    """
    listing = list_images(folder)
    form = form or suited(listing)
    before: list[Pixels] = []
    after: list[Pixels] = []
    first = ""
    paths, step = _spread(listing, _SAMPLES), _SAMPLES // _SHOWN
    # From all classes, if they can be read; the others stand in for what cannot.
    for path in (path for start in range(step) for path in paths[start::step]):
        try:
            picture = load_picture(path, True, 2 * max(_SIDE_SHOWN, form.side))
            after.append(read_picture(path, form))
        except InputError as error:
            first = first or f": the first is {_one_line(str(error)).rstrip('.')}"
            continue
        picture.thumbnail((_SIDE_SHOWN, _SIDE_SHOWN))
        before.append(np.asarray(picture))
        if len(before) == _SHOWN:
            break
    if not before:
        raise InputError(f"{folder} holds no picture that can be read{first}.")
    # Of a small folder all were tried.
    if len(before) < 2 and len(listing.files) <= _SAMPLES:
        raise _too_few(folder)
    names, count = listing.class_names, len(listing.files)
    return Preview(str(folder), count, names, form, tuple(before), tuple(after))


def _spread(listing: ImageList, count: int) -> list[Path]:
    """Up to `count` of the files, from the first to the last."""
    files = listing.files
    indices = {round(i * (len(files) - 1) / max(count - 1, 1)) for i in range(count)}
    return [files[index].path for index in sorted(indices) if index < len(files)]


def _pair(
    listing: ImageList, form: Form, images: Pixels, kept: Sequence[int], skipped: Sequence[str]
) -> DataPair:
    test = _said(listing, kept)
    if test is None:
        test = held_out(images)
    if test.all() or not test.any():
        raise _too_few(listing.folder)
    labels = _labels(listing, kept)

    def split(name: Split, chosen: npt.NDArray[np.bool_]) -> Dataset:
        return _dataset(listing, form, name, images[chosen], labels[chosen])

    return DataPair(split("train", ~test), split("test", test), _told(skipped), len(skipped))


def _sampled(
    listing: ImageList, form: Form, of: Cached, limits: Limits, reading: Reading
) -> DataPair:
    """What stays in the cache's file."""
    kept = of.kept.tolist()
    _check_any(listing.folder, kept, of.skipped)
    said = _said(listing, kept)
    if said is None:
        train, test = held_apart(len(kept))
    else:
        train, test = np.flatnonzero(~said), np.flatnonzero(said)
    if not (len(train) and len(test)):
        raise _too_few(listing.folder)
    labels, none = _labels(listing, kept), np.empty(0, np.int64)

    def split(name: Split, numbers: npt.NDArray[np.int64]) -> Dataset:
        empty = _dataset(listing, form, name, np.empty((0, *form.shape), np.uint8), none)
        return sampled(empty, Whole(of.images, numbers), labels, limits, reading)

    return DataPair(split("train", train), split("test", test), _told(of.skipped), len(of.skipped))


def _said(listing: ImageList, kept: Sequence[int]) -> npt.NDArray[np.bool_] | None:
    """Which of the pictures are the test split, where the folders say it: (M,)."""
    said = [listing.files[index].split for index in kept]
    return np.array([split == "test" for split in said]) if set(said) == {"train", "test"} else None


def _labels(listing: ImageList, kept: Sequence[int]) -> npt.NDArray[np.int64]:
    numbers = {name: number for number, name in enumerate(listing.class_names)}
    return np.array([numbers[listing.files[index].class_name] for index in kept], np.int64)


def _dataset(
    listing: ImageList, form: Form, split: Split, images: Pixels, labels: npt.NDArray[np.int64]
) -> Dataset:
    return Dataset(
        name=shown_name(listing.folder.resolve().name),
        split=split,
        images=images,
        labels=labels,
        class_names=tuple(shown_name(name) for name in listing.class_names),
        source=f"{listing.folder}, {form.text}",
        licence="unknown",
    )


def _told(skipped: Sequence[str]) -> tuple[str, ...]:
    told = tuple(skipped[:_LISTED])
    if len(skipped) > _LISTED:
        told = (*told, f"and {len(skipped) - _LISTED:,} more.")
    return told


def _check_any(folder: Path, kept: Sequence[int], skipped: Iterable[str]) -> None:
    if not kept:
        first = next((f": the first is {text.rstrip('.')}" for text in skipped), "")
        raise InputError(f"{folder} holds no picture that can be read{first}.")


def _too_few(folder: Path) -> InputError:
    return InputError(
        f"{folder} holds fewer than two different pictures that can be read, so none can be held "
        "out; add more."
    )


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
