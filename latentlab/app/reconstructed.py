"""What the decoder makes of the means of many images."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from latentlab.app.pictures import Picture, decoded, pixels
from latentlab.app.sight import Sight
from latentlab.data.dataset import Dataset


@dataclass(frozen=True, eq=False)
class Reconstructed:
    """pictures: decoder(μ) of the `images` at `indices`, (M, H, W[, 3]), by weights of `step`."""

    images: Dataset
    indices: Sequence[int]
    step: int
    pictures: Picture


def reconstructed(sight: Sight, images: Dataset, indices: Sequence[int]) -> Reconstructed:
    """Of these images, which need not be those of `sight`, with its weights."""
    x = pixels(sight.likelihood, images.images[np.array(indices, np.int64)])
    with torch.inference_mode():
        mu, _ = sight.model.encode(x)
    pictures = decoded(sight.model, sight.likelihood, mu.numpy())
    return Reconstructed(images, indices, sight.step, pictures)
