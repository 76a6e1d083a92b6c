"""The network in layers that torch itself has, for other programs: as modules and as Python text.

Both have the tensors' own names, so that a checkpoint's parameters fit either.
"""

import copy
from typing import cast

from torch import Tensor, nn

from latentlab.core.objective import mean_image
from latentlab.core.spec import Architecture, Likelihood
from latentlab.core.vae import VAE, Enlarge, Residual, skeleton


class PlainEncoder(nn.Module):
    """x (N, D), 0 to 1, to mu and logvar of q(z|x), each (N, K)."""

    def __init__(self, model: VAE) -> None:
        super().__init__()
        self._model = cast(VAE, plain(model))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """As `VAE.encode`."""
        return self._model.encode(x)


class PlainDecoder(nn.Module):
    """z (N, K) to the image E[x|z] (N, D), 0 to 1, and to the decoder's logits (N, D)."""

    def __init__(self, model: VAE, likelihood: Likelihood) -> None:
        super().__init__()
        self._model = cast(VAE, plain(model))
        self._likelihood = likelihood

    def forward(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """As `objective.mean_image` of `VAE.decode`, and that."""
        logits = self._model.decode(z)
        return mean_image(self._likelihood, logits), logits


def plain(module: nn.Module) -> nn.Module:
    """The same layers, with the same tensors, but each of a class of torch's where there is one."""
    if isinstance(module, nn.Linear):
        twin = nn.Linear(module.in_features, module.out_features, device="meta")
        twin.weight, twin.bias = module.weight, module.bias
        return twin
    if isinstance(module, Enlarge):
        return nn.Upsample(module.size)
    copied = copy.copy(module)
    copied._modules = {
        name: None if child is None else plain(child) for name, child in module._modules.items()
    }
    return copied


def decoder_text(architecture: Architecture) -> str:
    """The decoder as a Python expression of torch's layers (as nn) and Residual."""
    return _text(plain(skeleton(architecture).decoder), "")


def _text(module: nn.Module, indent: str) -> str:
    match module:
        case nn.Sequential():
            inner = indent + "    "
            layers = "".join(f"{inner}{_text(layer, inner)},\n" for layer in module)
            text = f"nn.Sequential(\n{layers}{indent})"
        case Residual():
            text = f"Residual({_text(module.body, indent)})"
        case nn.Linear():
            text = f"nn.Linear({module.in_features}, {module.out_features})"
        case nn.Conv2d() | nn.ConvTranspose2d():
            text = f"nn.{type(module).__name__}({_convolution(module)})"
        case nn.MaxPool2d():
            text = f"nn.MaxPool2d({module.kernel_size})"
        case nn.Unflatten():
            text = f"nn.Unflatten(1, {tuple(module.unflattened_size)})"
        case nn.Upsample():
            text = f"nn.Upsample({module.size})"
        case nn.LeakyReLU():
            text = f"nn.LeakyReLU({module.negative_slope})"
        case nn.LayerNorm():
            sizes = module.normalized_shape
            text = f"nn.LayerNorm({sizes[0] if len(sizes) == 1 else list(sizes)})"
        case _:
            text = f"nn.{type(module).__name__}()"  # an activation, or Flatten: they take nothing
    return text


def _convolution(module: nn.Conv2d | nn.ConvTranspose2d) -> str:
    """Its arguments, without those that are torch's own."""
    sizes = {"stride": module.stride, "padding": module.padding}
    if isinstance(module, nn.ConvTranspose2d):
        sizes["output_padding"] = module.output_padding
    usual = {"stride": 1, "padding": 0, "output_padding": 0}
    given = [f"{n}={both[0]}" for n, both in sizes.items() if both[0] != usual[n]]
    channels = (str(module.in_channels), str(module.out_channels))
    return ", ".join((*channels, str(module.kernel_size[0]), *given))
