"""Which tensor of a state dict is what: told by shapes, and by names where shapes leave a choice.

Reads no tensor, only a header's names and shapes.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from operator import eq

from latentlab.core.checkpoint import shown
from latentlab.core.foreign_norms import (
    Norm,
    layer_norms,
    natural,
    norm_features,
    placed,
    placed_layer_norms,
)
from latentlab.core.layers import MAX_CHANNELS, MAX_KERNEL
from latentlab.core.spec import MAX_DEPTH, MAX_LATENT_DIM, MAX_PIXELS, MAX_WIDTH
from latentlab.errors import InputError

Shape = tuple[int, ...]
Names = tuple[str, ...]

# Layers tried in finding which follows which; a file may have been made to have many ways.
_MOST_TRIES = 20_000

_MOST_LAYERS = 2 * MAX_DEPTH + 3

_SHOWN = 30  # characters of a layer's name, in a list

_MU = re.compile(r"mu|mean|loc|21$|31$|41$")
_SPREAD = re.compile(r"var|sig|std|scale|22$|32$|42$")


@dataclass(frozen=True)
class Roles:
    """Names of layers, each in its order.

    encoder: from the image to the heads, convolutions first. heads: two layers of K values, or one
    of 2K. decoder: from K to the image, dense layers first. pixels: an image's values, 0 where only
    its channels are known, which are 0 otherwise. transposed: of each of a decoder's convolutions,
    whether it is one that enlarges; both where shapes do not tell. norms: batch and layer norms.
    """

    encoder: Names
    heads: Names
    decoder: Names
    latent_dim: int
    pixels: int = 0
    channels: int = 0
    transposed: Mapping[str, tuple[bool, ...]] = field(default_factory=dict)
    norms: tuple[Norm, ...] = ()

    @property
    def ends(self) -> Names:
        """The heads and the decoder's last layer, which no activation follows."""
        return (*self.heads, self.decoder[-1])


@dataclass(frozen=True)
class _Layer:
    """A dense layer's weight (out, in), a convolution's (out, in, k, k) or, transposed, (in, out,
    k, k); and how many values its bias has."""

    weight: Shape
    bias: int | None

    @property
    def dense(self) -> bool:
        return len(self.weight) == 2

    def gives(self, into: int, *, transposed: bool) -> set[int]:
        """How many it can make of so many. transposed: if it may be a convolution that is."""
        ways = (self.weight[:2], self.weight[1::-1]) if transposed else (self.weight[:2],)
        return {out for out, takes in ways if takes == into and self.bias in (None, out)}


_Layers = Mapping[str, _Layer]


class _Tries:
    """Counts down."""

    def __init__(self) -> None:
        self._left = _MOST_TRIES

    def one_more(self) -> None:
        """Raises InputError after too many."""
        self._left -= 1
        if self._left < 0:
            raise InputError("its layers could follow one another in too many ways")


def recognise(shapes: Mapping[str, Shape]) -> Roles:
    """Raises InputError that goes on after the file's name."""
    norms = norm_features(shapes)
    others = {n: s for n, s in shapes.items() if n.rpartition(".")[0] not in norms}
    layered = layer_norms(others)
    layers = _layers({n: s for n, s in others.items() if n.rpartition(".")[0] not in layered})
    dense = {name: layer for name, layer in layers.items() if layer.dense}
    kernels = {name: layer for name, layer in layers.items() if not layer.dense}
    for way in _conv_ways(dense, kernels) if kernels else _ways(dense):
        encoder, decoder = _given(way, layers)
        hidden = {n: size for n, size in {**encoder, **decoder}.items() if n not in way.ends}
        return replace(
            way,
            norms=placed(norms, encoder, decoder, way.channels or way.pixels)
            + placed_layer_norms(layered, hidden, tuple(kernels)),
        )
    listed = ", ".join(f"{shown(n[:_SHOWN])} {_told(of)}" for n, of in list(layers.items())[:4])
    more = f" and {len(layers) - 4} more" if len(layers) > 4 else ""
    raise InputError(
        f"its layers {listed}{more} do not lead from an image to two heads of K values (or one of "
        "2K) and from K values back to the image"
    )


