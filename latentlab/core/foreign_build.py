"""A network of ours that computes what a state dict's did, by one reading."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from latentlab.core.foreign_norms import Norm, scale_and_shift
from latentlab.core.foreign_reading import LOGVAR_HEADS, Reading, Units
from latentlab.core.foreign_roles import Roles
from latentlab.core.foreign_steps import Step
from latentlab.core.layers import Layer, Shape
from latentlab.core.spec import Architecture
from latentlab.errors import InputError

Floats = npt.NDArray[np.float32]
_Pair = tuple[Floats, Floats]


@dataclass(frozen=True)
class Building:
    """Of the layers of `roles`, whose `tensors` have the file's names.

    down, up: the steps of the convolutions, one each; none in a model of dense layers. unflat: the
    (height, width) at which a decoder's convolutions begin. units: the data's own, for a model that
    takes values in them.
    """

    roles: Roles
    tensors: Mapping[str, Floats]
    reading: Reading
    image_shape: tuple[int, int, int]
    down: tuple[Step, ...] = ()
    up: tuple[Step, ...] = ()
    unflat: Shape = ()
    units: Units | None = None

    @cached_property
    def _norms(self) -> dict[str, Norm]:
        return {norm.layer: norm for norm in self.roles.norms}

    def network(self) -> tuple[Architecture, dict[str, Floats]]:
        """The architecture and its parameters. Raises InputError where a size is out of range."""
        halves = {"encoder": self._encoder(), "decoder": self._decoder()}
        parameters = {
            f"{half}.{at}.{kind}": array
            for half, parts in halves.items()
            for at, (_, pair) in enumerate(parts)
            if pair is not None
            for kind, array in zip(("weight", "bias"), pair, strict=True)
        }
        encoder, decoder = (tuple(layer for layer, _ in parts) for parts in halves.values())
        sizes = tuple(layer.size for layer in encoder if layer.weighted)[:-1]
        widths = tuple(layer.size for layer in decoder if layer.weighted)[:-1]
        convolutional = bool(self.down)
        layered = convolutional or any(norm.layered for norm in self.roles.norms)
        architecture = Architecture(
            image_shape=self.image_shape,
            latent_dim=self.roles.latent_dim,
            kind="conv" if convolutional else "mlp",
            hidden=sizes,
            activation=self.reading.activation,
            leak=self.reading.leak,
            decoder_hidden=None if convolutional else widths,
            logvar_head=LOGVAR_HEADS[self.reading.spread],
            output="image" if self.reading.output == "image" else "logits",
            encoder_layers=encoder if layered else None,
            decoder_layers=decoder if layered else None,
        )
        return architecture, parameters

    def _encoder(self) -> "_Parts":
        parts: _Parts = []
        kernels, dense = self.roles.encoder[: len(self.down)], self.roles.encoder[len(self.down) :]
        before = self._image()
        if self.down:
            parts.append((Layer("unflatten", shape=self.image_shape), None))
            parts += _scaled(before)
            for name, step in zip(kernels, self.down, strict=True):
                parts += self._convolution(name, step)
                parts += self._bent(name)
                parts += _scaled(self._after(name))
                if step.pool > 1:
                    parts.append((Layer("pool", kernel=step.pool), None))
            parts.append((Layer("flatten"), None))
            before = None
        for name in dense:
            parts.append(_dense(_into(self._layer(name), before)))
            parts += self._bent(name)
            before = self._after(name)
        return [*parts, _dense(_into(self._head(), before))]

    def _decoder(self) -> "_Parts":
        parts: _Parts = []
        dense = self.roles.decoder[: len(self.roles.decoder) - len(self.up)]
        kernels = self.roles.decoder[len(dense) :]
        before: _Pair | None = None
        for name in dense:
            bare = name == dense[-1] and not (self.up and self.reading.bent)
            pair = _into(self._layer(name, bare=bare), before)
            last = name == self.roles.decoder[-1]
            parts.append(_dense(self._unscaled(pair) if last else pair))
            before = None if bare else self._after(name)
            parts += self._bent(name, bare=bare)
        if not self.up:
            return parts
        first = self._channels(kernels[0], self.up[0])
        parts.append((Layer("unflatten", shape=(first, *self.unflat)), None))
        for name, step in zip(kernels, self.up, strict=True):
            bare = name == kernels[-1]
            parts += self._convolution(name, step, bare=bare)
            if not bare:
                parts += self._bent(name)
                parts += _scaled(self._after(name))
        return [*parts, (Layer("flatten"), None)]

    def _convolution(self, name: str, step: Step, *, bare: bool = False) -> "_Parts":
        weight, bias = self._layer(name, transposed=step.transposed, bare=bare)
        pair = self._unscaled((weight, bias)) if bare else (weight, bias)
        *before, last = step.layers(len(bias), weight.shape[2])
        return [*((layer, None) for layer in before), (last, pair)]

    def _channels(self, name: str, step: Step) -> int:
        """What a decoder's convolution takes."""
        return int(self.tensors[f"{name}.weight"].shape[0 if step.transposed else 1])

    def _layer(self, name: str, *, transposed: bool = False, bare: bool = False) -> _Pair:
        """Its weight and bias, with a batch norm that comes before the activation. bare: there is
        no activation."""
        weight = self.tensors[f"{name}.weight"]
        bias = self.tensors.get(f"{name}.bias")
        axis = 1 if transposed else 0
        if bias is None:
            bias = np.zeros(weight.shape[axis], np.float32)
        norm = self._norms.get(name)
        if norm is None or norm.layered or (not bare and self._is_after(norm)):
            return weight, bias
        scale, shift = scale_and_shift(norm, self.tensors)
        sides = [1] * weight.ndim
        sides[axis] = -1
        return weight * scale.reshape(sides), bias * scale + shift

    def _is_after(self, norm: Norm) -> bool:
        return self.reading.norm_after if norm.after is None else norm.after

    def _after(self, name: str) -> _Pair | None:
        """Scale and shift of the batch norm that comes after the layer's activation, if one
        does."""
        norm = self._norms.get(name)
        if norm is None or norm.layered or not self._is_after(norm):
            return None
        return scale_and_shift(norm, self.tensors)

    def _bent(self, name: str, *, bare: bool = False) -> "_Parts":
        """What follows a layer: its activation, unless it is `bare`, and its layer norm."""
        activation: _Parts = [] if bare else [(Layer("activation"), None)]
        norm = self._norms.get(name)
        if norm is None or not norm.layered:
            return activation
        weight, bias = (self.tensors.get(f"{norm.name}.{kind}") for kind in ("weight", "bias"))
        assert weight is not None
        pair = weight, np.zeros_like(weight) if bias is None else bias
        own: _Parts = [(Layer("norm"), pair)]
        return [*activation, *own] if self._is_after(norm) else [*own, *activation]

    def _image(self) -> _Pair | None:
        """Scale and shift from values of 0 to 1 to what the first layer takes."""
        norm, pair = self._norms.get(""), self._values()
        of_norm = scale_and_shift(norm, self.tensors) if norm is not None else None
        if pair is None or of_norm is None:
            return of_norm or pair
        (scale, shift), (values, least) = of_norm, pair
        return scale * values, shift + scale * least

    def _values(self) -> _Pair | None:
        """What values of 0 to 1 are multiplied by, and what is added, to be the model's; of each
        channel of an image that convolutions take, else of each value."""
        if self.reading.scale == "unit":
            return None
        count = self.image_shape[0] if self.down else self.roles.pixels
        if self.reading.scale == "signed":
            return np.full(count, 2, np.float32), np.full(count, -1, np.float32)
        if self.units is None or self.down or len(self.units.low) != count:
            raise InputError("it is of no vectors of these data, so scale cannot be own")
        # A value that never changes spans nothing, and is 0 for us.
        span = np.where(self.units.span > 0, self.units.span, 1)
        return span.astype(np.float32), self.units.low.astype(np.float32)

    def _unscaled(self, pair: _Pair) -> _Pair:
        """The decoder's last layer, made to give values of 0 to 1, or their logits."""
        weight, bias = pair
        if self.reading.output == "tanh":
            # (tanh a + 1) / 2 is the sigmoid of 2a.
            return 2 * weight, 2 * bias
        values = self._values()
        if values is None or self.reading.output == "logits":
            return pair
        scale, shift = values
        if not self.up:
            return weight / scale[:, None], (bias - shift) / scale
        # The same for each channel, wherever a transposed convolution has them.
        return weight / scale[0], (bias - shift) / scale

    def _head(self) -> _Pair:
        """The one layer of mu above the other, which is 2 log σ where it was log σ."""
        heads = [self._layer(name, bare=True) for name in self.roles.heads]
        weight, bias = (np.concatenate(column) for column in zip(*heads, strict=True))
        k = self.roles.latent_dim
        if self.reading.swapped:
            weight, bias = (np.roll(array, k, axis=0) for array in (weight, bias))
        if self.reading.spread == "log_sigma":
            factor = np.repeat(np.array([1, 2], np.float32), k)
            weight, bias = weight * factor[:, None], bias * factor
        return weight, bias


_Parts = list[tuple[Layer, _Pair | None]]


def _dense(pair: _Pair) -> tuple[Layer, _Pair]:
    return Layer("dense", len(pair[1])), pair


def _into(pair: _Pair, before: _Pair | None) -> _Pair:
    """A dense layer that takes values after a scale and a shift, made to take those before."""
    if before is None:
        return pair
    (weight, bias), (scale, shift) = pair, before
    return weight * scale, bias + weight @ shift


def _scaled(by: _Pair | None) -> _Parts:
    """A scale and a shift of each channel as a convolution of its own: it cannot be folded into
    the next where that pads the image."""
    if by is None:
        return []
    scale, shift = by
    return [(Layer("conv", len(scale)), (np.diag(scale)[:, :, None, None], shift))]
