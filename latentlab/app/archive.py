"""Room for arrays of the past: the newest in memory, older ones in a file.

The file has no name, so that nothing is left of it after a crash. It is written and read, not
mapped: a full disk ends a process that writes to a mapped file.
"""

import tempfile
import weakref
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Shape = tuple[int, ...]

# Memory is taken in blocks of about so many bytes, and used again: small pieces that come and go
# for hours would leave holes in it.
_BLOCK_BYTES = 8 << 20


class _Slots(ABC):
    """Numbered places for arrays of one shape, the free ones used again first."""

    def __init__(self, shape: Shape, dtype: np.dtype[Any]) -> None:
        self._shape = shape
        self._dtype = dtype
        self.bytes = int(np.prod(shape)) * dtype.itemsize
        self._count = 0
        self._free: list[int] = []

    def put(self, array: Array) -> int:
        """Its place, until it is freed. Raises OSError where there is no room."""
        if not self._free:
            self._free.append(self._count)
            self._count += 1
        self.write(self._free[-1], array)
        return self._free.pop()

    def free(self, slot: int) -> None:
        """Nobody wants what is there any more."""
        self._free.append(slot)

    @abstractmethod
    def write(self, slot: int, array: Array) -> None:
        """Put `array` there."""

    @abstractmethod
    def read(self, slot: int) -> Array:
        """A copy of what is there."""


class _Memory(_Slots):
    def __init__(self, shape: Shape, dtype: np.dtype[Any]) -> None:
        super().__init__(shape, dtype)
        self._rows = max(1, _BLOCK_BYTES // max(self.bytes, 1))
        self._blocks: list[Array] = []

    def write(self, slot: int, array: Array) -> None:
        block, row = divmod(slot, self._rows)
        if block == len(self._blocks):
            self._blocks.append(np.empty((self._rows, *self._shape), self._dtype))
        self._blocks[block][row] = array

    def read(self, slot: int) -> Array:
        block, row = divmod(slot, self._rows)
        array: Array = self._blocks[block][row].copy()
        return array


class _File(_Slots):
    def __init__(self, shape: Shape, dtype: np.dtype[Any], folder: Path) -> None:
        super().__init__(shape, dtype)
        folder.mkdir(parents=True, exist_ok=True)
        # Unbuffered: what was refused must not come again when the file is closed.
        self._file = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115  # kept open
        weakref.finalize(self, self._file.close)

    def write(self, slot: int, array: Array) -> None:
        self._file.seek(slot * self.bytes)
        rest = np.ascontiguousarray(array).data.cast("B")
        while rest:
            rest = rest[self._file.write(rest) :]

    def read(self, slot: int) -> Array:
        array = np.empty(self._shape, self._dtype)
        self._file.seek(slot * self.bytes)
        rest = array.data.cast("B")
        while rest and (count := self._file.readinto(rest)):
            rest = rest[count:]
        if rest:
            raise OSError("the file of the history is shorter than it was written")
        return array


class _Shelf:
    """Arrays of one shape, in memory or in a file that is made when it is first wanted."""

    def __init__(self, shape: Shape, dtype: np.dtype[Any]) -> None:
        self._shape = shape
        self._dtype = dtype
        self.memory = _Memory(shape, dtype)
        self._file: _File | None = None

    def file(self, folder: Path) -> _File:
        if self._file is None:
            self._file = _File(self._shape, self._dtype, folder)
        return self._file


class Copy:
    """A copy of an array. Its room is used again as soon as nobody holds this any more."""

    def __init__(self, shelf: _Shelf, slot: int) -> None:
        """It is in the shelf's memory, at `slot`."""
        self._shelf = shelf
        self._slots: _Slots = shelf.memory
        self._slot = slot

    def __del__(self) -> None:
        self._slots.free(self._slot)

    @property
    def size(self) -> int:
        """Of the array, in bytes."""
        return self._slots.bytes

    @property
    def on_disk(self) -> bool:
        """Whether it is in the file."""
        return self._slots is not self._shelf.memory

    def read(self) -> Array:
        """The array, the caller's own. Raises OSError where the disk fails."""
        return self._slots.read(self._slot)

    def put_away(self, folder: Path) -> None:
        """Move it from memory to the file in `folder`. Raises OSError; then it is where it was."""
        file = self._shelf.file(folder)
        slot = file.put(self.read())
        self._slots.free(self._slot)
        self._slots, self._slot = file, slot


def not_kept(folder: Path, error: OSError) -> str:
    """What is said of a folder that cannot be written."""
    return (
        f"Training goes on, but less of its history is kept, since {folder} could not be "
        f"written: {error.strerror or error}; make room there."
    )


class Archive:
    """Keeps copies of arrays of any shapes, in memory until they are put away on disk."""

    def __init__(
        self, folder: Path | None = None, refused: Callable[[OSError], None] | None = None
    ) -> None:
        """folder: where there is disk for it; None: nowhere. refused: told of a disk that cannot
        be written, and again only after it could be meanwhile.
        """
        self._folder = folder
        self._refused = refused
        self._has_disk = folder is not None
        self._shelves: dict[tuple[Shape, np.dtype[Any]], _Shelf] = {}

    @property
    def has_disk(self) -> bool:
        """Whether there is a disk, and, when last tried, it could be written."""
        return self._has_disk

    def keep(self, array: Array) -> Copy:
        """A copy, in memory."""
        kind = array.shape, array.dtype
        if kind not in self._shelves:
            self._shelves[kind] = _Shelf(*kind)
        shelf = self._shelves[kind]
        return Copy(shelf, shelf.memory.put(array))

    def put_away(self, copy: Copy) -> None:
        """Move it to disk; where that cannot be, it stays in memory."""
        if self._folder is None or copy.on_disk:
            return
        try:
            copy.put_away(self._folder)
        except OSError as error:
            if self._has_disk and self._refused is not None:
                self._refused(error)
            self._has_disk = False
        else:
            self._has_disk = True
