"""Many points as small discs in one picture, by NumPy alone.

Stamping disc after disc costs time for each point. Here each point first marks its own pixel with
its place in the drawing order; then a maximum over a disc-shaped neighbourhood says for every pixel
which disc lies on top, at a cost that does not depend on how many points there are; last, every
covered pixel is shaded from its distance to that disc's true centre, which makes edges smooth and
lets points glide by less than a pixel.
"""

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]
Ints = npt.NDArray[np.integer]
Image = npt.NDArray[np.uint32]
Complexes = npt.NDArray[np.complex64]

OUTLINE = 0.8
"""Width in pixels of the rim in the background's colour that parts overlapping discs."""
_PER_SQUARE_PIXEL = 32  # steps of squared distance: 0.01 pixel at the rim of a usual disc
_PIECE = 1 << 16


def disc_table(colours: npt.NDArray[np.uint8], rim: tuple[int, int, int], radius: float) -> Image:
    """Premultiplied ARGB of a disc by (colour, squared distance from its centre).

    colours: (C, 4) red, green, blue, alpha. radius: of the coloured core, in pixels.
    Returns (C, Q); the last column is fully transparent.
    """
    reach = radius + OUTLINE + 1.5
    steps = math.ceil(2 * reach * reach * _PER_SQUARE_PIXEL) + 2
    distance = np.sqrt(np.arange(steps) / _PER_SQUARE_PIXEL)
    core = np.clip(radius + 0.5 - distance, 0, 1)[None, :, None]
    cover = np.clip(radius + OUTLINE + 0.5 - distance, 0, 1)[None, :]
    rgb = colours[:, None, :3] * core + np.asarray(rim, np.float64) * (1 - core)
    alpha = cover * colours[:, None, 3] / 255
    alpha = alpha * (0.7 + 0.3 * core[..., 0])
    parts = np.rint(np.concatenate([alpha[..., None] * 255, rgb * alpha[..., None]], axis=2))
    places = np.array([1 << 24, 1 << 16, 1 << 8, 1])
    table: Image = (parts @ places).astype(np.uint32)
    return table


def rasterise(
    x: Floats,
    y: Floats,
    colour: Ints,
    table: Image,
    *,
    radius: float,
    width: int,
    height: int,
) -> Image:
    """Discs at (x, y) as a picture (height, width) of premultiplied ARGB, 0xAARRGGBB in each value.

    x, y: (N,) pixel positions, pixel i covering [i, i + 1); NaN and what lies outside is dropped.
    Later points lie over earlier ones. colour: (N,) rows of `table`, made by `disc_table` for the
    same radius. A radius under 1 draws one pixel for each point.
    """
    if radius < 1:
        return _dots(x, y, colour, table[:, 0], (height, width))
    margin = math.ceil(radius + OUTLINE + 1)
    seen = (x >= -margin) & (x < width + margin) & (y >= -margin) & (y < height + margin)
    x, y, colour = x[seen], y[seen], colour[seen]
    stride = width + 2 * margin
    kind = np.uint16 if len(x) < 65_535 else np.uint32
    marks: Ints = np.zeros((height + 2 * margin) * stride, kind)
    column = np.floor(x).astype(np.intp) + margin
    row = np.floor(y).astype(np.intp) + margin
    # Of several equal indices NumPy keeps the last value: the point drawn last.
    marks[row * stride + column] = np.arange(1, len(x) + 1, dtype=kind)
    owner = _spread(marks, stride, margin, radius + OUTLINE + 0.5)
    covered = np.flatnonzero(owner != 0)
    top = owner.take(covered).astype(np.intp)
    top -= 1
    # A place is one complex number, so that it is fetched at once.
    away = _complex(x, y).take(top)
    away -= _centres(width, height).take(covered)
    square = np.square(away.view(np.float32))
    distance = square[0::2] + square[1::2]
    distance *= _PER_SQUARE_PIXEL
    shade = distance.astype(np.intp)
    shade += (colour.astype(np.intp) * table.shape[1]).take(top)
    picture = np.zeros(width * height, np.uint32)
    picture[covered] = table.reshape(-1).take(shade)
    return picture.reshape(height, width)


def _dots(x: Floats, y: Floats, colour: Ints, tones: Image, shape: tuple[int, int]) -> Image:
    """A pixel for each point; in pieces that stay in the processor's cache."""
    height, width = shape
    picture = np.zeros(width * height, np.uint32)
    for start in range(0, len(x), _PIECE):
        piece = slice(start, start + _PIECE)
        across, down = x[piece], y[piece]
        seen = np.flatnonzero((across >= 0) & (across < width) & (down >= 0) & (down < height))
        place = down.take(seen).astype(np.intp)
        place *= width
        place += across.take(seen).astype(np.intp)
        picture[place] = tones.take(colour[piece].take(seen))
    return picture.reshape(height, width)


def _complex(x: Floats, y: Floats) -> Complexes:
    both = np.empty((len(x), 2), np.float32)
    both[:, 0], both[:, 1] = x, y
    return both.view(np.complex64)[:, 0]


@lru_cache(maxsize=2)
def _centres(width: int, height: int) -> Complexes:
    """The middle of each pixel of a picture, row by row."""
    across = np.arange(width, dtype=np.float32) + np.float32(0.5)
    down = np.arange(height, dtype=np.float32) + np.float32(0.5)
    return _complex(np.tile(across, height), np.repeat(down, width))


def _spread(marks: Ints, stride: int, margin: int, reach: float) -> Ints:
    """The largest mark within `reach` pixels of each pixel: flat, without the margins.

    marks: flat, rows of `stride` with `margin` columns at both ends and rows above and below. A
    disc is made of a few centred rectangles, and a maximum over a rectangle is one along x, then
    one along y.
    """
    tallest: dict[int, int] = {}  # by half the width, half the height
    for half in range(int(reach) + 1):
        tallest[int(math.sqrt(reach * reach - half * half))] = half
    inside = slice(margin * stride, len(marks) - margin * stride)
    result = np.zeros_like(marks[inside])
    for across, down in tallest.items():
        run = _running_maximum(_running_maximum(marks, 2 * across + 1, 1), 2 * down + 1, stride)
        # It begins at its place; the rectangle is centred on it.
        corner = down * stride + across
        np.maximum(result, run[inside.start - corner : inside.stop - corner], out=result)
    return result.reshape(-1, stride)[:, margin : stride - margin].reshape(-1)


def _running_maximum(marks: Ints, length: int, step: int) -> Ints:
    """The maximum of each mark and the next length − 1, `step` apart; of what there is at the end.

    Made from spans of 1, 2, 4 …, so that the cost hardly grows with `length`.
    """
    span = 1
    while span < length:
        shift = min(span, length - span)
        apart = shift * step
        longer = np.empty_like(marks)
        np.maximum(marks[:-apart], marks[apart:], out=longer[:-apart])
        longer[-apart:] = marks[-apart:]
        marks, span = longer, span + shift
    return marks
