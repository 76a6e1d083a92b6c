"""Correlated Gaussians of the plane as mixtures of such as have no correlation.

With one common factor t ~ N(0, 1), u = σ₁·(√|ρ|·t + √(1 − |ρ|)·e₁) and v = σ₂·(±√|ρ|·t +
√(1 − |ρ|)·e₂) have these variances and this correlation; given t they are independent. So what is
known of diagonal Gaussians, such as their mass in a cell, serves for tilted ones.
"""

from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Floating = npt.NDArray[np.floating]
Floats = npt.NDArray[np.float64]

_FEWEST = 3  # do for correlations up to _SLIGHT
_SLIGHT = 0.1
_PER_CORRELATION = 16
_MOST_ROWS = 240_000


def upright_mixture(mu: Floating, logvar: Floating, correlation: Floating) -> tuple[Floats, Floats]:
    """Diagonal Gaussians (M, 2), M a multiple of N, of the mean density of the N tilted ones.

    mu, logvar: (N, 2); correlation: (N,). t is at so many quantiles of N(0, 1), of its variance, as
    the largest correlations need, and fewer where N is large: means and covariances are exact, and
    densities, for |ρ| up to 0.9, to 3 % of their peak.
    """
    size = np.abs(correlation.astype(np.float64))
    more = max(float(np.quantile(size, 0.99)) - _SLIGHT, 0.0)
    wanted = _FEWEST + round(_PER_CORRELATION * more)
    count = max(_FEWEST, min(wanted, _MOST_ROWS // max(len(mu), 1)))
    normal = NormalDist()
    t = np.array([normal.inv_cdf((place + 0.5) / count) for place in range(count)])
    t /= t.std()
    sigma = np.exp(0.5 * logvar.astype(np.float64))
    along = sigma * np.sqrt(size)[:, None]
    along[:, 1] *= np.sign(correlation)
    means = mu.astype(np.float64) + t[:, None, None] * along
    logs = logvar + np.log1p(-size)[:, None]
    return means.reshape(-1, 2), np.tile(logs, (count, 1))
