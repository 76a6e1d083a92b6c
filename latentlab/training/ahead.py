"""Images that are read from their file while others are trained on."""

from concurrent.futures import Future, ThreadPoolExecutor

import torch
from torch import Tensor

from latentlab.data.stored import Pixels, Whole


class Ahead:
    """Reads batches of `whole`, the next one in a thread, which ends when this is given up."""

    def __init__(self, whole: Whole) -> None:
        self._whole = whole
        self._thread = ThreadPoolExecutor(1, "latentlab-reader")
        self._begun: tuple[Tensor, Future[Pixels]] | None = None

    def expect(self, indices: Tensor) -> None:
        """Begin to read the images at `indices` (B,), for the next `read`, and return at once."""
        self._begun = indices, self._thread.submit(self._whole.read, indices.numpy())

    def read(self, indices: Tensor) -> Pixels:
        """(B, C, H, W): the images at `indices` (B,), which may be others than were expected.

        Raises InputError where they cannot be read.
        """
        begun, self._begun = self._begun, None
        # What could not be read then is tried again: all may be well by now.
        if begun and torch.equal(begun[0], indices) and begun[1].exception() is None:
            return begun[1].result()
        return self._whole.read(indices.numpy())
