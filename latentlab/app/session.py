"""A session in a file: which model and data, and every choice of the user."""

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from latentlab.app.state import (
    ELLIPSE_SCALES,
    STRIP_COUNTS,
    Z_LIMIT,
    AppState,
    Point,
    Viewport,
)
from latentlab.core.spec import Likelihood, LossWeights
from latentlab.errors import InputError
from latentlab.system import write_atomic

FORMAT = 1
SUFFIX = ".latentlab.json"
_MAX_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Session:
    """model: a path, a shipped name, or None for a network from scratch. data: a name or path."""

    model: str | None
    data: str
    state: AppState


def save_session(session: Session, path: Path) -> None:
    """Write it atomically. Raises OSError; then `path` is as it was."""
    state = asdict(session.state)
    del state["run"]  # runs live in the engine, not in a file
    content = {"format": FORMAT, "model": session.model, "data": session.data, "state": state}
    write_atomic(path, json.dumps(content, indent=1).encode())


def load_session(path: Path) -> Session:
    """Read what `save_session` wrote. Raises InputError naming the file and the field."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise InputError(f"{path} is too large for a session file (over 1 MB).")
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not a latentlab session: it is not JSON.") from error
    try:
        return _session(content)
    except InputError as error:
        raise InputError(f"{path} cannot be used: {error}.") from error


def _session(content: Any) -> Session:
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InputError(f"it is not a latentlab session of format {FORMAT}")
    model, data, state = content.get("model"), content.get("data"), content.get("state")
    if not (model is None or isinstance(model, str)) or not isinstance(data, str):
        raise InputError("model and data must be text")
    if not isinstance(state, dict):
        raise InputError("state must be an object")
    return Session(model, data, _state(state))


def _state(value: dict[str, Any]) -> AppState:
    default = AppState()
    return AppState(
        z=_point(value, "z"),
        z1=_point(value, "z1"),
        z2=_point(value, "z2"),
        selected=_whole_or_none(value, "selected"),
        weights=LossWeights.from_json(value.get("weights")),
        likelihood=Likelihood.from_json(value.get("likelihood")),
        learning_rate=_number(value, "learning_rate", 1e-8, 1.0),
        batch_size=int(_number(value, "batch_size", 1, 65_536)),
        viewport=_viewport(value.get("viewport")),
        isolated_class=_whole_or_none(value, "isolated_class"),
        ellipse_scale=_one_of(value, "ellipse_scale", ELLIPSE_SCALES),
        map_on=_flag(value, "map_on"),
        strip_count=int(_number(value, "strip_count", *STRIP_COUNTS)),
        spherical=_flag(value, "spherical"),
        log_curves=_flag(value, "log_curves"),
        run=default.run,
    )


def _number(value: dict[str, Any], name: str, low: float, high: float) -> float:
    number = value.get(name)
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise InputError(f"{name} must be a number")
    if not (math.isfinite(number) and low <= number <= high):
        raise InputError(f"{name} must be from {low:g} to {high:g}")
    return number


def _whole_or_none(value: dict[str, Any], name: str) -> int | None:
    return None if value.get(name) is None else int(_number(value, name, 0, 2**31))


def _flag(value: dict[str, Any], name: str) -> bool:
    flag = value.get(name)
    if not isinstance(flag, bool):
        raise InputError(f"{name} must be true or false")
    return flag


def _one_of(value: dict[str, Any], name: str, choices: tuple[int, ...]) -> int:
    choice = value.get(name)
    if isinstance(choice, bool) or choice not in choices:
        raise InputError(f"{name} must be one of {', '.join(map(str, choices))}")
    return int(choice)


def _point(value: dict[str, Any], name: str) -> Point:
    pair = value.get(name)
    if not isinstance(pair, list) or len(pair) != 2:
        raise InputError(f"{name} must be two numbers")
    x, y = (_number({name: n}, name, -Z_LIMIT, Z_LIMIT) for n in pair)
    return (x, y)


def _viewport(value: Any) -> Viewport:
    if not isinstance(value, dict):
        raise InputError("viewport must be an object")
    names = ("x_min", "x_max", "y_min", "y_max")
    view = Viewport(*(_number(value, name, -Z_LIMIT, Z_LIMIT) for name in names))
    if view.x_max <= view.x_min or view.y_max <= view.y_min:
        raise InputError("viewport must have x_min < x_max and y_min < y_max")
    return view
