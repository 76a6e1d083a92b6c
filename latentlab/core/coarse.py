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
        return [Coarse(found, of_one[outside], self._rise(of_one)[outside]) for of_one in values]

    def _rise(self, values: Floats) -> Floats:
        latent_dim = self.decoder.latent_dim
        side = round(len(values) ** (1 / latent_dim))
        dense = values.reshape((side,) * latent_dim)
        total = np.zeros_like(dense)
        for axis in range(latent_dim):
            step = np.abs(np.diff(dense, axis=axis))
            ends = [(1, 1) if other == axis else (0, 0) for other in range(latent_dim)]
            padded = np.pad(step, ends)
            total += np.maximum(
                padded.take(range(side), axis), padded.take(range(1, side + 1), axis)
            )
        result: Floats = _RISE * total.reshape(-1)
        return result
