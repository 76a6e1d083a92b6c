"""Vectors as pictures, light on black as digits are: signals as curves, a few features as bars."""

import math

import numpy as np
import numpy.typing as npt

from latentlab.data.vectors import MOST_FEATURES

Picture = npt.NDArray[np.uint8]
_Reals = npt.NDArray[np.float64]

SIDE = 192
"""Pixels of a picture: more than most places show, so that it is reduced smoothly."""
_MARGIN = 0.06  # of the side, all around
_THICK = 0.013  # of the side, half of a curve's line
_FLOOR = 60  # grey level of the line that bars stand on
_BAR, _INNER = 0.76, 0.34  # of a bar's place: its width, and that of one drawn over it
_X_GREY = 0.5
_X_HAT = (77, 171, 255)  # over the grey of x


def drawn(levels: Picture, side: int = SIDE) -> Picture:
    """Pictures (n, side, side) of vectors (n, D), whose values 0 to 255 go from bottom to top."""
    return np.stack([np.rint(255 * _ink(row, side)).astype(np.uint8) for row in levels])


def drawn_over(x: Picture, x_hat: Picture, side: int = SIDE) -> Picture:
    """One picture (side, side, 3): x (D,) in grey, and x̂ (D,) over it in blue."""
    below = 255 * _X_GREY * _ink(x, side)[..., None]
    above = _ink(x_hat, side, _INNER)[..., None]
    picture: Picture = np.rint((1 - above) * below + above * np.array(_X_HAT)).astype(np.uint8)
    return picture


def _ink(row: Picture, side: int, width: float = _BAR) -> _Reals:
    """(side, side), 0 to 1."""
    heights = row.astype(np.float64) / 255
    return _bars(heights, side, width) if len(row) <= MOST_FEATURES else _curve(heights, side)


def _curve(heights: _Reals, side: int) -> _Reals:
    """A line through (D,) heights, 0 to 1; where many share a column, as far as they reach."""
    room = side * (1 - 2 * _MARGIN)
    columns = round(room)
    # Straight between its values, it is highest and lowest at one of them or where a column ends.
    values = np.arange(len(heights), dtype=np.float64)
    edges = np.linspace(0, len(heights) - 1, columns + 1)
    at = np.union1d(values, edges)
    y = side * _MARGIN + room * (1 - np.interp(at, values, heights))
    begins = np.searchsorted(at, edges)
    ends = y[begins[1:]]
    half = max(0.6, _THICK * side)
    low = np.minimum(np.minimum.reduceat(y, begins[:-1]), ends) - half
    high = np.maximum(np.maximum.reduceat(y, begins[:-1]), ends) + half
    # Two columns wide, so that a steep line is not thinner than a flat one.
    low[1:], high[1:] = np.minimum(low[1:], low[:-1]), np.maximum(high[1:], high[:-1])
    rows = np.arange(side)[:, None]
    ink = np.zeros((side, side))
    left = (side - columns) // 2
    cover = np.minimum(high, rows + 1) - np.maximum(low, rows)
    ink[:, left : left + columns] = np.clip(cover, 0, 1)
    return ink


def _bars(heights: _Reals, side: int, width: float) -> _Reals:
    """A bar for each of (D,) heights, 0 to 1, from the bottom up."""
    room = side * (1 - 2 * _MARGIN)
    place = room / len(heights)
    middle = side * _MARGIN + place * (np.arange(len(heights)) + 0.5)
    left, right = middle - place * width / 2, middle + place * width / 2
    pixels = np.arange(side)
    across = np.clip(
        np.minimum(right[:, None], pixels + 1) - np.maximum(left[:, None], pixels), 0, 1
    )
    bottom = side * (1 - _MARGIN)
    top = bottom - room * heights
    down = np.clip(np.minimum(bottom, pixels[:, None] + 1) - np.maximum(top, pixels[:, None]), 0, 1)
    ink: _Reals = np.clip(down @ across, 0, 1)
    floor = slice(math.floor(bottom), math.floor(bottom) + max(1, side // 96))
    ink[floor, math.floor(side * _MARGIN) : math.ceil(side * (1 - _MARGIN))] = _FLOOR / 255
    return ink
