"""IDX folders that must be refused."""

import gzip
import struct
from pathlib import Path

from tests.bad_files.entry import BadFile

_IMAGES = "train-images-idx3-ubyte"
_LABELS = "train-labels-idx1-ubyte"
_TEST_IMAGES = "t10k-images-idx3-ubyte"
_TEST_LABELS = "t10k-labels-idx1-ubyte"
_SIDE = 4
_COUNT = 20


def idx(*shape: int, kind: int = 8, content: bytes | None = None) -> bytes:
    """The bytes of an IDX file; unless `content` is given, its values count up from 0."""
    if content is None:
        size = 1
        for n in shape:
            size *= n
        content = bytes(i % 251 for i in range(size))
    header = struct.pack(f">HBB{len(shape)}I", 0, kind, len(shape), *shape)
    return header + content


_GOOD_IMAGES = idx(_COUNT, _SIDE, _SIDE)
_GOOD_LABELS = idx(_COUNT, content=bytes(i % 3 for i in range(_COUNT)))
_HUGE = 0xFFFFFFFF

# name: (what to find in the sentence, files by name)
_EXHIBITS: dict[str, tuple[str, dict[str, bytes]]] = {
    "images-empty": (rf"{_IMAGES} is empty", {_IMAGES: b""}),
    "images-gzip-of-nothing": (rf"{_IMAGES}.gz is empty", {f"{_IMAGES}.gz": gzip.compress(b"")}),
    "images-two-bytes": (r"neither an IDX file nor", {_IMAGES: b"\0\0"}),
    "images-text": (r"neither an IDX file nor a gzip", {_IMAGES: b"these are no images\n"}),
    "images-not-gzip": (
        r"images-idx3-ubyte\.gz is neither an IDX file nor a gzip",
        {f"{_IMAGES}.gz": b"<html>404 Not Found</html>"},
    ),
    "images-png": (r"neither an IDX file", {_IMAGES: b"\x89PNG\r\n\x1a\n" + b"\0" * 64}),
    "images-pickle": (r"neither an IDX file", {_IMAGES: b"\x80\x04cos\nsystem\n(S'true'\ntR."}),
    "images-header-cut": (r"ends inside its header", {_IMAGES: _GOOD_IMAGES[:10]}),
    "images-truncated": (
        r"too short: its header declares 20 images of 4×4, 320 bytes",
        {_IMAGES: _GOOD_IMAGES[:-1]},
    ),
    "images-header-lies-high": (
        r"too short: its header declares 1000 images",
        {_IMAGES: idx(1000, _SIDE, _SIDE, content=b"\1" * 320)},
    ),
    "images-header-lies-low": (
        r"too long: its header declares 2 images",
        {_IMAGES: idx(2, _SIDE, _SIDE, content=b"\1" * 320)},
    ),
    "images-trailing-byte": (r"too long", {_IMAGES: _GOOD_IMAGES + b"\0"}),
    "images-little-endian": (
        r"images of up to 4194304 pixels",
        {_IMAGES: struct.pack(">HBB", 0, 8, 3) + struct.pack("<3I", _COUNT, 4, 4) + bytes(320)},
    ),
    "images-floats": (r"holds 32-bit floats", {_IMAGES: idx(2, 2, 2, kind=0x0D)}),
    "images-unknown-type": (r"unknown type 0x2a", {_IMAGES: idx(2, 2, 2, kind=0x2A)}),
    "images-four-dimensions": (r"has 4 dimensions, but images have 3", {_IMAGES: idx(2, 2, 2, 3)}),
    "images-none": (r"holds nothing", {_IMAGES: idx(0, 28, 28)}),
    "images-no-width": (r"holds nothing", {_IMAGES: idx(20, 28, 0)}),
    "images-absurd-count": (
        r"GiB; sets of up to 2 GiB",
        {_IMAGES: idx(_HUGE, 28, 28, content=b"")},
    ),
    "images-absurd-size": (r"4194304 pixels", {_IMAGES: idx(1, _HUGE, _HUGE, content=b"")}),
    "images-absurd-everything": (
        r"4194304 pixels",
        {_IMAGES: idx(_HUGE, _HUGE, _HUGE, content=b"")},
    ),
    "gzip-header-lies": (
        r"too short: its header declares 2000000 images",
        {f"{_IMAGES}.gz": gzip.compress(idx(2_000_000, 28, 28, content=b""))},
    ),
    "gzip-bomb": (
        r"too long: its header declares 1 images of 4×4",
        {f"{_IMAGES}.gz": gzip.compress(idx(1, _SIDE, _SIDE, content=bytes(1 << 24)))},
    ),
    "gzip-truncated": (
        r"damaged gzip",
        {f"{_IMAGES}.gz": gzip.compress(_GOOD_IMAGES, mtime=0)[:-20]},
    ),
    "gzip-bad-checksum": (
        r"damaged gzip file \(CRC",
        {f"{_IMAGES}.gz": gzip.compress(_GOOD_IMAGES, mtime=0)[:-8] + bytes(8)},
    ),
    "gzip-bad-stream": (
        r"damaged gzip",
        {f"{_IMAGES}.gz": gzip.compress(_GOOD_IMAGES, mtime=0)[:10] + b"\xff" * 60},
    ),
    "labels-empty": (rf"{_LABELS} is empty", {_IMAGES: _GOOD_IMAGES, _LABELS: b""}),
    "labels-truncated": (
        r"labels-idx1-ubyte is too short: its header declares 20 labels",
        {_IMAGES: _GOOD_IMAGES, _LABELS: _GOOD_LABELS[:-1]},
    ),
    "labels-integers": (
        r"holds 32-bit integers",
        {_IMAGES: _GOOD_IMAGES, _LABELS: idx(_COUNT, kind=0x0C)},
    ),
    "labels-too-few": (
        r"holds 19 labels, but train-images-idx3-ubyte holds 20 images",
        {_IMAGES: _GOOD_IMAGES, _LABELS: idx(_COUNT - 1)},
    ),
    "images-and-labels-swapped": (
        r"images-idx3-ubyte holds labels where images belong",
        {_IMAGES: _GOOD_LABELS, _LABELS: _GOOD_IMAGES},
    ),
    "labels-are-images": (
        r"labels-idx1-ubyte holds images where labels belong",
        {_IMAGES: _GOOD_IMAGES, _LABELS: _GOOD_IMAGES},
    ),
    "labels-without-images": (r"has no images beside it", {_LABELS: _GOOD_LABELS}),
    "test-without-train": (r"has no train-images-idx3-ubyte", {_TEST_IMAGES: _GOOD_IMAGES}),
    "test-labels-without-images": (
        r"t10k-labels-idx1-ubyte has no images beside it",
        {_IMAGES: _GOOD_IMAGES, _TEST_LABELS: _GOOD_LABELS},
    ),
    "test-truncated": (
        r"t10k-images-idx3-ubyte is too short",
        {_IMAGES: _GOOD_IMAGES, _TEST_IMAGES: _GOOD_IMAGES[:-3]},
    ),
    "test-of-another-size": (
        r"training images of 4×4 but t10k images of 5×4",
        {_IMAGES: _GOOD_IMAGES, _TEST_IMAGES: idx(_COUNT, 5, 4)},
    ),
    "test-unlabelled": (
        r"labels for only one split; add t10k-labels",
        {_IMAGES: _GOOD_IMAGES, _LABELS: _GOOD_LABELS, _TEST_IMAGES: _GOOD_IMAGES},
    ),
    "one-image": (r"fewer than two different images", {_IMAGES: idx(1, 4, 4)}),
    "all-images-equal": (
        r"fewer than two different images",
        {_IMAGES: idx(20, 4, 4, content=bytes(320))},
    ),
    "no-idx-files": (r"holds no IDX files.*mnist, fashion-mnist", {"holiday.txt": b"no images"}),
}

