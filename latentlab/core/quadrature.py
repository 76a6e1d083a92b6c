"""Expectations under N(0, I) as sums, in NumPy."""

import math
from functools import lru_cache
from itertools import product

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@lru_cache(maxsize=16)
def normal_nodes(points: int, k: int) -> tuple[Floats, Floats]:
    """Gauss–Hermite nodes (points^K, K) and weights (points^K,), which sum to 1; do not write.

    Exact for polynomials of degree 2·points − 1 in each coordinate.
    """
    axis, weights = np.polynomial.hermite_e.hermegauss(points)
    weights = weights / weights.sum()
    grid = np.array(list(product(axis, repeat=k)))
    together = np.array([np.prod(each) for each in product(weights, repeat=k)])
    return grid, together


@lru_cache(maxsize=4)
def normal_lattice(spacing: float, reach: float) -> tuple[Floats, Floats]:
    """In the plane: points (M, 2) of a square lattice within `reach` of 0, and weights (M,) by
    N(0, I), which sum to 1; do not write.

    For what bends too sharply for a polynomial, such as the log of a mixture on its ridge.
    """
    steps = math.floor(reach / spacing)
    axis = spacing * np.arange(-steps, steps + 1)
    points = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    squared = (points**2).sum(axis=1)
    inside = squared <= reach**2
    weights = np.exp(-0.5 * squared[inside])
    return points[inside], weights / weights.sum()
