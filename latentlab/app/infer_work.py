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
from torch import Tensor

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
from latentlab.app.state import Point, Viewport
from latentlab.app.subject import subject_name
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
_PLACES = 1_024  # of log p(x|z) on a line
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
        few of them are halved. Of a line, which takes no longer, the exact one."""
        if question.section.line:
            found = self.exact(question, threading.Event())
            assert found is not None
            return found
        start = time.thread_time()
        sight, decoder, _ = self._ready(question)
        x, q = sight.x(question.subject), self._q(question, sight)
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
            question.subject,
            sight.step,
            sight.likelihood,
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
        x, q = sight.x(question.subject), self._q(question, sight)
        found = _run(integrating(grid, x, q.mean[None], q.sigma[None]), halt)
        if found is None:
            return None
        (evidence,) = found
        posterior = TruePosterior(evidence)
        split = split_gap(decoder, x, q, evidence)
        if halt.is_set():
            return None
        # On a line there is no covariance to be had.
        full = None if sight.section.line else best_full(decoder, x, split, evidence)
        account = Account(
            evidence.log_evidence,
            split.elbo.log_likelihood,
            split.elbo.kl,
            split.best_elbo.value,
            full[1].value if full else None,
            kl_to_posterior(decoder, x, q, evidence),
            RESIDUAL,
            evidence.tolerance,
        )
        area = _fitted(posterior, [q, split.best, *([full[0]] if full else [])], question.shape)
        seen = area if sight.section.line else question.area or area
        field = self.field(replace(question, area=seen), halt)
        if field is None:
            return None
        return Inferred(
            question.subject,
            sight.step,
            sight.likelihood,
            True,
            evidence.problem,
            _normal(q),
            _normal(split.best),
            _normal(full[0]) if full else None,
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
        x = sight.x(question.subject)
        if sight.section.line:
            return _along(decoder, x, question.area)
        lattice = over(question.area, _CELLS)
        values = _run(together(decoder, x, [lattice.cells]), halt)
        return None if values is None else lattice.field(values[0])

    def ladder(self, question: Question, halt: threading.Event) -> tuple[Rung, ...] | None:
        """By draws of its own, the same for every image."""
        sight = question.sight  # of all its dimensions
        decoder = sight.decoder()
        x, q = sight.x(question.subject), self._q(question, sight)
        return _run(climbing(decoder, x, q, torch.Generator().manual_seed(0)), halt)

    def improve(self, question: Question) -> Improved:
        """A few steps from the question's q, going on from those before it."""
        sight, decoder, _ = self._ready(question)
        start = self._q(question, sight)
        climber = self._climber
        if climber is None or not climber.goes_on(sight, question.subject, start):
            climber = self._climber = Climber(sight, question.subject, start)
        q = climber.climb()
        terms = elbo(decoder, sight.x(question.subject), q)
        return Improved(
            question.subject,
            _normal(q),
            terms.log_likelihood,
            terms.kl,
            climber.steps,
            climber.done,
        )

    def search(self, question: Question, most: int, halt: threading.Event) -> int | None:
        """The first of `most` images after the question's, which is a training image or −1, that
        might be of two classes.

        Its posterior's second mode holds a fifth of the mass, and the training means around the
        two modes are mostly of two classes, of which its own label is one. None if there is none.
        """
        sight, _, grid = self._ready(question)
        count, start = len(sight.dataset), question.subject
        assert isinstance(start, int)
        order = (start + 1 + np.arange(min(most, count))) % count
        for begin in range(0, len(order), _SEARCHED):
            some = order[begin : begin + _SEARCHED]
            cells, table = grid.boxes(1)[0]
            values = table.product(sight.x(some)).numpy() + cells.log_prior
            for index in some[_may_have_two_peaks(values)].tolist():
                if halt.is_set():
                    return None
                if self._is_ambiguous(replace(question, subject=index, q=None), index):
                    return int(index)
        return None

    # --- inside ----------------------------------------------------------------------------------

    def _ready(self, question: Question) -> tuple[Sight, Decoder, Grid]:
        sight = question.sight.cut(question.subject, question.section)
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
            axes = slice(1 if question.section.line else 2)
            return Gaussian.diagonal(question.q.mu[axes], question.q.sigma[axes])
        q = sight.encoded(question.subject)
        if not (np.isfinite(q.mean).all() and np.isfinite(q.covariance).all()):
            name = subject_name(question.subject, sight.dataset)
            raise InputError(
                f"q(z|x) of {name} is not finite: go back to weights that are, or start from "
                "scratch."
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
            found.append(ModeView(_point(mode.z), mode.log_density, share, image, name, agree))
        return tuple(found)

    def _is_ambiguous(self, question: Question, index: int) -> bool:
        sight, _, grid = self._ready(question)
        q = self._q(question, sight)
        search = integrating(grid, sight.x(index), q.mean[None], q.sigma[None])
        found = _run(search, threading.Event())
        assert found is not None
        posterior = TruePosterior(found[0])
        first = sorted(zip(posterior.shares, range(len(posterior.modes)), strict=True))[::-1][:2]
        if len(first) < 2 or first[1][0] < _SECOND:
            return False
        names = [_around(question, posterior.modes[place].z) for _, place in first]
        own = sight.dataset.class_names[int(sight.dataset.labels[index])]
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


def _along(decoder: Decoder, x: Tensor, area: Viewport) -> Field:
    """log p(x|z) along a line."""
    ends = np.linspace(area.x_min, area.x_max, _PLACES + 1)
    middles = (ends[:-1] + ends[1:]) / 2
    return Field(area, decoder.log_likelihood(x, middles[:, None]).T)


def _point(z: npt.NDArray[np.float64]) -> Point:
    """z (K,), K at most 2, on the plane; of a line the second coordinate is 0."""
    return float(z[0]), float(z[1]) if len(z) > 1 else 0.0


def _normal(q: Gaussian) -> Normal:
    mu, sigma = _point(q.mean), _point(q.sigma)
    correlation = float(q.covariance[0, 1]) / (sigma[0] * sigma[1]) if len(q.mean) > 1 else 0.0
    return Normal(mu, sigma, correlation)


def _fitted(posterior: TruePosterior, gaussians: list[Gaussian], shape: float) -> Viewport:
    """What holds 99.9 % of the posterior and 3σ of the Gaussians, in a view of that shape; of a
    line its part, from 0 up to 1."""
    cells, masses = posterior.evidence.cells, posterior.masses
    order = np.argsort(-masses)
    held = order[: 1 + int(np.searchsorted(np.cumsum(masses[order]), 0.999))]
    half = 0.5 * cells.width[held, None]
    corners = [cells.centre[held] - half, cells.centre[held] + half]
    corners += [np.array([q.mean - 3 * q.sigma, q.mean + 3 * q.sigma]) for q in gaussians]
    every = np.concatenate(corners)
    low, high = every.min(axis=0), every.max(axis=0)
    middle, span = (low + high) / 2, 1.15 * (high - low)
    if len(middle) == 1:
        (x,), (half_span,) = middle.tolist(), (0.5 * span).tolist()
        return Viewport(x - half_span, x + half_span, 0.0, 1.0)
    height = max(float(span[1]), float(span[0]) / shape, 1e-3)
    x, y = middle.tolist()
    across = height * shape
    return Viewport(x - across / 2, x + across / 2, y - height / 2, y + height / 2)
