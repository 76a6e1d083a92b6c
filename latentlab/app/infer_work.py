"""The work behind looks at the true posterior of one image."""

import math
import threading
import time
from collections.abc import Generator
from dataclasses import replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import torch

from latentlab.app.climbing import Climber
from latentlab.app.infer_view import (
    Account,
    Field,
    Improved,
    Inferred,
    ModeView,
    Normal,
    Question,
)
from latentlab.app.lattice import Lattice, over
from latentlab.app.sight import Sight
from latentlab.app.state import Viewport
from latentlab.core.coarse import HALF_WIDTH, Grid
from latentlab.core.evidence import integrating, together
from latentlab.core.exponential import Decoder
from latentlab.core.gap import RESIDUAL, best_full, split_gap
from latentlab.core.gaussian import FEW_POINTS, elbo, kl_to_posterior
from latentlab.core.importance import Rung, climbing
from latentlab.core.normal import Gaussian
from latentlab.core.true_posterior import TruePosterior
from latentlab.errors import InputError

T = TypeVar("T")

# Of log p(x|z) on the view: a cubic between so many values shows what is as narrow as two of them.
_CELLS = 4_096
_MODES = 6
_MOST_PIXELS = 3 * 64 * 64  # over all channels: what is decoded once then takes 0.8 GB
_NEIGHBOURS = 25
_REACH = 8.0  # σ of q, where a preview of a slice looks
_SEARCHED = 128  # images at a time
# Nats: by so much a preview may be off even where its last halving changed nothing.
_LEAST_ERROR = 0.1
_SECOND = 0.2  # an ambiguous image's second mode holds this much of the mass


