"""log p(x) = log ∫ p(x|z) p(z) dz over one or two latent dimensions, to a stated tolerance.

A sum over cells, each with the value at its centre (the midpoint rule). Cells are halved where the
mass is, until the sum stands still. Where cells of one width cover a peak, it converges faster than
any power of the width (Trefethen & Weideman 2014): cells as wide as a Gaussian's σ already give its
integral to 1e-8.

Many images are integrated together, since each decoded cell then serves all that look there.
"""

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from torch import Tensor

from latentlab.core.cells import FINEST_WIDTH, Cells, keys
from latentlab.core.coarse import MOST_BOXES, Grid
from latentlab.core.exponential import Decoder

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

TOLERANCE = 1e-3
MOST_CELLS = 250_000

# The share of p(x) in the fullest cell from which on a peak counts as resolved: of a round Gaussian
# it is that of a cell 1.25 σ wide.
_RESOLVED = 0.25
# A cell is given up, where it need not be kept, if it is so many nats from being split.
_GIVEN_UP = 20.0
# Standard deviations of q within which cells are no wider than its σ, so that it is never missed.
_REACH = 3.0


@dataclass(frozen=True)
class Evidence:
    """log p(x) of one image, and the cells it is the sum of.

    log_evidence: nats. moved: what the last halving changed it by, nats. problem: empty, or why it
    is not sure to be within `tolerance`. log_likelihood: log p(x|z) at the centres, nats, (M,).
    Unless they were asked for, `cells` lack those without any mass.
    """

    log_evidence: float
    moved: float
    tolerance: float
    problem: str
    cells: Cells
    log_likelihood: Floats

    @property
    def converged(self) -> bool:
        """Whether `log_evidence` is as good as was asked for."""
        return not self.problem

    @property
    def log_joint(self) -> Floats:
        """log p(x|z) p(z) at the centres, (M,)."""
        result: Floats = self.log_likelihood + self.cells.log_prior
        return result

    @property
    def log_mass(self) -> Floats:
        """The log of the posterior mass of each cell, (M,); the masses sum to 1."""
        result: Floats = self.log_joint + self.cells.log_volume - self.log_evidence
        return result


def integrate(
    grid: Grid,
    x: Tensor,
    mu: Floats,
    sigma: Floats,
    tolerance: float = TOLERANCE,
    *,
    whole: bool = True,
) -> list[Evidence]:
    """log p(x) of the images x (N, D), whose q(z|x) are N(mu, sigma²), (N, K).

    The box covers the prior and mu ± 6σ. whole: keep the cells without any mass, too. Raises
    ValueError unless the tolerance is positive.
    """
    search = integrating(grid, x, mu, sigma, tolerance, whole=whole)
    while True:
        try:
            next(search)
        except StopIteration as end:
            result: list[Evidence] = end.value
            return result


def integrating(
    grid: Grid,
    x: Tensor,
    mu: Floats,
    sigma: Floats,
    tolerance: float = TOLERANCE,
    *,
    whole: bool = True,
) -> Generator[None, None, list[Evidence]]:
    """As `integrate`, in slices: yields after each."""
    if not tolerance > 0:
        raise ValueError(f"a tolerance of {tolerance} nats cannot be reached")
    searches = []
    for image in range(len(x)):
        one = x[image : image + 1]
        searches.append(_Search(grid, one, mu[image], sigma[image], tolerance, whole=whole))
        yield
    active = list(range(len(x)))
    while active:
        wanted = [searches[image].wanted() for image in active]
        values = yield from together(grid.decoder, x[active], wanted)
        for image, found in zip(active, values, strict=True):
            searches[image].take(found)
        active = [image for image in active if not searches[image].done]
    return [search.evidence() for search in searches]


def together(
    decoder: Decoder, x: Tensor, wanted: Sequence[Cells]
) -> Generator[None, None, list[Floats]]:
    """log p(x_n|z) at the centres of each image's own cells; a centre is decoded once for all."""
    sizes = np.array([len(cells) for cells in wanted])
    centre = np.concatenate([cells.centre for cells in wanted])
    _, first, inverse = np.unique(keys(centre), return_index=True, return_inverse=True)
    image = np.repeat(np.arange(len(wanted)), sizes)
    order = np.argsort(inverse, kind="stable")
    sorted_places = inverse[order]
    tall, base = x.double(), decoder.base(x).numpy()
    values = np.empty(len(centre))
    for rows, table in decoder.chunks(centre[first]):
        begin, end = np.searchsorted(sorted_places, (rows.start, rows.stop))
        pairs = order[begin:end]
        images, row = np.unique(image[pairs], return_inverse=True)
        products = table.product(tall[images]).numpy()
        values[pairs] = products[row, inverse[pairs] - rows.start]
        yield
    return np.split(values + base[image], np.cumsum(sizes)[:-1])


