"""Steps between positive definite matrices."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# A step may change a σ by at most this factor, so that it does not leave what it was computed from.
_MOST_FACTOR = 3.0


def positive(matrix: Floats, near: Floats) -> Floats:
    """`matrix` (K, K), its eigenvalues relative to those of `near` kept within ninefold."""
    factor = np.linalg.cholesky(near)
    inverse = np.linalg.inv(factor)
    values, vectors = np.linalg.eigh(inverse @ matrix @ inverse.T)
    values = np.clip(values, _MOST_FACTOR**-2, _MOST_FACTOR**2)
    root = factor @ vectors
    result: Floats = (root * values) @ root.T
    return result
