"""−log p(x_i|z) of pixels, in nats. Imports no torch: the window asks it at each move."""

import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def gaussian_cost(x: npt.ArrayLike, mean: npt.ArrayLike, variance: float) -> Floats:
    """−log N(x; mean, variance), element by element; negative where the density is above 1."""
    error = np.square(np.asarray(x, np.float64) - np.asarray(mean, np.float64))
    result: Floats = error / (2 * variance) + 0.5 * math.log(2 * math.pi * variance)
    return result


def bernoulli_cost(x: npt.ArrayLike, mean: npt.ArrayLike) -> Floats:
    """−x log mean − (1 − x) log(1 − mean) for x of 0 or 1; ∞ where a certainty is wrong."""
    said = np.where(np.asarray(x) > 0.5, mean, 1 - np.asarray(mean, np.float64))
    with np.errstate(divide="ignore"):
        result: Floats = -np.log(said) + 0.0
    return result


def bernoulli_cost_of_logit(x: npt.ArrayLike, logit: npt.ArrayLike) -> Floats:
    """The same from the logit of the mean, also where the mean rounds to 0 or 1."""
    result: Floats = np.logaddexp(0, logit) - np.asarray(x, np.float64) * np.asarray(logit)
    return result
