"""PyTorch's example, trained and exported to two ONNX files as a user would."""

import warnings
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from tests.core.foreign import Example
from tests.core.foreign_conv import Tutorial


class Encoder(nn.Module):
    def __init__(self, network: Example | Tutorial) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.network.encode(x)


class Decoder(nn.Module):
    def __init__(
        self, network: Example | Tutorial, image: Callable[[Tensor], Tensor] | None
    ) -> None:
        super().__init__()
        self.network = network
        self.image = image

    def forward(self, z: Tensor) -> Tensor:
        return self.image(z) if self.image else torch.sigmoid(self.network.decode(z))


def export(
    network: Example | Tutorial,
    folder: Path,
    outputs: tuple[str, str] = ("mu", "logvar"),
    image: Callable[[Tensor], Tensor] | None = None,
    inside: bool = True,
) -> None:
    """Write encoder.onnx and decoder.onnx, for any number of rows. image: what the decoder gives
    at z; a sigmoid of the network's by default. inside: whether the weights are in these files."""
    latent_dim = network.encode(torch.zeros(2, 784))[0].shape[1]
    rows = torch.export.Dim("rows")
    for name, module, example, named in (
        ("encoder", Encoder(network), torch.zeros(2, 784), list(outputs)),
        ("decoder", Decoder(network, image), torch.zeros(2, latent_dim), ["image"]),
    ):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the exporter's own, of torch's own parts
            torch.onnx.export(
                module.eval(), (example,), folder / f"{name}.onnx",
                input_names=["rows"], output_names=named,
                dynamic_shapes=({0: rows},), external_data=not inside, verbose=False,
            )  # fmt: skip
