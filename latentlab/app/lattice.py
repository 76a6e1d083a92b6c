"""Equal cells over a part of the latent plane, and what is decoded at their centres."""

import math
from dataclasses import dataclass, replace

import numpy as np
from torch import Tensor

from latentlab.app.infer_view import Field, Floats
from latentlab.app.state import Viewport
from latentlab.core.cells import BASE_WIDTH, FINEST_WIDTH, Cells
from latentlab.core.coarse import steepness
from latentlab.core.evidence import Evidence
from latentlab.core.exponential import Decoder, Table
from latentlab.core.glimpse import glimpse

_WIDEST = BASE_WIDTH * (1 << 20)
_BESIDE = 2  # cells beyond what is shown, from which a cubic at its edge is made


@dataclass(frozen=True)
class Lattice:
    """cells: of one width, `shape` (columns, rows) of them, the rows the fastest, from (left, low).

    table: decoded at their centres, or None.
    """

    cells: Cells
    shape: tuple[int, int]
    left: float
    low: float
    table: Table | None = None

    @property
    def width(self) -> float:
        """Of each cell."""
        return float(self.cells.width[0])

    def covers(self, area: Viewport) -> bool:
        """Whether all of `area` is within it."""
        columns, rows = self.shape
        return (
            self.left <= area.x_min
            and self.low <= area.y_min
            and area.x_max <= self.left + columns * self.width
            and area.y_max <= self.low + rows * self.width
        )

    def decoded(self, decoder: Decoder) -> "Lattice":
        """The same with its table."""
        return replace(self, table=decoder.table(self.cells.centre))

    def look(self, decoder: Decoder, x: Tensor) -> Floats:
        """log p(x|z) at the centres for x (1, D), from the table: (M,) nats."""
        assert self.table is not None
        product = self.table.product(x.to(self.table.natural.dtype))
        result: Floats = (product + decoder.base(x)[:, None])[0].numpy()
        return result

    def field(self, values: Floats) -> Field:
        """`values` (M,) of the cells, as they lie on the plane."""
        columns, rows = self.shape
        right, top = self.left + columns * self.width, self.low + rows * self.width
        return Field(Viewport(self.left, right, self.low, top), values.reshape(self.shape))

    def glimpse(self, decoder: Decoder, x: Tensor, log_likelihood: Floats) -> Evidence:
        """What these cells say of log p(x), and some more values where the mass seems to be."""
        steep = steepness(log_likelihood.reshape(self.shape)).reshape(-1)
        return glimpse(decoder, x, self.cells, log_likelihood, steep)


def over(area: Viewport, most: int) -> Lattice:
    """At most so many cells over `area`, as narrow as can be, of a width that quadratures have."""
    width = _WIDEST
    while width > FINEST_WIDTH and math.prod(_counts(area, width / 2)) <= most:
        width /= 2
    columns, rows = _counts(area, width)
    left = (math.floor(area.x_min / width) - _BESIDE) * width
    low = (math.floor(area.y_min / width) - _BESIDE) * width
    x = left + (np.arange(columns) + 0.5) * width
    y = low + (np.arange(rows) + 0.5) * width
    centre = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1).reshape(-1, 2)
    return Lattice(Cells(centre, np.full(len(centre), width)), (columns, rows), left, low)


def _counts(area: Viewport, width: float) -> tuple[int, int]:
    columns, rows = (
        math.ceil(high / width) - math.floor(low / width) + 2 * _BESIDE
        for low, high in ((area.x_min, area.x_max), (area.y_min, area.y_max))
    )
    return columns, rows
