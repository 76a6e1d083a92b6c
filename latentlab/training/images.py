"""Images as the network sees them."""

from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from latentlab.core.spec import Likelihood
from latentlab.data.binarise import binarise_fixed
from latentlab.data.dataset import Dataset


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
        self, indices: Tensor, likelihood: Likelihood, generator: torch.Generator
    ) -> Tensor:
        """The images at `indices`, binarised anew with P(1) = grey/255 where that is asked."""
        grey = self.grey.index_select(0, indices)
        if not likelihood.binarises:
            return grey.float() / 255
        draws = torch.empty(grey.shape, dtype=torch.uint8).random_(0, 255, generator=generator)
        return (draws < grey).float()

    def evaluation_batch(self, rows: slice, likelihood: Likelihood) -> Tensor:
        """The images of `rows` as every number about them is computed: binarised once, or grey."""
        return self.binary[rows].float() if likelihood.binarises else self.grey[rows].float() / 255
