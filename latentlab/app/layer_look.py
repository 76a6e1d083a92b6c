"""The looks at what lies behind the points of the plane."""

import math

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from latentlab.app.layer_view import (
    AggregateMap,
    Float32Array,
    LikelihoodMap,
    NoLayer,
    UncertaintyMap,
)
from latentlab.app.state import Viewport
from latentlab.core.aggregate import aggregate_figures
from latentlab.core.aggregate_cells import aggregate_cells
from latentlab.core.exponential import Decoder
from latentlab.core.spec import LikelihoodName
from latentlab.data.dataset import Split
from latentlab.errors import InputError
from latentlab.training.cloud import Cloud

Floats = npt.NDArray[np.float64]

# Along the longer side of the plane: at least, so that its picture is smooth, and at most.
_CELLS = (160, 480)

_NO_ENTROPY: dict[LikelihoodName, str] = {
    "gaussian": "A Gaussian p(x|z) has the same σ² at every z, so its uncertainty is no picture.",
    "continuous_bernoulli": "A continuous Bernoulli p(x|z) is a density, whose entropy has no zero "
    "to measure from: this layer is off.",
}


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


def aggregate_map(cloud: Cloud, split: Split, viewport: Viewport) -> AggregateMap | NoLayer:
    """The aggregate posterior of a cloud against the prior, in cells no wider than the median sigma
    where so many can be afforded.

    Posteriors that are nowhere (NaN) do not count.
    """
    there = np.isfinite(cloud.mu).all(axis=1)
    mu, logvar = cloud.mu[there], cloud.logvar[there]
    try:
        figures = aggregate_figures(mu, logvar)
    except InputError as error:
        return NoLayer(str(error))
    width, height = viewport.x_max - viewport.x_min, viewport.y_max - viewport.y_min
    longer = max(width, height)
    wanted = longer / float(np.exp(0.5 * np.median(logvar)))
    side = longer / min(max(wanted, _CELLS[0]), _CELLS[1])
    columns, rows = (max(1, math.ceil(extent / side)) for extent in (width, height))
    cells = aggregate_cells(
        mu,
        logvar,
        np.linspace(viewport.x_min, viewport.x_max, columns + 1),
        np.linspace(viewport.y_min, viewport.y_max, rows + 1),
    )
    return AggregateMap(
        viewport=viewport,
        values=cells.log_ratio.T[::-1].astype(np.float32),
        step=cloud.step,
        holes=cells.holes.T[::-1],
        figures=figures,
        split=split,
        coarse=wanted > _CELLS[1],
    )


def likelihood_map(
    decoder: Decoder,
    x: Tensor,
    viewport: Viewport,
    columns: int,
    rows: int,
    *,
    index: int,
    step: int,
) -> LikelihoodMap:
    """log p(x|z) over the viewport; x (1, D) is image `index` as the likelihood takes it."""
    values = decoder.log_likelihood(x, centres(viewport, columns, rows))[0]
    return LikelihoodMap(viewport, _rows(values, columns), step, index)


def uncertainty_map(
    decoder: Decoder, viewport: Viewport, columns: int, rows: int, *, step: int
) -> UncertaintyMap | NoLayer:
    """The entropy of p(x|z) over the viewport, if it is a Bernoulli."""
    name = decoder.likelihood.name
    if name in _NO_ENTROPY:
        return NoLayer(_NO_ENTROPY[name])
    parts = [table.entropy() for _, table in decoder.chunks(centres(viewport, columns, rows))]
    return UncertaintyMap(viewport, _rows(torch.cat(parts).numpy(), columns), step)


def _rows(values: Floats, columns: int) -> Float32Array:
    return values.reshape(-1, columns).astype(np.float32)
