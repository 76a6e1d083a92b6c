"""Another program's VAE in a safetensors file: a plain state dict of dense layers, recognised.

PyTorch's examples/vae (fc1, fc21, fc22, fc3, fc4) and its like: layers from the image to two heads
of K values, or to one of 2K, and layers from K values back to the image. Which layer follows which
is told by shapes, and by names where shapes leave a choice. What neither tells is a `Reading`.
Imports no torch; nothing is read from the file before its header says that it is such a model.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from latentlab.core.checkpoint import Checkpoint, read_tensors, shown
from latentlab.core.spec import (
    MAX_DEPTH,
    MAX_LATENT_DIM,
    MAX_PIXELS,
    MAX_WIDTH,
    Activation,
    Architecture,
    Likelihood,
    LogvarHead,
    LossWeights,
    Output,
)
from latentlab.errors import InputError

Shape = tuple[int, ...]
Names = tuple[str, ...]
# The names of encoder, heads and decoder; pixels and K.
_Roles = tuple[Names, Names, Names, int, int]
Spread = Literal["logvar", "log_sigma", "sigma", "softplus", "softplus_variance"]
# What our encoder makes of each; log σ becomes log σ² in the weights.
_LOGVAR_HEADS: dict[Spread, LogvarHead] = {
    "logvar": "free",
    "log_sigma": "free",
    "sigma": "sigma",
    "softplus": "softplus",
    "softplus_variance": "softplus_variance",
}

# Layers tried in finding which follows which; a file may have been made to have many ways.
_MOST_TRIES = 20_000

_SHOWN = 30  # characters of a layer's name, in a list

_MU = re.compile(r"mu|mean|loc|21$|31$|41$")
_SPREAD = re.compile(r"var|sig|std|scale|22$|32$|42$")


@dataclass(frozen=True, slots=True)
class Reading:
    """What names and shapes cannot tell.

    swapped: whether mu is the second of the two heads. spread: whether the other head gives log σ²,
    log σ or σ (whose sign means nothing), or what softplus makes σ or σ² of. output: whether the
    decoder's last layer gives logits (its image is their sigmoid), or the image itself. leak: the
    slope of a leaky_relu below 0.
    """

    activation: Activation = "relu"
    leak: float = 0.01
    swapped: bool = False
    spread: Spread = "logvar"
    output: Output = "logits"
    likelihood: Likelihood = field(default_factory=Likelihood)

    def __post_init__(self) -> None:
        if self.spread not in get_args(Spread):
            raise InputError(f"spread must be one of {', '.join(get_args(Spread))}")


@dataclass(frozen=True)
class ForeignModel:
    """A state dict, and which of its layers is what.

    encoder, decoder: the names of dense layers, in their order. heads: the two that follow the
    encoder, or the one. pixels: values of an image. tensors: float32, by the file's names.
    """

    path: Path
    encoder: tuple[str, ...]
    heads: tuple[str, ...]
    decoder: tuple[str, ...]
    pixels: int
    latent_dim: int
    tensors: Mapping[str, npt.NDArray[np.float32]]

    @property
    def head_names(self) -> tuple[str, str]:
        """How a person is asked which of the heads is mu."""
        if len(self.heads) == 1:
            return f"{self.heads[0]}, first half", f"{self.heads[0]}, second half"
        first, second = self.heads
        return first, second

    @property
    def likely(self) -> Reading:
        """The reading that names suggest, before any image was seen."""
        return Reading(swapped=bool(_SPREAD.search(_last(self.head_names[0]))))

    def checkpoint(self, reading: Reading, image_shape: tuple[int, int, int]) -> Checkpoint:
        """A model of ours that computes the same. Raises InputError where images do not fit."""
        if math.prod(image_shape) != self.pixels:
            raise InputError(
                f"{self.path} takes images of {self.pixels} values, but these have "
                f"{_sizes(image_shape)} = {math.prod(image_shape)}: choose data of that size."
            )
        try:
            architecture = Architecture(
                image_shape=image_shape,
                latent_dim=self.latent_dim,
                hidden=tuple(self._width(name) for name in self.encoder),
                activation=reading.activation,
                leak=reading.leak,
                decoder_hidden=tuple(self._width(name) for name in self.decoder[:-1]),
                logvar_head=_LOGVAR_HEADS[reading.spread],
                output=reading.output,
            )
        except InputError as error:
            raise InputError(f"{self.path} cannot be used: {error}.") from error
        parameters = {
            **self._chain("encoder", [self._layer(name) for name in self.encoder]),
            **self._chain("decoder", [self._layer(name) for name in self.decoder]),
        }
        weight, bias = self._head(reading)
        last = f"encoder.{2 * len(self.encoder)}"
        parameters |= {f"{last}.weight": weight, f"{last}.bias": bias}
        return Checkpoint(architecture, reading.likelihood, LossWeights(), parameters)

    def _width(self, name: str) -> int:
        return int(self.tensors[f"{name}.weight"].shape[0])

    def _layer(self, name: str) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        weight = self.tensors[f"{name}.weight"]
        bias = self.tensors.get(f"{name}.bias")
        return weight, np.zeros(len(weight), np.float32) if bias is None else bias

    @staticmethod
    def _chain(half: str, layers: list[tuple[Any, Any]]) -> dict[str, npt.NDArray[np.float32]]:
        """As in our networks, where an activation stands between any two layers."""
        named = {}
        for index, (weight, bias) in enumerate(layers):
            named[f"{half}.{2 * index}.weight"] = weight
            named[f"{half}.{2 * index}.bias"] = bias
        return named

    def _head(self, reading: Reading) -> tuple[Any, Any]:
        """The one layer of mu above logvar, which is 2 log σ."""
        columns = zip(*(self._layer(name) for name in self.heads), strict=True)
        weight, bias = (np.concatenate(column) for column in columns)
        if reading.swapped:
            weight, bias = (np.roll(array, self.latent_dim, axis=0) for array in (weight, bias))
        if reading.spread == "log_sigma":
            factor = np.repeat(np.array([1, 2], np.float32), self.latent_dim)
            weight, bias = weight * factor[:, None], bias * factor
        return weight, bias


def load_foreign(path: Path) -> ForeignModel:
    """Read a state dict. Raises InputError that says what is in it where it is not recognised."""
    found: list[_Roles] = []

    def check(shapes: Mapping[str, Shape]) -> None:
        try:
            found.append(_recognise(shapes))
        except InputError as error:
            raise InputError(
                f"{path} is not a latentlab model, nor a state dict of a VAE of dense layers: "
                f"{error}."
            ) from error

    _, tensors = read_tensors(path, check)
    roles = found[0]
    arrays = {}
    for name, array in tensors.items():
        if not np.issubdtype(array.dtype, np.floating):
            raise InputError(
                f"{path} cannot be used: tensor {shown(name)} has type {array.dtype}, not a float."
            )
        with np.errstate(over="ignore"):  # what becomes infinite is refused
            arrays[name] = array.astype(np.float32)
        if not np.isfinite(arrays[name]).all():
            raise InputError(
                f"{path} cannot be used: tensor {shown(name)} holds values that are not finite."
            )
    return ForeignModel(path, *roles, tensors=arrays)


def _recognise(shapes: Mapping[str, Shape]) -> _Roles:
    """Raises InputError that goes on after the file's name."""
    linears = _linears(shapes)
    for way in _ways(linears):
        return way
    listed = ", ".join(f"{shown(n[:_SHOWN])} {i}→{o}" for n, (o, i) in list(linears.items())[:4])
    more = f" and {len(linears) - 4} more" if len(linears) > 4 else ""
    raise InputError(
        f"its layers {listed}{more} do not lead from an image to two heads of K values (or one of "
        "2K) and from K values back to the image"
    )


