"""One type for every set of images."""

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from latentlab.data.stored import Drawn

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
class VectorScale:
    """What the values of vectors were, before they were scaled to 0 to 255.

    names: of the D columns, or () where they have none. low, high: (D,), what 0 and 255 stand for.
    """

    names: tuple[str, ...]
    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]

    @property
    def span(self) -> npt.NDArray[np.float64]:
        """(D,): from `low` to `high`."""
        return self.high - self.low

    def values(self, levels: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
        """Values (D,) in the units of the data, from 0 to 255; exact to 1/510 of the span."""
        return self.low + levels / 255 * self.span


@dataclass(frozen=True)
class Dataset:
    """Images of one split.

    images: (N, C, H, W) uint8, 0 to 255. labels: (N,) int64, each an index into `class_names`.
    factors: where they are known, for all images; no part of what identifies the content.
    vectors: where they are no images but vectors of D values, (1, 1, D): what the values mean.
    drawn: where these are a sample of more images, which stay in their file: the plane shows the
    sample, training draws from all of them.
    """

    name: str
    split: Split
    images: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int64]
    class_names: tuple[str, ...]
    source: str
    licence: str
    factors: tuple[Factor, ...] = ()
    vectors: VectorScale | None = None
    drawn: "Drawn | None" = None

    def __len__(self) -> int:
        return len(self.images)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(channels, height, width)."""
        _, c, h, w = self.images.shape
        return (c, h, w)

    @property
    def total(self) -> int:
        """How many images the split has, of which these may be a sample."""
        return len(self) if self.drawn is None else len(self.drawn.whole)

    @property
    def counted(self) -> str:
        """How many these are, of a sample also of how many: "60,000 of 900,000"."""
        return f"{len(self):,}" if self.drawn is None else f"{len(self):,} of {self.total:,}"

    @property
    def numbers(self) -> npt.NDArray[np.int64]:
        """(N,): by what each image is called; of a sample, its place in the file."""
        return np.arange(len(self)) if self.drawn is None else self.drawn.numbers

    def number(self, index: int) -> int:
        """What the image at `index` is called, one of `numbers`."""
        drawn = self.drawn
        return index if drawn is None else int(drawn.whole.numbers[drawn.indices[index]])

    def at(self, indices: npt.NDArray[np.int64]) -> "Dataset":
        """The images at `indices` (M,) as a set of their own."""
        return replace(
            self,
            images=self.images[indices],
            labels=self.labels[indices],
            factors=tuple(replace(f, values=f.values[indices]) for f in self.factors),
            drawn=None,
        )

    def factor(self, name: str, count: int | None = None) -> Factor | None:
        """The factor of that name, if there is one; with `count`, of the first so many images."""
        found = next((factor for factor in self.factors if factor.name == name), None)
        return found and replace(found, values=found.values[:count])

    @cached_property
    def sha256(self) -> str:
        """Identifies the content: the hash of shape, images and labels.

        Of a sample it is that of the sample, with the images' places and the number of all: the
        rest of the file is not read for it.
        """
        digest = hashlib.sha256(repr(self.images.shape).encode())
        if self.drawn is not None:
            digest.update(f"of {self.total}".encode())
            digest.update(self.drawn.numbers.data)
        digest.update(np.ascontiguousarray(self.images).data)
        digest.update(np.ascontiguousarray(self.labels).data)
        return digest.hexdigest()

    @property
    def provenance(self) -> dict[str, Any]:
        """What a model's file says of the images it was trained on: `n` of them.

        sample: of how many of these the SHA-256 is, where it is not of all.
        """
        sample = {} if self.drawn is None else {"sample": len(self)}
        return {"name": self.name, "sha256": self.sha256, "n": self.total, **sample}


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

    def shown(self, split: Split, count: int) -> str:
        """What `count` posteriors of a split are of: "a sample of 60,000 of 900,000 … images"."""
        dataset = self.train if split == "train" else self.test
        kind = "training" if split == "train" else "test"
        if dataset.drawn is None:
            return f"{count:,} {kind} images"
        return f"a sample of {count:,} of {dataset.total:,} {kind} images"


def shown_name(name: str) -> str:
    """A file's or folder's name as a model's file may hold it and a window can show it."""
    return "".join(c if c.isprintable() else " " for c in name)[:MAX_NAME]
