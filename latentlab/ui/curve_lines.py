"""What the loss curves draw: which lines there are, their points, and a range to see them in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from latentlab.training.messages import Curves, FloatArray, IntArray, Series, SwitchMark

Key = Literal["negative_elbo", "objective", "reconstruction", "kl"]
Part = Literal["train", "heldout"]
PARTS: tuple[Part, ...] = ("train", "heldout")

# Beyond this the scene's arithmetic loses its digits.
_LIMIT = 1e9


@dataclass(frozen=True, slots=True)
class Kind:
    """One curve: its colour's name in the theme, and what it is in words."""

    key: Key
    colour: str
    text: str
    tip: str


# The objective before −ELBO: where the two are one, −ELBO lies on top.
KINDS = (
    Kind("objective", "objective", "objective", "What training minimises, weighted as it was then"),
    Kind("negative_elbo", "accent", "−ELBO", "rec + KL: weights 1, whatever the switches say"),
    Kind("reconstruction", "reconstruction", "rec", "−E_q log p(x|z)"),
    Kind("kl", "kl", "KL", "KL(q(z|x) ‖ N(0, I))"),
)


def part_of(curves: Curves, part: Part) -> Series:
    """The training or the held-out series."""
    return curves.train if part == "train" else curves.heldout


def values_of(series: Series, key: Key) -> FloatArray:
    """One curve's values (B,) in nats per image, NaN where they cannot be drawn."""
    values = np.asarray(getattr(series, key), dtype=float)
    return np.where(np.abs(values) < _LIMIT, values, np.nan)


def on_axis(values: FloatArray, log: bool) -> FloatArray:
    """Values as the axis counts: themselves, or log₁₀ with NaN for what is not above 0."""
    if not log:
        return values
    return np.log10(np.where(values > 0, values, np.nan))


def broken_at(
    marks: Sequence[SwitchMark], step: IntArray, values: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Steps and values (B,) with a NaN at each mark: no line joins what is of two objectives."""
    at = np.array([mark.step for mark in marks], dtype=float)
    places = np.searchsorted(step, at, side="right")
    inside = (places > 0) & (places < len(step))
    steps = np.insert(step.astype(float), places[inside], at[inside])
    return steps, np.insert(values, places[inside], np.nan)


def robust_range(lines: Iterable[FloatArray], log: bool) -> tuple[float, float]:
    """A range, in axis units, that shows the lines but not their first spike.

    Takes what lies between the 2nd and 96th percentile of the finite values, a quarter of that
    more at each side, and no more than the values need. A linear range includes 0.
    """
    values = np.concatenate([np.zeros(0), *lines])
    values = values[np.isfinite(values)]
    if values.size == 0:
        return (0.0, 1.0)
    low, high = (float(edge) for edge in np.percentile(values, (2, 96)))
    slack = 0.25 * (high - low)
    low = max(float(values.min()), low - slack)
    high = min(float(values.max()), high + slack)
    if not log:
        low, high = min(low, 0.0), max(high, 0.0)
    # A flat line needs some room, too.
    margin = max(0.04 * (high - low), 1e-3 * max(abs(low), abs(high)), 1e-6)
    bottom = low if low == 0 and not log else low - margin
    return (bottom, high + margin)


def nearest(series: Series, step: float) -> int | None:
    """The index of the point nearest to `step`, or None in an empty series."""
    if series.step.size == 0:
        return None
    return int(np.abs(series.step - step).argmin())
