"""The Gaussian that gives one image the highest ELBO: the best that any encoder could say of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from latentlab.core.evidence import Evidence
from latentlab.core.normal import Gaussian
from latentlab.core.positive import positive

Floats = npt.NDArray[np.float64]

_MOST_STEPS = 60
_STANDS_STILL = 1e-5
# Cells that are looked at: with log p(x, z) so near to the highest, in nats, or near to a start.
_DEPTH, _REACH = 35.0, 6.0
# What q may sum to beside 1 on the cells: those around it are too wide otherwise.
_UNRESOLVED = 0.02


@dataclass(frozen=True)
class _Terms:
    """E_q[log p(x, z)] + entropy, with the gradient and the mean Hessian of log p(x, z) under q."""

    value: float
    slope: Floats
    bend: Floats


def best_gaussian(evidence: Evidence, starts: Sequence[Gaussian], *, full: bool) -> Gaussian:
    """The best found from all `starts`, with a diagonal covariance unless `full`.

    The ELBO is climbed by the natural gradient (Khan & Rue 2023, eq. 10): the precision goes to
    −E_q[∇²log p(x, z)], the mean by that inverse times E_q[∇log p(x, z)], each step halved until it
    leads up. Both come from the values at the evidence's cells by Stein's identity, with no decode.
    """
    cells = evidence.cells
    joint = evidence.log_joint
    near = joint > joint.max() - _DEPTH
    for start in starts:
        near |= (np.abs(cells.centre - start.mean) <= _REACH * start.sigma).all(axis=1)
    view = _View(cells.centre[near], cells.log_volume[near], joint[near], full)
    found = [view.climbed(start) for start in starts]
    return max(found, key=lambda pair: pair[0])[1]


@dataclass(frozen=True)
class _View:
    centre: Floats
    log_volume: Floats
    joint: Floats
    full: bool

    def terms(self, q: Gaussian) -> _Terms | None:
        """None where the cells do not resolve q, so that it does not sum to 1."""
        weights = np.exp(q.log_density(self.centre) + self.log_volume)
        total = float(weights.sum())
        if not abs(total - 1) < _UNRESOLVED:
            return None
        weights = weights / total
        precision = np.linalg.inv(q.covariance)
        white = (self.centre - q.mean) @ precision
        mean = float(weights @ self.joint)
        centred = weights * (self.joint - mean)
        slope = centred @ white
        bend = (white.T * centred) @ white
        entropy = 0.5 * float(np.linalg.slogdet(q.covariance)[1])
        return _Terms(mean + entropy, slope, bend)

    def climbed(self, start: Gaussian) -> tuple[float, Gaussian]:
        q, terms = start, self.terms(start)
        if terms is None:
            return -np.inf, start
        for _ in range(_MOST_STEPS):
            better = self._step(q, terms)
            if better is None:
                break
            gained = better[1].value - terms.value
            q, terms = better
            if gained < _STANDS_STILL:
                break
        return terms.value, q

    def _step(self, q: Gaussian, terms: _Terms) -> tuple[Gaussian, _Terms] | None:
        precision = _inverse(q.covariance)
        aim = positive(-terms.bend, precision)
        move = np.linalg.solve(aim, terms.slope)
        if not self.full:
            aim = np.diag(np.diag(positive(-np.diag(np.diag(terms.bend)), precision)))
        length = 1.0
        while length > 1e-3:
            covariance = _inverse((1 - length) * precision + length * aim)
            there = Gaussian(q.mean + length * move, covariance)
            found = self.terms(there)
            if found is not None and found.value >= terms.value:
                return there, found
            length *= 0.5
        return None


def _inverse(matrix: Floats) -> Floats:
    return np.linalg.inv(matrix).astype(np.float64)
