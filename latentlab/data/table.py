"""From rows of numbers and their labels, as files of arrays and of text hold them, to a set."""

import math
from pathlib import Path

import numpy as np
import numpy.typing as npt

from latentlab.data.dataset import DataPair, Dataset, Split, VectorScale, shown_name
from latentlab.data.form import SIDE_RANGE
from latentlab.data.idx import held_out
from latentlab.data.image_list import MAX_CLASSES, UNLABELLED
from latentlab.data.vectors import Kind, to_vectors
from latentlab.errors import InputError
from latentlab.fitting import of_images

MAX_BYTES = 1 << 30
_CHUNK = 4_096  # images converted at a time
_ROUNDED, _DARK = 1.01, 8.0  # of floats: up to where 1 is meant, and from where 255 is

Numbers = npt.NDArray[np.generic]
Pixels = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.generic]


def could_be_images(shape: tuple[int, ...]) -> bool:
    """Whether `image_shape` would find one for an array (N, ...) of this shape."""
    found, (low, high) = _shape(shape[1:]), SIDE_RANGE
    return found is not None and all(low <= side <= high for side in found[1:3])


def image_shape(path: Path, shape: tuple[int, ...]) -> tuple[int, int, int, bool]:
    """(C, H, W) of an array (N, ...), and whether its channels come last.

    (N, H, W) is grey; (N, H, W, C) and (N, C, H, W) have 1 or 3 channels; (N, D) holds square
    images, grey or, where D is three squares, (3, side, side). Raises InputError naming `path`.
    """
    found, (low, high) = _shape(shape[1:]), SIDE_RANGE
    if found is None or not could_be_images(shape):
        size = "×".join(str(n) for n in shape)
        raise InputError(
            f"{path} has the shape {size}; give it that of images, N×H×W, N×H×W×3, N×3×H×W or "
            f"N×(H·W) with {low} to {high} pixels a side."
        )
    return found


def to_pixels(path: Path, rows: Numbers) -> Pixels:
    """(N, C, H, W) uint8, 0 to 255, from (N, ...): whole numbers as they are, floats 0 to 1 or 255,
    and whatever is nothing but 0 and 1 as black and white.

    Raises InputError where the values are in neither range, or the shape is none of images.
    """
    channels, height, width, last = image_shape(path, rows.shape)
    low, high = float(rows.min()), float(rows.max())
    # Nothing but 0 and 1 is black and white, also in whole numbers; and what is computed to be from
    # 0 to 1 may end a little above it.
    unit = high <= (_ROUNDED if rows.dtype.kind == "f" else 1)
    if math.isnan(low):
        raise InputError(f"{path} has values that are not numbers (NaN); fill them in.")
    if not (low >= 0 and high <= 255):
        raise InputError(
            f"{path} has values from {low:g} to {high:g}; scale them to be from 0 to 255, or from "
            "0 to 1."
        )
    if _ROUNDED < high <= _DARK and rows.dtype.kind == "f":
        raise InputError(
            f"{path} has values from {low:g} to {high:g}, which are neither from 0 to 1 nor, "
            "unless all is black, from 0 to 255; scale them to one of these."
        )
    images = np.empty((len(rows), channels, height, width), np.uint8)
    for start in range(0, len(rows), _CHUNK):
        part = rows[start : start + _CHUNK].astype(np.float32) * np.float32(255 if unit else 1)
        if last:
            part = part.reshape(-1, height, width, channels).transpose(0, 3, 1, 2)
        images[start : start + _CHUNK] = (
            np.rint(part).clip(0, 255).reshape(-1, channels, height, width)
        )
    return images


def rows_pair(
    path: Path,
    train: tuple[Numbers, Labels | None],
    test: tuple[Numbers, Labels | None] | None,
    kind: Kind,
    names: tuple[str, ...] = (),
) -> DataPair:
    """A set of rows (N, ...) that are images, or vectors with these names of columns.

    Raises InputError as `to_pixels`, `to_vectors` and `pair_of` do.
    """
    both = [train] if test is None else [train, test]
    scale = None
    if kind == "vector":
        converted, scale = to_vectors(path, [rows for rows, _ in both], names)
    else:
        converted = [to_pixels(path, rows) for rows, _ in both]
    pairs = [(pixels, labels) for pixels, (_, labels) in zip(converted, both, strict=True)]
    return pair_of(path, pairs[0], pairs[1] if test is not None else None, scale)


def pair_of(
    path: Path,
    train: tuple[Pixels, Labels | None],
    test: tuple[Pixels, Labels | None] | None,
    vectors: VectorScale | None = None,
) -> DataPair:
    """A set of these images and labels, or without `test` a tenth held out, by `held_out`.

    Labels are numbers or text of any kind, (N,). Raises InputError for too many different ones, and
    where none can be held out.
    """
    noun = "images" if vectors is None else "rows"
    images, labels = train
    if test is None:
        chosen = held_out(images)
        if chosen.all() or not chosen.any():
            raise InputError(
                f"{path} holds fewer than two different {noun}, so none can be held out; add more."
            )
        test = images[chosen], None if labels is None else labels[chosen]
        images, labels = images[~chosen], None if labels is None else labels[~chosen]
    if images.shape[1:] != test[0].shape[1:]:
        first, second = (of_images(part.shape[1:]) for part in (images, test[0]))
        raise InputError(
            f"{path} has training images of {first} but test images of {second}; make them of one "
            "size."
        )
    names, numbers = _numbered(path, labels, test[1], len(images), len(test[0]))

    def split(name: Split, pixels: Pixels, own: npt.NDArray[np.int64]) -> Dataset:
        title = shown_name(path.stem)
        return Dataset(title, name, pixels, own, names, str(path), "unknown", vectors=vectors)

    return DataPair(split("train", images, numbers[0]), split("test", test[0], numbers[1]))


def _shape(shape: tuple[int, ...]) -> tuple[int, int, int, bool] | None:
    match shape:
        case (height, width):
            return 1, height, width, False
        case (1 | 3 as channels, height, width):
            return channels, height, width, False
        case (height, width, 1 | 3 as channels):
            return channels, height, width, True
        case (values,):
            for channels in (1, 3):
                side = math.isqrt(values // channels)
                if channels * side**2 == values:
                    return channels, side, side, False
    return None


def _whole(labels: Labels) -> Labels:
    """As whole numbers where all of them are, so that 10 comes after 2; else as they are."""
    try:
        numbers = labels.astype(np.float64)
    except ValueError:
        return labels
    is_whole = (numbers == np.rint(numbers)).all() and (np.abs(numbers) < 2**53).all()
    return numbers.astype(np.int64) if is_whole else labels


def _numbered(
    path: Path, train: Labels | None, test: Labels | None, train_count: int, test_count: int
) -> tuple[tuple[str, ...], tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """The classes' names, and each split's labels as indices into them."""
    if train is None or test is None:
        return (UNLABELLED,), (np.zeros(train_count, np.int64), np.zeros(test_count, np.int64))
    values, numbers = np.unique(_whole(np.concatenate([train, test])), return_inverse=True)
    if len(values) > MAX_CLASSES:
        raise InputError(
            f"{path} has {len(values)} different labels; up to {MAX_CLASSES} classes can be "
            "opened, so put them into fewer."
        )
    names = tuple(shown_name(str(value)) or "(none)" for value in values)
    return names, (numbers[:train_count].astype(np.int64), numbers[train_count:].astype(np.int64))
