"""A network of ours that computes what a state dict's did, by one reading."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from latentlab.core.foreign_norms import Norm, scale_and_shift
from latentlab.core.foreign_reading import LOGVAR_HEADS, Reading
from latentlab.core.foreign_roles import Roles
from latentlab.core.foreign_steps import Step
from latentlab.core.layers import Layer, Shape
from latentlab.core.spec import Architecture

Floats = npt.NDArray[np.float32]
_Pair = tuple[Floats, Floats]


@dataclass(frozen=True)
class Building:
    """Of the layers of `roles`, whose `tensors` have the file's names.

    down, up: the steps of the convolutions, one each; none in a model of dense layers. unflat: the
    (height, width) at which a decoder's convolutions begin.
    """

    roles: Roles
    tensors: Mapping[str, Floats]
    reading: Reading
    image_shape: tuple[int, int, int]
    down: tuple[Step, ...] = ()
    up: tuple[Step, ...] = ()
    unflat: Shape = ()

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
        architecture = Architecture(
            image_shape=self.image_shape,
            latent_dim=self.roles.latent_dim,
            kind="conv" if convolutional else "mlp",
            hidden=sizes,
            activation=self.reading.activation,
            leak=self.reading.leak,
            decoder_hidden=None if convolutional else widths,
            logvar_head=LOGVAR_HEADS[self.reading.spread],
            output=self.reading.output,
            encoder_layers=encoder if convolutional else None,
            decoder_layers=decoder if convolutional else None,
        )
        return architecture, parameters

    def _encoder(self) -> "_Parts":
        parts: _Parts = []
        kernels, dense = self.roles.encoder[: len(self.down)], self.roles.encoder[len(self.down) :]
        image = self._norms.get("")
        if self.down:
            parts.append((Layer("unflatten", shape=self.image_shape), None))
            parts += self._scaled(image)
            for name, step in zip(kernels, self.down, strict=True):
                parts += self._convolution(name, step)
                parts.append((Layer("activation"), None))
                parts += self._scaled(self._after(name))
                if step.pool > 1:
                    parts.append((Layer("pool", kernel=step.pool), None))
            parts.append((Layer("flatten"), None))
            image = None
        for name in dense:
            parts += [_dense(self._into(self._layer(name), image)), (Layer("activation"), None)]
            image = self._after(name)
        return [*parts, _dense(self._into(self._head(), image))]

    def _decoder(self) -> "_Parts":
        parts: _Parts = []
        dense = self.roles.decoder[: len(self.roles.decoder) - len(self.up)]
        kernels = self.roles.decoder[len(dense) :]
        before: Norm | None = None
        for name in dense:
            bare = name == dense[-1] and not (self.up and self.reading.bent)
            parts.append(_dense(self._into(self._layer(name, bare=bare), before)))
            before = None if bare else self._after(name)
            if not bare:
                parts.append((Layer("activation"), None))
        if not self.up:
            return parts
        first = self._channels(kernels[0], self.up[0])
        parts.append((Layer("unflatten", shape=(first, *self.unflat)), None))
        for name, step in zip(kernels, self.up, strict=True):
            bare = name == kernels[-1]
            parts += self._convolution(name, step, bare=bare)
            if not bare:
                parts.append((Layer("activation"), None))
                parts += self._scaled(self._after(name))
        return [*parts, (Layer("flatten"), None)]

    def _convolution(self, name: str, step: Step, *, bare: bool = False) -> "_Parts":
        weight, bias = self._layer(name, transposed=step.transposed, bare=bare)
        *before, last = step.layers(len(bias), weight.shape[2])
        return [*((layer, None) for layer in before), (last, (weight, bias))]

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
        if norm is None or (not bare and self._after(name) is not None):
            return weight, bias
        scale, shift = scale_and_shift(norm, self.tensors)
        sides = [1] * weight.ndim
        sides[axis] = -1
        return weight * scale.reshape(sides), bias * scale + shift

    def _after(self, name: str) -> Norm | None:
        """The batch norm that comes after the layer's activation, if one does."""
        norm = self._norms.get(name)
        if norm is None:
            return None
        after = self.reading.norm_after if norm.after is None else norm.after
        return norm if after else None

    def _into(self, pair: _Pair, norm: Norm | None) -> _Pair:
        """A dense layer that takes what `norm` gives, made to take what that takes."""
        if norm is None:
            return pair
        weight, bias = pair
        scale, shift = scale_and_shift(norm, self.tensors)
        return weight * scale, bias + weight @ shift

    def _scaled(self, norm: Norm | None) -> "_Parts":
        """A batch norm as a convolution of its own: one after an activation cannot be folded into
        the next where that pads the image."""
        if norm is None:
            return []
        scale, shift = scale_and_shift(norm, self.tensors)
        return [(Layer("conv", len(scale)), (np.diag(scale)[:, :, None, None], shift))]

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
