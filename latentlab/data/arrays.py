"""NumPy's files: .npy and .npz. Pickles are never read, and headers are checked before allocating.

Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

import math
import zipfile
import zlib
from pathlib import Path
from typing import IO

import numpy as np

from latentlab.data.dataset import DataPair, Dataset, shown_name
from latentlab.data.image_list import UNLABELLED
from latentlab.data.reading import Reading
from latentlab.data.sample import LIMITS, Limits, sampled_pair
from latentlab.data.stored import StoredImages, stored_images
from latentlab.data.table import (
    MAX_BYTES,
    Labels,
    Numbers,
    could_be_images,
    image_shape,
    rows_pair,
)
from latentlab.data.vectors import Kind, check_values, kind_of
from latentlab.errors import InputError

_TRAIN = ("x_train", "train_images", "train_x", "images", "x", "data")
_TEST = ("x_test", "test_images", "test_x")
_TRAIN_LABELS = ("y_train", "train_labels", "train_y", "labels", "y", "targets", "label")
_TEST_LABELS = ("y_test", "test_labels", "test_y")
_CHUNK = 1 << 20


def open_arrays(
    path: Path,
    kind: Kind | None = None,
    reading: Reading | None = None,
    limits: Limits = LIMITS,
) -> DataPair:
    """The images or vectors of a .npy file, or those and the labels of a .npz file.

    kind: what rows (N, D) are; by their shape and values where it is not said. A .npz has them
    under the usual names (x_train, y_train, x_test, y_test; images, labels; x, y), or holds one
    array alone. A .npy of more bytes than `limits` has in memory may stay in its file, if they are
    uint8 and images. Raises InputError naming the file and the fault, and Cancelled.
    """
    asks = reading is not None and reading.asks
    try:
        if path.suffix.lower() == ".npy":
            with path.open("rb") as file:
                stored = None if kind == "vector" else _stored(path, file, limits)
                if stored is None:
                    rows = _read(path, file, images=True)
            if stored is not None:
                return _sampled(path, stored, limits, reading)
            return rows_pair(path, (rows, None), None, _kind(path, rows, kind, asks=asks))
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            return _open_archive(path, archive, kind, asks=asks)
    except (EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
        raise InputError(f"{path} is no whole .npz file; use another copy.") from error
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror or error}); check its permissions."
        ) from error


def _kind(path: Path, rows: Numbers, said: Kind | None, *, asks: bool) -> Kind:
    return kind_of(path, rows, said, square=could_be_images(rows.shape), asks=asks)


def _open_archive(
    path: Path, archive: zipfile.ZipFile, kind: Kind | None, *, asks: bool
) -> DataPair:
    members = {
        info.filename.removesuffix(".npy").lower(): info
        for info in archive.infolist()
        if info.filename.endswith(".npy")
    }

    def find(names: tuple[str, ...]) -> zipfile.ZipInfo | None:
        return next((members[name] for name in names if name in members), None)

    def read(info: zipfile.ZipInfo, *, images: bool) -> Numbers:
        with archive.open(info) as file:
            return _read(path, file, images=images)

    def split(
        images: zipfile.ZipInfo, labels: zipfile.ZipInfo | None
    ) -> tuple[Numbers, Labels | None]:
        rows = read(images, images=True)
        if labels is None:
            return rows, None
        own = read(labels, images=False)
        if own.shape == (len(rows), 1):
            own = own[:, 0]
        if own.shape != (len(rows),):
            size = "×".join(str(n) for n in own.shape)
            raise InputError(
                f"{path} has {len(rows)} images but labels of the shape {size}; give every image "
                "one."
            )
        return rows, own

    train = find(_TRAIN) or (next(iter(members.values())) if len(members) == 1 else None)
    if train is None:
        held = ", ".join(list(members)[:8]) or "no arrays"
        raise InputError(
            f"{path} holds {held}; its images must be called x_train, images or x, or be alone."
        )
    test = find(_TEST)
    first = split(train, find(_TRAIN_LABELS))
    return rows_pair(
        path,
        first,
        None if test is None else split(test, find(_TEST_LABELS)),
        _kind(path, first[0], kind, asks=asks),
    )


def _stored(path: Path, file: IO[bytes], limits: Limits) -> StoredImages | None:
    """The images of a .npy that is to stay where it is; None, and `file` rewound, of any other."""
    shape, fortran, dtype = _header(path, file)
    offset, count = file.tell(), math.prod(shape)
    file.seek(0)
    vectors = len(shape) == 2 and not could_be_images(shape)
    if dtype != np.uint8 or fortran or vectors or count <= limits.in_memory:
        return None
    channels, height, width, last = image_shape(path, shape)
    return stored_images(path, offset, shape[0], (channels, height, width), channels_last=last)


def _sampled(path: Path, stored: StoredImages, limits: Limits, reading: Reading | None) -> DataPair:
    empty = Dataset(
        name=shown_name(path.stem),
        split="train",
        images=np.empty((0, *stored.shape), np.uint8),
        labels=np.empty(0, np.int64),
        class_names=(UNLABELLED,),
        source=str(path),
        licence="unknown",
    )
    return sampled_pair(empty, stored, limits, reading)


def _header(path: Path, file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Shape, whether the first index runs fastest, and type, as a .npy says them."""
    try:
        version = np.lib.format.read_magic(file)
        header = (
            np.lib.format.read_array_header_1_0
            if version == (1, 0)
            else np.lib.format.read_array_header_2_0
        )
        shape, fortran, dtype = header(file)
    except (ValueError, EOFError) as error:
        raise InputError(
            f"{path} is no NumPy array; save it again with numpy.save or numpy.savez."
        ) from error
    return shape, fortran, dtype


def _read(path: Path, file: IO[bytes], *, images: bool) -> Numbers:
    """The array in a stream, in memory that grows with what is really there."""
    shape, fortran, dtype = _header(path, file)
    if dtype.hasobject:
        raise InputError(
            f"{path} holds Python objects, which could run code; save plain numbers instead."
        )
    if dtype.kind not in ("buif" if images else "buifUS"):
        raise InputError(f"{path} holds values of the type {dtype}; save whole numbers or floats.")
    declared = math.prod(shape) * dtype.itemsize
    if declared > MAX_BYTES:
        raise InputError(
            f"{path} declares an array of {declared / 2**30:,.1f} GiB; up to 1 GiB can be opened, "
            "so use a part of it."
        )
    if 0 in shape or not shape:
        nothing = "an array of nothing" if shape else "a single number"
        raise InputError(f"{path} declares {nothing}; use a full set.")
    if images and len(shape) == 2 and not could_be_images(shape):
        check_values(path, shape[1])
    elif images:
        image_shape(path, shape)
    content = bytearray()
    while len(content) < declared and (
        chunk := file.read(min(_CHUNK, declared - len(content)))
    ):  # fmt: skip
        content += chunk
    if len(content) < declared or file.read(1):
        held = len(content) if len(content) < declared else "more"
        raise InputError(
            f"{path} declares {declared} bytes of values but holds {held}; use an unaltered copy."
        )
    return np.frombuffer(content, dtype).reshape(shape, order="F" if fortran else "C")
