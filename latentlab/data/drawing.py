"""From a drawing to an image of a data set's form: fitted as it is, or centred as MNIST does it."""

import numpy as np
import numpy.typing as npt

Grey = npt.NDArray[np.uint8]

INK = 64
"""The least grey level, 0 to 255, that counts as ink where a drawing is cut out."""
_SIDE, _LARGER = 28, 20  # of an MNIST image, and of the digit's larger side in it, in pixels
_LOOKED_AT = 500  # images
_OFF = 1.0  # MNIST pixels: the centre of mass of its images is rarely further from the middle


def cropped(grey: Grey) -> Grey:
    """The smallest part of `grey` (H, W) that holds all pixels of at least INK; (0, 0) if none."""
    ink = grey >= INK
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not rows.size:
        return grey[:0, :0]
    return grey[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def fitted(grey: Grey, height: int, width: int) -> Grey:
    """All of `grey` (H, W) or (H, W, 3) as large as it fits, in the middle of black."""
    return _pasted(_scaled(grey, height, width), height, width, centre_mass=False)


def centred(grey: Grey, height: int, width: int) -> Grey:
    """The ink of `grey` (H, W) as MNIST has it, in (height, width); black where there is none.

    The ink is cut out, scaled with its aspect kept until it just fits a square of 20 pixels, and
    put with its centre of mass in the middle of 28 × 28 (LeCun et al. 1998, "Gradient-based
    learning applied to document recognition", III.A); other sizes in proportion.
    """
    ink = cropped(grey)
    if not ink.size:
        return np.zeros((height, width), np.uint8)
    box = max(1, round(min(height, width) * _LARGER / _SIDE))
    return _pasted(_scaled(ink, box, box), height, width, centre_mass=True)


def prepared(grey: Grey, height: int, width: int, *, as_mnist: bool) -> Grey:
    """`grey` (H, W), light ink on black, as an image (height, width); not `as_mnist` RGB, too."""
    return (centred if as_mnist else fitted)(grey, height, width)


def is_centred(images: Grey) -> bool:
    """Whether images (N, C, H, W) are made as MNIST's: by their larger sides and centres of mass.

    Of the first 500, nine tenths must have the centre of mass within a pixel of the middle, and the
    ink's larger side must be 20 pixels give or take 2 (of 28; other sizes in proportion).
    """
    some = images[:_LOOKED_AT].max(axis=1)
    height, width = some.shape[1:]
    pixel = min(height, width) / _SIDE
    good = 0
    for image in some:
        larger = max(cropped(image).shape)
        y, x = _mass_centre(image)
        off = max(abs(y - (height - 1) / 2), abs(x - (width - 1) / 2))
        # The middle of an even number of pixels lies between two.
        centre_fits = off <= (_OFF + 0.5) * pixel
        good += centre_fits and abs(larger - _LARGER * pixel) <= 2 * pixel
    return bool(len(some) > 0 and good >= 0.9 * len(some))


def _mass_centre(grey: Grey) -> tuple[float, float]:
    """The (row, column) of the centre of mass; the middle where all is black."""
    total = float(grey.sum(dtype=np.float64))
    height, width = grey.shape
    if total == 0:
        return (height - 1) / 2, (width - 1) / 2
    rows = grey.sum(axis=1, dtype=np.float64) @ np.arange(height)
    columns = grey.sum(axis=0, dtype=np.float64) @ np.arange(width)
    return rows / total, columns / total


def _scaled(grey: Grey, height: int, width: int) -> Grey:
    """`grey` as large as it fits into (height, width), smoothed where it becomes smaller."""
    tall, wide = grey.shape[:2]
    factor = min(height / tall, width / wide)
    size = (max(1, round(wide * factor)), max(1, round(tall * factor)))
    # Pillow is no part of the window's start.
    from PIL import Image  # noqa: PLC0415

    return np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BICUBIC))


def _pasted(grey: Grey, height: int, width: int, *, centre_mass: bool) -> Grey:
    """`grey` on black, its centre of mass or (else) its middle in the middle; what is over is cut.

    MNIST shifts by whole pixels, too, and its centre lies at index H/2.
    """
    tall, wide = grey.shape[:2]
    y, x = (
        (height / 2 - _mass_centre(grey)[0], width / 2 - _mass_centre(grey)[1])
        if centre_mass
        else ((height - tall) / 2, (width - wide) / 2)
    )
    top, left = round(y), round(x)
    result = np.zeros((height, width, *grey.shape[2:]), np.uint8)
    rows = slice(max(0, top), min(height, top + tall))
    columns = slice(max(0, left), min(width, left + wide))
    result[rows, columns] = grey[
        rows.start - top : rows.stop - top, columns.start - left : columns.stop - left
    ]
    return result
