"""What a checkpoint says of its data and its training, checked before anybody relies on it."""

from collections.abc import Callable, Mapping
from typing import Any

from latentlab.core.spec import LossWeights
from latentlab.errors import InputError

Check = tuple[Callable[[object], bool], str]

# Of counts, amounts and seeds, so that a float holds each exactly.
MAX_COUNT = 1 << 53
# What a window shows in a line; longer than any name or formula of ours.
MAX_TEXT = 200


def check_data(data: Mapping[str, Any]) -> None:
    """Raise InputError naming the field, where a known field of `Checkpoint.data` is malformed."""
    texts = dict.fromkeys(("name", "sha256", "cloud_sha256"), _TEXT)
    _check("data", data, {**texts, "n": _COUNT, "sample": _COUNT})


def check_training(training: Mapping[str, Any]) -> None:
    """Raise InputError naming the field, where one of `Checkpoint.training` is malformed."""
    _check(
        "training",
        training,
        {
            "seed": (_is_seed, f"must be a whole number from −{MAX_COUNT} to {MAX_COUNT}"),
            "steps": _COUNT,
            "weights_step": _COUNT,
            "epochs": _AMOUNT,
            "learning_rate": _AMOUNT,
            "weight_decay": _AMOUNT,
            "batch_size": _COUNT,
            "seconds": _AMOUNT,
            "marks": (_is_list, "must be a list"),
        },
    )
    for number, mark in enumerate(training.get("marks", [])):
        name = f"training.marks[{number}]"
        if not isinstance(mark, dict) or not {"step", "formula", "weights"} <= set(mark):
            raise InputError(f"{name} must be an object with step, formula and weights")
        _check(name, mark, {"step": _COUNT, "formula": _TEXT})
        try:
            LossWeights.from_json(mark["weights"])
        except InputError as error:
            raise InputError(f"{name}.{error}") from error


def _check(name: str, fields: Mapping[str, Any], checks: Mapping[str, Check]) -> None:
    for field, (holds, what) in checks.items():
        if field in fields and not holds(fields[field]):
            raise InputError(f"{name}.{field} {what}")


def _is_whole(value: object, low: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= MAX_COUNT


def _is_seed(value: object) -> bool:
    return _is_whole(value, -MAX_COUNT)


def _is_count(value: object) -> bool:
    return _is_whole(value, 0)


def _is_amount(value: object) -> bool:
    return _is_count(value) or (isinstance(value, float) and 0 <= value <= MAX_COUNT)


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= MAX_TEXT and value.isprintable()


_TEXT: Check = (_is_text, f"must be a text of up to {MAX_TEXT} printable characters")
_COUNT: Check = (_is_count, f"must be a whole number from 0 to {MAX_COUNT}")
_AMOUNT: Check = (_is_amount, f"must be a number from 0 to {MAX_COUNT}")
