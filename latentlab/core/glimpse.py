"""log p(x) at a glance: equal cells, of which the few that seem to hold the mass are halved twice.

On `mnist-2d` equal cells alone are 0.6 nats off for one image in two, and 7 for one in twenty,
whose posteriors fall between their centres; 64 values more make that 0.03 and 0.1.
"""

import math

import numpy as np
import numpy.typing as npt
from torch import Tensor

from latentlab.core.cells import FINEST_WIDTH, Cells
from latentlab.core.evidence import Evidence, log_sum
from latentlab.core.exponential import Decoder

Floats = npt.NDArray[np.float64]

_ROUNDS, _HALVED = 2, 8
# A parabola between two centres rises above them by an eighth of what they differ by, at most.
_RISE = 0.125
# Nats below the fullest cell from which on nothing is kept: all together a 30,000th of the mass.
_DEPTH = 20.0
_WHY = "a preview: a few cells are halved, and twice at most"


def glimpse(
    decoder: Decoder, x: Tensor, cells: Cells, log_likelihood: Floats, steepness: Floats
) -> Evidence:
    """Of x (1, D), whose log p(x|z) at the centres of equal `cells` is (M,) nats; without the cells
    that have no mass.

    steepness: (M,), the `coarse.steepness` there. What the last halving changed log p(x) by is
    about what it may be off by; what no cell hints at is missed.
    """
    rise = _RISE * steepness
    masses = log_likelihood + cells.log_prior + cells.log_volume
    kept = np.flatnonzero(masses + rise > masses.max() - _DEPTH)
    cells, values, masses, rise = cells.at(kept), log_likelihood[kept], masses[kept], rise[kept]
    found = _evidence(math.inf, cells, values)
    for _ in range(_ROUNDS):
        order = np.argsort(-(masses + rise))
        split, rest = order[:_HALVED], order[_HALVED:]
        if cells.width[split].min() <= FINEST_WIDTH:
            break
        children = cells.at(split).children()
        looked = decoder.log_likelihood(x, children.centre)[0]
        cells = cells.at(rest).and_also(children)
        values = np.concatenate([values[rest], looked])
        # What a parabola rises by over a cell is a quarter over half of it.
        less = np.repeat(0.25 * rise[split], len(looked) // len(split))
        rise = np.concatenate([rise[rest], less])
        masses = values + cells.log_prior + cells.log_volume
        found = _evidence(abs(log_sum(masses) - found.log_evidence), cells, values)
    return found


def _evidence(moved: float, cells: Cells, values: Floats) -> Evidence:
    total = log_sum(values + cells.log_prior + cells.log_volume)
    return Evidence(total, moved, math.inf, _WHY, cells, values)
