"""Loss curves in bounded memory: bins of steps that double in width when they become too many."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from latentlab.core.provenance import MAX_COUNT
from latentlab.core.spec import Likelihood, LossWeights
from latentlab.training.messages import Curves, FloatArray, Series, SwitchMark, Terms

# What is minimised: the terms' weights, and what the reconstruction term is.
Objective = tuple[LossWeights, Likelihood]

CAPACITY = 2_000
# Changes of a factor being dragged are one mark, as long as they follow each other this closely.
_SAME_GESTURE_STEPS = 25


class _Row(NamedTuple):
    step: float
    reconstruction: float
    kl: float
    objective: float


class _Mark(NamedTuple):
    step: int
    before: Objective | None
    weights: LossWeights
    formula: str


class CurveRecorder:
    """Collects one run's curves. Training values are means over bins, held-out ones are points.

    What comes from a file is kept apart, so that a run that goes on is again seen step by step.
    """

    def __init__(self) -> None:
        self._past: list[_Row] = []
        self._bins: list[_Row] = []
        self._bin_width = 1
        self._open: list[_Row] = []
        self._heldout: list[_Row] = []
        self._marks: list[_Mark] = []

    def add(self, step: int, terms: Terms, weights: LossWeights) -> None:
        """Record the terms of training step `step`."""
        self._open.append(_row(step, terms, weights))
        if len(self._open) == self._bin_width:
            self._bins.append(_merged(self._open))
            self._open = []
            if len(self._bins) >= CAPACITY:
                self._bins = _halved(self._bins)
                self._bin_width *= 2

    def add_heldout(self, step: int, terms: Terms, weights: LossWeights) -> None:
        """Record the held-out terms of the weights of `step`; a second value replaces."""
        if self._heldout and self._heldout[-1].step == step:
            self._heldout.pop()
        self._heldout.append(_row(step, terms, weights))
        self._thin()

    def mark(self, step: int, before: Objective, after: Objective) -> None:
        """Record that the objective became `after` at `step`.

        A drag of a factor is one mark, several changes at one step are one, and a change taken
        back before it was used is none.
        """
        used = False
        if self._marks and self._belongs(self._marks[-1], step, after):
            last = self._marks.pop()
            before = last.before or before
            used = step > last.step
        if used or _differ(before, after):
            self._marks.append(_Mark(step, before, after[0], _formula(before, after)))

    def _belongs(self, last: _Mark, step: int, after: Objective) -> bool:
        """Whether the change at `step` is part of the one marked last."""
        terms = [(w.reconstruction_on, w.kl_on) for w in (last.weights, after[0])]
        dragged = terms[0] == terms[1] and step - last.step < _SAME_GESTURE_STEPS
        return step == last.step or dragged

    def curves(self) -> Curves:
        """All curves so far."""
        marks = tuple(SwitchMark(mark.step, mark.formula) for mark in self._marks)
        return Curves(_series(self._train_rows()), _series(self._heldout), marks)

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The curves as (B, 4) arrays for a checkpoint: step, reconstruction, kl, objective."""
        return {"train": _stack(self._train_rows()), "heldout": _stack(self._heldout)}

    def marks_to_json(self) -> list[dict[str, Any]]:
        """The marks for a checkpoint."""
        return [
            {"step": mark.step, "formula": mark.formula, "weights": mark.weights.to_json()}
            for mark in self._marks
        ]

    @classmethod
    def from_checkpoint(
        cls, arrays: Mapping[str, npt.NDArray[Any]], training: Mapping[str, Any]
    ) -> "CurveRecorder":
        """What `to_arrays` and `marks_to_json` gave; an array of another shape is left out.

        `training` holds what `check_training` lets pass, as all of a Checkpoint's does.
        """
        recorder = cls()
        recorder._past = _rows(arrays.get("train"))
        while len(recorder._past) >= CAPACITY:
            recorder._past = _halved(recorder._past)
        recorder._heldout = _rows(arrays.get("heldout"))
        recorder._thin()
        recorder._marks = [
            _Mark(mark["step"], None, LossWeights.from_json(mark["weights"]), mark["formula"])
            for mark in training.get("marks", [])
        ]
        return recorder

    def _train_rows(self) -> list[_Row]:
        under_way = [_merged(self._open)] if self._open else []
        return [*self._past, *self._bins, *under_way]

    def _thin(self) -> None:
        while len(self._heldout) > CAPACITY:
            del self._heldout[1:-1:2]


def _row(step: int, terms: Terms, weights: LossWeights) -> _Row:
    return _Row(step, terms.reconstruction, terms.kl, terms.objective(weights))


def _halved(rows: list[_Row]) -> list[_Row]:
    return [_merged(rows[i : i + 2]) for i in range(0, len(rows), 2)]


def _merged(rows: list[_Row]) -> _Row:
    """One row for several: means, at the last step."""
    _, *columns = zip(*rows, strict=True)
    return _Row(rows[-1].step, *(sum(column) / len(rows) for column in columns))


def _differ(before: Objective, after: Objective) -> bool:
    return before[0].formula != after[0].formula or before[1] != after[1]


def _formula(before: Objective, after: Objective) -> str:
    weights, likelihood = after
    if likelihood == before[1]:
        return weights.formula
    variance = f", σ² = {likelihood.variance:.3g}" if likelihood.name == "gaussian" else ""
    return f"{weights.formula} ({likelihood.name.replace('_', ' ')}{variance})"


def _stack(rows: list[_Row]) -> FloatArray:
    return np.array(rows, dtype=np.float64).reshape(-1, len(_Row._fields))


def _series(rows: list[_Row]) -> Series:
    columns = _stack(rows).T
    return Series(columns[0].astype(np.int64), columns[1], columns[2], columns[3])


def _rows(array: npt.NDArray[Any] | None) -> list[_Row]:
    """The rows of a checkpoint's array; none if it cannot be a curve."""
    if array is None or array.ndim != 2 or array.shape[1] != len(_Row._fields):
        return []
    if not np.isfinite(array).all():
        return []
    steps = array[:, 0]
    if (np.diff(steps) < 0).any() or (steps < 0).any() or (steps > MAX_COUNT).any():
        return []
    return [_Row(*map(float, row)) for row in array]
