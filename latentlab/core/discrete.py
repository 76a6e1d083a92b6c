"""Distributions over a few values: NumPy alone, so that a window can draw them before torch is."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

NATS_IN_BITS = float(1 / np.log(2))
"""Bits to a nat: log₂ e."""


def kl_terms(p: npt.ArrayLike, q: npt.ArrayLike) -> Array:
    """p·log(p/q) of each value, in nats; (..., n), broadcast. KL(p ‖ q) is their sum.

    Cover & Thomas 2006, eq. 2.26, with its conventions: 0·log(0/q) = 0, and p·log(p/0) = ∞.
    Takes distributions as they are, unchecked.
    """
    one, other = np.broadcast_arrays(np.asarray(p, np.float64), np.asarray(q, np.float64))
    terms = np.where(one > 0, np.inf, 0.0)
    both = (one > 0) & (other > 0)
    # Two logarithms: the quotient of a tiny number and a large one may leave what float64 holds.
    terms[both] = one[both] * (np.log(one[both]) - np.log(other[both]))
    return terms


def kl(p: npt.ArrayLike, q: npt.ArrayLike) -> Array:
    """KL(p ‖ q) in nats, at least 0, perhaps ∞; (..., n) → (...,), broadcast."""
    # Rounding may give −1e-17 between equals; a divergence is never negative.
    result: Array = np.maximum(kl_terms(p, q).sum(axis=-1), 0.0)
    return result


def with_value(p: Array, index: int, value: float) -> Array:
    """The distribution p (n,) with p[index] = `value`, the others in their old proportions.

    value: clamped to 0 to 1. Where the others are all 0, they share alike what is left.
    """
    value = float(np.clip(value, 0.0, 1.0))
    others = np.delete(p, index)
    rest = others.sum()
    share = others / rest if rest > 0 else np.full(len(others), 1 / len(others))
    return np.insert((1 - value) * share, index, value)
