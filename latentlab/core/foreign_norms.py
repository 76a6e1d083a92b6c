"""Norms of a state dict: which layer each follows, and the folding of batch norms into weights.

In evaluation a batch norm is y = γ (x − m) / √(v + ε) + β, with stored m and v: a scale and a shift
of each channel (Ioffe & Szegedy 2015), which the dense layer or convolution before it can have in
its weights. Training then goes on without it. A layer norm depends on what it sees, and stays.
"""

import itertools
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from latentlab.core.checkpoint import shown
from latentlab.errors import InputError

Floats = npt.NDArray[np.float32]

# torch's default; a file does not tell.
_EPSILON = 1e-5

_MOST = 64

_STATISTICS = ("running_mean", "running_var")
COUNTER = "num_batches_tracked"
_TENSORS = {*_STATISTICS, COUNTER, "weight", "bias"}


@dataclass(frozen=True)
class Norm:
    """A batch norm, or a layer norm if it is `layered`.

    layer: the one it follows; "" where it is the image it sees. after: whether an activation is
    between; None where names do not tell.
    """

    name: str
    layer: str
    after: bool | None
    layered: bool = False


def norm_features(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, int]:
    """How many values each batch norm normalises. Raises InputError where its shapes disagree."""
    found = {}
    means = [name for name in shapes if name.rpartition(".")[2] == "running_mean"]
    if len(means) > _MOST:
        raise InputError(f"it has {len(means)} batch norms, and up to {_MOST} are read")
    for name in sorted(means, key=natural):
        stem = name.rpartition(".")[0]
        of = {n.rpartition(".")[2]: s for n, s in shapes.items() if n.rpartition(".")[0] == stem}
        size = shapes[name]
        good = len(size) == 1 and size[0] >= 1 and "running_var" in of and set(of) <= _TENSORS
        if not good or any(s != size for k, s in of.items() if k != COUNTER):
            raise InputError(f"its batch norm {shown(stem)} has tensors of shapes that disagree")
        found[stem] = size[0]
    return found


def layer_norms(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    """What each layer norm has a weight for: (values,), or (channels, height, width). Of the
    tensors that belong to no batch norm. Raises InputError where its bias has another shape."""
    found = {}
    for name in sorted(shapes, key=natural):
        stem, _, kind = name.rpartition(".")
        if kind != "weight" or len(shapes[name]) not in (1, 3):
            continue
        if shapes.get(f"{stem}.bias", shapes[name]) != shapes[name] or 0 in shapes[name]:
            raise InputError(f"its layer norm {shown(stem)} has tensors of shapes that disagree")
        found[stem] = shapes[name]
    if len(found) > _MOST:
        raise InputError(f"it has {len(found)} layer norms, and up to {_MOST} are read")
    return found


def placed_layer_norms(
    norms: Mapping[str, tuple[int, ...]], hidden: Mapping[str, int], kernels: Collection[str]
) -> tuple[Norm, ...]:
    """Where they are. hidden: what each layer gives but the heads and the last; kernels: those of
    them that are convolutions.

    Raises InputError where one follows no layer, or may be a norm of another kind: one of groups
    or of single channels has the same tensors, and how many groups no file tells.
    """
    found: list[Norm] = []
    for stem, shape in norms.items():
        taken = {norm.layer for norm in found}
        free = {n: size for n, size in hidden.items() if size == shape[0] and n not in taken}
        of = _in_a_list(stem, free) or max(free, key=lambda n: _likeness(stem, n), default=None)
        if of is None or (of in kernels) != (len(shape) == 3):
            raise InputError(
                f"its norm {shown(stem)} is no LayerNorm behind a hidden layer (a GroupNorm or an "
                "InstanceNorm is not read)"
            )
        after = False if _in_a_list(stem, free) and _place(stem) == _place(of) + 1 else None
        found.append(Norm(stem, of, after, layered=True))
    return tuple(found)


def placed(
    features: Mapping[str, int], encoder: Mapping[str, int], decoder: Mapping[str, int], start: int
) -> tuple[Norm, ...]:
    """Where the batch norms are. encoder, decoder: what each layer gives; start: of the image.

    In a list of modules one follows the layer before it; else names that are alike tell. Raises
    InputError where one follows no layer.
    """
    norms: list[Norm] = []
    for stem, size in features.items():
        taken = {norm.layer for norm in norms}
        free = {n: s for n, s in {**encoder, **decoder}.items() if s == size and n not in taken}
        of = _in_a_list(stem, free)
        if of is not None:
            norms.append(Norm(stem, of, False if _place(stem) == _place(of) + 1 else None))
            continue
        alike = max(free, key=lambda name: _likeness(stem, name), default=None)
        listed = any(_parent(name) == _parent(stem) for name in (*encoder, *decoder))
        if size == start and (alike is None or (listed and _place(stem) == 0)):
            norms.append(Norm(stem, "", None))
        elif alike is not None:
            norms.append(Norm(stem, alike, None))
        else:
            raise InputError(f"its batch norm {shown(stem)} of {size} values follows no layer")
    return tuple(norms)


def _in_a_list(stem: str, layers: Mapping[str, int]) -> str | None:
    """The last of the layers that come before it in the same list."""
    if _place(stem) < 0:
        return None
    before = [n for n in layers if _parent(n) == _parent(stem) and 0 <= _place(n) < _place(stem)]
    return max(before, key=_place, default=None)


def _likeness(stem: str, name: str) -> tuple[bool, bool, int]:
    halves = [half for half in ("enc", "dec") if half in stem.lower()]
    same_half = all(half in name.lower() for half in halves)
    same_number = re.findall(r"\d+", stem)[-1:] == re.findall(r"\d+", name)[-1:]
    return same_half, same_number, _alike(stem, name)


def _alike(one: str, other: str) -> int:
    """How many characters they have in common before they differ."""
    same = (a == b for a, b in zip(one, other, strict=False))
    return sum(1 for _ in itertools.takewhile(bool, same))


def _parent(name: str) -> str:
    return name.rpartition(".")[0]


def _place(name: str) -> int:
    """In a list of modules; −1 where it is none's."""
    last = name.rpartition(".")[2]
    return int(last[:9]) if last.isdecimal() else -1


def scale_and_shift(norm: Norm, tensors: Mapping[str, Floats]) -> tuple[Floats, Floats]:
    """What it multiplies by and adds. Raises InputError where a variance is below 0."""
    mean, variance = (tensors[f"{norm.name}.{kind}"].astype(np.float64) for kind in _STATISTICS)
    if (variance < 0).any():
        raise InputError(f"tensor {shown(norm.name)}.running_var holds values below 0")
    weight, bias = (tensors.get(f"{norm.name}.{kind}") for kind in ("weight", "bias"))
    scale = (1.0 if weight is None else weight) / np.sqrt(variance + _EPSILON)
    shift = (0.0 if bias is None else bias) - mean * scale
    return scale.astype(np.float32), shift.astype(np.float32)


def natural(name: str) -> list[tuple[int, str]]:
    """A key for sorting: layer 10 comes after layer 9."""
    parts = re.findall(r"\d+|\D+", name)
    return [(int(part[:9]), "") if part.isdecimal() else (-1, part) for part in parts]
