"""One IDX file, plain or gzip. Its header is believed only as far as the bytes bear it out.

Format: http://yann.lecun.com/exdb/mnist (big-endian; two zero bytes, a type, the number of
dimensions, each dimension as 32 bits, the values).
"""

import gzip
import math
import zlib
from pathlib import Path
from typing import IO, cast

import numpy as np
import numpy.typing as npt

from latentlab.data.stored import StoredImages, stored_images
from latentlab.errors import InputError

MAX_BYTES = 2 << 30
# As many as a network takes (latentlab.core.spec); data knows nothing of core.
MAX_PIXELS = 1 << 22

_UNSIGNED_BYTE = 0x08
_OTHER_TYPES = {
    0x09: "signed bytes",
    0x0B: "16-bit integers",
    0x0C: "32-bit integers",
    0x0D: "32-bit floats",
    0x0E: "64-bit floats",
}
_GZIP = b"\x1f\x8b"
# Deflate cannot shrink further than this, so a larger claim is refused before any unpacking.
_MAX_DEFLATE_RATIO = 1032
_CHUNK = 1 << 20


def read_images(path: Path) -> npt.NDArray[np.uint8]:
    """The (N, H, W) images of an IDX file, N ≥ 1. Raises InputError naming file and fault."""
    return _read(path, dimensions=3)


def find_stored(path: Path, in_memory: int) -> StoredImages | None:
    """The images of a plain IDX file of more than `in_memory` bytes, which stay there.

    None of any other, and of what `read_images` refuses. Raises InputError naming file and fault.
    """
    try:
        if not path.is_file() or path.stat().st_size <= in_memory:
            return None
        with path.open("rb") as file:
            magic = file.read(4)
            if magic[:2] == _GZIP:
                return None
            _check_magic(path, magic, 3)
            header = file.read(12)
        if len(header) < 12:
            return None
        count, height, width = (int(n) for n in np.frombuffer(header, ">u4"))
        _check_image(path, (count, height, width))
        return stored_images(path, 16, count, (1, height, width))
    except OSError as error:
        raise _unreadable(path, error) from error


def read_labels(path: Path) -> npt.NDArray[np.uint8]:
    """The (N,) labels of an IDX file, N ≥ 1. Raises InputError naming file and fault."""
    return _read(path, dimensions=1)


def _read(path: Path, dimensions: int) -> npt.NDArray[np.uint8]:
    if not path.is_file():
        raise InputError(f"{path} is not a regular file; put the IDX file itself there.")
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            zipped = file.read(2) == _GZIP
            file.seek(0)
            # gzip.GzipFile reads as a binary file does, though it is not declared as one.
            stream = cast("IO[bytes]", gzip.GzipFile(fileobj=file)) if zipped else file
            limit = size * _MAX_DEFLATE_RATIO if zipped else size
            return _parse(path, stream, dimensions, limit)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{path} is a damaged gzip file ({error}); use another copy.") from error
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> InputError:
    return InputError(f"{path} cannot be read ({error.strerror or error}); check its permissions.")


def _parse(path: Path, stream: IO[bytes], dimensions: int, limit: int) -> npt.NDArray[np.uint8]:
    _check_magic(path, stream.read(4), dimensions)
    header = stream.read(4 * dimensions)
    if len(header) < 4 * dimensions:
        raise InputError(f"{path} ends inside its header; use a whole copy.")
    shape = tuple(int(n) for n in np.frombuffer(header, ">u4"))
    _check_shape(path, shape)
    declared = math.prod(shape)
    claim = f"its header declares {_describe(shape)}, {declared} bytes"
    if declared > limit:
        raise InputError(f"{path} is too short: {claim}; use a whole copy.")
    content = _read_at_most(stream, declared + 1)
    if len(content) < declared:
        raise InputError(
            f"{path} is too short: {claim}, but {len(content)} follow; use a whole copy."
        )
    if len(content) > declared:
        raise InputError(f"{path} is too long: {claim}, but more follow; use an unaltered copy.")
    return np.frombuffer(content, np.uint8).reshape(shape)


def _check_magic(path: Path, magic: bytes, dimensions: int) -> None:
    wanted = "images" if dimensions == 3 else "labels"
    if not magic:
        raise InputError(f"{path} is empty; use a whole copy.")
    if len(magic) < 4 or magic[:2] != b"\0\0":
        raise InputError(
            f"{path} is neither an IDX file nor a gzip of one; "
            f"put an IDX file of {wanted} in its place."
        )
    if magic[2] != _UNSIGNED_BYTE:
        found = _OTHER_TYPES.get(magic[2], f"values of the unknown type 0x{magic[2]:02x}")
        raise InputError(f"{path} holds {found}; only IDX files of unsigned bytes can be opened.")
    if (dimensions, magic[3]) in ((3, 1), (1, 3)):
        found = "labels" if magic[3] == 1 else "images"
        raise InputError(
            f"{path} holds {found} where {wanted} belong; "
            "check whether the two files have been swapped."
        )
    if magic[3] != dimensions:
        raise InputError(
            f"{path} has {magic[3]} dimensions, but {wanted} have {dimensions}; "
            f"put an IDX file of {wanted} in its place."
        )


def _check_shape(path: Path, shape: tuple[int, ...]) -> None:
    _check_image(path, shape)
    if math.prod(shape) > MAX_BYTES:
        raise InputError(
            f"{path} declares {_describe(shape)}, {math.prod(shape) / 2**30:.1f} GiB; "
            "sets of up to 2 GiB can be opened, so use a part of it."
        )


def _check_image(path: Path, shape: tuple[int, ...]) -> None:
    if 0 in shape:
        raise InputError(
            f"{path} declares {_describe(shape)}, so it holds nothing; use a full set."
        )
    if math.prod(shape[1:]) > MAX_PIXELS:
        raise InputError(
            f"{path} declares {_describe(shape)}; "
            f"images of up to {MAX_PIXELS} pixels can be opened, so make them smaller."
        )


def _describe(shape: tuple[int, ...]) -> str:
    if len(shape) == 1:
        return f"{shape[0]} labels"
    return f"{shape[0]} images of {shape[1]}×{shape[2]}"


def _read_at_most(stream: IO[bytes], count: int) -> bytearray:
    """Up to `count` bytes, in memory that grows with what is really there."""
    content = bytearray()
    while len(content) < count:
        chunk = stream.read(min(_CHUNK, count - len(content)))
        if not chunk:
            break
        content += chunk
    return content
