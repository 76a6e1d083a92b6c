"""What lies behind the points of the plane, as the viewer answers it. Imports no torch."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from latentlab.app.state import Viewport
from latentlab.core.aggregate import AggregateFigures
from latentlab.core.section import Section
from latentlab.data.dataset import Split

Float32Array = npt.NDArray[np.float32]

CLEAR, HOLE = 0, 255
"""Levels that are none of a range: where there is nothing to show, and of holes."""
LEVELS = HOLE - CLEAR - 1


@dataclass(frozen=True)
class MapImage:
    """Images decoded at the cell centres of a regular grid over `viewport`, top row first."""

    viewport: Viewport
    image: npt.NDArray[np.uint8]


@dataclass(frozen=True)
class HeatMap:
    """`values` in equal cells over `viewport`, (rows, columns), top row first, in nats.

    step: whose weights. low, high: the range to show, in LEVELS equal steps. levels: (rows,
    columns), uint8, CLEAR + 1 at low and below to HOLE − 1 at high and above, or CLEAR or HOLE.
    section: the plane in view.
    """

    viewport: Viewport
    values: Float32Array
    step: int
    low: float
    high: float
    levels: npt.NDArray[np.uint8]
    section: Section = field(default=Section(), kw_only=True)


@dataclass(frozen=True)
class AggregateMap(HeatMap):
    """log q(z)/p(z) of each cell's masses: −∞ where q has none, NaN where neither has. Where K > 2
    both are the marginals on the section's axes, and so are the figures.

    holes: (rows, columns), the cells within 3σ where q/p < 0.1. figures: of all posteriors, which
    are those of `split`. coarse: the cells are wider than the median sigma.
    """

    holes: npt.NDArray[np.bool_]
    figures: AggregateFigures
    split: Split
    coarse: bool


@dataclass(frozen=True)
class LikelihoodMap(HeatMap):
    """log p(x|z) at the cells' centres, x being the training image that is called `number`."""

    number: int


@dataclass(frozen=True)
class UncertaintyMap(HeatMap):
    """The entropy of a Bernoulli p(x|z) at the cells' centres, mean over pixels, 0 to log 2."""


@dataclass(frozen=True)
class NoLayer:
    """There is nothing to show; `why` says it in a sentence."""

    why: str


LayerAnswer = MapImage | AggregateMap | LikelihoodMap | UncertaintyMap | NoLayer
