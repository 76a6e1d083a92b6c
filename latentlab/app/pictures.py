"""From images as they are kept to what a model is given, and from what it says to pictures."""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from latentlab.core.objective import mean_image
from latentlab.core.spec import Likelihood
from latentlab.core.vae import Coder
from latentlab.data.binarise import binarise_fixed
from latentlab.data.vector_picture import SIDE, drawn
from latentlab.data.vectors import are_vectors

Picture = npt.NDArray[np.uint8]


def pixels(likelihood: Likelihood, grey: Picture) -> Tensor:
    """The x of every number, (N, D) float32: `grey` (N, C, H, W) binarised once, or as it is."""
    if likelihood.binarises:
        return torch.from_numpy(binarise_fixed(grey)).float().flatten(1)
    return (torch.from_numpy(grey).float() / 255).flatten(1)


def decoded(
    model: Coder, likelihood: Likelihood, points: npt.NDArray[np.float32], side: int = SIDE
) -> Picture:
    """The mean images at points (n, K): (n, H, W) or (n, H, W, 3), 0 to 255.

    side: in pixels, of the pictures of vectors.
    """
    return pictures(decoded_levels(model, likelihood, points), side)


def decoded_levels(
    model: Coder, likelihood: Likelihood, points: npt.NDArray[np.float32]
) -> Picture:
    """The same as images are kept: (n, C, H, W)."""
    with torch.inference_mode():
        output = model.decode(torch.from_numpy(np.ascontiguousarray(points)))
        means = mean_image(likelihood, output)
    return _to_uint8(means).reshape(len(points), *model.architecture.image_shape)


def pictures(images: Picture, side: int = SIDE) -> Picture:
    """(n, C, H, W) as (n, H, W) for one channel, (n, H, W, 3) for three, else the first alone.

    Vectors, (n, 1, 1, D), are drawn as curves or bars: (n, side, side).
    """
    if are_vectors(images.shape[1:]):
        return drawn(images[:, 0, 0], side)
    if images.shape[1] == 3:
        return np.ascontiguousarray(images.transpose(0, 2, 3, 1))
    return images[:, 0]


def _to_uint8(means: Tensor) -> Picture:
    result: Picture = means.mul(255).round_().clamp_(0, 255).to(torch.uint8).numpy()
    return result
