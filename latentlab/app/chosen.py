"""The images that the user has chosen, whose points stand out on the plane."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from latentlab.data.dataset import Split

Gather = Literal["replace", "add", "remove"]
"""What becomes of the images already chosen when more are pointed at."""
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Chosen:
    """indices: of images of `split`, sorted, each once."""

    split: Split = "train"
    indices: tuple[int, ...] = ()

    @classmethod
    def of(cls, split: Split, indices: npt.NDArray[np.integer]) -> "Chosen":
        """These, (M,), in any order."""
        return cls(split, tuple(np.unique(indices).tolist()))

    def __len__(self) -> int:
        return len(self.indices)

    @property
    def array(self) -> Ints:
        """(M,) the indices."""
        return np.array(self.indices, np.int64)

    def gathered(self, split: Split, indices: npt.NDArray[np.integer], how: Gather) -> "Chosen":
        """What is chosen after `indices` (M,) of `split` were pointed at.

        Those of another split are no longer chosen: only one is on the plane.
        """
        before = self.array if self.split == split else Chosen().array
        if how == "add":
            indices = np.concatenate([before, indices])
        elif how == "remove":
            indices = np.setdiff1d(before, indices)
        return Chosen.of(split, indices)


def counted(labels: Ints, class_names: tuple[str, ...], most: int = 12) -> str:
    """How many there are of each class, labels (M,): "3 (120), 5 (92)", the most frequent first."""
    counts = np.bincount(labels[labels >= 0], minlength=len(class_names))
    order = [label for label in np.argsort(-counts, kind="stable").tolist() if counts[label]]
    parts = [f"{class_names[label]} ({counts[label]:,})" for label in order[:most]]
    if len(order) > most:
        parts.append(f"{len(order) - most:,} more classes")
    return ", ".join(parts)
