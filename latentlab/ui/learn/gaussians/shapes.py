"""What is shown on a plane of Gaussians."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from latentlab.core.ellipse import Ellipse
from latentlab.ui.learn.gaussians.shading import Density
from latentlab.ui.number_text import fixed_tuple, significant_tuple

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Shape:
    """An ellipse on the plane. role: a field of the theme; axes: whether they can be dragged.

    side: 1 or −1, on which of its ends an axis has its handle, so that equals stay apart.
    """

    name: str
    ellipse: Ellipse
    role: str
    axes: bool = True
    dashed: bool = False
    side: int = 1


@dataclass(frozen=True, slots=True)
class Shade:
    """A density to be shaded, relative to its highest on the plane."""

    density: Density
    role: str


@dataclass(frozen=True, slots=True)
class Dots:
    """Points (M, 2), or with `joined` the way along them, in a colour of the theme."""

    points: Floats
    role: str
    joined: bool = False


def shapes_of(p: Ellipse, q: Ellipse) -> tuple[tuple[Shape, ...], tuple[Shade, ...]]:
    """p and q, as all pages show them."""
    shapes = (
        Shape("p", p, "more"),
        Shape("q", q, "less", dashed=True, side=-1),
    )
    return shapes, tuple(Shade(shape.ellipse.gaussian, shape.role) for shape in shapes)


def described(shape: Shape) -> str:
    """In words, for a screen reader."""
    ellipse = shape.ellipse
    text = f"{shape.name}: mean {fixed_tuple(ellipse.mean)}"
    if not shape.axes:
        return text
    angle = round(math.degrees(ellipse.angle)) % 180
    return f"{text}, σ {significant_tuple(ellipse.sigmas)}, turned by {angle}°"
