"""The latent space in equal, coarse cells, decoded once for each version of the weights."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from torch import Tensor

from latentlab.core.cells import BASE_WIDTH, Cells, box
from latentlab.core.exponential import Decoder, Table
from latentlab.errors import InputError

Floats = npt.NDArray[np.float64]

# The first box is ±6, which is the prior's mass but for 4e-9; each further one is twice as wide,
# with cells twice as wide.
HALF_WIDTH = 6.0
MOST_BOXES = 6

# A peak of log p between two centres is higher than them by at most an eighth of the largest
# difference to a neighbour, if it is a parabola. Four times that finds the narrow peaks of the
# sharpest models, too (0.25 missed one that was a hundredth of p(x)), for 3 % more cells.
_RISE = 0.5


@dataclass(frozen=True)
class Coarse:
    """Of one image: log p(x|z) at the centres of `cells`, (M,), and how much higher it may be
    elsewhere in the cell, (M,); in nats."""

    cells: Cells
    log_likelihood: Floats
    rise: Floats


@dataclass
class Grid:
    """Decodes boxes of cells when they are first wanted, and keeps them.

    Raises InputError for more than 2 latent dimensions.
    """

    decoder: Decoder
    _boxes: list[tuple[Cells, Table]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.decoder.latent_dim > 2:
            raise InputError(
                "log p(x) is integrated over at most 2 latent dimensions, and this model has "
                f"{self.decoder.latent_dim}."
            )

    @property
    def decoded(self) -> bool:
        """Whether the first box is decoded already."""
        return bool(self._boxes)

    def boxes(self, count: int) -> list[tuple[Cells, Table]]:
        """The first so many, each twice as wide as the one before, with as many cells."""
        while len(self._boxes) < count:
            factor = 2 ** len(self._boxes)
            cells = box(HALF_WIDTH * factor, BASE_WIDTH * factor, self.decoder.latent_dim)
            self._boxes.append((cells, self.decoder.table(cells.centre)))
        return self._boxes[:count]

    def look(self, x: Tensor, which: int = 0) -> list[Coarse]:
        """Each of the images x (N, D) in box number `which`, less the box before it."""
        cells, table = self.boxes(which + 1)[which]
        values = (table.product(x.to(table.natural.dtype)) + self.decoder.base(x)[:, None]).numpy()
        outside = np.abs(cells.centre).max(axis=1) > (HALF_WIDTH * 2 ** (which - 1) if which else 0)
        found = cells.at(outside)
        side = round(len(cells) ** (1 / self.decoder.latent_dim))
        shape = (side,) * self.decoder.latent_dim
        rises = [_RISE * steepness(of_one.reshape(shape)).reshape(-1) for of_one in values]
        return [
            Coarse(found, of_one[outside], rise[outside])
            for of_one, rise in zip(values, rises, strict=True)
        ]


def steepness(values: Floats) -> Floats:
    """The larger difference to a neighbour along each axis of `values`, summed; of its shape."""
    total = np.zeros_like(values)
    for axis in range(values.ndim):
        along, step = np.moveaxis(total, axis, 0), np.abs(np.diff(values, axis=axis))
        step = np.moveaxis(step, axis, 0)
        along[0] += step[0]
        along[1:-1] += np.maximum(step[1:], step[:-1])
        along[-1] += step[-1]
    return total
