"""p(z|x) = p(x|z) p(z) / p(x), as the cells that integrate it have it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from latentlab.core.cells import Ints, keys, steps
from latentlab.core.evidence import Evidence

Floats = npt.NDArray[np.float64]

# What 1, 2 and 3 standard deviations hold of a Gaussian in the plane: 1 − e^{−r²/2}.
SHARES = (0.39, 0.86, 0.99)
# A mode counts down to e^−7, a thousandth, of the highest one's density.
_LOWEST_MODE = 7.0
# Cells with less than this of the fullest one's mass are in no mode's share.
_LEAST_MASS = 1e-7


@dataclass(frozen=True)
class Mode:
    """A peak of p(z|x). z: (K,); log_density: log p(z|x) at the highest cell's centre.

    sigma: (K,), along each axis, of the Gaussian as curved as the peak is.
    """

    z: Floats
    log_density: float
    sigma: Floats


@dataclass(frozen=True)
class TruePosterior:
    """What `evidence` says of p(z|x)."""

    evidence: Evidence

    @cached_property
    def masses(self) -> Floats:
        """Of each cell, (M,); they sum to 1."""
        masses = np.exp(self.evidence.log_mass)
        result: Floats = masses / masses.sum()
        return result

    @cached_property
    def log_density(self) -> Floats:
        """log p(z|x) at the centre of each cell, (M,)."""
        result: Floats = self.evidence.log_joint - self.evidence.log_evidence
        return result

    @cached_property
    def mean(self) -> Floats:
        """E[z|x], (K,)."""
        result: Floats = self.masses @ self.evidence.cells.centre
        return result

    @cached_property
    def covariance(self) -> Floats:
        """Cov[z|x], (K, K)."""
        offset = self.evidence.cells.centre - self.mean
        result: Floats = (offset.T * self.masses) @ offset
        return result

    def log_density_levels(self, shares: Sequence[float] = SHARES) -> tuple[float, ...]:
        """For each share the log density at which a highest-density region begins.

        {z: log p(z|x) ≥ level} is the smallest region that holds that share (Hyndman 1996).
        """
        order = np.argsort(-self.log_density)
        held = np.cumsum(self.masses[order])
        places = np.minimum(np.searchsorted(held, shares), len(order) - 1)
        return tuple(float(self.log_density[order[place]]) for place in places)

    @cached_property
    def shares(self) -> tuple[float, ...]:
        """Of each of the `modes`, the mass from which the steepest way up leads to it.

        They sum to 1: what leads to a peak that is no mode is added to the nearest.
        """
        cells, height = self.evidence.cells, self.log_density
        seen = np.flatnonzero(self.masses > self.masses.max() * _LEAST_MASS)
        beside = np.concatenate([seen[:, None], self._beside(seen)], axis=1)
        heights = np.append(height, -np.inf)[beside]
        up = np.arange(len(cells))
        up[seen] = beside[np.arange(len(seen)), heights.argmax(axis=1)]
        while not np.array_equal(further := up[up], up):
            up = further
        tops, inverse = np.unique(up[seen], return_inverse=True)
        mass = np.bincount(inverse, self.masses[seen])
        places = np.array([mode.z for mode in self.modes])
        distance = np.square(cells.centre[tops, None] - places).sum(axis=2)
        result = np.bincount(distance.argmin(axis=1), mass, len(places)) / mass.sum()
        return tuple(result.tolist())

    @cached_property
    def modes(self) -> tuple[Mode, ...]:
        """The peaks, the highest first: cells that no neighbour, of whatever width, is above.

        The parabola through these, along each axis, says where in the cell the top is.
        """
        cells, height = self.evidence.cells, self.log_density
        order = np.argsort(keys(cells.centre))
        known = keys(cells.centre)[order]
        latent_dim = cells.centre.shape[1]
        rows = np.flatnonzero(height > height.max() - _LOWEST_MODE)
        offsets = steps(latent_dim, (-1, 0, 1)) * cells.width[rows, None, None]
        around = keys((cells.centre[rows, None] + offsets).reshape(-1, latent_dim))
        place = np.minimum(np.searchsorted(known, around), len(known) - 1)
        there = np.where(known[place] == around, height[order[place]], np.nan)
        stencils = there.reshape(len(rows), *(3,) * latent_dim)
        peaks = height[rows] >= np.nanmax(stencils, axis=tuple(range(1, latent_dim + 1)))
        peaks[peaks] = height[rows[peaks]] >= self._highest_beside(rows[peaks])
        found = [
            self._mode(row, stencil)
            for row, stencil in zip(rows[peaks].tolist(), stencils[peaks], strict=True)
        ]
        return tuple(sorted(found, key=lambda mode: -mode.log_density))

    def _beside(self, rows: Ints) -> Ints:
        """Which cells lie around those, (R, P): of whatever width; −1 where there is none."""
        cells = self.evidence.cells
        # The centres of neighbours half as wide; they lie in those as wide, and wider, too.
        around = steps(cells.centre.shape[1], (-0.75, -0.25, 0.25, 0.75))
        around = around[np.abs(around).max(axis=1) > 0.5]
        looked_at = cells.centre[rows, None] + around * cells.width[rows, None, None]
        return cells.holding(looked_at.reshape(-1, around.shape[1])).reshape(len(rows), -1)

    def _highest_beside(self, rows: Ints) -> Floats:
        """The log density of the highest cell around each of those, (R,)."""
        result: Floats = np.append(self.log_density, -np.inf)[self._beside(rows)].max(axis=1)
        return result

    def _mode(self, row: int, stencil: Floats) -> Mode:
        """stencil: (3,)·K, the heights around the cell, NaN where there is no cell as wide."""
        cells = self.evidence.cells
        latent_dim, width = cells.centre.shape[1], cells.width[row]
        z, sigma = cells.centre[row].copy(), np.full(latent_dim, width)
        for axis in range(latent_dim):
            # The stencil's middle row or column.
            below, here, above = np.moveaxis(stencil, axis, 0).reshape(3, -1)[:, 3**latent_dim // 6]
            curvature = below - 2 * here + above
            if curvature < 0:
                z[axis] += 0.5 * width * (below - above) / curvature
                sigma[axis] = width / np.sqrt(-curvature)
        return Mode(z, float(self.log_density[row]), sigma)
