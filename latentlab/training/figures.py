"""What the posteriors of one network amount to. Imports no torch."""

import math

import numpy as np

from latentlab.core.aggregate import aggregate_figures
from latentlab.core.regime import Regime
from latentlab.data.dataset import Split
from latentlab.training.cloud import Cloud
from latentlab.training.messages import Figures


def figures_of(
    cloud: Cloud,
    regime: Regime,
    split: Split = "train",
    *,
    reconstruction: float | None = None,
    decoded_spread: float | None = None,
) -> Figures:
    """The figures of these posteriors, of which those that are nowhere (NaN) do not count.

    Raises what `aggregate_figures` raises.
    """
    there = np.isfinite(cloud.mu).all(axis=1)
    found = aggregate_figures(cloud.mu[there], cloud.logvar[there])
    points = regime.noise == 0  # a code has no density to compare with the prior's
    return Figures(
        step=cloud.step,
        count=found.n,
        reconstruction=reconstruction,
        kl=math.inf if points else found.mean_kl,
        mean_sigma=0.0 if points else found.mean_sigma,
        kl_aggregate=math.inf if points else found.kl_aggregate,
        mutual_information=found.mutual_information,
        holes=found.holes,
        active_units=found.active_units,
        decoded_spread=decoded_spread,
        split=split,
    )
