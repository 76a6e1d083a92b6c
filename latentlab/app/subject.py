"""Which image is asked about: one of the training images, or one that the user drew."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from latentlab.data.dataset import Dataset

Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Drawn:
    """An image that is in no data set. Those of the same pixels are equal.

    shape: (channels, height, width). pixels: uint8, 0 to 255, in that order.
    """

    shape: tuple[int, int, int]
    pixels: bytes

    @classmethod
    def of(cls, image: Picture) -> "Drawn":
        """From (C, H, W)."""
        channels, height, width = image.shape
        return cls((channels, height, width), image.tobytes())

    @property
    def image(self) -> Picture:
        """(C, H, W), as a data set has its images."""
        # A copy, since torch takes no array that cannot be written to.
        return np.frombuffer(self.pixels, np.uint8).reshape(self.shape).copy()


Subject = int | Drawn
"""The index of a training image, or what was drawn."""


def subject_name(subject: Subject, dataset: Dataset) -> str:
    """For a sentence; an image is one of `dataset`."""
    return "your drawing" if isinstance(subject, Drawn) else f"image {dataset.number(subject):,}"
