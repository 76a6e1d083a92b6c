"""Exact inference with `mnist-2d` on 100 fixed test images; takes half an hour.

grid_ms: decoding the plane once, for each version of the weights. preview_p50_ms, exact_p50_ms:
what the Infer workspace's worker does for an image on it, while one drags and once all is at rest.

is_same_error_ratio: the time that importance sampling takes for the log p(x) of all of them over
ours, with the grid. Each image has its draws from q doubled while its error against ours, which is
within 0.001 nats, is above 0.05; so the mean absolute error is at most that, but for images that a
million draws are too few for (capped). Knowing the error is a gift: who does not has to draw more.
These draws are made in a process a core, and count as long as one takes alone.
"""

import math
import os
import statistics
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

import numpy as np
import torch
from torch import Tensor

from latentlab.app.infer_view import Question
from latentlab.app.infer_work import Desk
from latentlab.app.sight import Sight
from latentlab.core.cells import Floats
from latentlab.core.checkpoint import load_checkpoint
from latentlab.core.coarse import Grid
from latentlab.core.evidence import integrate
from latentlab.core.exponential import Decoder
from latentlab.core.importance import log_mean, weighing
from latentlab.core.normal import Gaussian
from latentlab.core.vae import vae_from_parameters
from latentlab.data.bundled import load_bundled
from latentlab.paths import find_model
from latentlab.training.evaluation import encode_cloud, finish
from latentlab.training.images import Images
from latentlab.training.workers import shared_out
from tests.bench.result import Figure, Options, Result, at_least, at_most

MODEL = "mnist-2d"
ERROR = 0.05
FEWEST, MOST = 64, 1_000_000
DRAWN = 1 << 13

P = ParamSpec("P")
T = TypeVar("T")


def run(options: Options) -> Result:
    count, rounds, most = (3, 1, 2 * FEWEST) if options.quick else (100, 5, MOST)
    torch.set_num_threads(1)
    opened = _Opened(count)
    decoder, x, mu, sigma = opened.decoder, opened.x, opened.mu, opened.sigma
    grid_s = [_seconds(Grid(decoder).boxes, 1)[0] for _ in range(rounds)]
    grid = Grid(decoder)
    desk, halt = Desk(), threading.Event()
    questions = [opened.question(row) for row in range(count)]
    desk.preview(questions[0])  # the grid is decoded
    preview_s = [_seconds(desk.preview, question)[0] for question in questions]
    exact_s = [_seconds(desk.exact, question, halt)[0] for question in questions]
    seconds, found = _seconds(integrate, grid, x, mu, sigma, whole=False)
    ours = seconds + statistics.median(grid_s)
    draw_s = [_seconds(_draw, decoder, *opened.at(0))[0] / DRAWN for _ in range(rounds)]
    asked = [(row, evidence.log_evidence) for row, evidence in enumerate(found)]
    begin = partial(_Sampling, count, most)
    sampled = list(shared_out(begin, asked, os.cpu_count() or 1))
    errors = [error for error, _ in sampled]
    draws = sum(drawn for _, drawn in sampled)
    theirs = draws * statistics.median(draw_s)
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
            "draws": draws,
            "mean error, nats": round(statistics.fmean(errors), 3),
            "most draws an image": most,
        },
    )


class _Opened:
    """The model, and so many images with their posteriors."""

    def __init__(self, count: int) -> None:
        checkpoint = load_checkpoint(find_model(MODEL))
        likelihood = checkpoint.likelihood
        model = vae_from_parameters(checkpoint.architecture, checkpoint.parameters)
        images = Images(load_bundled("mnist").test.at(np.arange(count)))
        self._sight = Sight(model, likelihood, images.dataset, 0)
        cloud = finish(encode_cloud(model, images, likelihood, 0))
        self.x = images.evaluation_batch(slice(None), likelihood)
        self._means = cloud.mu
        self.mu, logvar = cloud.mu.astype(np.float64), cloud.logvar.astype(np.float64)
        self.sigma = np.exp(0.5 * logvar)
        self.decoder = Decoder(model.decode, likelihood, 2)

    def question(self, row: int) -> Question:
        """All that is to be known of an image, in a view as wide as the workspace's."""
        return Question(self._sight, row, None, None, 1.3, False, self._means)

    def at(self, row: int) -> tuple[Tensor, Gaussian]:
        """An image (1, D), and its q(z|x)."""
        return self.x[row : row + 1], Gaussian.diagonal(self.mu[row], self.sigma[row])


class _Sampling:
    """Of an image and its log p(x): the error in nats of draws that are doubled until it is small,
    and how many they were."""

    def __init__(self, count: int, most: int) -> None:
        self._opened, self._most = _Opened(count), most

    def __call__(self, asked: tuple[int, float]) -> tuple[float, int]:
        row, exact = asked
        x, q = self._opened.at(row)
        generator = torch.Generator().manual_seed(row)
        weights, error = np.empty(0), math.inf
        while error > ERROR and len(weights) < self._most:
            more = min(len(weights) or FEWEST, self._most - len(weights))
            drawn = finish(weighing(self._opened.decoder, x, q, generator, more))
            weights = np.concatenate([weights, drawn])
            error = abs(float(log_mean(weights)) - exact)
        return error, len(weights)


def _draw(decoder: Decoder, x: Tensor, q: Gaussian) -> Floats:
    return finish(weighing(decoder, x, q, torch.Generator().manual_seed(0), DRAWN))


def _seconds(work: Callable[P, T], *given: P.args, **named: P.kwargs) -> tuple[float, T]:
    """How long it took, and what it gave."""
    start = time.perf_counter()
    result = work(*given, **named)
    return time.perf_counter() - start, result
