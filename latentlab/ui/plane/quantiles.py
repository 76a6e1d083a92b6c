"""Quantiles without numpy's, which import all of numpy.ma, and the first paint has to wait."""

import numpy as np
import numpy.typing as npt


def quantiles(values: npt.NDArray[np.floating], *shares: float) -> npt.NDArray[np.float64]:
    """Those of `values` (N,), N ≥ 1, for each of `shares` from 0 to 1, interpolated linearly: by
    Hyndman and Fan (1996) definition 7, as numpy's are.
    """
    last = len(values) - 1
    return np.interp(np.multiply(shares, last), np.arange(last + 1), np.sort(values))
