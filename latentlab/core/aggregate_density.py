"""The aggregate posterior q(z) = (1/N) Σ q(z|x_n) at points, however far from any code."""

import math

import numpy as np

from latentlab.core.aggregate import Floating, Floats, check_posteriors

# Points that are evaluated together: with 10,000 posteriors they fill 5 MB.
_SLICE = 64
_UNUSUAL = 0.01  # the part of q's own draws that `lowest_usual` takes to be outside


def log_aggregate(z: Floating, mu: Floating, logvar: Floating) -> Floats:
    """log q(z) in nats at points z (M, 2), for N posteriors N(mu, diag e^logvar), (N, 2): (M,).

    Exact, by log-sum-exp over all N: also 10,000 nats down, where every density is 0 in float64.
    It takes M·N exponentials. Raises InputError as `check_posteriors` does.
    """
    check_posteriors(mu, logvar)
    points, mean = np.asarray(z, np.float64), mu.astype(np.float64)
    deviation = np.exp(0.5 * logvar.astype(np.float64))
    top = -np.log(deviation).sum(axis=1) - math.log(2 * math.pi) - math.log(len(mean))
    result = np.empty(len(points))
    for start in range(0, len(points), _SLICE):
        rows = slice(start, start + _SLICE)
        terms = np.broadcast_to(top, (len(points[rows]), len(mean))).copy()
        for axis in (0, 1):
            white = (points[rows, axis, None] - mean[:, axis]) / deviation[:, axis]
            terms -= 0.5 * white**2
        highest = terms.max(axis=1)
        result[rows] = highest + np.log(np.exp(terms - highest[:, None]).sum(axis=1))
    return result


def nearest_distance(z: Floating, mu: Floating) -> Floats:
    """From each point z (M, 2) to the nearest of the codes mu (N, 2), in latent units: (M,)."""
    points, codes = np.asarray(z, np.float64), mu.astype(np.float64)
    result = np.empty(len(points))
    for start in range(0, len(points), _SLICE):
        rows = slice(start, start + _SLICE)
        square = sum((points[rows, axis, None] - codes[:, axis]) ** 2 for axis in (0, 1))
        result[rows] = np.sqrt(np.min(square, axis=1))
    return result


def lowest_usual(mu: Floating, logvar: Floating, *, count: int = 2048, seed: int = 0) -> float:
    """log q(z), nats, that 1 % of q's own draws are below: the edge of where q has its mass.

    Estimated from `count` draws z ~ q(z), the same for the same seed; of the share it is
    right to ±√(0.01/count), 0.2 % as usual. A z below is in a hole: no draw of q comes there but
    one in a hundred. Raises InputError as `check_posteriors` does.
    """
    check_posteriors(mu, logvar)
    random = np.random.default_rng(seed)
    image = random.integers(len(mu), size=count)
    eps = random.standard_normal((count, 2))
    z = mu[image] + np.exp(0.5 * logvar[image].astype(np.float64)) * eps
    return float(np.quantile(log_aggregate(z, mu, logvar), _UNUSUAL))
