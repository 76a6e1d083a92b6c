"""State dicts as tutorials write them, and a network of torch's own that computes with them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from latentlab.core.foreign_reading import Spread
from latentlab.data.bundled import load_bundled


class Example(nn.Module):
    """PyTorch's examples/vae, with other sizes and activations if wanted."""

    def __init__(
        self,
        pixels: int = 784,
        hidden: int = 400,
        latent_dim: int = 20,
        activation: Callable[[Tensor], Tensor] = torch.relu,
    ) -> None:
        super().__init__()
        self.fc1 = nn.Linear(pixels, hidden)
        self.fc21 = nn.Linear(hidden, latent_dim)
        self.fc22 = nn.Linear(hidden, latent_dim)
        self.fc3 = nn.Linear(latent_dim, hidden)
        self.fc4 = nn.Linear(hidden, pixels)
        self.activation = activation

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        h = self.activation(self.fc1(x))
        return self.fc21(h), self.fc22(h)

    def decode(self, z: Tensor) -> Tensor:
        return self.fc4(self.activation(self.fc3(z)))


# What tutorials make log σ² of.
LOGVARS: dict[Spread, Callable[[Tensor], Tensor]] = {
    "logvar": lambda s: s,
    "log_sigma": lambda s: 2 * s,
    "sigma": lambda s: s.square().log(),
    "softplus": lambda s: 2 * nn.functional.softplus(s).log(),
    "softplus_variance": lambda s: nn.functional.softplus(s).log(),
}


def digits() -> Tensor:
    """256 images (N, 784), 0 to 1."""
    rows = load_bundled("mnist").train.images[:256].reshape(256, -1)
    return torch.from_numpy(rows.astype(np.float32) / 255)


@dataclass(frozen=True)
class Trained:
    """The example, trained for some seconds, and 256 images x (N, 784) it was trained on."""

    network: Example
    x: Tensor

    def save(self, path: Path, names: dict[str, str] | None = None) -> Path:
        """Write its state dict, under other names if given."""
        state = self.network.state_dict()
        renamed = {
            f"{(names or {}).get(stem, stem)}.{kind}": value.clone()
            for stem, _, kind, value in ((*n.rpartition("."), v) for n, v in state.items())
        }
        save_file(renamed, path)
        return path


def train_example(
    activation: Callable[[Tensor], Tensor] = torch.relu,
    *,
    spread: Spread = "logvar",
    image: bool = False,
    steps: int = 150,
    latent_dim: int = 2,
) -> Trained:
    """PyTorch's objective; spread: of the second head. image: the decoder gives the image."""
    with torch.random.fork_rng():
        torch.manual_seed(1)
        x = digits()
        network = Example(hidden=64, latent_dim=latent_dim, activation=activation)
        adam = torch.optim.Adam(network.parameters(), 3e-3)
        for _ in range(steps):
            mu, head = network.encode(x)
            logvar = LOGVARS[spread](head)
            y = network.decode(mu + torch.exp(0.5 * logvar) * torch.randn_like(mu))
            if image:
                loss = (y - x).square().sum() / 0.1
            else:
                loss = nn.functional.binary_cross_entropy_with_logits(y, x, reduction="sum")
            loss = loss + 0.5 * (logvar.exp() + mu.square() - 1 - logvar).sum()
            adam.zero_grad()
            loss.backward()
            adam.step()
    return Trained(network, x)
