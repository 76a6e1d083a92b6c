"""The network: an encoder to (mu, logvar) and a decoder to logits."""

import copy
import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from latentlab.core.checkpoint import check_shapes
from latentlab.core.dense import Dense
from latentlab.core.layers import Layer, Shape, shapes_through
from latentlab.core.spec import FREE_LOGVAR_BOUND, LOGVAR_BOUND, Architecture, LogvarHead
from latentlab.errors import InputError

_M = TypeVar("_M", bound=nn.Module)

# Of a network from scratch: with gradients and Adam's moments, 1.6 GB.
MAX_NEW_PARAMETERS = 100_000_000

# Of an "image" that a decoder gives, from 0 and from 1, so that its logits are finite.
IMAGE_MARGIN = 1e-6

_ACTIVATIONS: dict[str, type[nn.Module]] = {
    "silu": nn.SiLU,
    "relu": nn.ReLU,
    "gelu": nn.GELU,
    "tanh": nn.Tanh,
    "elu": nn.ELU,
    "sigmoid": nn.Sigmoid,
    "softplus": nn.Softplus,
}


class Sizes(Protocol):
    """What looks need to know of a network's sizes."""

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Channels, height, width."""

    @property
    def pixels(self) -> int:
        """Values in one image."""

    @property
    def latent_dim(self) -> int:
        """K."""

    @property
    def summary(self) -> str:
        """In a few words."""


class Coder(Protocol):
    """What encodes and decodes as a VAE does, whosever it is; it need not give gradients."""

    @property
    def architecture(self) -> Sizes:
        """Its sizes."""

    @property
    def device(self) -> torch.device:
        """Where it computes."""

    def __hash__(self) -> int:
        """By identity."""

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """As VAE.encode."""

    def decode(self, z: Tensor) -> Tensor:
        """As VAE.decode."""


class VAE(nn.Module):
    """A VAE of the given architecture; make one with `new_vae` or `vae_from_parameters`."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.architecture = architecture
        if architecture.encoder_layers is not None:
            build = _layered
        else:
            build = _mlp if architecture.kind == "mlp" else _conv
        self.encoder, self.decoder = build(architecture)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.parameters()).device

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """mu and logvar of q(z|x), each (N, K); x (N, D), 0 to 1.

        logvar is bounded smoothly to ±LOGVAR_BOUND, so its gradient never vanishes at once; that
        of any other head, which another program has trained, is cut far outside.
        """
        mu, raw = self.encoder(x).chunk(2, dim=-1)
        return mu, _logvar(raw, self.architecture.logvar_head)

    def decode(self, z: Tensor) -> Tensor:
        """The decoder's logits (N, D) at z (N, K); see `objective.mean_image` for the image."""
        output: Tensor = self.decoder(z)
        if self.architecture.output == "image":
            return torch.logit(output, eps=IMAGE_MARGIN)
        return output


def _logvar(raw: Tensor, head: LogvarHead) -> Tensor:
    """Cut before the logarithm, whose gradient would be infinite at 0."""
    bound = FREE_LOGVAR_BOUND
    match head:
        case "bounded":
            return LOGVAR_BOUND * torch.tanh(raw / LOGVAR_BOUND)
        case "free":
            return raw.clamp(-bound, bound)
        case "sigma":
            return 2 * raw.abs().clamp(math.exp(-bound / 2), math.exp(bound / 2)).log()
        case "softplus":
            return (2 * F.softplus(raw.clamp(min=-bound)).log()).clamp(-bound, bound)
        case "softplus_variance":
            return F.softplus(raw.clamp(min=-bound)).log().clamp(-bound, bound)


def new_vae(architecture: Architecture, generator: torch.Generator) -> VAE:
    """A network with fresh weights, drawn from `generator` alone (torch's usual initialisation)."""
    model = copy.deepcopy(skeleton(architecture)).to_empty(device="cpu")
    with torch.no_grad():
        for layer in model.modules():
            if isinstance(layer, nn.LayerNorm):
                layer.reset_parameters()
            elif isinstance(layer, nn.Linear | nn.Conv2d | nn.ConvTranspose2d):
                nn.init.kaiming_uniform_(layer.weight, a=math.sqrt(5), generator=generator)
                if layer.bias is not None:
                    bound = 1 / math.sqrt(layer.weight[0].numel())
                    nn.init.uniform_(layer.bias, -bound, bound, generator=generator)
    return model


