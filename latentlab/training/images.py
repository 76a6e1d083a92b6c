"""Images as the network sees them."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from latentlab.core.spec import Likelihood
from latentlab.data.binarise import binarise_fixed
from latentlab.data.dataset import Dataset
from latentlab.training.ahead import Ahead

_BEYOND = 255


@dataclass(frozen=True)
class Batch:
    """What a step is taken on; runs in lockstep take theirs on the same.

    indices: (B,) among the images. grey: (B, D) uint8. draws: (B, D), whole numbers from 0 to 254
    to binarise by, or None. eps: (B, K) from N(0, I).
    """

    indices: Tensor
    grey: Tensor
    draws: Tensor | None
    eps: Tensor

    def x(self, likelihood: Likelihood) -> Tensor:
        """(B, D) float32: binarised with P(1) = grey/255 where that is asked, or grey/255."""
        if not likelihood.binarises:
            return self.grey.float() / 255
        if self.draws is None:
            raise ValueError("this batch was drawn without noise to binarise by")
        x = torch.empty(self.grey.shape)
        return torch.lt(self.draws, self.grey, out=x)  # in one go, which `.float()` would not be


class Images:
    """One split as tensors (N, D) of uint8; batches of float32, 0 to 1.

    Where the set is a sample of more, training batches are read from the file of all of them.
    """

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self._whole = dataset.drawn.whole if dataset.drawn else None
        self._ahead = Ahead(self._whole) if self._whole else None
        # torch has no read-only tensors, so it gets a copy of an array that must not be written to.
        rows = np.require(dataset.images.reshape(len(dataset), -1), requirements="W")
        self.grey = torch.from_numpy(rows)

    def __len__(self) -> int:
        return len(self.grey)

    @property
    def total(self) -> int:
        """How many images training draws from."""
        return self.dataset.total

    @cached_property
    def binary(self) -> Tensor:
        """The images binarised once, always the same way: 0 or 1, uint8."""
        return torch.from_numpy(binarise_fixed(self.dataset.images).reshape(self.grey.shape))

    def training_batch(
        self, indices: Tensor, latent_dim: int, generator: torch.Generator, *, binarise: bool
    ) -> "Batch":
        """The images at `indices` of `total`, with the noise of a step on them from `generator`.

        binarise: whether anything that is trained on them binarises them. Raises InputError where
        they cannot be read from their file.
        """
        if self._ahead is None:
            grey = self.grey.index_select(0, indices)
        else:
            grey = torch.from_numpy(self._ahead.read(indices).reshape(len(indices), -1))
        draws = None
        if binarise:
            draws = _draws(grey.numel(), generator).view(grey.shape)
        return Batch(
            indices, grey, draws, torch.randn((len(grey), latent_dim), generator=generator)
        )

    def expect(self, indices: Tensor) -> None:
        """Get the images at `indices` of `total` from their file while others are trained on.

        To be called where the next `training_batch` is of these.
        """
        if self._ahead is not None and len(indices):
            self._ahead.expect(indices)

    def at(self, indices: Tensor) -> "Images":
        """The images at `indices` of `total`, as a set in memory."""
        numbers = indices.numpy()
        if self._whole is None:
            return Images(self.dataset.at(numbers))
        labels = np.zeros(len(numbers), np.int64)  # which nothing that is trained looks at
        images = self._whole.read(numbers)
        return Images(replace(self.dataset, images=images, labels=labels, factors=(), drawn=None))

    def evaluation_batch(self, rows: slice | Tensor, likelihood: Likelihood) -> Tensor:
        """The images at `rows` as every number about them is computed: binarised once, or grey."""
        return self.binary[rows].float() if likelihood.binarises else self.grey[rows].float() / 255


def _draws(count: int, generator: torch.Generator) -> Tensor:
    """(count,) uint8, each from 0 to 254 with the same probability.

    Eight bytes at a time, which takes a third of the time of `random_(0, 255)`; what comes out as
    255 is drawn anew.
    """
    words = torch.empty(-(-count // 8), dtype=torch.int64)
    draws = words.random_(-(2**63), None, generator=generator).view(torch.uint8)[:count].numpy()
    again = np.flatnonzero(draws == _BEYOND)
    fresh = torch.empty(len(again), dtype=torch.uint8).random_(0, _BEYOND, generator=generator)
    draws[again] = fresh.numpy()
    return torch.from_numpy(draws)
