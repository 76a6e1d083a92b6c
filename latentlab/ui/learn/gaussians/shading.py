"""Densities as a picture, each in its own colour, laid over each other."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor, QImage

from latentlab.app.state import Viewport

Floats = npt.NDArray[np.float64]

_PIXELS = 3  # of the screen for one of the picture, which is drawn smoothly
_FORMAT = QImage.Format.Format_RGBA8888_Premultiplied
_STRENGTH = 0.5  # how opaque a density is at its highest


class Density(Protocol):
    """A distribution over the plane."""

    def log_density(self, z: Floats) -> Floats:
        """At z (M, 2): (M,)."""


def shaded(
    layers: Sequence[tuple[Density, str]], view: Viewport, width: int, height: int
) -> QImage:
    """A picture of `view` for width × height pixels of the screen, a third as fine.

    Each density is as opaque as it is high, relative to its highest value in the picture.
    """
    columns, rows = max(width // _PIXELS, 1), max(height // _PIXELS, 1)
    x = view.x_min + (np.arange(columns) + 0.5) * (view.x_max - view.x_min) / columns
    y = view.y_max - (np.arange(rows) + 0.5) * (view.y_max - view.y_min) / rows
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    ink = np.zeros((len(points), 3))
    cover = np.zeros((len(points), 1))
    for density, name in layers:
        logs = density.log_density(points)
        alpha = _STRENGTH * np.exp(logs - logs.max())[:, None]
        colour = QColor(name)
        rgb = np.array([colour.red(), colour.green(), colour.blue()])
        ink = ink * (1 - alpha) + alpha * rgb
        cover = cover + alpha - cover * alpha
    bytes_ = np.concatenate([ink, 255 * cover], axis=1).round().astype(np.uint8)
    picture = QImage(bytes_.tobytes(), columns, rows, 4 * columns, _FORMAT)
    return picture.copy()
