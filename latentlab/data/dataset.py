"""One type for every set of images."""

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

Split = Literal["train", "test"]
MAX_NAME = 200


@dataclass(frozen=True)
class Factor:
    """What is known of how each image came about: `values` (N,) in `unit`, from `low` to `high`."""

    name: str
    unit: str
    values: npt.NDArray[np.float32]
    low: float
    high: float


@dataclass(frozen=True)
class Dataset:
    """Images of one split.

    images: (N, C, H, W) uint8, 0 to 255. labels: (N,) int64, each an index into `class_names`.
    factors: where they are known, for all images; no part of what identifies the content.
    """

    name: str
    split: Split
    images: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int64]
    class_names: tuple[str, ...]
    source: str
    licence: str
    factors: tuple[Factor, ...] = ()

    def __len__(self) -> int:
        return len(self.images)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(channels, height, width)."""
        _, c, h, w = self.images.shape
        return (c, h, w)

    def at(self, indices: npt.NDArray[np.int64]) -> "Dataset":
        """The images at `indices` (M,) as a set of their own."""
        return replace(
            self,
            images=self.images[indices],
            labels=self.labels[indices],
            factors=tuple(replace(f, values=f.values[indices]) for f in self.factors),
        )

    def factor(self, name: str, count: int | None = None) -> Factor | None:
        """The factor of that name, if there is one; with `count`, of the first so many images."""
        found = next((factor for factor in self.factors if factor.name == name), None)
        return found and replace(found, values=found.values[:count])

    @cached_property
    def sha256(self) -> str:
        """Identifies the content: the hash of shape, images and labels."""
        digest = hashlib.sha256(repr(self.images.shape).encode())
        digest.update(np.ascontiguousarray(self.images).data)
        digest.update(np.ascontiguousarray(self.labels).data)
        return digest.hexdigest()


@dataclass(frozen=True)
class DataPair:
    """The two splits of one set: what is trained on, and what is held out.

    skipped: sentences about files that could not be read and are in neither; of very many the
    first. skipped_count: how many there are.
    """

    train: Dataset
    test: Dataset
    skipped: tuple[str, ...] = ()
    skipped_count: int = 0

    @property
    def name(self) -> str:
        """The name both splits share."""
        return self.train.name


def shown_name(name: str) -> str:
    """A file's or folder's name as a model's file may hold it and a window can show it."""
    return "".join(c if c.isprintable() else " " for c in name)[:MAX_NAME]
