"""The noise that images are binarised by."""

import numpy as np
import pytest
import torch
from scipy import stats

from latentlab.data.dataset import DataPair
from latentlab.training.images import Images


def noise(mnist: DataPair, seed: int, images: int = 2_000) -> np.ndarray:
    generator = torch.Generator().manual_seed(seed)
    indices = torch.arange(images) % len(mnist.train)
    batch = Images(mnist.train).training_batch(indices, 2, generator, binarise=True)
    assert batch.draws is not None
    return batch.draws.numpy()


def test_draws_are_uniform_from_0_to_254(mnist: DataPair) -> None:
    draws = noise(mnist, 0)
    assert draws.dtype == np.uint8
    counts = np.bincount(draws.ravel(), minlength=256)
    assert counts[255] == 0, "a white pixel is certain"
    assert stats.chisquare(counts[:255]).pvalue > 1e-4
    # Also those that share a word of the generator are independent.
    for apart in (1, 7, 8):
        pairs = np.corrcoef(draws[:, :-apart].ravel(), draws[:, apart:].ravel())
        assert abs(pairs[0, 1]) < 5 / np.sqrt(draws.size)


def test_the_same_seed_draws_the_same(mnist: DataPair) -> None:
    np.testing.assert_array_equal(noise(mnist, 3, 5), noise(mnist, 3, 5))
    assert (noise(mnist, 3, 5) != noise(mnist, 4, 5)).any()


@pytest.mark.parametrize("images", [1, 3])
def test_any_number_of_pixels_will_do(mnist: DataPair, images: int) -> None:
    assert noise(mnist, 0, images).shape == (images, 784)
