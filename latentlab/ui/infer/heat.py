"""Log densities as pictures: shaded where they are high, with lines at some levels."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor, QImage

from latentlab.app.infer_view import Field
from latentlab.app.state import Viewport
from latentlab.ui.theme import Theme, mix

Floats = npt.NDArray[np.float32]

# Nats below the highest value, under which nothing is seen, nor may bend the cubic above it.
_DEPTH = 60.0
_LINE = 0.7  # half a contour's width, pixels


@dataclass(frozen=True, slots=True)
class Ink:
    """The colours of a density: of the ground, of the middle, and where it is the highest."""

    ground: str
    middle: str
    peak: str


def posterior_ink(theme: Theme) -> Ink:
    """For p(z|x)."""
    return _ink(theme, theme.accent)


def likelihood_ink(theme: Theme) -> Ink:
    """For p(x|z), which is the reconstruction's term."""
    return _ink(theme, theme.reconstruction)


def prior_ink(theme: Theme) -> Ink:
    """For p(z)."""
    return _ink(theme, theme.prior)


def _ink(theme: Theme, hue: str) -> Ink:
    return Ink(theme.plane, mix(theme.plane, hue, 0.6), mix(hue, theme.text, 0.35))


def sampled(field: Field, view: Viewport, width: int, height: int) -> Floats:
    """log p(x|z) at the centres of width × height pixels of `view`: (height, width), row 0 on top.

    A cubic through the field's values (Keys 1981): where a peak is a Gaussian, its logarithm is a
    parabola, which that hits exactly. NaN outside the field.
    """
    values = np.maximum(field.values, field.values.max() - _DEPTH).astype(np.float32)
    area = field.area
    columns, rows = values.shape
    across = _weights(_centres(view.x_min, view.x_max, width), area.x_min, area.x_max, columns)
    up = _weights(_centres(view.y_min, view.y_max, height), area.y_min, area.y_max, rows)
    result: Floats = (up @ values.T @ across.T)[::-1]
    return result


def log_prior(view: Viewport, width: int, height: int) -> Floats:
    """log N(z; 0, I) at the same places."""
    x = _centres(view.x_min, view.x_max, width)
    y = _centres(view.y_min, view.y_max, height)
    result: Floats = (-0.5 * (y[::-1, None] ** 2 + x**2) - math.log(2 * math.pi)).astype(np.float32)
    return result


def shaded(log_density: Floats, ink: Ink, top: float) -> npt.NDArray[np.float32]:
    """(height, width, 4) RGBA, 0 to 255: the root of the density, relative to e^top."""
    finite = np.nan_to_num(log_density, nan=-np.inf)
    part = np.exp(0.5 * np.minimum(finite - top, 0))
    table = _table(ink)
    result: npt.NDArray[np.float32] = table[(part * (len(table) - 1)).astype(np.intp)]
    return result


def draw_contours(
    picture: npt.NDArray[np.float32], log_density: Floats, levels: Sequence[float], colour: str
) -> None:
    """Draw a line of even width into `picture` where `log_density` is at each of the levels."""
    down, right = np.gradient(log_density)
    slope = np.maximum(np.hypot(down, right), 1e-6)
    line = QColor(colour)
    rgba = np.array([line.red(), line.green(), line.blue(), 255], np.float32)
    for level in levels:
        distance = np.abs(log_density - level) / slope
        cover = np.nan_to_num(np.clip(_LINE + 0.5 - distance, 0, 1))[..., None]
        picture += cover * (rgba - picture)


def to_image(picture: npt.NDArray[np.float32]) -> QImage:
    """RGBA (height, width, 4) as an image of its own bytes."""
    height, width = picture.shape[:2]
    rgba = np.ascontiguousarray(picture.astype(np.uint8))
    image = QImage(rgba.data, width, height, 4 * width, QImage.Format.Format_RGBA8888)
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


def _table(ink: Ink) -> npt.NDArray[np.float32]:
    stops = [QColor(name) for name in (ink.ground, ink.middle, ink.peak)]
    at = np.linspace(0, 1, 256)
    channels = [
        np.interp(at, (0, 0.45, 1), [getattr(stop, name)() for stop in stops])
        for name in ("red", "green", "blue")
    ]
    # The plane's grid shines through where the density is low.
    channels.append(np.interp(at, (0, 0.12), (0, 255)))
    return np.stack(channels, axis=1).astype(np.float32)


def _centres(low: float, high: float, count: int) -> npt.NDArray[np.float64]:
    return low + (np.arange(count) + 0.5) * (high - low) / count


def _weights(places: npt.NDArray[np.float64], start: float, stop: float, cells: int) -> Floats:
    """(P, cells): what each cell's value counts for at each of P places; NaN beyond the cells."""
    place = (places - start) * cells / (stop - start) - 0.5
    first = np.floor(place).astype(np.intp)
    t = place - first
    cubic = (
        ((2 - t) * t - 1) * t / 2,
        ((3 * t - 5) * t * t + 2) / 2,
        ((4 - 3 * t) * t + 1) * t / 2,
        (t - 1) * t * t / 2,
    )
    result = np.zeros((len(places), cells), np.float32)
    rows = np.arange(len(places))
    for step, weight in enumerate(cubic):
        np.add.at(result, (rows, np.clip(first + step - 1, 0, cells - 1)), weight)
    result[(place < -0.5) | (place > cells - 0.5)] = np.nan
    return result


def top_of(region: npt.NDArray[np.bool_]) -> tuple[int, int] | None:
    """The (column, row) of the highest pixel of a region (height, width); None where it is empty.

    Of several in that row, the middle one.
    """
    rows = np.flatnonzero(region.any(axis=1))
    if not len(rows):
        return None
    columns = np.flatnonzero(region[rows[0]])
    return int(columns[len(columns) // 2]), int(rows[0])
