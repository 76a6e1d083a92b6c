"""A joint distribution of two discrete variables, and a die: what the first page counts with.

Probabilities are float64 arrays that sum to 1. What is conditioned on an event of probability 0
is undefined: None, never NaN.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from latentlab.core.discrete import with_value

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Joint:
    """P(x, y): `table` (X, Y), a row for each x, a column for each y."""

    table: Floats

    def with_cell(self, x: int, y: int, mass: float) -> "Joint":
        """With P(x, y) = `mass`; the other cells share the rest as `with_value` has it."""
        flat = with_value(self.table.ravel(), x * self.table.shape[1] + y, mass)
        return Joint(flat.reshape(self.table.shape))

    @property
    def p_x(self) -> Floats:
        """The marginal P(x) = Σ_y P(x, y), (X,)."""
        result: Floats = self.table.sum(axis=1)
        return result

    @property
    def p_y(self) -> Floats:
        """The marginal P(y) = Σ_x P(x, y), (Y,)."""
        result: Floats = self.table.sum(axis=0)
        return result

    def x_given(self, y: int) -> Floats | None:
        """P(x | y) for every x, (X,); None where P(y) = 0."""
        return _conditional(self.table[:, y])

    def y_given(self, x: int) -> Floats | None:
        """P(y | x) for every y, (Y,); None where P(x) = 0."""
        return _conditional(self.table[x])

    def total(self, y: int) -> tuple[tuple[float, float], ...]:
        """The factors (P(y | x), P(x)) whose products sum to P(y): the law of total probability.

        One pair for each x of P(x) > 0: the others have no P(y | x), and add nothing.
        """
        pairs = ((self.y_given(x), float(mass)) for x, mass in enumerate(self.p_x))
        return tuple((float(given[y]), mass) for given, mass in pairs if given is not None)

    def bayes(self, x: int, y: int) -> "Bayes":
        """Bayes' rule for this x and y."""
        given_y, given_x = self.x_given(y), self.y_given(x)
        return Bayes(
            joint=float(self.table[x, y]),
            posterior=None if given_y is None else float(given_y[x]),
            likelihood=None if given_x is None else float(given_x[y]),
            prior=float(self.p_x[x]),
            evidence=sum(likelihood * prior for likelihood, prior in self.total(y)),
        )


@dataclass(frozen=True)
class Bayes:
    """P(x | y) = P(y | x)·P(x) / P(y).

    posterior: P(x | y) counted from the table, P(x, y) / P(y); None where P(y) = 0. likelihood:
    P(y | x), None where P(x) = 0. evidence: P(y) by total probability.
    """

    joint: float
    posterior: float | None
    likelihood: float | None
    prior: float
    evidence: float

    @property
    def right_side(self) -> float | None:
        """likelihood · prior / evidence; None where one of them is undefined or the last is 0."""
        if self.likelihood is None or self.evidence == 0:
            return None
        return self.likelihood * self.prior / self.evidence


@dataclass(frozen=True)
class Die:
    """`weights` (6,): the probability of each face, 1 to 6."""

    weights: Floats

    @classmethod
    def fair(cls) -> "Die":
        """Each face 1/6."""
        return cls(np.full(6, 1 / 6))

    def with_face(self, face: int, weight: float) -> "Die":
        """Loaded: P(face) = `weight`; the other faces share the rest as `with_value` has it."""
        return Die(with_value(self.weights, face - 1, weight))

    def probability(self, event: Collection[int]) -> float:
        """Of a set of faces."""
        return float(sum(self.weights[face - 1] for face in sorted(event)))

    def conditional(self, event: Collection[int], given: Collection[int]) -> float | None:
        """P(event | given) = P(event and given) / P(given); None where P(given) = 0."""
        condition = self.probability(given)
        if condition == 0:
            return None
        return self.probability(set(event) & set(given)) / condition

    def mean(self, given: Collection[int] = range(1, 7)) -> float | None:
        """E(face | given) = Σ face·P(face | given); None where P(given) = 0."""
        condition = self.probability(given)
        if condition == 0:
            return None
        whole = sum(face * self.weights[face - 1] for face in sorted(given))
        return float(whole) / condition


def _conditional(masses: Floats) -> Floats | None:
    total = masses.sum()
    return masses / total if total > 0 else None
