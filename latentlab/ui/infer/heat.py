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
Picture = npt.NDArray[np.uint8]

# Nats below the highest value, under which nothing is seen, nor may bend the cubic above it.
_DEPTH = 60.0
_STEPS = 256  # of a shade
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
    """For p(z): fainter, since a narrow view is all of one density."""
    return Ink(theme.plane, mix(theme.plane, theme.prior, 0.35), mix(theme.plane, theme.prior, 0.8))


def _ink(theme: Theme, hue: str) -> Ink:
    return Ink(theme.plane, mix(theme.plane, hue, 0.6), mix(hue, theme.text, 0.35))


def sampled(field: Field, view: Viewport, width: int, height: int) -> Floats:
    """log p(x|z) at the centres of width × height pixels of `view`: (height, width), row 0 on top.

    A cubic through the field's values (Keys 1981): where a peak is a Gaussian, its logarithm is a
    parabola, which that hits exactly. NaN outside the field.
    """
    values = np.maximum(field.values, field.values.max() - _DEPTH).astype(np.float32)
    area = field.area
    across = _centres(view.x_min, view.x_max, width)
    up = _centres(view.y_min, view.y_max, height)[::-1]
    # First along the axis that leaves fewer values.
    columns = _between(values, across, area.x_min, area.x_max)
    return _between(np.ascontiguousarray(columns.T), up, area.y_min, area.y_max)


def log_prior(view: Viewport, width: int, height: int) -> Floats:
    """log N(z; 0, I) at the same places."""
    x = _centres(view.x_min, view.x_max, width)
    y = _centres(view.y_min, view.y_max, height)
    result: Floats = (-0.5 * (y[::-1, None] ** 2 + x**2) - math.log(2 * math.pi)).astype(np.float32)
    return result


def shaded(log_density: Floats, ink: Ink, top: float) -> Picture:
    """(height, width, 4) RGBA: the root of the density, relative to e^top."""
    part = np.exp(np.minimum(0.5 * (log_density - np.float32(top)), 0))
    steps = np.nan_to_num(part * (_STEPS - 1), copy=False).astype(np.intp)
    result: Picture = _table(ink).take(steps).view(np.uint8).reshape(*log_density.shape, 4)
    return result


def draw_contours(
    picture: Picture, log_density: Floats, levels: Sequence[float], colour: str
) -> None:
    """Draw a line of even width into `picture` where `log_density` is at each of the levels."""
    down, right = np.gradient(log_density)
    slope = np.maximum(np.hypot(down, right), np.float32(1e-6))
    line = QColor(colour)
    rgba = np.array([line.red(), line.green(), line.blue(), 255], np.float32)
    pixels = picture.reshape(-1, 4)
    for level in levels:
        # A pixel's distance to the line is what it differs by, over how fast that changes.
        cover = np.float32(_LINE + 0.5) - np.abs(log_density - np.float32(level)) / slope
        touched = np.flatnonzero(cover > 0)
        part = np.minimum(cover.reshape(-1)[touched], 1)[:, None]
        pixels[touched] = (pixels[touched] * (1 - part) + rgba * part).astype(np.uint8)


def to_image(picture: Picture) -> QImage:
    """RGBA (height, width, 4) as an image of its own bytes."""
    height, width = picture.shape[:2]
    image = QImage(picture.data, width, height, 4 * width, QImage.Format.Format_RGBA8888)
    # The conversion copies, so that the picture outlives the array.
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


def _table(ink: Ink) -> npt.NDArray[np.uint32]:
    """(_STEPS,), each an RGBA in one number."""
    stops = [QColor(name) for name in (ink.ground, ink.middle, ink.peak)]
    at = np.linspace(0, 1, _STEPS)
    channels = [
        np.interp(at, (0, 0.45, 1), [getattr(stop, name)() for stop in stops])
        for name in ("red", "green", "blue")
    ]
    # The plane's grid shines through where the density is low.
    channels.append(np.interp(at, (0, 0.12), (0, 255)))
    return np.stack(channels, axis=1).astype(np.uint8).view(np.uint32)[:, 0]


def _centres(low: float, high: float, count: int) -> npt.NDArray[np.float64]:
    return low + (np.arange(count) + 0.5) * (high - low) / count


def _between(values: Floats, places: npt.NDArray[np.float64], start: float, stop: float) -> Floats:
    """`values` (cells, n), whose cells tile start to stop, at P places: (P, n); NaN beyond."""
    cells = len(values)
    place = (places - start) * cells / (stop - start) - 0.5
    first = np.floor(place).astype(np.intp)
    t = place - first
    cubic = (
        ((2 - t) * t - 1) * t / 2,
        ((3 * t - 5) * t * t + 2) / 2,
        ((4 - 3 * t) * t + 1) * t / 2,
        (t - 1) * t * t / 2,
    )
    beyond = (place < -0.5) | (place > cells - 0.5)
    result = np.zeros((len(places), values.shape[1]), np.float32)
    for step, weight in enumerate(cubic):
        weight[beyond] = np.nan
        nearby = values[np.clip(first + step - 1, 0, cells - 1)]
        result += weight.astype(np.float32)[:, None] * nearby
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