def looks_like_spread(name: str) -> bool:
    """Whether a head's name says that it is not mu."""
    return bool(_SPREAD.search(_last(name)))


def _layers(shapes: Mapping[str, Shape]) -> dict[str, _Layer]:
    """In the natural order of their names."""
    found: dict[str, _Layer] = {}
    for name in sorted(shapes, key=natural):
        shape, (stem, _, kind) = shapes[name], name.rpartition(".")
        weight, bias = shapes.get(f"{stem}.weight", ()), shapes.get(f"{stem}.bias")
        is_weight = kind == "weight" and len(shape) in (2, 4)
        is_bias = kind == "bias" and len(weight) in (2, 4) and len(shape) == 1
        if not is_weight and not (is_bias and shape[0] in weight[: len(weight) // 2]):
            raise InputError(f"tensor {shown(name)} has shape {_shape(shape)}")
        if is_weight:
            most = MAX_PIXELS if len(shape) == 2 else MAX_CHANNELS
            if not all(1 <= size <= most for size in shape):
                raise InputError(f"tensor {shown(name)} has the absurd shape {_shape(shape)}")
            if len(shape) == 4 and not shape[2] == shape[3] <= MAX_KERNEL:
                raise InputError(
                    f"tensor {shown(name)} has shape {_shape(shape)}, and only square kernels of "
                    f"up to {MAX_KERNEL} are read"
                )
            if len(shape) == 2 and bias not in (None, shape[:1]):
                raise InputError(f"tensor {shown(stem)}.bias has shape {_shape(bias or ())}")
            found[stem] = _Layer(shape, bias[0] if bias else None)
    if not found:
        raise InputError("it holds no tensors")
    if len(found) > _MOST_LAYERS:
        raise InputError(f"it has {len(found)} layers, and up to {_MOST_LAYERS} are read")
    return found


def _ways(layers: _Layers) -> Iterator[Roles]:
    """Every way to read dense layers as a VAE, those that follow the order of the names first."""
    tries = _Tries()
    outs = [layer.weight[0] for layer in layers.values()]
    # An image has more values than any hidden layer of a tutorial, but need not.
    sizes = {layer.weight[1] for layer in layers.values() if layer.weight[1] in outs}
    for pixels in sorted(sizes, reverse=True):
        for heads, latent_dim in _head_pairs(layers):
            width = layers[heads[0]].weight[1]
            rest = _without(layers, heads)
            for encoder in _chains(rest, pixels, partial(eq, width), "dec", tries):
                left = _without(rest, encoder)
                for decoder in _chains(left, latent_dim, partial(eq, pixels), "enc", tries):
                    if len(decoder) == len(left) >= 2:
                        yield Roles(encoder, heads, decoder, latent_dim, pixels=pixels)


def _conv_ways(dense: _Layers, kernels: _Layers) -> Iterator[Roles]:
    """The same with convolutions before the encoder's dense layers, and after the decoder's."""
    tries = _Tries()
    for heads, latent_dim in _head_pairs(dense):
        rest = _without(dense, heads)
        width = dense[heads[0]].weight[1]
        for grown in _chains(rest, latent_dim, bool, "enc", tries):
            left = _without(rest, grown)
            for shrunk in _leading(left, width, tries):
                flat = dense[(*shrunk, *heads)[0]].weight[1]
                unflat = dense[grown[-1]].weight[0]
                for down, up, channels in _both_ways(kernels, flat, unflat, tries):
                    yield Roles(
                        (*down, *shrunk), heads, (*grown, *up), latent_dim,
                        channels=channels,
                        transposed=_transposed(kernels, up, channels),
                    )  # fmt: skip


def _both_ways(
    kernels: _Layers, flat: int, unflat: int, tries: _Tries
) -> Iterator[tuple[Names, Names, int]]:
    """All of the convolutions: those down to `flat` values, those up from `unflat`, the channels
    of the image; those of halves that are alike first."""
    found = list(_all_both_ways(kernels, flat, unflat, tries))
    yield from sorted(found, key=lambda way: abs(len(way[0]) - len(way[1])))


def _all_both_ways(
    kernels: _Layers, flat: int, unflat: int, tries: _Tries
) -> Iterator[tuple[Names, Names, int]]:
    for channels in sorted({layer.weight[1] for layer in kernels.values()}):
        for down in _chains(kernels, channels, lambda end: flat % end == 0, "dec", tries):
            left = _without(kernels, down)
            starts = {n for layer in left.values() for n in layer.weight[:2] if unflat % n == 0}
            for start in sorted(starts, reverse=True):
                for up in _chains(left, start, partial(eq, channels), "enc", tries):
                    if len(up) == len(left):
                        yield down, up, channels


def _transposed(kernels: _Layers, up: Names, channels: int) -> dict[str, tuple[bool, ...]]:
    """From the image back, since that is where the number of channels is known."""
    found: dict[str, tuple[bool, ...]] = {}
    after = channels
    for name in reversed(up):
        out, into = kernels[name].weight[:2]
        bias = kernels[name].bias
        kinds = tuple(
            turned
            for turned in (True, False)
            if ((into, out) if turned else (out, into))[0] == after and bias in (None, after)
        )
        found[name] = kinds
        after = out if kinds[0] else into
    return {name: found[name] for name in up}


def _given(way: Roles, layers: _Layers) -> tuple[dict[str, int], dict[str, int]]:
    """How many values or channels each layer gives, of the encoder with its heads and the
    decoder."""
    encoder = {name: layers[name].weight[0] for name in (*way.encoder, *way.heads)}
    decoder = {
        name: layers[name].weight[1 if way.transposed.get(name, (False,))[0] else 0]
        for name in way.decoder
    }
    return encoder, decoder


def _head_pairs(layers: _Layers) -> list[tuple[Names, int]]:
    """Two layers that may be the heads, or one that may be both; named ones first."""
    names = list(layers)
    pairs: list[tuple[Names, int]] = [
        ((a, b), layers[a].weight[0])
        for at, a in enumerate(names)
        for b in names[at + 1 :]
        if layers[a].weight == layers[b].weight
    ]
    pairs.sort(key=lambda pair: -_looks_like_heads(pair[0]))
    halves = {name: layer.weight[0] for name, layer in layers.items()}
    pairs += [((name,), out // 2) for name, out in halves.items() if out % 2 == 0]
    return [pair for pair in pairs if pair[1] <= MAX_LATENT_DIM]


def _looks_like_heads(pair: Names) -> int:
    first, second = (_last(name) for name in pair)
    if re.search("dec", pair[0].lower()):
        return -1
    kinds = (_MU, _SPREAD)
    straight = sum(bool(k.search(n)) for k, n in zip(kinds, (first, second), strict=True))
    turned = sum(bool(k.search(n)) for k, n in zip(kinds, (second, first), strict=True))
    return max(straight, turned)


def _chains(
    layers: _Layers,
    start: int,
    ends: Callable[[int], bool],
    never: str,
    tries: _Tries,
) -> Iterator[Names]:
    """Layers that lead from `start` to a number that `ends`; none has `never` in its name."""

    def on(width: int, used: Names) -> Iterator[Names]:
        if used and ends(width):
            yield used
        for name, layer in layers.items():
            if name in used or never in name.lower():
                continue
            for out in layer.gives(width, transposed=not layer.dense and never == "enc"):
                if layer.dense and out > MAX_WIDTH and not ends(out):
                    continue
                tries.one_more()
                yield from on(out, (*used, name))

    return on(start, ())


def _leading(layers: _Layers, end: int, tries: _Tries) -> Iterator[Names]:
    """All of the layers, in an order that leads to `end` values; () where there are none."""
    if not layers:
        yield ()
        return
    for start in {layer.weight[1] for layer in layers.values()}:
        for chain in _chains(layers, start, partial(eq, end), "dec", tries):
            if len(chain) == len(layers):
                yield chain


def _without(layers: _Layers, names: Names) -> dict[str, _Layer]:
    return {name: layer for name, layer in layers.items() if name not in names}


def _told(layer: _Layer) -> str:
    if layer.dense:
        return f"{layer.weight[1]}→{layer.weight[0]}"
    return _shape(layer.weight)


def _last(name: str) -> str:
    return name.lower().rpartition(".")[2]


def _shape(shape: Shape) -> str:
    sizes = "×".join(str(n) for n in shape[:6])
    return sizes + ("×…" if len(shape) > 6 else "") if shape else "of a single number"
