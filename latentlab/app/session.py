"""A session in a file: which model and data, and every choice of the user."""

import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

from latentlab.app.json_file import read_json
from latentlab.app.state import (
    BATCH_SIZE_RANGE,
    BY_CLASS,
    CONTENDERS,
    ELLIPSE_SCALES,
    LEARNING_RATE_RANGE,
    STRIP_COUNTS,
    VIEW_LIMIT,
    Z_LIMIT,
    AppState,
    Contender,
    LayerName,
    Point,
    Viewport,
    Workspace,
)
from latentlab.core.regime import Regime
from latentlab.core.section import Section
from latentlab.core.spec import MAX_LATENT_DIM, Likelihood, LossWeights, NetworkKind
from latentlab.core.tilt import Tilt
from latentlab.errors import InputError
from latentlab.system import write_atomic

FORMAT = 1
SUFFIX = ".latentlab.json"
# What operating systems allow a path, about.
_MAX_NAME = 4_096
_MAX_INDEX = 2**31
_LARGEST = 1e39  # more than a mean in float32 can be

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Session:
    """model: a path, a shipped name, or None for a network from scratch, which then is of
    untrained_kind. data: a name or path."""

    model: str | None
    data: str
    state: AppState
    untrained_kind: NetworkKind = "mlp"


def save_session(session: Session, path: Path) -> None:
    """Write it atomically. Raises OSError; then `path` is as it was."""
    state = asdict(session.state)
    # Runs, and what was seen of them, live in the engine and the window, not in a file.
    del state["run"], state["past"], state["compared_past"]
    del state["chosen"]  # which can be more than a session may be large
    content = {"format": FORMAT, "model": session.model, "data": session.data, "state": state}
    if session.untrained_kind != "mlp":
        content["untrained_kind"] = session.untrained_kind
    write_atomic(path, json.dumps(content, indent=1).encode())


def load_session(path: Path) -> Session:
    """Read what `save_session` wrote. Raises InputError naming the file and the field."""
    try:
        return _session(read_json(path))
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist; check its name.") from error
    except OSError as error:
        raise InputError(
            f"{path} cannot be read ({error.strerror or error}); check its permissions."
        ) from error
    except InputError as error:
        raise InputError(
            f"{path} cannot be used: {error}; mend that, or use another copy."
        ) from error


def _session(content: Any) -> Session:
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InputError(f"it is not a latentlab session of format {FORMAT}")
    state = content.get("state")
    if not isinstance(state, dict):
        raise InputError("state must be an object")
    model = None if content.get("model") is None else _name(content, "model")
    kind = content.get("untrained_kind", "mlp")
    if kind not in get_args(NetworkKind):
        raise InputError(f"untrained_kind must be one of {', '.join(get_args(NetworkKind))}")
    return Session(model, _name(content, "data"), _state(state), kind)


def _name(value: dict[str, Any], name: str) -> str:
    text = value.get(name)
    if not isinstance(text, str) or not 0 < len(text) <= _MAX_NAME or "\0" in text:
        raise InputError(f"{name} must be a name or a path")
    return text


def _state(value: dict[str, Any]) -> AppState:
    return AppState(
        z=_point(value, "z"),
        z1=_point(value, "z1"),
        z2=_point(value, "z2"),
        section=_section(value),
        selected=_index_or_none(value, "selected"),
        weights=_part(value, "weights", LossWeights.from_json),
        likelihood=_part(value, "likelihood", Likelihood.from_json),
        learning_rate=_number(value, "learning_rate", *LEARNING_RATE_RANGE),
        batch_size=_whole(value, "batch_size", *BATCH_SIZE_RANGE),
        viewport=_part(value, "viewport", _viewport),
        isolated_class=_index_or_none(value, "isolated_class"),
        ellipse_scale=_one_of(value, "ellipse_scale", ELLIPSE_SCALES),
        layer=_layer(value),
        # Sessions saved before there were factors do not have it.
        colour_by=_name({"colour_by": BY_CLASS, **value}, "colour_by"),
        # Sessions saved before there were forces do not have it.
        forces_on=_flag({"forces_on": False, **value}, "forces_on"),
        strip_count=_whole(value, "strip_count", *STRIP_COUNTS),
        spherical=_flag(value, "spherical"),
        log_curves=_flag(value, "log_curves"),
        **_workspaces(value),
    )


def _layer(value: dict[str, Any]) -> LayerName:
    """Sessions saved when the decoded map was the only layer say whether it was on."""
    if "layer" not in value:
        return "decoded" if _flag(value, "map_on") else "none"
    for name in get_args(LayerName):
        if value["layer"] == name:
            layer: LayerName = name
            return layer
    raise InputError(f"layer must be one of {', '.join(get_args(LayerName))}")


