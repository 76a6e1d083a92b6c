"""Where a latent point lies in pixels. The plane is to scale: one unit is as wide as it is high."""

import math
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from latentlab.app.state import Z_LIMIT, Viewport

MIN_SPAN = 1e-4
MAX_SPAN = 1e4

Number = TypeVar("Number", float, npt.NDArray[np.float64], npt.NDArray[np.float32])


@dataclass(frozen=True, slots=True)
class Camera:
    """A viewport shown in a rectangle of pixels (top left corner and size; y grows downwards)."""

    viewport: Viewport
    left: float
    top: float
    width: float
    height: float

    @property
    def scale(self) -> float:
        """Pixels per latent unit, on both axes."""
        return self.width / (self.viewport.x_max - self.viewport.x_min)

    def x_to_pixel(self, x: Number) -> Number:
        """Horizontal pixel position of latent x."""
        return (x - self.viewport.x_min) * self.scale + self.left

    def y_to_pixel(self, y: Number) -> Number:
        """Vertical pixel position of latent y."""
        return (self.viewport.y_max - y) * self.scale + self.top

    def to_latent(self, px: float, py: float) -> tuple[float, float]:
        """The latent point under a pixel position."""
        x = self.viewport.x_min + (px - self.left) / self.scale
        y = self.viewport.y_max - (py - self.top) / self.scale
        return x, y

    def at(self, left: float, top: float, factor: float = 1.0) -> "Camera":
        """The same view with its corner elsewhere and `factor` times as many pixels."""
        return replace(
            self, left=left, top=top, width=self.width * factor, height=self.height * factor
        )


def is_usable(viewport: Viewport) -> bool:
    """Whether the four bounds are finite and in order."""
    bounds = (viewport.x_min, viewport.x_max, viewport.y_min, viewport.y_max)
    return (
        all(math.isfinite(bound) for bound in bounds)
        and viewport.x_min < viewport.x_max
        and viewport.y_min < viewport.y_max
    )


def fitted(viewport: Viewport, width: float, height: float) -> Viewport:
    """The smallest view to scale that holds `viewport` in width × height pixels.

    Spans stay within MIN_SPAN and MAX_SPAN, the centre within ±Z_LIMIT.
    """
    across, down = viewport.x_max - viewport.x_min, viewport.y_max - viewport.y_min
    unit = max(across / width, down / height)
    unit = min(max(unit, MIN_SPAN / min(width, height)), MAX_SPAN / max(width, height))
    x = _clamped((viewport.x_min + viewport.x_max) / 2)
    y = _clamped((viewport.y_min + viewport.y_max) / 2)
    half_width, half_height = unit * width / 2, unit * height / 2
    return Viewport(x - half_width, x + half_width, y - half_height, y + half_height)


def zoomed(viewport: Viewport, factor: float, x: float, y: float) -> Viewport:
    """`viewport` magnified by `factor` with latent (x, y) staying where it is, within limits."""
    across, down = viewport.x_max - viewport.x_min, viewport.y_max - viewport.y_min
    factor = min(max(factor, max(across, down) / MAX_SPAN), min(across, down) / MIN_SPAN)
    return Viewport(
        x + (viewport.x_min - x) / factor,
        x + (viewport.x_max - x) / factor,
        y + (viewport.y_min - y) / factor,
        y + (viewport.y_max - y) / factor,
    )


def panned(viewport: Viewport, dx: float, dy: float) -> Viewport:
    """`viewport` moved by (dx, dy) latent units."""
    return Viewport(
        viewport.x_min + dx, viewport.x_max + dx, viewport.y_min + dy, viewport.y_max + dy
    )


def _clamped(value: float) -> float:
    return min(max(value, -Z_LIMIT), Z_LIMIT)