def vae_from_parameters(
    architecture: Architecture, parameters: Mapping[str, npt.NDArray[np.float32]]
) -> VAE:
    """A network that owns copies of `parameters`.

    Raises InputError, naming the tensor, when they are not just those this architecture needs.
    Shapes are checked before anything is allocated.
    """
    model = _twin(skeleton(architecture))
    expected = {name: tuple(value.shape) for name, value in model.state_dict().items()}
    check_shapes("parameter", parameters, expected)
    state = {name: torch.tensor(value) for name, value in parameters.items()}
    model.load_state_dict(state, assign=True)
    return model


def copy_of(model: VAE) -> VAE:
    """The network as it is now, for looking at while `model` is trained on."""
    copied = _twin(skeleton(model.architecture))
    state = {name: value.detach().clone() for name, value in model.state_dict().items()}
    copied.load_state_dict(state, assign=True)
    return copied


def parameters_of(model: VAE) -> dict[str, npt.NDArray[np.float32]]:
    """Copies of the network's tensors, by name."""
    return {name: value.detach().cpu().numpy().copy() for name, value in model.state_dict().items()}


def count_parameters(architecture: Architecture) -> int:
    """How many numbers a network of this architecture learns. Allocates none of them."""
    return sum(p.numel() for p in skeleton(architecture).parameters())


def check_size(architecture: Architecture) -> None:
    """Raise InputError where a network from scratch would be too large to be trained."""
    count = count_parameters(architecture)
    if count > MAX_NEW_PARAMETERS:
        raise InputError(
            f"the network would learn {count / 1e6:,.0f} million numbers, but at most "
            f"{MAX_NEW_PARAMETERS // 10**6} million are possible"
        )


@lru_cache(maxsize=8)
def skeleton(architecture: Architecture) -> VAE:
    """The network without memory for its tensors; building one takes longer than copying it."""
    with torch.device("meta"):
        return VAE(architecture)


def _twin(module: _M) -> _M:
    """The same layers with room for parameters of their own; in a tenth of a deep copy's time."""
    twin = copy.copy(module)
    twin._parameters = dict(module._parameters)
    twin._modules = {
        name: None if child is None else _twin(child) for name, child in module._modules.items()
    }
    return twin


def _activation(architecture: Architecture) -> Callable[[], nn.Module]:
    if architecture.activation == "leaky_relu":
        return partial(nn.LeakyReLU, architecture.leak)
    return _ACTIVATIONS[architecture.activation]


class Residual(nn.Module):
    """x + f(x), f two layers of the same width; a normalised one sees LayerNorm(x)."""

    def __init__(
        self, width: int, activation: Callable[[], nn.Module], *, normalised: bool
    ) -> None:
        super().__init__()
        layers = [Dense(width, width), activation(), Dense(width, width)]
        self.body = nn.Sequential(
            *([nn.LayerNorm(width), *layers] if normalised else [*layers, activation()])
        )

    def forward(self, x: Tensor) -> Tensor:
        """x + f(x); x (N, width)."""
        result: Tensor = x + self.body(x)
        return result


class _AtLatent(nn.Linear):
    """A layer that gives or takes latent values: in float32 also where autocast is on.

    bfloat16 knows 2.00 and 2.02 and nothing between, and many a posterior is narrower.
    """

    def forward(self, x: Tensor) -> Tensor:
        if not torch.is_autocast_enabled(x.device.type):
            return super().forward(x)
        with torch.autocast(x.device.type, enabled=False):
            return super().forward(x.float())


def _dense(
    widths: list[int],
    architecture: Architecture,
    blocks: int,
    *,
    first: type[nn.Linear] = Dense,
    last: type[nn.Linear] = Dense,
) -> list[nn.Module]:
    """Linear layers through `widths`, each with activation and residual blocks but the last."""
    activation, normalised = _activation(architecture), architecture.normalised
    layers: list[nn.Module] = []
    kind = first
    for before, after in itertools.pairwise(widths[:-1]):
        layers += [kind(before, after), activation()]
        layers += [Residual(after, activation, normalised=normalised) for _ in range(blocks)]
        kind = Dense
    if normalised:
        layers.append(nn.LayerNorm(widths[-2]))
    return [*layers, last(widths[-2], widths[-1])]


def _encoding(widths: list[int], architecture: Architecture) -> list[nn.Module]:
    return _dense(widths, architecture, architecture.residual_blocks, last=_AtLatent)


