"""Photos of drawings that must be refused."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from tests.bad_files.entry import BadFile
from tests.bad_files.pictures import encoded, png_of

_SHEET = np.random.default_rng(0).integers(0, 256, (40, 30, 3), np.uint8)

# the file's name: (the exhibit's, what to find in the sentence, the content)
_EXHIBITS: dict[str, tuple[str, str, bytes]] = {
    "empty.png": ("empty", r"is no picture in PNG, .* use another file", b""),
    "notes.txt": ("text", r"is no picture in PNG", b"dear all\n"),
    "drei.pdf": ("document", r"is no picture in PNG", b"%PDF-1.7\n"),
    "cut.jpg": ("cut", r"is damaged \(", encoded(_SHEET, "JPEG")[:500]),
    "bomb.png": ("bomb", r"has 30000×30000 pixels; .* make it smaller", png_of(30_000, 30_000)),
    "thin.png": ("one-pixel-wide", r"is one pixel wide", png_of(1, 100)),
    "手書き ✎.png": (
        "blank-sheet",
        r"^Nothing stands out in .*手書き ✎\.png; take a photo of dark ink on light paper\.$",
        encoded(np.full((40, 30), 220, np.uint8)),
    ),
    "nan.tif": (
        "not-a-number",
        r"has values that are not numbers",
        encoded(np.full((9, 9), np.nan, np.float32), "TIFF"),
    ),
}


def animation(frames: int) -> bytes:
    """A GIF of blank sheets."""
    content = io.BytesIO()
    sheets = [Image.new("L", (40, 30), 220 + frame) for frame in range(frames)]
    sheets[0].save(content, "GIF", save_all=True, append_images=sheets[1:])
    return content.getvalue()


def make_photos(folder: Path) -> list[BadFile]:
    """Write every exhibit under `folder`."""
    folder.mkdir(parents=True)
    made = []
    exhibits = _EXHIBITS | {"moves.gif": ("animation", r"Nothing stands out in", animation(3))}
    for file, (name, message, content) in exhibits.items():
        (folder / file).write_bytes(content)
        made.append(BadFile(f"photo-{name}", folder / file, "photo", message))
    (folder / "folder.png").mkdir()
    return [
        *made,
        BadFile("photo-missing", folder / "gone.png", "photo", "does not exist"),
        BadFile("photo-folder", folder / "folder.png", "photo", "is not a regular file"),
    ]
