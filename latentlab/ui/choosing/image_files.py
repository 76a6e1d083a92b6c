"""Images as files: one by one in a folder, or all on one sheet."""

import io
import math
from collections.abc import Generator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from latentlab.data.dataset import Dataset
from latentlab.errors import InputError
from latentlab.system import write_atomic
from latentlab.ui.images import Picture, picture_of, tiled

Ints = npt.NDArray[np.int64]

# Of one sheet: what programs that show pictures still open.
_MOST_PIXELS = 100_000_000
_LONGEST_NAME = 40


def file_name(images: Dataset, index: int) -> str:
    """Of an image's PNG: "train-00012-7.png"; letters and digits, whatever its class is called."""
    label = int(images.labels[index])
    name = images.class_names[label] if label >= 0 else "none"
    plain = "".join(c if c.isalnum() or c in "-_" else "_" for c in name)[:_LONGEST_NAME]
    return f"{images.split}-{images.number(index):05d}-{plain}.png"


def write_folder(images: Dataset, indices: Ints, folder: Path) -> Generator[int]:
    """A PNG for each, as it is in the data; yields how many are written. Raises OSError."""
    for count, index in enumerate(indices.tolist(), start=1):
        picture = picture_of(images.images[index])
        write_atomic(folder / file_name(images, index), _png(picture))
        yield count


def write_sheet(images: Dataset, indices: Ints, target: Path) -> Generator[int]:
    """All on one PNG, in the order of their indices, in about a square; yields how many there are,
    and writes nothing before that.

    Raises InputError where it would have too many pixels, and OSError.
    """
    height, width = picture_of(images.images[0]).shape[:2]
    each = height * width
    if len(indices) * each > _MOST_PIXELS:
        raise InputError(
            f"{len(indices):,} images of {each:,} pixels are too many for one picture: choose at "
            f"most {_MOST_PIXELS // each:,}, or export a folder."
        )
    columns = math.ceil(math.sqrt(len(indices)))
    pictures = np.stack([picture_of(images.images[index]) for index in indices.tolist()])
    content = _png(tiled(pictures, columns))
    yield len(indices)
    write_atomic(target, content)


def _png(picture: Picture) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    return buffer.getvalue()
