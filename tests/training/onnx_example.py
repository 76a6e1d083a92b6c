"""PyTorch's example, trained and exported to two ONNX files as a user would."""

import warnings
from pathlib import Path

import torch
from torch import Tensor, nn

from tests.core.foreign import Example


class Encoder(nn.Module):
    def __init__(self, network: Example) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.network.encode(x)


class Decoder(nn.Module):
    def __init__(self, network: Example) -> None:
        super().__init__()
        self.network = network

    def forward(self, z: Tensor) -> Tensor:
        return torch.sigmoid(self.network.decode(z))


def export(network: Example, folder: Path, outputs: tuple[str, str] = ("mu", "logvar")) -> None:
    """Write encoder.onnx and decoder.onnx; any number of rows, all weights inside."""
    rows = torch.export.Dim("rows")
    for name, module, example, named in (
        ("encoder", Encoder(network), torch.zeros(2, 784), list(outputs)),
        ("decoder", Decoder(network), torch.zeros(2, network.fc3.in_features), ["image"]),
    ):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the exporter's own, of torch's own parts
            torch.onnx.export(
                module.eval(), (example,), folder / f"{name}.onnx",
                input_names=["rows"], output_names=named,
                dynamic_shapes=({0: rows},), external_data=False, verbose=False,
            )  # fmt: skip