class Desk:
    """Keeps what is decoded for the newest weights. All methods are for one thread, the worker's.

    Those that take a `halt` return None soon after that is set.
    """

    def __init__(self) -> None:
        self._sight: Sight | None = None
        self._decoder: Decoder | None = None
        self._grid: Grid | None = None
        self._lattice: Lattice | None = None
        self._climber: Climber | None = None

    def preview(self, question: Question) -> Inferred:
        """On the coarse cells, or, where those are not decoded for a rough look, on the view's; a
        few of them are halved."""
        start = time.thread_time()
        sight, decoder, _ = self._ready(question)
        x, q = sight.x(question.index), self._q(question, sight)
        lattice = self._preview_lattice(question)
        likelihood = lattice.look(decoder, x)
        seen = lattice.glimpse(decoder, x, likelihood)
        posterior = TruePosterior(seen)
        terms = elbo(decoder, x, q, FEW_POINTS)
        account = Account(
            seen.log_evidence,
            terms.log_likelihood,
            terms.kl,
            error=max(seen.moved, _LEAST_ERROR) if lattice is not self._lattice else None,
        )
        area = _fitted(posterior, [q], question.shape)
        return Inferred(
            question.index,
            sight.step,
            sight.likelihood.name,
            False,
            "",
            _normal(q),
            None,
            None,
            lattice.field(likelihood),
            area,
            posterior.log_density_levels(),
            self._modes(question, posterior, shares=False),
            account,
            time.thread_time() - start,
            sight.section,
        )

    def exact(self, question: Question, halt: threading.Event) -> Inferred | None:
        """All of it; log p(x) to the core's tolerance."""
        start = time.thread_time()
        sight, decoder, grid = self._ready(question)
        x, q = sight.x(question.index), self._q(question, sight)
        found = _run(integrating(grid, x, q.mean[None], q.sigma[None]), halt)
        if found is None:
            return None
        (evidence,) = found
        posterior = TruePosterior(evidence)
        split = split_gap(decoder, x, q, evidence)
        if halt.is_set():
            return None
        full, of_full = best_full(decoder, x, split, evidence)
        account = Account(
            evidence.log_evidence,
            split.elbo.log_likelihood,
            split.elbo.kl,
            split.best_elbo.value,
            of_full.value,
            kl_to_posterior(decoder, x, q, evidence),
            RESIDUAL,
            evidence.tolerance,
        )
        area = _fitted(posterior, [q, split.best, full], question.shape)
        field = self.field(replace(question, area=question.area or area), halt)
        if field is None:
            return None
        return Inferred(
            question.index,
            sight.step,
            sight.likelihood.name,
            True,
            evidence.problem,
            _normal(q),
            _normal(split.best),
            _normal(full),
            field,
            area,
            posterior.log_density_levels(),
            self._modes(question, posterior, shares=True),
            account,
            time.thread_time() - start,
            sight.section,
        )

    def field(self, question: Question, halt: threading.Event) -> Field | None:
        """Decoded over the question's area."""
        sight, decoder, _ = self._ready(question)
        assert question.area is not None
        lattice = over(question.area, _CELLS)
        x = sight.x(question.index)
        values = _run(together(decoder, x, [lattice.cells]), halt)
        return None if values is None else lattice.field(values[0])

    def ladder(self, question: Question, halt: threading.Event) -> tuple[Rung, ...] | None:
        """By draws of its own, the same for every image."""
        sight = question.sight  # of all its dimensions
        decoder = sight.decoder()
        x, q = sight.x(question.index), self._q(question, sight)
        return _run(climbing(decoder, x, q, torch.Generator().manual_seed(0)), halt)

    def improve(self, question: Question) -> Improved:
        """A few steps from the question's q, going on from those before it."""
        sight, decoder, _ = self._ready(question)
        start = self._q(question, sight)
        climber = self._climber
        if climber is None or not climber.goes_on(sight, question.index, start):
            climber = self._climber = Climber(sight, question.index, start)
        q = climber.climb()
        terms = elbo(decoder, sight.x(question.index), q)
        return Improved(
            question.index,
            _normal(q),
            terms.log_likelihood,
            terms.kl,
            climber.steps,
            climber.done,
        )

    def search(self, question: Question, most: int, halt: threading.Event) -> int | None:
        """The first of `most` images after the question's that might be of two classes.

        Its posterior's second mode holds a fifth of the mass, and the training means around the
        two modes are mostly of two classes, of which its own label is one. None if there is none.
        """
        sight, _, grid = self._ready(question)
        count = len(sight.dataset)
        order = (question.index + 1 + np.arange(min(most, count))) % count
        for begin in range(0, len(order), _SEARCHED):
            some = order[begin : begin + _SEARCHED]
            cells, table = grid.boxes(1)[0]
            values = table.product(sight.x(some)).numpy() + cells.log_prior
            for index in some[_may_have_two_peaks(values)].tolist():
                if halt.is_set():
                    return None
                if self._is_ambiguous(replace(question, index=index, q=None)):
                    return int(index)
        return None

    # --- inside ----------------------------------------------------------------------------------

    def _ready(self, question: Question) -> tuple[Sight, Decoder, Grid]:
        sight = question.sight.cut(question.index, question.section)
        if sight.model.architecture.pixels > _MOST_PIXELS:
            raise InputError(
                f"The true posterior is computed for images of at most {_MOST_PIXELS:,} values, "
                f"and these have {sight.model.architecture.pixels:,}: use smaller ones."
            )
        known = self._sight is not None and self._sight.same_weights(sight)
        if not known or self._decoder is None or self._grid is None:
            self._decoder = sight.decoder()
            self._grid = Grid(self._decoder)
            self._lattice = self._climber = None
        self._sight = sight
        return sight, self._decoder, self._grid

    def _preview_lattice(self, question: Question) -> Lattice:
        sight, decoder, grid = self._ready(question)
        if not sight.section.whole:
            # Each image has a slice of its own, so the whole grid is not decoded for a preview.
            return over(_around_q(self._q(question, sight)), _CELLS).decoded(decoder)
        if question.rough and question.area is not None and not grid.decoded:
            if self._lattice is None or not self._lattice.covers(question.area):
                self._lattice = over(question.area, _CELLS).decoded(decoder)
            return self._lattice
        cells, table = grid.boxes(1)[0]
        side = math.isqrt(len(cells))
        return Lattice(cells, (side, side), -HALF_WIDTH, -HALF_WIDTH, table)

    def _q(self, question: Question, sight: Sight) -> Gaussian:
        if question.q is not None:
            return Gaussian.diagonal(question.q.mu, question.q.sigma)
        q = sight.encoded(question.index)
        if not (np.isfinite(q.mean).all() and np.isfinite(q.covariance).all()):
            number = sight.dataset.number(question.index)
            raise InputError(
                f"q(z|x) of image {number:,} is not finite: go back to weights that are, "
                "or start from scratch."
            )
        return q

    def _modes(
        self, question: Question, posterior: TruePosterior, *, shares: bool
    ) -> tuple[ModeView, ...]:
        modes = posterior.modes[:_MODES]
        sight, _, _ = self._ready(question)
        images = sight.images(np.array([mode.z for mode in modes]))
        held = posterior.shares if shares else [None] * len(modes)
        found = []
        for mode, share, image in zip(modes, held, images, strict=False):
            name, agree = _around(question, sight.section.lift(mode.z))
            z = (float(mode.z[0]), float(mode.z[1]))
            found.append(ModeView(z, mode.log_density, share, image, name, agree))
        return tuple(found)

    def _is_ambiguous(self, question: Question) -> bool:
        sight, _, grid = self._ready(question)
        q = self._q(question, sight)
        search = integrating(grid, sight.x(question.index), q.mean[None], q.sigma[None])
        found = _run(search, threading.Event())
        assert found is not None
        posterior = TruePosterior(found[0])
        first = sorted(zip(posterior.shares, range(len(posterior.modes)), strict=True))[::-1][:2]
        if len(first) < 2 or first[1][0] < _SECOND:
            return False
        names = [_around(question, posterior.modes[place].z) for _, place in first]
        own = sight.dataset.class_names[int(sight.dataset.labels[question.index])]
        sure = all(agree > 0.5 for _, agree in names)
        return sure and names[0][0] != names[1][0] and own in (names[0][0], names[1][0])


