"""Where the posteriors of a set of images are."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float32Array = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Cloud:
    """The posteriors of all training images, from the weights of one step. mu, logvar: (N, K)."""

    step: int
    mu: Float32Array
    logvar: Float32Array
