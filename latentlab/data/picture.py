"""One picture file, whatever its mode and size, brought to the form that a network is given.

What a file claims is held against a limit before anything is decoded. Pillow's readers of formats
that run programs or name other files (EPS among them) are not used.
"""

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from latentlab.data.form import Form
from latentlab.errors import InputError

if TYPE_CHECKING:
    from PIL.Image import Image

SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm", ".pbm"}
)
MAX_PIXELS = 50_000_000
MAX_BYTES = 256 << 20
_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM")
_SHALLOW = 2
_WHITE = (255, 255, 255, 255)

Pixels = npt.NDArray[np.uint8]


def is_picture(path: str) -> bool:
    """Whether there is a file whose ending says that it is a picture."""
    try:
        return Path(path).suffix.lower() in SUFFIXES and Path(path).is_file()
    except (OSError, ValueError):
        return False  # to open it will say why


def read_picture(path: Path, form: Form) -> Pixels:
    """The picture at `path` in `form`: (C, side, side) uint8.

    Of an animation the first frame. What is transparent lies on white. 16 bits a pixel become 8;
    floats are taken as 0 to 1, or as 0 to 255 where one is above 1. Raises InputError naming the
    file and the fault.
    """
    return in_form(load_picture(path, form.rgb, 2 * form.side), form)


def load_picture(path: Path, rgb: bool, least: int) -> "Image":
    """The picture upright, as "RGB" or "L". A JPEG may come reduced, but not below `least` pixels.

    Raises InputError.
    """
    from PIL import Image, ImageOps  # noqa: PLC0415

    # Pillow warns of large images from its own limit on; ours is lower, and refuses.
    Image.MAX_IMAGE_PIXELS = None
    try:
        if not path.is_file():
            if path.exists():
                raise InputError(f"{path} is not a regular file; put the picture itself there.")
            raise InputError(f"{path} does not exist; check its name.")
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path} has more than {MAX_BYTES >> 20} MiB; make it smaller.")
        with path.open("rb") as file, Image.open(file, formats=_FORMATS) as image:
            check_size(path, image.size)
            image.draft("RGB" if rgb else "L", (least, least))
            image.load()
            ImageOps.exif_transpose(image, in_place=True)
            return _plain(path, image, rgb)
    except InputError:
        raise
    except MemoryError as error:
        raise InputError(f"{path} needs more memory than there is; make it smaller.") from error
    except OSError as error:
        if error.errno is not None:
            raise InputError(
                f"{path} cannot be read ({error.strerror or error}); check its permissions."
            ) from error
        raise _damaged(path, error) from error
    # Pillow's readers raise whatever a damaged file makes them stumble over.
    except Exception as error:
        raise _damaged(path, error) from error


def in_form(image: "Image", form: Form) -> Pixels:
    """A picture of mode "RGB" or "L" as (C, side, side) uint8."""
    width, height = image.size
    image = image.convert("RGB" if form.rgb else "L")
    if form.fit == "crop":
        edge = min(width, height)
        left, top = (width - edge) // 2, (height - edge) // 2
        image = image.crop((left, top, left + edge, top + edge))
    pixels = fitted_in(image, form.side, form.side).reshape(form.side, form.side, -1)
    result = np.ascontiguousarray(pixels.transpose(2, 0, 1))
    return ~result if form.inverted else result


def fitted_in(image: "Image", height: int, width: int) -> Pixels:
    """All of a picture of mode "RGB" or "L" in (height, width, 3) or (height, width).

    As large as it fits with its proportions kept, one pixel at least, and in the middle; what is
    left over takes the median colour of its border.
    """
    from PIL.Image import Resampling  # noqa: PLC0415

    scale = min(width / image.width, height / image.height)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    if size != image.size:
        image = image.resize(size, Resampling.LANCZOS, reducing_gap=3.0)
    pixels = np.array(image)
    if size == (width, height):
        return pixels
    whole = np.empty((height, width, *pixels.shape[2:]), np.uint8)
    whole[:] = border_median(pixels)
    top, left = (height - size[1]) // 2, (width - size[0]) // 2
    whole[top : top + size[1], left : left + size[0]] = pixels
    return whole


def border_median(pixels: Pixels) -> Pixels:
    """The median colour of the outermost pixels of (H, W, 3) or (H, W)."""
    edges = (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1])
    median: npt.NDArray[np.float64] = np.median(np.concatenate(edges), axis=0)
    return median.astype(np.uint8)


def check_size(what: Path | str, size: tuple[int, int]) -> None:
    """Raises InputError where a picture of this width and height is too large, or a mere line."""
    width, height = size
    if width * height > MAX_PIXELS:
        raise InputError(
            f"{what} has {width}×{height} pixels; pictures of up to {MAX_PIXELS // 10**6} million "
            "can be opened, so make it smaller."
        )
    if min(size) < _SHALLOW:
        thin = "wide" if width < height else "high"
        raise InputError(f"{what} is one pixel {thin}, so there is nothing to see; leave it out.")


def _plain(path: Path, image: "Image", rgb: bool) -> "Image":
    from PIL import Image  # noqa: PLC0415

    if image.mode[0] in "IF":  # 16-bit and 32-bit whole numbers, 32-bit floats
        image = Image.fromarray(_eight_bits(path, np.asarray(image)))
    elif image.has_transparency_data:
        ground = Image.new("RGBA", image.size, _WHITE)
        image = Image.alpha_composite(ground, image.convert("RGBA"))
    return image.convert("RGB" if rgb else "L")


def _eight_bits(path: Path, values: npt.NDArray[np.generic]) -> Pixels:
    """One channel of many levels as 0 to 255."""
    real = values.astype(np.float32)
    low, high = float(real.min()), float(real.max())
    top = 65_535.0 if values.dtype.kind != "f" else 1.0 if high <= 1 else 255.0
    if math.isnan(low):
        raise InputError(f"{path} has values that are not numbers; save it with 8 bits a channel.")
    if not (low >= 0 and high <= top):
        raise InputError(
            f"{path} has values from {low:g} to {high:g}, of which white is not known; "
            "save it with 8 bits a channel."
        )
    levels: npt.NDArray[np.float32] = np.rint(real * np.float32(255 / top))
    return levels.astype(np.uint8)


def _damaged(path: Path, error: Exception) -> InputError:
    from PIL import UnidentifiedImageError  # noqa: PLC0415

    if isinstance(error, UnidentifiedImageError):
        formats = "PNG, JPEG, BMP, GIF, TIFF, WebP or PNM"
        return InputError(f"{path} is no picture in {formats}; use another file.")
    why = "".join(c for c in str(error) if c.isprintable()).strip(". ") or type(error).__name__
    why = why.replace(". ", ", ")[:120]
    return InputError(f"{path} is damaged ({why}); use another copy.")
