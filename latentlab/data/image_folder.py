"""A folder of pictures as a set of images, all brought to one form."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from latentlab.data.dataset import DataPair, Dataset, Split, shown_name
from latentlab.data.form import DEFAULT_SIDE, SIDE_RANGE, Form
from latentlab.data.idx import held_out
from latentlab.data.image_list import ImageList, list_images
from latentlab.data.picture import Pixels, load_picture, read_picture
from latentlab.data.reading import Reading
from latentlab.errors import InputError

MAX_BYTES = 1 << 30
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
    folder: Path, form: Form | None = None, reading: Reading | None = None
) -> DataPair:
    """Read every picture in `folder` in this form, or in the one that suits.

    A subfolder is a class. Folders train and test are the splits; otherwise a tenth, by
    `latentlab.data.idx.held_out`, is the test split. A file that cannot be read is skipped and told
    in the pair's `skipped`. Raises InputError where too little is left, and Cancelled.
    """
    reading = reading or Reading()
    listing = list_images(folder, reading)
    form = form or suited(listing)
    count = len(listing.files)
    needed = count * math.prod(form.shape)
    if needed > MAX_BYTES:
        raise InputError(
            f"{folder} holds {count:,} pictures, which would be {needed / 2**30:.1f} GiB at "
            f"{form.side}×{form.side}; up to 1 GiB can be opened, so make them smaller."
        )
    # Pages of it are had only as they are written to.
    images = np.empty((count, *form.shape), np.uint8)
    kept: list[int] = []
    skipped: list[str] = []
    for index, file in enumerate(listing.files):
        reading.at(index, count)
        try:
            images[len(kept)] = read_picture(file.path, form)
        except InputError as error:
            skipped.append(_one_line(str(error)))
        else:
            kept.append(index)
    reading.at(count, count)
    if not kept:
        first = f": the first is {skipped[0].rstrip('.')}" if skipped else ""
        raise InputError(f"{folder} holds no picture that can be read{first}.")
    return _pair(listing, form, images[: len(kept)], kept, skipped)


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
    listing: ImageList, form: Form, images: Pixels, kept: list[int], skipped: list[str]
) -> DataPair:
    folder, files = listing.folder, [listing.files[index] for index in kept]
    numbers = {name: number for number, name in enumerate(listing.class_names)}
    labels = np.array([numbers[file.class_name] for file in files], np.int64)
    said = {file.split for file in files}
    if said == {"train", "test"}:
        test = np.array([file.split == "test" for file in files])
    else:
        test = held_out(images)
    if test.all() or not test.any():
        raise _too_few(folder)
    names = tuple(shown_name(name) for name in listing.class_names)

    def split(name: Split, chosen: npt.NDArray[np.bool_]) -> Dataset:
        return Dataset(
            name=shown_name(folder.resolve().name),
            split=name,
            images=images[chosen],
            labels=labels[chosen],
            class_names=names,
            source=f"{folder}, {form.text}",
            licence="unknown",
        )

    told = tuple(skipped[:_LISTED])
    if len(skipped) > _LISTED:
        told = (*told, f"and {len(skipped) - _LISTED:,} more.")
    return DataPair(split("train", ~test), split("test", test), told, len(skipped))


def _too_few(folder: Path) -> InputError:
    return InputError(
        f"{folder} holds fewer than two different pictures that can be read, so none can be held "
        "out; add more."
    )


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
