"""The looks at what lies behind the points of the plane."""

import math

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from latentlab.app.layer_view import (
    CLEAR,
    HOLE,
    LEVELS,
    AggregateMap,
    Float32Array,
    LikelihoodMap,
    NoLayer,
    UncertaintyMap,
)
from latentlab.app.state import Viewport
from latentlab.core.aggregate import HOLE_RATIO, aggregate_figures
from latentlab.core.aggregate_cells import aggregate_cells
from latentlab.core.exponential import Decoder
from latentlab.core.section import Section
from latentlab.core.spec import LikelihoodName
from latentlab.core.upright import upright_mixture
from latentlab.data.dataset import Split
from latentlab.errors import InputError
from latentlab.training.cloud import Cloud

Floats = npt.NDArray[np.float64]

# Along the longer side of the plane: at least, so that its picture is smooth, and at most.
_CELLS = (160, 480)

# Of log p(x|z), so many nats below the highest in view: further down all is as unlikely.
_DEPTH = 100.0
_LEAST_RANGE = 1e-6

_NO_ENTROPY: dict[LikelihoodName, str] = {
    "gaussian": "A Gaussian p(x|z) has the same σ² at every z, so its uncertainty is no picture.",
    "continuous_bernoulli": "A continuous Bernoulli p(x|z) is a density, whose entropy has no zero "
    "to measure from: this layer is off.",
}
_ABOVE = NoLayer("In one dimension q(z) and p(z) are the dark and the grey curve, so this is off.")
_ASTRAY = NoLayer("The decoder gives numbers that are not finite, so there is nothing to show.")


def centres(viewport: Viewport, columns: int, rows: int) -> Floats:
    """Of equal cells over it, (rows · columns, 2), the top row first."""
    x, y = (
        0.5 * (edges[1:] + edges[:-1])
        for edges in (
            np.linspace(viewport.x_min, viewport.x_max, columns + 1),
            np.linspace(viewport.y_max, viewport.y_min, rows + 1),
        )
    )
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


def aggregate_map(
    cloud: Cloud, split: Split, viewport: Viewport, section: Section
) -> AggregateMap | NoLayer:
    """The aggregate posterior of a cloud against the prior, both as they are projected onto
    `section`, in cells no wider than the median sigma where so many can be afforded.

    Posteriors that are nowhere (NaN) do not count.
    """
    if section.line:
        return _ABOVE
    mu, logvar = section.posteriors(cloud.mu, cloud.logvar)
    tilts = section.correlation(cloud.logvar)
    there = np.isfinite(mu).all(axis=1)
    mu, logvar = mu[there], logvar[there]
    tilts = None if tilts is None else tilts[there]
    try:
        figures = aggregate_figures(mu, logvar, tilts)
    except InputError as error:
        return NoLayer(str(error))
    width, height = viewport.x_max - viewport.x_min, viewport.y_max - viewport.y_min
    longer = max(width, height)
    wanted = longer / float(np.exp(0.5 * np.median(logvar)))
    side = longer / min(max(wanted, _CELLS[0]), _CELLS[1])
    columns, rows = (max(1, math.ceil(extent / side)) for extent in (width, height))
    if tilts is not None:
        mu, logvar = upright_mixture(mu, logvar, tilts)
    cells = aggregate_cells(
        mu,
        logvar,
        np.linspace(viewport.x_min, viewport.x_max, columns + 1),
        np.linspace(viewport.y_min, viewport.y_max, rows + 1),
    )
    values = np.ascontiguousarray(cells.log_ratio.T[::-1], np.float32)
    holes = cells.holes.T[::-1]
    low, high = math.log(HOLE_RATIO), -math.log(HOLE_RATIO)
    levels = _levels(values, low, high)
    # Beyond 3σ, where the prior has next to nothing either, what is missing is no hole.
    levels[~(values >= low)] = CLEAR
    levels[holes] = HOLE
    return AggregateMap(
        viewport=viewport,
        values=values,
        step=cloud.step,
        low=low,
        high=high,
        levels=levels,
        holes=holes,
        figures=figures,
        split=split,
        coarse=wanted > _CELLS[1],
        section=section,
    )


def likelihood_map(
    decoder: Decoder,
    x: Tensor,
    viewport: Viewport,
    columns: int,
    rows: int,
    *,
    section: Section,
    number: int,
    step: int,
) -> LikelihoodMap | NoLayer:
    """log p(x|z) over the viewport on `section`.

    x (1, D) is image `number` as the likelihood takes it.
    """
    z = section.lift(centres(viewport, columns, rows))
    values = _rows(decoder.log_likelihood(x, z)[0], columns)
    if not np.isfinite(values).all():
        return _ASTRAY
    high = float(values.max())
    low = max(float(values.min()), high - _DEPTH)
    levels = _levels(values, low, high)
    return LikelihoodMap(viewport, values, step, low, high, levels, number, section=section)


def uncertainty_map(
    decoder: Decoder, viewport: Viewport, columns: int, rows: int, *, section: Section, step: int
) -> UncertaintyMap | NoLayer:
    """The entropy of p(x|z) over the viewport on `section`, if it is a Bernoulli."""
    name = decoder.likelihood.name
    if name in _NO_ENTROPY:
        return NoLayer(_NO_ENTROPY[name])
    z = section.lift(centres(viewport, columns, rows))
    parts = [table.entropy() for _, table in decoder.chunks(z)]
    values = _rows(torch.cat(parts).numpy(), columns)
    if not np.isfinite(values).all():
        return _ASTRAY
    low, high = float(values.min()), float(values.max())
    levels = _levels(values, low, high)
    return UncertaintyMap(viewport, values, step, low, high, levels, section=section)


def _levels(values: Float32Array, low: float, high: float) -> npt.NDArray[np.uint8]:
    part = np.nan_to_num(values - low, nan=0.0) / max(high - low, _LEAST_RANGE)
    levels: npt.NDArray[np.float32] = CLEAR + 1 + np.rint((LEVELS - 1) * np.clip(part, 0, 1))
    return levels.astype(np.uint8)


def _rows(values: Floats, columns: int) -> Float32Array:
    return values.reshape(-1, columns).astype(np.float32)
