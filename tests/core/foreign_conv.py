"""VAEs with convolutions or batch norms as tutorials write them, trained for some seconds."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional as F

from tests.core.foreign import digits


class Tutorial(nn.Module):
    """Heads after `features`, and `decoder`, which gives logits."""

    def __init__(self, features: nn.Module, width: int, decoder: nn.Module, latent: int) -> None:
        super().__init__()
        self.encoder = features
        self.fc_mu = nn.Linear(width, latent)
        self.fc_logvar = nn.Linear(width, latent)
        self.decoder = decoder

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        h = self.encoder(x).flatten(1)
        return self.fc_mu(h), self.fc_logvar(h)

    def decode(self, z: Tensor) -> Tensor:
        decoded: Tensor = self.decoder(z)
        return decoded.flatten(1)


class Strided(nn.Module):
    """Named layers, functional activations, none between the dense layer and the convolutions."""

    def __init__(self, latent: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 4, stride=2, padding=1)
        self.conv2 = nn.Conv2d(8, 16, 4, stride=2, padding=1)
        self.fc_mu = nn.Linear(16 * 7 * 7, latent)
        self.fc_logvar = nn.Linear(16 * 7 * 7, latent)
        self.fc = nn.Linear(latent, 16 * 7 * 7)
        self.deconv1 = nn.ConvTranspose2d(16, 8, 4, stride=2, padding=1)
        self.deconv2 = nn.ConvTranspose2d(8, 1, 4, stride=2, padding=1)

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        h = F.relu(self.conv2(F.relu(self.conv1(x.reshape(-1, 1, 28, 28))))).flatten(1)
        return self.fc_mu(h), self.fc_logvar(h)

    def decode(self, z: Tensor) -> Tensor:
        h = F.relu(self.deconv1(self.fc(z).view(-1, 16, 7, 7)))
        decoded: Tensor = self.deconv2(h)
        return decoded.flatten(1)


def normed(latent: int) -> nn.Module:
    """Blocks of convolution without bias, batch norm and leaky ReLU, and a last convolution."""

    def block(conv: nn.Module, channels: int) -> nn.Module:
        return nn.Sequential(conv, nn.BatchNorm2d(channels), nn.LeakyReLU(0.2))

    features = nn.Sequential(
        nn.Unflatten(1, (1, 28, 28)),
        block(nn.Conv2d(1, 8, 3, 2, 1, bias=False), 8),
        block(nn.Conv2d(8, 16, 3, 2, 1, bias=False), 16),
    )
    decoder = nn.Sequential(
        nn.Linear(latent, 16 * 7 * 7),
        nn.Unflatten(1, (16, 7, 7)),
        block(nn.ConvTranspose2d(16, 16, 3, 2, 1, 1), 16),
        block(nn.ConvTranspose2d(16, 8, 3, 2, 1, 1), 8),
        nn.Conv2d(8, 1, 3, padding=1),
    )
    return Tutorial(features, 16 * 7 * 7, decoder, latent)


def enlarging(latent: int) -> nn.Module:
    """Max-pooling down, enlargement up."""
    features = nn.Sequential(
        nn.Unflatten(1, (1, 28, 28)),
        nn.Conv2d(1, 8, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 8, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
    )  # fmt: skip
    decoder = nn.Sequential(
        nn.Linear(latent, 8 * 7 * 7), nn.ReLU(),
        nn.Unflatten(1, (8, 7, 7)),
        nn.Upsample(scale_factor=2), nn.Conv2d(8, 8, 3, padding=1), nn.ReLU(),
        nn.Upsample(scale_factor=2), nn.Conv2d(8, 1, 3, padding=1),
    )  # fmt: skip
    return Tutorial(features, 8 * 7 * 7, decoder, latent)


def dense_normed(latent: int) -> nn.Module:
    """Dense layers with batch norm before the activation, and dropout."""
    features = nn.Sequential(
        nn.Linear(784, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.1),
        nn.Linear(64, 64), nn.BatchNorm1d(64), nn.ReLU(),
    )  # fmt: skip
    decoder = nn.Sequential(
        nn.Linear(latent, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 784)
    )
    return Tutorial(features, 64, decoder, latent)


def normed_after(latent: int) -> nn.Module:
    """After the activation, of which names say nothing; and of the image."""
    features = nn.Sequential(
        nn.BatchNorm1d(784, affine=False), nn.Linear(784, 64), nn.ReLU(), nn.BatchNorm1d(64)
    )
    decoder = nn.Sequential(
        nn.Linear(latent, 64), nn.ReLU(), nn.BatchNorm1d(64), nn.Linear(64, 784)
    )
    return Tutorial(features, 64, decoder, latent)


MODULES: dict[str, Callable[[int], nn.Module]] = {
    "strided": Strided,
    "normed": normed,
    "enlarging": enlarging,
    "dense normed": dense_normed,
    "normed after": normed_after,
}


@dataclass(frozen=True)
class TrainedTutorial:
    """In evaluation mode, and 256 images x (N, 784) it was trained on."""

    network: nn.Module
    x: Tensor

    def save(self, path: Path) -> Path:
        save_file({n: t.contiguous() for n, t in self.network.state_dict().items()}, path)
        return path


def train_tutorial(name: str, *, steps: int = 300, latent_dim: int = 4) -> TrainedTutorial:
    with torch.random.fork_rng():
        torch.manual_seed(2)
        x = digits()
        network = MODULES[name](latent_dim)
        adam = torch.optim.Adam(network.parameters(), 3e-3)
        for step in range(steps):
            batch = x[64 * (step % 4) :][:64]
            mu, logvar = network.encode(batch)
            logits = network.decode(mu + torch.exp(0.5 * logvar) * torch.randn_like(mu))
            loss = F.binary_cross_entropy_with_logits(logits, batch, reduction="sum")
            loss = loss + 0.5 * step / steps * (logvar.exp() + mu.square() - 1 - logvar).sum()
            adam.zero_grad()
            loss.backward()
            adam.step()
    return TrainedTutorial(network.eval(), x)