def _workspaces(value: dict[str, Any]) -> dict[str, Any]:
    """What a session says of the other workspaces; those from before them say nothing."""
    found: dict[str, Any] = {}
    if "workspace" in value:
        if value["workspace"] not in get_args(Workspace):
            raise InputError(f"workspace must be one of {', '.join(get_args(Workspace))}")
        found["workspace"] = value["workspace"]
    if "compare_view" in value:
        found["compare_view"] = _part(value, "compare_view", _viewport)
    # Sessions saved while the view followed the mass, or before it was kept, have none.
    if value.get("infer_view") is not None:
        found["infer_view"] = _part(value, "infer_view", _viewport)
    if "compared" in value:
        found["compared"] = _contenders(value["compared"])
    return found


def _contenders(value: object) -> tuple[Contender, ...]:
    low, high = CONTENDERS
    if not isinstance(value, list) or not low <= len(value) <= high:
        raise InputError(f"compared must be a list of {low} to {high}")
    regimes = [
        _part(
            {"compared": entry.get("regime") if isinstance(entry, dict) else None},
            "compared",
            Regime.from_json,
        )
        for entry in value
    ]
    return tuple(Contender(number, regime) for number, regime in enumerate(regimes))


def _part(value: dict[str, Any], name: str, read: Callable[[object], T]) -> T:
    """A field that has fields of its own, which errors name as "weights.beta"."""
    try:
        return read(value.get(name))
    except InputError as error:
        fault = str(error)
        raise InputError(fault if fault.startswith(name) else f"{name}.{fault}") from error


def _number(value: dict[str, Any], name: str, low: float, high: float) -> float:
    number = value.get(name)
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise InputError(f"{name} must be a number")
    # False for NaN, too.
    if not low <= number <= high:
        raise InputError(f"{name} must be from {low:g} to {high:g}")
    return number


def _whole(value: dict[str, Any], name: str, low: int, high: int) -> int:
    number = _number(value, name, low, high)
    if not isinstance(number, int):
        raise InputError(f"{name} must be a whole number")
    return number


def _index_or_none(value: dict[str, Any], name: str) -> int | None:
    return None if value.get(name) is None else _whole(value, name, 0, _MAX_INDEX)


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


def _section(value: dict[str, Any]) -> Section:
    """Sessions saved when every plane was the whole latent space do not have it."""
    section = value.get("section", {"axes": [0, 1], "origin": [0.0, 0.0]})
    axes, origin = (
        (section.get("axes"), section.get("origin")) if isinstance(section, dict) else (None, None)
    )
    if not isinstance(origin, list) or not 1 <= len(origin) <= MAX_LATENT_DIM:
        raise InputError(f"section.origin must be 1 to {MAX_LATENT_DIM:,} numbers")
    count, last = min(len(origin), 2), len(origin) - 1
    if not isinstance(axes, list) or len(axes) != count:
        raise InputError(f"section.axes must be {count} numbers")
    chosen = tuple(_whole({"section.axes": axis}, "section.axes", 0, last) for axis in axes)
    if len(set(chosen)) != count:
        raise InputError("section.axes must be different axes")
    # Sessions saved when every plane ran along axes do not have it.
    tilt = section.get("tilt")
    name = "section.origin"
    # What is orthogonal to a tilted plane may be longer in one coordinate than in any before.
    limit = Z_LIMIT if tilt is None else Z_LIMIT * math.sqrt(len(origin))
    numbers = [_number({name: n}, name, -limit, limit) for n in origin]
    if tilt is None:
        return Section.at(chosen, numbers)
    try:
        return Section(chosen, tuple(numbers), _tilt(tilt, len(numbers)))
    except ValueError as error:
        raise InputError(
            "section.tilt must have a basis of two orthonormal rows, orthogonal to section.origin"
        ) from error


def _tilt(value: object, latent_dim: int) -> Tilt:
    """Raises ValueError, too, where the rows are not orthonormal."""
    if not isinstance(value, dict):
        raise InputError("section.tilt must be an object")
    rows, images = value.get("basis"), value.get("images", [])
    if not isinstance(rows, list) or len(rows) != 2:
        raise InputError("section.tilt.basis must be two rows of numbers")
    first, second = (_row(row, "section.tilt.basis", 1.5, latent_dim) for row in rows)
    home = _row(value.get("home"), "section.tilt.home", _LARGEST, latent_dim)
    one, two = _row(value.get("shares"), "section.tilt.shares", 1.0, 2)
    name = "section.tilt.images"
    if not isinstance(images, list) or len(images) not in (0, 3):
        raise InputError(f"{name} must be three images, or none")
    indices = tuple(_whole({name: image}, name, 0, _MAX_INDEX) for image in images)
    return Tilt((first, second), home, indices, (one, two))


def _row(value: object, name: str, limit: float, count: int) -> tuple[float, ...]:
    if not isinstance(value, list) or len(value) != count:
        raise InputError(f"{name} must be {count} numbers")
    return tuple(_number({name: number}, name, -limit, limit) for number in value)


def _viewport(value: object) -> Viewport:
    if not isinstance(value, dict):
        raise InputError("viewport must be an object")
    names = ("x_min", "x_max", "y_min", "y_max")
    view = Viewport(*(_number(value, name, -VIEW_LIMIT, VIEW_LIMIT) for name in names))
    if view.x_max <= view.x_min or view.y_max <= view.y_min:
        raise InputError("viewport must have x_min < x_max and y_min < y_max")
    return view
