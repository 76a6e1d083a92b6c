"""Folders of pictures that must be refused."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

from tests.bad_files.entry import BadFile


def encoded(pixels: np.ndarray, kind: str = "PNG") -> bytes:
    """A picture file of these pixels."""
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, kind)
    return content.getvalue()


def png_of(width: int, height: int, *more: tuple[bytes, bytes]) -> bytes:
    """A PNG whose header declares so many grey pixels, and which holds the first thousand zeros.

    more: chunks between the two, each a name and a body.
    """

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    header = struct.pack(">2I5B", width, height, 8, 0, 0, 0, 0)
    body = zlib.compress(bytes(1000))
    parts = ((b"IHDR", header), *more, (b"IDAT", body), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


_NOISE = np.random.default_rng(0).integers(0, 256, (40, 30, 3), np.uint8)
_PNG, _JPEG = encoded(_NOISE), encoded(_NOISE, "JPEG")
_UNKNOWN = (
    r"no picture that can be read: the first is .* is no picture in PNG, JPEG, .* use another"
)
_DAMAGED = r"no picture that can be read: the first is .* is damaged \("
_MANY = {f"class {number}/a.png": _PNG for number in range(257)}

# name: (what to find in the sentence, files by name)
_EXHIBITS: dict[str, tuple[str, dict[str, bytes]]] = {
    "picture-bomb": (
        r"has 30000×30000 pixels; pictures of up to 50 million",
        {"a.png": png_of(30_000, 30_000)},
    ),
    "picture-absurdly-large": (
        r"2147483647×2147483647 pixels",
        {"a.png": png_of(2**31 - 1, 2**31 - 1)},
    ),
    "picture-one-pixel-high": (r"is one pixel high", {"a.png": png_of(100, 1)}),
    "picture-one-pixel-wide": (r"is one pixel wide", {"a.png": png_of(1, 100)}),
    "picture-png-cut": (_DAMAGED, {"a.png": _PNG[: len(_PNG) // 2]}),
    "picture-jpeg-cut": (_DAMAGED, {"猫/a.jpg": _JPEG[: len(_JPEG) // 2]}),
    "picture-webp-cut": (_DAMAGED + "|" + _UNKNOWN, {"a.webp": encoded(_NOISE, "WEBP")[:60]}),
    "picture-gif-cut": (_DAMAGED, {"a.gif": encoded(_NOISE[..., 0], "GIF")[:1200]}),
    "picture-less-than-declared": (_DAMAGED, {"a.png": png_of(500, 500)}),
    "picture-empty": (_UNKNOWN, {"a.png": b""}),
    "picture-text": (_UNKNOWN, {"a.png": b"these are no pixels\n"}),
    "picture-pickle": (_UNKNOWN, {"a.png": b"\x80\x04cos\nsystem\n(S'true'\ntR."}),
    "picture-postscript": (
        _UNKNOWN,
        {"a.png": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"},
    ),
    "picture-not-a-number": (
        r"has values that are not numbers; save it with 8 bits a channel",
        {"a.tif": encoded(np.full((9, 9), np.nan, np.float32), "TIFF")},
    ),
    "picture-unknown-white": (
        r"values from 0 to 3e\+06, of which white is not known",
        {"a.tif": encoded(np.array([[0, 3_000_000]] * 2, np.int32), "TIFF")},
    ),
    "picture-text-bomb": (
        _DAMAGED,
        {"a.png": png_of(20, 20, (b"zTXt", b"a\0\0" + zlib.compress(bytes(1 << 28))))},
    ),
    "pictures-one-beside-torn-ones": (
        r"fewer than two different pictures that can be read",
        {"a.png": _PNG, "b.png": b"", "c.png": _PNG[:99]},
    ),
    "pictures-one": (r"fewer than two different pictures", {"a.png": _PNG}),
    "pictures-none-beside-text": (r"nor pictures such as", {"cats/notes.txt": b"none yet"}),
    "pictures-hidden": (r"nor pictures such as", {".a.png": _PNG}),
    "pictures-of-too-many-classes": (r"257 subfolders with pictures; up to 256 classes", _MANY),
}


def make_pictures(folder: Path) -> list[BadFile]:
    """Write every exhibit into a folder of its own under `folder`."""
    made = []
    for name, (message, files) in _EXHIBITS.items():
        place = folder / name
        for file, content in files.items():
            target = place / file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        made.append(BadFile(name, place, "data", message))
    return made