def _decoding(widths: list[int], architecture: Architecture) -> list[nn.Module]:
    return _dense(widths, architecture, architecture.blocks_of_decoder, first=_AtLatent)


def _mlp(architecture: Architecture) -> tuple[nn.Sequential, nn.Sequential]:
    pixels, latent, hidden = architecture.pixels, architecture.latent_dim, architecture.hidden
    encoder = _encoding([pixels, *hidden, 2 * latent], architecture)
    decoder = _decoding([latent, *architecture.widths_of_decoder, pixels], architecture)
    return nn.Sequential(*encoder), nn.Sequential(*decoder)


class Enlarge(nn.Module):
    """Nearest-neighbour enlargement to a given (height, width): no checkerboard, any size."""

    def __init__(self, size: tuple[int, int]) -> None:
        super().__init__()
        self.size = size

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, h, w) to (N, C, height, width)."""
        return F.interpolate(x, size=self.size)


def _conv(architecture: Architecture) -> tuple[nn.Sequential, nn.Sequential]:
    """Strided convolutions down, enlargements and convolutions up, a dense layer on each side."""
    activation = _activation(architecture)
    channels, height, width = architecture.image_shape
    sizes = [(height, width)]
    for _ in architecture.hidden:
        sizes.append(((sizes[-1][0] + 1) // 2, (sizes[-1][1] + 1) // 2))
    levels = [channels, *architecture.hidden]
    down: list[nn.Module] = [nn.Unflatten(1, architecture.image_shape)]
    for before, after in itertools.pairwise(levels):
        down += [nn.Conv2d(before, after, 3, stride=2, padding=1), activation()]
    flat = levels[-1] * math.prod(sizes[-1])
    dense = 4 * levels[-1]
    encoder = [
        *down,
        nn.Flatten(),
        *_encoding([flat, dense, 2 * architecture.latent_dim], architecture),
    ]
    up: list[nn.Module] = [nn.Unflatten(1, (levels[-1], *sizes[-1]))]
    for level in range(len(levels) - 1, 0, -1):
        up += [
            activation(),
            Enlarge(sizes[level - 1]),
            nn.Conv2d(levels[level], levels[level - 1], 3, padding=1),
        ]
    decoder = [*_decoding([architecture.latent_dim, dense, flat], architecture), *up, nn.Flatten()]
    return nn.Sequential(*encoder), nn.Sequential(*decoder)


def _layered(architecture: Architecture) -> tuple[nn.Sequential, nn.Sequential]:
    """Layer by layer: the n-th module is the n-th layer, so tensors are called after its place."""
    encoder, decoder = architecture.encoder_layers, architecture.decoder_layers
    assert encoder is not None
    assert decoder is not None
    down = _modules(encoder, architecture.pixels, architecture)
    up = _modules(decoder, architecture.latent_dim, architecture)
    into, out = down[-1], up[0]
    assert isinstance(into, nn.Linear)
    assert isinstance(out, nn.Linear)
    down[-1] = _AtLatent(into.in_features, into.out_features)
    up[0] = _AtLatent(out.in_features, out.out_features)
    return nn.Sequential(*down), nn.Sequential(*up)


def _modules(layers: Sequence[Layer], start: int, architecture: Architecture) -> list[nn.Module]:
    shapes = itertools.pairwise(shapes_through(layers, (start,)))
    activation = _activation(architecture)
    return [
        _module(layer, before, after, activation)
        for layer, (before, after) in zip(layers, shapes, strict=True)
    ]


def _module(
    layer: Layer, before: Shape, after: Shape, activation: Callable[[], nn.Module]
) -> nn.Module:
    sizes = (layer.kernel, layer.stride, layer.padding)
    module: nn.Module
    match layer.kind:
        case "dense":
            module = Dense(before[0], layer.size)
        case "conv":
            module = nn.Conv2d(before[0], layer.size, *sizes)
        case "deconv":
            module = nn.ConvTranspose2d(before[0], layer.size, *sizes, layer.output_padding)
        case "enlarge":
            module = Enlarge((after[1], after[2]))
        case "pool":
            module = nn.MaxPool2d(layer.kernel)
        case "activation":
            module = activation()
        case "norm":
            module = nn.LayerNorm(before)
        case "flatten":
            module = nn.Flatten()
        case "unflatten":
            module = nn.Unflatten(1, layer.shape)
    return module
