"""What a benchmark is asked, and what it answers."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from latentlab.app.profile import EngineKind


class BenchError(Exception):
    """What was to be measured did not happen; says what."""


@dataclass(frozen=True)
class Options:
    """quick: a few seconds in all, to see that it runs; its figures say nothing.

    engine: where training runs in the window; None for where the app has it by itself.
    """

    quick: bool = False
    engine: EngineKind | None = None


@dataclass(frozen=True)
class Target:
    """What a figure should be: at most `limit`, or at least."""

    limit: float
    at_least: bool = False

    def reached(self, value: float) -> bool:
        return value >= self.limit if self.at_least else value <= self.limit

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {number(self.limit)}"


def at_most(limit: float) -> Target:
    return Target(limit)


def at_least(limit: float) -> Target:
    return Target(limit, at_least=True)


@dataclass(frozen=True)
class Figure:
    """One figure: the median of what the rounds gave, each on its own.

    So the ratio of two figures need not be the figure that is their ratio, which compares what was
    measured side by side. key: its place in the JSON object, with a dot where it is nested.
    rounds: empty where it cannot be measured here, and `note` says why.
    """

    key: str
    rounds: Sequence[float]
    target: Target | None = None
    note: str = ""

    @property
    def value(self) -> float | None:
        return statistics.median(self.rounds) if self.rounds else None

    @property
    def reached(self) -> bool | None:
        """None where there is nothing to reach, or nothing was measured."""
        value = self.value
        return None if value is None or self.target is None else self.target.reached(value)


@dataclass(frozen=True)
class Result:
    """Figures, and the facts they depend on."""

    figures: Sequence[Figure]
    facts: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The figures by key; their rounds, spread and targets under the same keys beside them."""
        result: dict[str, Any] = {}
        for figure in self.figures:
            *path, last = figure.key.split(".")
            place = result
            for part in path:
                place = place.setdefault(part, {})
            place[last] = None if figure.value is None else _rounded(figure.value)
        measured = [figure for figure in self.figures if figure.rounds]
        result["spread"] = {
            f.key: [_rounded(min(f.rounds)), _rounded(max(f.rounds))] for f in measured
        }
        result["rounds"] = {f.key: [_rounded(value) for value in f.rounds] for f in measured}
        result["targets"] = {
            f.key: {"target": str(f.target), "reached": f.reached} for f in self.figures if f.target
        }
        result["facts"] = dict(self.facts)
        return result

    def table(self) -> str:
        rows = [("", "median", "spread", "to reach", "")]
        for figure in self.figures:
            value, rounds = figure.value, figure.rounds
            verdict = {None: "", True: "reached", False: "MISSED"}[figure.reached]
            rows.append(
                (
                    figure.key,
                    "–" if value is None else number(value),
                    f"{number(min(rounds))} … {number(max(rounds))}" if len(rounds) > 1 else "",
                    str(figure.target or ""),
                    " ".join(part for part in (verdict, figure.note) if part),
                )
            )
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        return "\n".join(
            "  ".join(
                (
                    f"  {row[0]:<{widths[0]}}",
                    *(f"{cell:>{wide}}" for cell, wide in zip(row[1:4], widths[1:], strict=True)),
                    row[4],
                )
            ).rstrip()
            for row in rows
        )


def number(value: float) -> str:
    """Three digits that count, and no exponent."""
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3g}"


def _rounded(value: float) -> float:
    """Five digits that count: more would be noise."""
    return float(f"{value:.5g}")
