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

# Images that are no more bytes apart are read in one go, with what is between them: a disk takes
# longer to find a place than to read on so far.
_GAP = 32 << 10
_AT_ONCE = 512  # images, which bounds what is read between them


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
        rows = np.empty((len(numbers), self.image_bytes), np.uint8)
        order = np.argsort(numbers)
        try:
            with self._lock:
                for start in range(0, len(order), _AT_ONCE):
                    some = order[start : start + _AT_ONCE]
                    rows[some] = self._read(numbers[some])
        except OSError as error:
            raise InputError(
                f"{self.path} can no longer be read ({error.strerror or error}): put it back and "
                "open it again."
            ) from error
        if self.channels_last:
            by_pixel = rows.reshape(-1, height, width, channels)
            return np.ascontiguousarray(by_pixel.transpose(0, 3, 1, 2))
        return rows.reshape(-1, channels, height, width)

    def _read(self, numbers: Numbers) -> Pixels:
        """(M, `image_bytes`): the images `numbers`, which ascend; at most `_AT_ONCE`."""
        found = os.fstat(self._file.fileno())
        if (found.st_size, found.st_mtime_ns) != (self.size, self.modified):
            raise self._changed()
        places, lengths, rows = self._stretches(numbers)
        # So that a disk has all of them to do at once: what is not in the system's cache comes
        # five times sooner, and what is there costs little more.
        if hasattr(os, "posix_fadvise"):
            for place, length in zip(places.tolist(), lengths.tolist(), strict=True):
                os.posix_fadvise(self._file.fileno(), place, length, os.POSIX_FADV_WILLNEED)
        content = np.empty(lengths.sum(), np.uint8)
        left = content.data
        for place, length in zip(places.tolist(), lengths.tolist(), strict=True):
            self._file.seek(place)
            piece, left = left[:length], left[length:]
            while piece:
                count = self._file.readinto(piece)
                if not count:
                    raise self._changed()
                piece = piece[count:]
        return content.reshape(-1, self.image_bytes)[rows]

    def _stretches(self, numbers: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        """What is read in one go each, for the images `numbers` (M,), which ascend.

        (S,) its place in the file and (S,) its length, in bytes; and (M,): where each image is
        among all that are read. What lies between images that are near is read, too.
        """
        near = 1 + _GAP // self.image_bytes
        begins = np.flatnonzero(np.diff(numbers, prepend=-near - 1) > near)
        ends = np.flatnonzero(np.diff(numbers, append=self.count + near) > near)
        first = numbers[begins]
        counts = numbers[ends] + 1 - first
        rows = numbers + np.repeat(np.cumsum(counts) - counts - first, ends + 1 - begins)
        return self.offset + first * self.image_bytes, counts * self.image_bytes, rows

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
