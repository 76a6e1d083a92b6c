"""The loop of a PyTorch tutorial, to the letter, to compare our trainer with.

An image at a time from PIL to a float tensor, a DataLoader without workers, sigmoid and BCE summed,
unfused Adam, and `item()` at each step.
"""

from collections.abc import Iterator

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

from latentlab.core.dense import Dense
from latentlab.core.vae import VAE
from latentlab.data.dataset import Dataset as OurDataset


class PilImages(Dataset[tuple[Tensor, int]]):
    """Images as torchvision's MNIST gives them: PIL, then float32 [1, 28, 28], 0 to 1; a label."""

    def __init__(self, dataset: OurDataset) -> None:
        self._data = torch.from_numpy(dataset.images[:, 0])
        self._targets = torch.from_numpy(dataset.labels)

    def __len__(self) -> int:
        return len(self._data)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        image = Image.fromarray(self._data[index].numpy())
        pixels = torch.from_numpy(np.array(image, np.uint8, copy=True))
        pixels = pixels.view(image.height, image.width, 1).permute(2, 0, 1).contiguous()
        return pixels.to(torch.float32).div(255), int(self._targets[index])


def with_torchs_layers(model: VAE) -> VAE:
    """`model`, its dense layers torch's own with the same weights, as a tutorial's are."""
    for parent in list(model.modules()):
        for name, layer in parent.named_children():
            if isinstance(layer, Dense):
                plain = nn.Linear(layer.in_features, layer.out_features)
                plain.load_state_dict(layer.state_dict())
                setattr(parent, name, plain)
    return model


def reference_steps(
    model: VAE, dataset: OurDataset, batch_size: int, rate: float, *, binarise: bool
) -> Iterator[int]:
    """Train `model` for ever; after each step, the number of its images.

    No tutorial binarises its images. Where models are compared by what they learn, `binarise`
    draws each batch anew, as our trainer does, so that both learn from the same.
    """
    loader = DataLoader(PilImages(dataset), batch_size=batch_size, shuffle=True, num_workers=0)
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    total = 0.0
    while True:
        for images, _ in loader:
            x = images.view(len(images), -1)
            if binarise:
                x = torch.bernoulli(x)
            optimizer.zero_grad()
            mu, logvar = model.encode(x)
            z = mu + torch.randn_like(mu) * torch.exp(0.5 * logvar)
            decoded = torch.sigmoid(model.decode(z))
            reconstruction = F.binary_cross_entropy(decoded, x, reduction="sum")
            kl = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
            loss = reconstruction + kl
            loss.backward()  # type: ignore[no-untyped-call]
            total += loss.item()
            optimizer.step()
            yield len(images)
