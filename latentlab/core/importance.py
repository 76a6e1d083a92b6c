"""Importance-weighted bounds on log p(x) of one image, climbing with the number of draws."""

import math
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from latentlab.core.cells import Floats, log_prior
from latentlab.core.exponential import Decoder
from latentlab.core.normal import Gaussian

RUNGS = (1, 10, 100, 1000)
DRAWS = 8_000


@dataclass(frozen=True)
class Rung:
    """IWAE-k in nats: the mean of `repeats` bounds of k draws each, its standard error, and the
    standard deviation of a single bound, which may overshoot log p(x)."""

    k: int
    mean: float
    standard_error: float
    spread: float
    repeats: int


def climbing(
    decoder: Decoder,
    x: Tensor,
    q: Gaussian,
    generator: torch.Generator,
    *,
    draws: int = DRAWS,
) -> Generator[None, None, tuple[Rung, ...]]:
    """Bounds on log p(x) of x (1, D) by draws from q, all of RUNGS from the same: yields after each
    slice of them, returns the ladder.

    The draws come from `generator` alone; a rung repeats its bound as often as they suffice for.
    Raises ValueError where they do not suffice for two of one.
    """
    if 2 * max(RUNGS) > draws:
        raise ValueError(f"the spread of {max(RUNGS)} draws takes at least twice as many")
    weights = yield from weighing(decoder, x, q, generator, draws)
    return tuple(_rung(weights, k) for k in RUNGS)


def weighing(
    decoder: Decoder, x: Tensor, q: Gaussian, generator: torch.Generator, draws: int
) -> Generator[None, None, Floats]:
    """log p(x|z) p(z) / q(z) in nats at so many z from q, (draws,); yields after each slice.

    Their `log_mean` is IWAE-k with k = draws (Burda et al. 2016, eq. 8).
    """
    shape = (draws, len(q.mean))
    eps = torch.randn(shape, generator=generator, dtype=torch.float64).numpy()
    z = q.mean + eps @ np.linalg.cholesky(q.covariance).T
    tall, weights = x.double(), log_prior(z) - q.log_density(z) + decoder.base(x).item()
    for rows, table in decoder.chunks(z):
        weights[rows] += table.product(tall)[0].numpy()
        yield
    return weights


def log_mean(values: Floats) -> Floats:
    """log of the mean of e^values over the last axis."""
    peak = values.max(axis=-1, keepdims=True)
    result: Floats = np.log(np.exp(values - peak).mean(axis=-1)) + peak[..., 0]
    return result


def _rung(weights: Floats, k: int) -> Rung:
    repeats = len(weights) // k
    bounds = log_mean(weights[: repeats * k].reshape(repeats, k))
    spread = float(bounds.std(ddof=1))
    return Rung(k, float(bounds.mean()), spread / math.sqrt(repeats), spread, repeats)
