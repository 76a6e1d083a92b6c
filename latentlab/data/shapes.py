"""A set that latentlab draws itself, so that what lies behind each image is known."""

import math

import numpy as np
import numpy.typing as npt

from latentlab.data.dataset import DataPair, Dataset, Factor, Split

SHAPES = "shapes"
KINDS = ("rectangle", "ellipse", "triangle")
SIDE = 28
TRAIN, TEST = 10_000, 2_000

# Every shape fits into a circle of radius `size` around (x, y), and that into the image. Within
# these turns no shape looks the same twice, so that a turn can be told from its picture.
_RANGES = (("x", "px", 9.5, 18.5), ("y", "px", 9.5, 18.5), ("size", "px", 5.0, 8.0),
           ("rotation", "°", -60.0, 60.0))  # fmt: skip
_CHUNK = 1_000
_SLIM = 0.5  # an ellipse's width against its length, a rectangle's likewise
# An isosceles triangle on a circle of radius 1, its tip on the left, clockwise on the screen.
_CORNERS = np.array([(-1.0, 0.0), (0.7, -math.sqrt(1 - 0.49)), (0.7, math.sqrt(1 - 0.49))])

Floats = npt.NDArray[np.float64]


def load_shapes() -> DataPair:
    """10,000 training and 2,000 test images (N, 1, 28, 28), always the same, with their factors.

    Classes are kinds of shape, taken in turn. x, y, size and rotation are spread evenly and
    independently of each other and of the class: images n = 1, 2, … have the fractions
    n/gⁱ mod 1, i = 1 to 4, of their ranges, with g⁵ = g + 1 (the additive recurrence R₄ of Martin
    Roberts, "The Unreasonable Effectiveness of Quasirandom Sequences", 2018). So nothing depends
    on a random generator.
    """
    return DataPair(_split("train", 0, TRAIN), _split("test", TRAIN, TEST))


def draw(kinds: npt.NDArray[np.int64], factors: Floats) -> npt.NDArray[np.uint8]:
    """White shapes on black, (N, 28, 28), from 0 to 255: about how much of a pixel they cover.

    kinds: (N,) indices into `KINDS`. factors: (N, 4), x and y of the centre and the size (the
    radius of the circle around it) in pixels from the image's upper left corner, and the rotation
    in degrees, clockwise on the screen. An edge covers ½ − the signed distance of a pixel's middle
    from it, between 0 and 1; where edges meet, the product of what they cover.
    """
    images = np.empty((len(kinds), SIDE, SIDE), np.uint8)
    for start in range(0, len(kinds), _CHUNK):
        part = slice(start, start + _CHUNK)
        images[part] = _draw(kinds[part], factors[part])
    return images


def _split(split: Split, first: int, count: int) -> Dataset:
    numbers = np.arange(first + 1, first + count + 1, dtype=np.float64)
    g = _root()
    fractions = np.stack([numbers / g**power % 1 for power in range(1, len(_RANGES) + 1)], axis=1)
    low, high = (np.array([r[end] for r in _RANGES]) for end in (2, 3))
    values = low + fractions * (high - low)
    kinds = np.arange(first, first + count) % len(KINDS)
    return Dataset(
        name=SHAPES,
        split=split,
        images=draw(kinds, values)[:, None],
        labels=kinds.astype(np.int64),
        class_names=KINDS,
        source="Shapes of known position, size and rotation, drawn by latentlab",
        licence="CC0 1.0",
        factors=tuple(
            Factor(name, unit, values[:, column].astype(np.float32), least, most)
            for column, (name, unit, least, most) in enumerate(_RANGES)
        ),
    )


def _root() -> float:
    """The g > 1 with g⁵ = g + 1, by Newton's method."""
    g = 1.2
    for _ in range(20):
        g -= (g**5 - g - 1) / (5 * g**4 - 1)
    return g


def _draw(kinds: npt.NDArray[np.int64], factors: Floats) -> npt.NDArray[np.uint8]:
    x, y, size, rotation = factors.T[:, :, None, None]
    middles = np.arange(SIDE) + 0.5
    across, down = middles[None, None, :] - x, middles[None, :, None] - y
    turn = np.deg2rad(rotation)
    # In the shape's own frame.
    u = across * np.cos(turn) + down * np.sin(turn)
    v = down * np.cos(turn) - across * np.sin(turn)
    covered: Floats = np.empty(u.shape)
    for kind, shape in enumerate((_rectangle, _ellipse, _triangle)):
        of = kinds == kind
        covered[of] = shape(u[of], v[of], size[of])
    return np.rint(255 * covered).astype(np.uint8)


def _covered(distance: Floats) -> Floats:
    """Of pixels whose middles are so far outside an edge; negative: inside."""
    part: Floats = np.clip(0.5 - distance, 0, 1)
    return part


def _rectangle(u: Floats, v: Floats, size: Floats) -> Floats:
    length = size / math.hypot(1, _SLIM)
    return _covered(np.abs(u) - length) * _covered(np.abs(v) - _SLIM * length)


def _ellipse(u: Floats, v: Floats, size: Floats) -> Floats:
    """Its distance by the first order of its equation, which is exact at the edge."""
    a, b = size, _SLIM * size
    level = np.hypot(u / a, v / b)
    slope = np.hypot(u / a**2, v / b**2)
    return _covered(level * (level - 1) / np.maximum(slope, 1e-9))


def _triangle(u: Floats, v: Floats, size: Floats) -> Floats:
    covered = np.ones(u.shape)
    for (x1, y1), (x2, y2) in zip(_CORNERS, np.roll(_CORNERS, -1, axis=0), strict=True):
        length = math.hypot(x2 - x1, y2 - y1)
        out_u, out_v = (y2 - y1) / length, (x1 - x2) / length
        covered *= _covered(out_u * u + out_v * v - size * (out_u * x1 + out_v * y1))
    return covered