_PLACES = ("a-file-not-a-folder", "images-is-a-folder", "does-not-exist", "below-a-file")
NAMES: tuple[str, ...] = (*_EXHIBITS, *_PLACES)


def make_idx(folder: Path) -> list[BadFile]:
    """Write every exhibit into a folder of its own under `folder`."""
    made = []
    for name, (message, files) in _EXHIBITS.items():
        place = folder / name
        place.mkdir(parents=True)
        for file, content in files.items():
            (place / file).write_bytes(content)
        made.append(BadFile(name, place, "data", message))
    return [*made, *_make_places(folder)]


def _make_places(folder: Path) -> list[BadFile]:
    """What is not a folder of regular files at all."""
    file = folder / "a-file-not-a-folder.gz"
    file.write_bytes(gzip.compress(_GOOD_IMAGES))
    inner = folder / "images-is-a-folder"
    (inner / _IMAGES).mkdir(parents=True)
    dangling = folder / "below-a-file" / "deeper"
    dangling.parent.write_bytes(b"")
    return [
        BadFile("a-file-not-a-folder", file, "data", r"is a file, not a folder.*fashion-mnist"),
        BadFile("images-is-a-folder", inner, "data", r"is not a regular file"),
        BadFile("does-not-exist", folder / "nowhere", "data", r"does not exist.*fashion-mnist"),
        BadFile("below-a-file", dangling, "data", r"does not exist.*fashion-mnist"),
    ]
