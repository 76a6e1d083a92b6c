"""The marginals of a cloud: its means as a histogram, its aggregate posterior as a curve."""

import itertools
import math

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Floating = npt.NDArray[np.floating]

_REACH = 8.0  # standard deviations after which a normal has no mass worth drawing (1e-15)
_NODES = np.linspace(-_REACH, _REACH, 8001)
_VALUES = np.array([0.5 * math.erfc(-node / math.sqrt(2)) for node in _NODES])
_LEVEL_RATIO = 1.15
_CELLS_PER_BIN = (8, 64)  # at least, at most
_CELLS_PER_SIGMA = (4, 16)  # of a posterior narrow, and wide, beside a bin


def normal_cdf(x: Floats) -> Floats:
    """Φ(x), to 2e-7: linear between 8,001 exact values."""
    result: Floats = np.interp(x, _NODES, _VALUES, left=0.0, right=1.0)
    return result


def normal_density(x: Floats) -> Floats:
    """The density of N(0, 1)."""
    return np.exp(-0.5 * x * x) / math.sqrt(2 * math.pi)


def histogram_density(mean: Floating, low: float, high: float, bins: int) -> Floats:
    """The means' histogram as a density: (bins,) counts / (N · bin width). NaN counts for none."""
    mean = mean[np.isfinite(mean)]
    if not len(mean):
        return np.zeros(bins)
    counts, _ = np.histogram(mean, bins, (low, high))
    return counts / (len(mean) * (high - low) / bins)


def mixture_density(mean: Floating, sigma: Floating, low: float, high: float, bins: int) -> Floats:
    """The density of (1/N) Σ N(·; mean_n, sigma_n²), averaged over each of `bins` bins: (bins,).

    Cell masses are differences of the normal CDF, so that a posterior far narrower than a bin
    still has mass 1. Posteriors are grouped by sigma (steps of 15 %, each group drawn with its
    root-mean-square sigma); a group is a histogram on cells of a fraction of sigma, smoothed once.
    Pairs that are not finite count for none.
    """
    total = np.zeros(bins)
    fine = np.isfinite(mean) & np.isfinite(sigma)
    # A view may be far narrower than float32 can tell positions apart.
    centre: Floats = mean[fine].astype(np.float64)
    spread: Floats = sigma[fine].astype(np.float64)
    count = len(centre)
    if not count:
        return total
    width = (high - low) / bins
    smallest = width / _CELLS_PER_BIN[1] / 8
    reach = _REACH * spread + width
    near = (centre > low - reach) & (centre < high + reach)
    centre, spread = centre[near], spread[near]
    level = np.log(np.maximum(spread, smallest) / smallest) / math.log(_LEVEL_RATIO)
    # Small integers, because NumPy then sorts by radix.
    key = np.minimum(level + 0.5, 32_000).astype(np.int16)
    order = np.argsort(key, kind="stable")
    centre, spread, key = centre[order], spread[order], key[order]
    edges = np.flatnonzero(np.diff(key, prepend=-1, append=32_767))
    for start, end in itertools.pairwise(edges):
        usual = math.sqrt(float(np.mean(np.square(spread[start:end]))))
        total += _group(centre[start:end], usual, low, width, bins)
    return total / count


def _group(mean: Floats, sigma: float, low: float, width: float, bins: int) -> Floats:
    """The sum of normals of one sigma, as a density in each bin."""
    narrow = sigma < 2 * width
    wanted = _CELLS_PER_SIGMA[0] * width / max(sigma, width * 1e-9)
    per_bin = round(min(max(wanted, _CELLS_PER_BIN[0]), _CELLS_PER_BIN[1]))
    cell = width / per_bin if narrow else sigma / _CELLS_PER_SIGMA[1]
    pad = math.ceil((_REACH * sigma + width) / cell)
    cells = 2 * pad + math.ceil(bins * width / cell - 1e-9)
    start = low - pad * cell
    index = np.clip(np.floor((mean - start) / cell), 0, cells - 1).astype(np.intp)
    counts = np.bincount(index, minlength=cells).astype(np.float64)
    if sigma > cell / 8:
        taps = math.ceil(_REACH * sigma / cell)
        edges: Floats = (np.arange(-taps, taps + 2, dtype=np.float64) - 0.5) * cell / sigma
        counts = np.convolve(counts, np.diff(normal_cdf(edges)))[taps : taps + cells]
    if narrow:
        inside = counts[pad : pad + bins * per_bin]
        in_bins: Floats = inside.reshape(bins, per_bin).sum(axis=1)
        return in_bins / width
    centres = start + (np.arange(cells) + 0.5) * cell
    middles = low + (np.arange(bins) + 0.5) * width
    curve: Floats = np.interp(middles, centres, counts / cell)
    return curve