def _linears(shapes: Mapping[str, Shape]) -> dict[str, tuple[int, int]]:
    """The shapes, (out, in), of the dense layers, in the natural order of their names."""
    found: dict[str, tuple[int, int]] = {}
    for name in sorted(shapes, key=_natural):
        shape, (stem, _, kind) = shapes[name], name.rpartition(".")
        weight = shapes.get(f"{stem}.weight", ())
        is_weight = kind == "weight" and len(shape) == 2
        if not is_weight and not (kind == "bias" and len(weight) == 2 and shape == weight[:1]):
            raise InputError(f"tensor {shown(name)} has shape {_shape(shape)}")
        if is_weight:
            if not all(1 <= size <= MAX_PIXELS for size in shape):
                raise InputError(f"tensor {shown(name)} has the absurd shape {_shape(shape)}")
            found[stem] = (shape[0], shape[1])
    if not found:
        raise InputError("it holds no tensors")
    if len(found) > 2 * MAX_DEPTH + 3:
        raise InputError(f"it has {len(found)} layers, and up to {2 * MAX_DEPTH + 3} are read")
    return found


def _ways(linears: dict[str, tuple[int, int]]) -> Iterator[_Roles]:
    """Every way to read the layers as a VAE, those that follow the order of the names first."""
    tries = [0]
    outs = [out for out, _ in linears.values()]
    # An image has more values than any hidden layer of a tutorial, but need not.
    for pixels in sorted({i for _, i in linears.values() if i in outs}, reverse=True):
        for heads, latent_dim in _head_pairs(linears):
            width = linears[heads[0]][1]
            rest = {name: shape for name, shape in linears.items() if name not in heads}
            for encoder in _chains(rest, pixels, width, "dec", tries):
                left = {name: shape for name, shape in rest.items() if name not in encoder}
                for decoder in _chains(left, latent_dim, pixels, "enc", tries):
                    if len(decoder) == len(left) >= 2:
                        yield encoder, heads, decoder, pixels, latent_dim


