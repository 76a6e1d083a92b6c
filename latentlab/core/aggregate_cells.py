"""The aggregate posterior q(z) = (1/N) Σ q(z|x_n) and the prior over a plane, as masses of cells.

Not as densities at their centres: a posterior narrower than a cell would be missed there, or count
many times.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from latentlab.core.aggregate import HOLE_RADIUS, HOLE_RATIO, Floating, Floats, check_posteriors

Bools = npt.NDArray[np.bool_]

# Standard deviations beyond which a posterior has no mass worth a cell: 1e-9.
_REACH = 6.0
# Cells are filled in tiles about as wide as a posterior reaches, at most so many along an axis;
# posteriors in slices that take little memory.
_MOST_TILES = 12
_SLICE = 4_096


@dataclass(frozen=True)
class AggregateCells:
    """Masses of q(z) and of the prior N(0, I) in the same cells, of `n` posteriors.

    first, second: the cells' edges along z1 (A + 1,) and z2 (B + 1,), rising. mass, prior_mass:
    (A, B); they sum to 1 where the cells cover the plane, and a cell may have none.
    """

    n: int
    first: Floats
    second: Floats
    mass: Floats
    prior_mass: Floats

    @property
    def log_ratio(self) -> Floats:
        """log q/p of each cell, (A, B), nats: −∞ where q has no mass, NaN where neither has."""
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio: Floats = np.log(self.mass) - np.log(self.prior_mass)
        return ratio

    @property
    def holes(self) -> Bools:
        """(A, B): the cells within 3σ of the prior where q/p < 0.1."""
        within = np.hypot(*np.meshgrid(_middles(self.first), _middles(self.second), indexing="ij"))
        return (within < HOLE_RADIUS) & (self.mass < HOLE_RATIO * self.prior_mass)


def aggregate_cells(
    mu: Floating, logvar: Floating, first: Floats, second: Floats
) -> AggregateCells:
    """Of N posteriors N(mu, diag e^logvar), mu and logvar (N, 2), in the cells between these edges.

    The outermost edges may be infinite. A diagonal Gaussian's mass in a cell is a product over the
    axes of differences of the normal CDF, so the sum of many is a matrix product. Raises InputError
    as `check_posteriors` does.
    """
    check_posteriors(mu, logvar)
    mean = torch.as_tensor(mu, dtype=torch.float64)
    sigma = torch.as_tensor(logvar, dtype=torch.float64).mul(0.5).exp()
    edges = [torch.as_tensor(axis, dtype=torch.float64) for axis in (first, second)]
    tiles = [_tiles(axis, float(sigma[:, k].median())) for k, axis in enumerate(edges)]
    total = torch.zeros(len(first) - 1, len(second) - 1, dtype=torch.float64)
    for start in range(0, len(mean), _SLICE):
        rows = slice(start, start + _SLICE)
        centre, spread = mean[rows], sigma[rows]
        for across in tiles[0]:
            some = _near(edges[0], across, centre[:, 0], spread[:, 0])
            along = _masses(edges[0], across, centre[some, 0], spread[some, 0])
            for down in tiles[1]:
                few = _near(edges[1], down, centre[some, 1], spread[some, 1])
                upright = _masses(edges[1], down, centre[some, 1][few], spread[some, 1][few])
                total[across, down] += along[few].T @ upright
    of_prior = [
        _masses(axis, slice(0, len(axis) - 1), torch.zeros(1), torch.ones(1)) for axis in edges
    ]
    return AggregateCells(
        n=len(mean),
        first=first,
        second=second,
        mass=(total / len(mean)).numpy(),
        prior_mass=(of_prior[0].T @ of_prior[1]).numpy(),
    )


def _tiles(edges: Tensor, sigma: float) -> list[slice]:
    """Ranges of cells along an axis, about as wide as a posterior of that sigma reaches."""
    finite = edges[edges.isfinite()]
    width = float(finite[-1] - finite[0]) / max(2 * _REACH * sigma, 1e-30)
    count = min(max(math.floor(width), 1), _MOST_TILES, len(edges) - 1)
    cuts = [round(part * (len(edges) - 1) / count) for part in range(count + 1)]
    return [slice(start, end) for start, end in pairwise(cuts)]


def _near(edges: Tensor, cells: slice, mean: Tensor, sigma: Tensor) -> Tensor:
    """(N,): which reach these cells."""
    reach = _REACH * sigma
    return (mean + reach >= edges[cells.start]) & (mean - reach <= edges[cells.stop])


def _masses(edges: Tensor, cells: slice, mean: Tensor, sigma: Tensor) -> Tensor:
    """Of each normal in each of these cells: (N, cells)."""
    at = (edges[cells.start : cells.stop + 1] - mean[:, None]) / sigma[:, None]
    below, above = at[:, :-1], at[:, 1:]
    # Far to the right both CDFs are 1: the difference is taken on the left, where it is exact.
    flip = below > 0
    low, high = torch.where(flip, -above, below), torch.where(flip, -below, above)
    masses: Tensor = torch.special.ndtr(high) - torch.special.ndtr(low)
    return masses


def _middles(edges: Floats) -> Floats:
    middles: Floats = 0.5 * (edges[:-1] + edges[1:])
    return middles
