"""Loss curves in bounded memory: bins of steps that double in width when they become too many."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from latentlab.core.spec import LossWeights
from latentlab.training.messages import Curves, FloatArray, Series, SwitchMark, Terms

CAPACITY = 2_000
# Marks of a factor being dragged are one mark, as long as they follow each other this closely.
_SAME_GESTURE_STEPS = 25
_COLUMNS = 4  # step, reconstruction, kl, objective


class CurveRecorder:
    """Collects one run's curves. Training values are means over bins, held-out ones are points."""

    def __init__(self) -> None:
        self._bins: list[FloatArray] = []
        self._bin_width = 1
        self._open: list[FloatArray] = []
        self._heldout: list[FloatArray] = []
        self._marks: list[tuple[SwitchMark, LossWeights]] = []

    def add(self, step: int, terms: Terms, weights: LossWeights) -> None:
        """Record the terms of training step `step`."""
        self._open.append(_row(step, terms, weights))
        if len(self._open) < self._bin_width:
            return
        self._bins.append(_merged(self._open))
        self._open = []
        if len(self._bins) == CAPACITY:
            self._bins = [_merged(self._bins[i : i + 2]) for i in range(0, CAPACITY, 2)]
            self._bin_width *= 2

    def add_heldout(self, step: int, terms: Terms, weights: LossWeights) -> None:
        """Record the held-out terms of the weights of `step`; a second value replaces."""
        if self._heldout and self._heldout[-1][0] == step:
            self._heldout.pop()
        self._heldout.append(_row(step, terms, weights))
        if len(self._heldout) > CAPACITY:
            del self._heldout[1:-1:2]

    def mark(self, step: int, weights: LossWeights, formula: str) -> None:
        """Record that the objective became `formula` at `step`."""
        mark = SwitchMark(step, formula)
        if self._marks:
            last, before = self._marks[-1]
            same_terms = (before.reconstruction_on, before.kl_on) == (
                weights.reconstruction_on,
                weights.kl_on,
            )
            gesture = same_terms and step - last.step < _SAME_GESTURE_STEPS
            if gesture or last.step == step:
                self._marks.pop()
        self._marks.append((mark, weights))

    def curves(self) -> Curves:
        """All curves so far."""
        rows = self._bins + ([_merged(self._open)] if self._open else [])
        marks = tuple(mark for mark, _ in self._marks)
        return Curves(_series(rows), _series(self._heldout), marks)

    def to_arrays(self) -> dict[str, npt.NDArray[Any]]:
        """The curves as (B, 4) arrays for a checkpoint: step, reconstruction, kl, objective."""
        rows = self._bins + ([_merged(self._open)] if self._open else [])
        return {"train": _stack(rows), "heldout": _stack(self._heldout)}

    def marks_to_json(self) -> list[dict[str, Any]]:
        """The marks for a checkpoint."""
        return [
            {"step": mark.step, "formula": mark.formula, "weights": weights.to_json()}
            for mark, weights in self._marks
        ]

    @classmethod
    def from_checkpoint(
        cls, arrays: Mapping[str, npt.NDArray[Any]], training: Mapping[str, Any]
    ) -> "CurveRecorder":
        """What `to_arrays` and `marks_to_json` gave; anything of another shape is left out."""
        recorder = cls()
        recorder._bins = _rows(arrays.get("train"))[-CAPACITY + 1 :]
        recorder._heldout = _rows(arrays.get("heldout"))[-CAPACITY:]
        if len(recorder._bins) > 1:
            gaps = np.diff([row[0] for row in recorder._bins])
            recorder._bin_width = max(1, int(np.median(gaps)))
        for mark in training.get("marks", []):
            recorder._marks.append(
                (
                    SwitchMark(int(mark["step"]), str(mark["formula"])),
                    LossWeights.from_json(mark["weights"]),
                )
            )
        return recorder


def _row(step: int, terms: Terms, weights: LossWeights) -> FloatArray:
    return np.array([step, terms.reconstruction, terms.kl, terms.objective(weights)])


def _merged(rows: list[FloatArray]) -> FloatArray:
    """One row for several: means, at the last step."""
    merged: FloatArray = np.mean(rows, axis=0)
    merged[0] = rows[-1][0]
    return merged


def _stack(rows: list[FloatArray]) -> FloatArray:
    return np.stack(rows) if rows else np.empty((0, _COLUMNS))


def _rows(array: npt.NDArray[Any] | None) -> list[FloatArray]:
    if array is None or array.ndim != 2 or array.shape[1] != _COLUMNS:
        return []
    finite = array[np.isfinite(array).all(axis=1)].astype(np.float64)
    return list(finite)


def _series(rows: list[FloatArray]) -> Series:
    columns = _stack(rows).T
    return Series(columns[0].astype(np.int64), columns[1], columns[2], columns[3])
