"""Exact inference with `mnist-2d` on 100 fixed test images, one thread.

grid_ms: decoding the plane once, for each version of the weights. preview_p50_ms: an image on it.
exact_p50_ms: all that the Infer workspace shows of an image: log p(x) to the tolerance, the modes,
the split of the gap, the best Gaussian of any covariance, both sides of the identity.

is_same_error_ratio: the time that importance sampling takes for the log p(x) of all of them over
ours, with the grid. Each image has its draws from q doubled while its error against ours, which is
within 0.001 nats, is above 0.05; so the mean absolute error is at most that, but for images that a
million draws are too few for (capped). Knowing the error is a gift: who does not has to draw more.
"""

import math
import statistics
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import numpy as np
import torch
from torch import Tensor

from latentlab.core.cells import Floats
from latentlab.core.checkpoint import load_checkpoint
from latentlab.core.coarse import Grid
from latentlab.core.evidence import integrate, preview
from latentlab.core.exponential import Decoder
from latentlab.core.gap import Identity, best_full, check_identity, split_gap
from latentlab.core.gaussian import Gaussian
from latentlab.core.importance import log_mean, weighing
from latentlab.core.vae import vae_from_parameters
from latentlab.data.bundled import load_bundled
from latentlab.paths import find_model
from latentlab.training.evaluation import encode_cloud, finish
from latentlab.training.images import Images
from tests.bench.result import Figure, Options, Result, at_least, at_most

MODEL = "mnist-2d"
ERROR = 0.05
FEWEST, MOST = 64, 1_000_000

P = ParamSpec("P")
T = TypeVar("T")


def run(options: Options) -> Result:
    count, rounds, most = (3, 1, 2 * FEWEST) if options.quick else (100, 5, MOST)
    torch.set_num_threads(1)
    checkpoint = load_checkpoint(find_model(MODEL))
    likelihood = checkpoint.likelihood
    model = vae_from_parameters(checkpoint.architecture, checkpoint.parameters)
    images = Images(load_bundled("mnist").test.at(np.arange(count)))
    x = images.evaluation_batch(slice(None), likelihood)
    cloud = finish(encode_cloud(model, images, likelihood, 0))
    mu, sigma = cloud.mu.astype(np.float64), np.exp(0.5 * cloud.logvar.astype(np.float64))
    decoder = Decoder(model.decode, likelihood, 2)
    grid_s = [_seconds(Grid(decoder).boxes, 1)[0] for _ in range(rounds)]
    grid = Grid(decoder)
    each = [(x[row : row + 1], Gaussian.diagonal(mu[row], sigma[row])) for row in range(count)]
    _infer(grid, *each[0])  # the grid is decoded
    preview_s = [_seconds(_preview, grid, one)[0] for one, _ in each]
    exact_s = [_seconds(_infer, grid, one, q)[0] for one, q in each]
    seconds, found = _seconds(integrate, grid, x, mu, sigma, whole=False)
    ours = seconds + statistics.median(grid_s)
    theirs, sampled = _seconds(
        lambda: [
            _sample(decoder, one, q, exact.log_evidence, most)
            for (one, q), exact in zip(each, found, strict=True)
        ]
    )
    errors = [error for error, _ in sampled]
    return Result(
        [
            Figure("grid_ms", [1000 * value for value in grid_s]),
            Figure("preview_p50_ms", [1000 * value for value in preview_s], at_most(16)),
            Figure("exact_p50_ms", [1000 * value for value in exact_s], at_most(1000)),
            Figure("is_same_error_ratio", [theirs / ours], at_least(20)),
            Figure("capped", [sum(error > ERROR for error in errors)]),
        ],
        {
            "images": count,
            "ours s": round(ours, 1),
            "sampling s": round(theirs, 1),
            "draws": sum(draws for _, draws in sampled),
            "mean error, nats": round(statistics.fmean(errors), 3),
            "most draws an image": most,
        },
    )


def _preview(grid: Grid, x: Tensor) -> Floats:
    return preview(grid, x).log_mass


def _infer(grid: Grid, x: Tensor, q: Gaussian) -> Identity:
    (evidence,) = integrate(grid, x, q.mean[None], q.sigma[None])
    split = split_gap(grid.decoder, x, q, evidence)
    best_full(grid.decoder, x, split, evidence)
    return check_identity(grid.decoder, x, q, evidence)


def _sample(decoder: Decoder, x: Tensor, q: Gaussian, exact: float, most: int) -> tuple[float, int]:
    """By draws that are doubled until near `exact`: the error in nats, and how many they were."""
    generator = torch.Generator().manual_seed(0)
    weights = np.empty(0)
    error = math.inf
    while error > ERROR and len(weights) < most:
        more = min(len(weights) or FEWEST, most - len(weights))
        drawn = finish(weighing(decoder, x, q, generator, more))
        weights = np.concatenate([weights, drawn])
        error = abs(float(log_mean(weights)) - exact)
    return error, len(weights)


def _seconds(work: Callable[P, T], *given: P.args, **named: P.kwargs) -> tuple[float, T]:
    """How long it took, and what it gave."""
    start = time.perf_counter()
    result = work(*given, **named)
    return time.perf_counter() - start, result
