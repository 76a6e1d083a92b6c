"""A network layer by layer, as another program may have made it. Imports no torch."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from latentlab.errors import InputError

LayerKind = Literal[
    "dense", "conv", "deconv", "enlarge", "pool", "activation", "norm", "flatten", "unflatten"
]
Shape = tuple[int, ...]

MAX_LAYERS = 96
MAX_KERNEL = 32
MAX_CHANNELS = 16_384

# Values between two layers, of one image.
MAX_VALUES = 1 << 22

_WEIGHTED = ("dense", "conv", "deconv")


@dataclass(frozen=True, slots=True)
class Layer:
    """One module of a network; what does not belong to its kind is as here.

    size: units of a "dense" layer, channels of a "conv" or a "deconv" (transposed). kernel, stride,
    padding, output_padding: as torch's, the same both ways; a "pool" takes the largest of
    kernel × kernel values, an "enlarge" repeats each stride × stride times, a "norm" is a LayerNorm
    over all that comes before it. shape: (channels,
    height, width) that an "unflatten" gives. Raises InputError for a value out of range.
    """

    kind: LayerKind
    size: int = 0
    kernel: int = 1
    stride: int = 1
    padding: int = 0
    output_padding: int = 0
    shape: Shape = ()

    def __post_init__(self) -> None:
        if self.kind not in get_args(LayerKind):
            raise InputError(f"a layer's kind must be one of {', '.join(get_args(LayerKind))}")
        least = 1 if self.kind in _WEIGHTED else 0
        limits = {
            "size": (least, MAX_VALUES if self.kind == "dense" else MAX_CHANNELS),
            "kernel": (1, MAX_KERNEL),
            "stride": (1, MAX_KERNEL),
            "padding": (0, MAX_KERNEL),
            "output_padding": (0, MAX_KERNEL),
        }
        for name, (low, high) in limits.items():
            if not _is_int(getattr(self, name), low, high):
                raise InputError(f"a layer's {name} must be a whole number from {low} to {high}")
        if self.output_padding and self.output_padding >= self.stride:
            raise InputError("a layer's output_padding must be below its stride")
        sizes = self.shape
        length = 3 if self.kind == "unflatten" else 0
        if not (
            isinstance(sizes, tuple)
            and len(sizes) == length
            and all(_is_int(n, 1, MAX_VALUES) for n in sizes)
        ):
            raise InputError("a layer's shape must be (channels, height, width), of an unflatten")

    @property
    def weighted(self) -> bool:
        """Whether it has a weight and a bias, and a size."""
        return self.kind in _WEIGHTED

    def after(self, before: Shape) -> Shape:
        """The shape it makes of values of shape `before`. Raises InputError where it cannot."""
        if self.kind in ("activation", "norm"):
            return before
        if self.kind == "unflatten":
            result: Shape = self.shape if math.prod(self.shape) == math.prod(before) else ()
        elif self.kind == "flatten":
            result = (math.prod(before),)
        elif self.kind == "dense":
            result = (self.size,) if len(before) == 1 else ()
        elif len(before) == 3:
            result = (self.size or before[0], *map(self._length, before[1:]))
        else:
            result = ()
        if not result or min(result) < 1 or math.prod(result) > MAX_VALUES:
            sizes = "×".join(map(str, before))
            raise InputError(f"a {self.kind} layer cannot follow values of shape {sizes}")
        return result

    def _length(self, before: int) -> int:
        """Of one side."""
        match self.kind:
            case "enlarge":
                return before * self.stride
            case "pool":
                return before // self.kernel
            case "deconv":
                grown = (before - 1) * self.stride + self.kernel + self.output_padding
                return grown - 2 * self.padding
            case _:
                return (before + 2 * self.padding - self.kernel) // self.stride + 1

    def to_json(self) -> dict[str, Any]:
        """As JSON values, without those that do not belong to its kind."""
        default = Layer("flatten")
        values = {n: v for n, v in asdict(self).items() if v != getattr(default, n)}
        return {**values, "kind": self.kind} | ({"shape": list(self.shape)} if self.shape else {})


def layers_from_json(value: object) -> tuple[Layer, ...]:
    """Raises InputError."""
    known = {field.name for field in fields(Layer)}
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_LAYERS:
        raise InputError(f"layers must be a list of 1 to {MAX_LAYERS}")
    made = []
    for item in value:
        if not isinstance(item, dict) or not {"kind"} <= set(item) <= known:
            raise InputError(f"a layer must be an object of {', '.join(sorted(known))}")
        shape = item.get("shape", ())
        made.append(Layer(**{**item, "shape": tuple(shape) if isinstance(shape, list) else shape}))
    return tuple(made)


def shapes_through(layers: Sequence[Layer], start: Shape) -> list[Shape]:
    """The shape before each layer, and after the last. Raises InputError where they do not fit."""
    shapes = [start]
    for layer in layers:
        shapes.append(layer.after(shapes[-1]))
    return shapes


def _is_int(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