@dataclass(frozen=True)
class _Mesh:
    """Leaves with log p(x|z), and how much higher it may be elsewhere in each."""

    cells: Cells
    values: Floats
    rise: Floats

    @property
    def masses(self) -> Floats:
        """log p(x|z) p(z) dz of each."""
        result: Floats = self.values + self.cells.log_prior + self.cells.log_volume
        return result

    @property
    def total(self) -> float:
        return log_sum(self.masses)

    def and_also(self, other: "_Mesh") -> "_Mesh":
        return _Mesh(
            self.cells.and_also(other.cells),
            np.concatenate([self.values, other.values]),
            np.concatenate([self.rise, other.rise]),
        )

    def at(self, which: Bools) -> "_Mesh":
        return _Mesh(self.cells.at(which), self.values[which], self.rise[which])


class _Search:
    """The refinement of one image's cells."""

    def __init__(
        self,
        grid: Grid,
        x: Tensor,
        mu: Floats,
        sigma: Floats,
        tolerance: float,
        *,
        whole: bool,
    ) -> None:
        self._mu, self._sigma, self._tolerance = mu, sigma, tolerance
        self._problem = ""
        self._whole = whole
        self._given_up = -math.inf
        self._mesh = self._boxed(grid, x)
        self._moved = math.inf
        self._split = self._worth_splitting()

    @property
    def done(self) -> bool:
        return not self._split.any()

    def wanted(self) -> Cells:
        """The cells that are to be looked at next."""
        return self._mesh.cells.at(self._split).children()

    def take(self, values: Floats) -> None:
        """log p(x|z) at the centres of `wanted()`."""
        parents = self._mesh.at(self._split)
        children = parents.cells.children()
        # What a parabola rises by over a cell is a quarter over half of it.
        rise = np.repeat(0.25 * parents.rise, len(children) // len(parents.cells))
        before = self._total
        self._mesh = self._mesh.at(~self._split).and_also(_Mesh(children, values, rise))
        self._moved = abs(self._total - before)
        self._split = self._worth_splitting()

    @property
    def _total(self) -> float:
        return float(np.logaddexp(self._mesh.total, self._given_up))

    def evidence(self) -> Evidence:
        mesh = self._mesh
        return Evidence(
            self._total, self._moved, self._tolerance, self._problem, mesh.cells, mesh.values
        )

    def _boxed(self, grid: Grid, x: Tensor) -> _Mesh:
        reach = float(np.max(np.abs(self._mu) + 6 * self._sigma))
        mesh: _Mesh | None = None
        for which in range(MOST_BOXES):
            (coarse,) = grid.look(x, which)
            more = _Mesh(coarse.cells, coarse.log_likelihood, coarse.rise)
            mesh = more if mesh is None else mesh.and_also(more)
            edge = np.abs(mesh.cells.centre).max(axis=1)
            half_width = edge.max() + 0.5 * mesh.cells.width.max()
            ring = mesh.masses[edge == edge.max()]
            little = log_sum(ring) < mesh.total + math.log(0.1 * self._tolerance)
            if little and half_width >= reach:
                return mesh
        assert mesh is not None
        self._problem = f"there is mass, or q, beyond ±{half_width:.0f}"
        return mesh

    def _worth_splitting(self) -> Bools:
        mesh = self._mesh
        masses, total = mesh.masses, self._total
        resolved = masses.max() < total + math.log(_RESOLVED)
        nowhere = np.zeros(len(masses), np.bool_)
        around_q = self._around_q()
        if self._moved < self._tolerance and resolved and not around_q.any():
            return nowhere
        least = total + math.log(self._tolerance / len(masses))
        split = (masses + mesh.rise > least) | around_q
        split |= mesh.cells.beside(masses > least)
        split &= mesh.cells.width > FINEST_WIDTH
        if len(masses) + 3 * split.sum() > MOST_CELLS or not split.any():
            self._problem = f"after {len(masses):,} cells it still moves by {self._moved:.2g} nats"
            return nowhere
        return split if self._whole else self._without_the_lost(masses, least, split)

    def _without_the_lost(self, masses: Floats, least: float, split: Bools) -> Bools:
        lost = (masses + self._mesh.rise < least - _GIVEN_UP) & ~split
        if lost.any():
            self._given_up = float(np.logaddexp(self._given_up, log_sum(masses[lost])))
            self._mesh = self._mesh.at(~lost)
        return split[~lost]

    def _around_q(self) -> Bools:
        cells = self._mesh.cells
        wide = cells.width > np.maximum(self._sigma.min(), FINEST_WIDTH)
        reach = _REACH * self._sigma + 0.5 * cells.width[:, None]
        result: Bools = wide & (np.abs(cells.centre - self._mu) <= reach).all(axis=1)
        return result


def log_sum(values: Floats) -> float:
    """log Σ e^value."""
    top = float(values.max())
    return top + math.log(float(np.exp(values - top).sum()))
