"""Images as the network sees them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from latentlab.core.spec import Likelihood
from latentlab.data.binarise import binarise_fixed
from latentlab.data.dataset import Dataset

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
    """One split as tensors (N, D) of uint8; batches of float32, 0 to 1."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        # torch has no read-only tensors, so it gets a copy of an array that must not be written to.
        rows = np.require(dataset.images.reshape(len(dataset), -1), requirements="W")
        self.grey = torch.from_numpy(rows)

    def __len__(self) -> int:
        return len(self.grey)

    @cached_property
    def binary(self) -> Tensor:
        """The images binarised once, always the same way: 0 or 1, uint8."""
        return torch.from_numpy(binarise_fixed(self.dataset.images).reshape(self.grey.shape))

    def training_batch(
        self, indices: Tensor, latent_dim: int, generator: torch.Generator, *, binarise: bool
    ) -> "Batch":
        """The images at `indices`, with the noise of a step on them from `generator`.

        binarise: whether anything that is trained on them binarises them.
        """
        grey = self.grey.index_select(0, indices)
        draws = None
        if binarise:
            draws = _draws(grey.numel(), generator).view(grey.shape)
        return Batch(
            indices, grey, draws, torch.randn((len(grey), latent_dim), generator=generator)
        )

    def evaluation_batch(self, rows: slice | Tensor, likelihood: Likelihood) -> Tensor:
        """The images at `rows` as every number about them is computed: binarised once, or grey."""
        return self.binary[rows].float() if likelihood.binarises else self.grey[rows].float() / 255


def _draws(count: int, generator: torch.Generator) -> Tensor:
    """(count,) uint8, each from 0 to 254 with the same probability.

    Eight bytes at a time, which takes a third of the time of `random_(0, 255)`; what comes out as
    255 is drawn anew.
    """
    words = torch.empty(-(-count // 8), dtype=torch.int64)
    draws = words.random_(-(2**63), None, generator=generator).view(torch.uint8)[:count]
    again = np.flatnonzero(draws.numpy() == _BEYOND)
    draws[again] = torch.empty(len(again), dtype=torch.uint8).random_(
        0, _BEYOND, generator=generator
    )
    return draws
