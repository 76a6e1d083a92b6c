"""Many points as small discs in one picture, by NumPy alone.

Stamping disc after disc costs time for each point. Here each point first marks its own pixel with
its place in the drawing order; then a maximum over a disc-shaped neighbourhood says for every pixel
which disc lies on top, at a cost that does not depend on how many points there are; last, every
covered pixel is shaded from its distance to that disc's true centre, which makes edges smooth and
lets points glide by less than a pixel.
"""

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]
Ints = npt.NDArray[np.integer]
Image = npt.NDArray[np.uint32]

OUTLINE = 0.8
"""Width in pixels of the rim in the background's colour that parts overlapping discs."""
_PER_SQUARE_PIXEL = 32  # steps of squared distance: 0.01 pixel at the rim of a usual disc


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
    margin = math.ceil(radius + OUTLINE + 1) if radius >= 1 else 0
    seen = (x >= -margin) & (x < width + margin) & (y >= -margin) & (y < height + margin)
    x, y, colour = x[seen], y[seen], colour[seen]
    if radius < 1:
        dots = np.zeros(width * height, np.uint32)
        dots[y.astype(np.intp) * width + x.astype(np.intp)] = table[colour, 0]
        return dots.reshape(height, width)
    kind = np.uint16 if len(x) < 65_535 else np.uint32
    marks = np.zeros((height + 2 * margin, width + 2 * margin), kind)
    column = np.floor(x).astype(np.intp) + margin
    row = np.floor(y).astype(np.intp) + margin
    # Of several equal indices NumPy keeps the last value: the point drawn last.
    marks.reshape(-1)[row * marks.shape[1] + column] = np.arange(1, len(x) + 1, dtype=kind)
    owner = _spread(marks, margin, radius + OUTLINE + 0.5).reshape(-1)
    covered = np.flatnonzero(owner != 0)
    top = owner[covered].astype(np.intp) - 1
    pixel_row, pixel_column = np.divmod(covered.astype(np.uint32), np.uint32(width))
    dx = x.astype(np.float32).take(top) - pixel_column - np.float32(0.5)
    dy = y.astype(np.float32).take(top) - pixel_row - np.float32(0.5)
    dx *= dx
    dy *= dy
    dx += dy
    dx *= _PER_SQUARE_PIXEL
    shade = dx.astype(np.intp)
    np.minimum(shade, table.shape[1] - 1, out=shade)
    shade += (colour.astype(np.intp) * table.shape[1]).take(top)
    picture = np.zeros(width * height, np.uint32)
    picture[covered] = table.reshape(-1).take(shade)
    return picture.reshape(height, width)


def _spread(marks: Ints, margin: int, reach: float) -> Ints:
    """The largest mark within `reach` pixels of each pixel; `margin` columns and rows fall away.

    A disc is a stack of rows: each row length is a maximum along x, made from the next shorter one.
    """
    height, width = marks.shape[0] - 2 * margin, marks.shape[1] - 2 * margin
    result = np.zeros((height, width), marks.dtype)
    by_half: dict[int, list[int]] = {}
    for dy in range(-int(reach), int(reach) + 1):
        by_half.setdefault(int(math.sqrt(reach * reach - dy * dy)), []).append(dy)
    run = marks
    for half in range(int(reach) + 1):
        if half:
            longer = run.copy()
            np.maximum(run[:, :-1], longer[:, 1:], out=longer[:, 1:])
            np.maximum(run[:, 1:], longer[:, :-1], out=longer[:, :-1])
            run = longer
        for dy in by_half.get(half, []):
            part = run[margin + dy : margin + dy + height, margin : margin + width]
            np.maximum(result, part, out=result)
    return result
