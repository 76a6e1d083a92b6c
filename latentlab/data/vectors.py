"""Rows of numbers that are no images: signals and tables of features.

They are kept as images (1, 1, D) of one row, so that all that is done with images is done with
them. Values are scaled to 0 to 255 by the least and the largest, and rounded: the steps that makes
are 1/255 of that range. A signal has one scale for all its values; of up to 32 features, which may
have different units, each has its own.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from latentlab.data.dataset import VectorScale
from latentlab.data.form import SIDE_RANGE
from latentlab.errors import InputError

Kind = Literal["image", "vector"]
KINDS: tuple[Kind, ...] = ("image", "vector")
VALUES_RANGE = (2, 4_096)
MOST_FEATURES = 32

_MARK = "::"
_CHUNK = 4_096  # rows converted at a time

Rows = npt.NDArray[np.generic]


class UnclearError(InputError):
    """Of rows that could be square images or vectors must be said which they are."""

    def __init__(self, path: Path, values: int) -> None:
        super().__init__(
            f"{path} holds rows of {values:,} numbers, which could be images or vectors: say which "
            f"with {path.name}::image or {path.name}::vector."
        )
        self.path = path
        self.values = values


def parted_kind(name: str) -> tuple[str, Kind | None]:
    """The file, and what its rows are where `name` says it: "signals.csv::vector"."""
    for kind in KINDS:
        if name.endswith(f"{_MARK}{kind}"):
            return name.removesuffix(f"{_MARK}{kind}"), kind
    return name, None


def with_kind(path: str, kind: Kind) -> str:
    """The name that means the rows of this file as that."""
    return f"{path}{_MARK}{kind}"


def are_vectors(image_shape: tuple[int, ...]) -> bool:
    """Whether images (channels, height, width) are a row of values each, no picture."""
    return image_shape[:2] == (1, 1)


def kind_of(path: Path, rows: Rows, said: Kind | None, *, square: bool, asks: bool) -> Kind:
    """What `rows` (N, ...) are, as `said` or by their shape and values.

    square: whether they could be images. (N, D) that could be are vectors where a value is no
    pixel's, images where all are whole numbers from 0 to 255, as pixels are kept; else what they
    are is asked, or they are taken for images. Raises InputError, and UnclearError if it `asks`.
    """
    if said == "vector" and rows.ndim != 2:
        size = "×".join(str(n) for n in rows.shape)
        raise InputError(f"{path} has the shape {size}; vectors are N×D: leave out ::vector.")
    if said is not None or rows.ndim != 2:
        return said or "image"
    if not square:
        return "vector"
    low, high = float(rows.min()), float(rows.max())
    if low < 0 or high > 255:
        return "vector"
    if asks and not (rows.dtype.kind != "f" or (high > 1 and _are_whole(rows))):
        raise UnclearError(path, rows.shape[1])
    return "image"


def check_values(path: Path, values: int) -> None:
    """Raises InputError where vectors cannot have so many values."""
    low, high = VALUES_RANGE
    if not low <= values <= high:
        least, most = SIDE_RANGE
        raise InputError(
            f"{path} holds rows of {values:,} number{'s' if values != 1 else ''}; give it vectors "
            f"of {low} to {high:,} values, or square images of {least} to {most} pixels a side."
        )


def to_vectors(
    path: Path, parts: Sequence[Rows], names: tuple[str, ...] = ()
) -> tuple[list[npt.NDArray[np.uint8]], VectorScale]:
    """Each of `parts` (N, D) as (N, 1, 1, D) uint8, and the scale that all of them have.

    names: of the columns. Raises InputError where a value is no finite number.
    """
    values = parts[0].shape[1]
    check_values(path, values)
    if any(part.shape[1] != values for part in parts):
        raise InputError(f"{path} has test rows of another length than its training rows.")
    low = np.min([part.min(axis=0) for part in parts], axis=0).astype(np.float64)
    high = np.max([part.max(axis=0) for part in parts], axis=0).astype(np.float64)
    # NaN is the least and the largest of what it is in.
    if not (np.isfinite(low).all() and np.isfinite(high).all()):
        column = int(np.flatnonzero(~(np.isfinite(low) & np.isfinite(high)))[0])
        where = names[column] if names else f"{column + 1}"
        raise InputError(
            f"{path} has a value in column {where} that is no finite number; leave such rows out."
        )
    if values > MOST_FEATURES:
        low, high = np.full(values, low.min()), np.full(values, high.max())
    scale = VectorScale(names, low, high)
    with np.errstate(over="ignore"):
        if not np.isfinite(scale.span).all():
            raise InputError(f"{path} has values too far apart to be scaled; use smaller units.")
    return [_levels(part, scale) for part in parts], scale


def _are_whole(rows: Rows) -> bool:
    parts = (rows[start : start + _CHUNK] for start in range(0, len(rows), _CHUNK))
    return all(bool((part == np.rint(part.astype(np.float64))).all()) for part in parts)


def _levels(rows: Rows, scale: VectorScale) -> npt.NDArray[np.uint8]:
    levels = np.empty((len(rows), 1, 1, rows.shape[1]), np.uint8)
    span = np.where(scale.span > 0, scale.span, 1.0)
    for start in range(0, len(rows), _CHUNK):
        part = rows[start : start + _CHUNK].astype(np.float64)
        levels[start : start + _CHUNK, 0, 0] = np.rint((part - scale.low) / span * 255)
    return levels