def _head_pairs(linears: dict[str, tuple[int, int]]) -> list[tuple[tuple[str, ...], int]]:
    """Two layers that may be the heads, or one that may be both; named ones first."""
    names = list(linears)
    pairs: list[tuple[tuple[str, ...], int]] = [
        ((a, b), linears[a][0])
        for at, a in enumerate(names)
        for b in names[at + 1 :]
        if linears[a] == linears[b]
    ]
    pairs.sort(key=lambda pair: -_looks_like_heads(pair[0]))
    pairs += [((n,), out // 2) for n, (out, _) in linears.items() if out % 2 == 0]
    return [pair for pair in pairs if pair[1] <= MAX_LATENT_DIM]


def _looks_like_heads(pair: tuple[str, ...]) -> int:
    first, second = (_last(name) for name in pair)
    if re.search("dec", pair[0].lower()):
        return -1
    kinds = (_MU, _SPREAD)
    straight = sum(bool(k.search(n)) for k, n in zip(kinds, (first, second), strict=True))
    turned = sum(bool(k.search(n)) for k, n in zip(kinds, (second, first), strict=True))
    return max(straight, turned)


def _chains(
    linears: dict[str, tuple[int, int]], start: int, end: int, never: str, tries: list[int]
) -> Iterator[tuple[str, ...]]:
    """Layers that lead from `start` values to `end`; none has `never` in its name."""

    def on(width: int, used: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        if used and width == end:
            yield used
        for name, (out, into) in linears.items():
            if into != width or name in used or never in name.lower():
                continue
            if out > MAX_WIDTH and out != end:
                continue
            tries[0] += 1
            if tries[0] > _MOST_TRIES:
                raise InputError("its layers could follow one another in too many ways")
            yield from on(out, (*used, name))

    return on(start, ())


def _natural(name: str) -> list[tuple[int, str]]:
    """So that layer 10 comes after layer 9."""
    parts = re.findall(r"\d+|\D+", name)
    return [(int(part[:9]), "") if part.isdecimal() else (-1, part) for part in parts]


def _last(name: str) -> str:
    return name.lower().rpartition(".")[2]


def _shape(shape: Shape) -> str:
    return _sizes(shape[:6]) + ("×…" if len(shape) > 6 else "") if shape else "of a single number"


def _sizes(shape: Shape) -> str:
    return "×".join(str(n) for n in shape)
