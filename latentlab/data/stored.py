"""Images that stay in their file and are read from it a few at a time.

They are read, and not mapped into memory: where a mapped file becomes shorter the system ends the
process with SIGBUS, while a read comes back short, which can be told in a sentence.
"""

import os
import threading
import weakref
from dataclasses import dataclass, field, fields
from functools import cached_property
from io import FileIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from latentlab.errors import InputError

Pixels = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int64]
Labels = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True)
class StoredImages:
    """`count` images of `shape` (C, H, W), uint8, one after the other from byte `offset` of a file.

    channels_last: they lie there as (H, W, C). size, modified: the file's, in bytes and in
    nanoseconds, when its header was read; `read` refuses a file that is no longer so. It can be
    sent to another process, which opens the file itself. Threads may read at the same time.
    """

    path: Path
    offset: int
    count: int
    shape: tuple[int, int, int]
    channels_last: bool
    size: int
    modified: int
    # Made with it: of a cached property two threads could get a lock each.
    _lock: threading.Lock = field(
        default_factory=threading.Lock, init=False, repr=False, compare=False
    )

    def __len__(self) -> int:
        return self.count

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(getattr(self, part.name) for part in fields(self) if part.init)

    @property
    def image_bytes(self) -> int:
        """Of one image."""
        channels, height, width = self.shape
        return channels * height * width

    def read(self, numbers: Numbers) -> Pixels:
        """(M, C, H, W): the images `numbers` (M,), 0 to `count` − 1, in that order.

        Raises InputError where the file is gone, was changed or cannot be read.
        """
        channels, height, width = self.shape
        order = np.argsort(numbers, kind="stable")
        rows = np.empty((len(numbers), self.image_bytes), np.uint8)
        try:
            with self._lock:
                self._read_into(rows, numbers[order])
        except OSError as error:
            raise InputError(
                f"{self.path} can no longer be read ({error.strerror or error}): put it back and "
                "open it again."
            ) from error
        images = np.empty_like(rows)
        images[order] = rows
        if self.channels_last:
            by_pixel = images.reshape(-1, height, width, channels)
            return np.ascontiguousarray(by_pixel.transpose(0, 3, 1, 2))
        return images.reshape(-1, channels, height, width)

    def _read_into(self, rows: Pixels, numbers: Numbers) -> None:
        """Fill `rows` with the images `numbers`, which ascend; neighbours in one go."""
        file = self._file
        found = os.fstat(file.fileno())
        if (found.st_size, found.st_mtime_ns) != (self.size, self.modified):
            raise self._changed()
        starts = np.flatnonzero(np.diff(numbers, prepend=-2) != 1).tolist()
        pieces = [
            (self.offset + int(numbers[start]) * self.image_bytes, rows[start:stop].reshape(-1))
            for start, stop in zip(starts, [*starts[1:], len(numbers)], strict=True)
        ]
        # So that a disk has all of a batch to do at once: what is not in the system's cache comes
        # five times sooner, and what is there costs no more.
        if hasattr(os, "posix_fadvise"):
            for place, piece in pieces:
                os.posix_fadvise(file.fileno(), place, piece.nbytes, os.POSIX_FADV_WILLNEED)
        for place, piece in pieces:
            file.seek(place)
            done = 0
            while done < piece.nbytes:
                count = file.readinto(piece.data[done:])
                if not count:
                    raise self._changed()
                done += count

    def _changed(self) -> InputError:
        return InputError(
            f"{self.path} was changed while it was open, and its images are read from it: open it "
            "again."
        )

    @cached_property
    def _file(self) -> FileIO:
        file = FileIO(self.path)
        weakref.finalize(self, file.close)
        return file


@dataclass(frozen=True)
class Whole:
    """All images of a split: those of `images` with the numbers `numbers` (M,), ascending."""

    images: StoredImages
    numbers: Numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def read(self, indices: Numbers) -> Pixels:
        """(B, C, H, W): its images at `indices` (B,). Raises InputError as `StoredImages.read`."""
        return self.images.read(self.numbers[indices])


@dataclass(frozen=True)
class Drawn:
    """Of what a set is a sample: it has the images `indices` (N,), ascending, of `whole`."""

    whole: Whole
    indices: Numbers

    @property
    def numbers(self) -> Numbers:
        """(N,): which image of the file each is."""
        return self.whole.numbers[self.indices]


def stored_images(
    path: Path, offset: int, count: int, shape: tuple[int, int, int], *, channels_last: bool = False
) -> StoredImages:
    """Images in a file as it is now. Raises OSError; InputError where it is not of just this size.

    The file must hold `count` images from `offset` on, and nothing after them.
    """
    found = path.stat()
    images = StoredImages(
        path.absolute(), offset, count, shape, channels_last, found.st_size, found.st_mtime_ns
    )
    declared = count * images.image_bytes
    if found.st_size != offset + declared:
        raise InputError(
            f"{path} declares {declared} bytes of images but holds {found.st_size - offset}; use "
            "an unaltered copy."
        )
    return images