def _run(work: Generator[None, None, T], halt: threading.Event) -> T | None:
    """What `work` returns, or None if `halt` was set before it was done."""
    while not halt.is_set():
        try:
            next(work)
        except StopIteration as end:
            value: T = end.value
            return value
    return None


def _around(question: Question, z: npt.NDArray[np.float64]) -> tuple[str, float]:
    """The class of most of the training images whose means are the nearest to z, and how many."""
    means, dataset = question.means, question.sight.dataset
    if means is None or len(means) < _NEIGHBOURS:
        return "", 0.0
    distance = np.square(means - z).sum(axis=1)
    near = np.argpartition(distance, _NEIGHBOURS - 1)[:_NEIGHBOURS]
    counts = np.bincount(dataset.labels[near], minlength=len(dataset.class_names))
    label = int(counts.argmax())
    return dataset.class_names[label], float(counts[label] / _NEIGHBOURS)


def _around_q(q: Gaussian) -> Viewport:
    """What holds most of what lies near q, be it broader than that."""
    reach = _REACH * float(q.sigma.max())
    (x, y) = q.mean.tolist()
    return Viewport(x - reach, x + reach, y - reach, y + reach)


def _may_have_two_peaks(log_joint: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """(N,): whether, on coarse cells (N, side²), a second peak is within e² of the highest."""
    side = math.isqrt(log_joint.shape[1])
    dense = log_joint.reshape(-1, side, side)
    padded = np.pad(dense, ((0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
    tops = np.ones_like(dense, np.bool_)
    for i in range(3):
        for j in range(3):
            tops &= dense >= padded[:, i : i + side, j : j + side]
    high = dense >= dense.max(axis=(1, 2), keepdims=True) - 2.0
    result: npt.NDArray[np.bool_] = (tops & high).sum(axis=(1, 2)) > 1
    return result


def _normal(q: Gaussian) -> Normal:
    mu, sigma = q.mean.tolist(), q.sigma.tolist()
    correlation = float(q.covariance[0, 1]) / (sigma[0] * sigma[1])
    return Normal((mu[0], mu[1]), (sigma[0], sigma[1]), correlation)


def _fitted(posterior: TruePosterior, gaussians: list[Gaussian], shape: float) -> Viewport:
    """What holds 99.9 % of the posterior and 3σ of the Gaussians, in a view of that shape."""
    cells, masses = posterior.evidence.cells, posterior.masses
    order = np.argsort(-masses)
    held = order[: 1 + int(np.searchsorted(np.cumsum(masses[order]), 0.999))]
    half = 0.5 * cells.width[held, None]
    corners = [cells.centre[held] - half, cells.centre[held] + half]
    corners += [np.array([q.mean - 3 * q.sigma, q.mean + 3 * q.sigma]) for q in gaussians]
    every = np.concatenate(corners)
    low, high = every.min(axis=0), every.max(axis=0)
    middle, span = (low + high) / 2, 1.15 * (high - low)
    height = max(float(span[1]), float(span[0]) / shape, 1e-3)
    x, y = middle.tolist()
    across = height * shape
    return Viewport(x - across / 2, x + across / 2, y - height / 2, y + height / 2)
