"""How a long run goes: the learning rate, the KL term's weight, and when it ends. No torch."""

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from latentlab.errors import InputError

Schedule = Literal["constant", "cosine", "one-cycle"]

MAX_EPOCHS = 100_000

# One cycle (Smith & Topin 2018): up along a cosine in the first part, then down to almost nothing.
_RISE = 0.15
_FIRST, _LAST = 1 / 25, 1 / 25_000


@dataclass(frozen=True, slots=True)
class Plan:
    """A long run of `epochs` epochs; what is best of it by held-out loss is kept.

    kl_warm_up: epochs in which the KL term's weight grows from 0 to what the switches say.
    averaging: whether a moving average of the weights is what is judged and kept (Polyak).
    patience: epochs without anything better after which it ends early; 0 for never.
    Raises InputError naming the field.
    """

    epochs: int = 50
    schedule: Schedule = "one-cycle"
    kl_warm_up: float = 0.0
    averaging: bool = True
    patience: int = 0

    def __post_init__(self) -> None:
        for name, low in (("epochs", 1), ("patience", 0)):
            value = getattr(self, name)
            whole = isinstance(value, int) and not isinstance(value, bool)
            if not (whole and low <= value <= MAX_EPOCHS):
                raise InputError(f"plan.{name} must be a whole number from {low} to {MAX_EPOCHS}")
        if self.schedule not in get_args(Schedule):
            raise InputError(f"plan.schedule must be one of {', '.join(get_args(Schedule))}")
        warm = self.kl_warm_up
        number = isinstance(warm, int | float) and not isinstance(warm, bool)
        if not (number and 0 <= warm <= MAX_EPOCHS):
            raise InputError(f"plan.kl_warm_up must be a number from 0 to {MAX_EPOCHS}")
        if not isinstance(self.averaging, bool):
            raise InputError("plan.averaging must be true or false")

    def rate(self, progress: float) -> float:
        """The factor of the learning rate at `progress`, 0 to 1 of the run."""
        if self.schedule == "constant":
            return 1.0
        if self.schedule == "cosine":
            return _between(1.0, 0.0, progress)
        if progress < _RISE:
            return _between(_FIRST, 1.0, progress / _RISE)
        return _between(1.0, _LAST, (progress - _RISE) / (1 - _RISE))

    def kl(self, epochs: float) -> float:
        """The factor of the KL term's weight after `epochs` epochs of the run."""
        return min(1.0, epochs / self.kl_warm_up) if self.kl_warm_up > 0 else 1.0

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: object) -> "Plan":
        """From JSON values. Raises InputError naming the field."""
        if not isinstance(value, dict) or not set(value) <= set(cls.__dataclass_fields__):
            raise InputError("plan must be an object with the fields of a plan")
        return cls(**value)


def _between(start: float, end: float, progress: float) -> float:
    """From `start` to `end` along half a cosine."""
    return end + (start - end) * 0.5 * (1 + math.cos(math.pi * min(progress, 1.0)))


def held_back(count: int) -> int:
    """How many of `count` training images a plan keeps from the steps, to judge weights by."""
    return min(max(count // 30, 500), count // 3, 10_000)
