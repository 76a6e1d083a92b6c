"""Makes the bundled sets from the full ones, at development time.

    python -m latentlab.data.make_bundled MNIST_DIR FASHION_DIR

Each folder holds the four IDX files of its set. The same folders give the same files.
"""

import argparse
import io
from pathlib import Path

import numpy as np
import numpy.typing as npt

from latentlab.data.dataset import Dataset
from latentlab.data.idx import open_idx
from latentlab.paths import RESOURCES
from latentlab.system import write_atomic

SEED = 20240131
TRAIN_PER_CLASS = 1_000
TEST_PER_CLASS = 200
CLASSES = 10


def choose(
    labels: npt.NDArray[np.int64], per_class: int, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Shuffled indices, `per_class` of each class. Raises ValueError if a class has fewer."""
    chosen = [
        rng.choice(np.flatnonzero(labels == c), per_class, replace=False) for c in range(CLASSES)
    ]
    return rng.permutation(np.concatenate(chosen)).astype(np.int64)


def make(folder: Path, target: Path) -> None:
    """Write the balanced subset of the set in `folder` to `target`, a compressed .npz."""
    pair = open_idx(folder)
    rng = np.random.default_rng(SEED)
    arrays = {
        f"{split.split}_{name}": array
        for split, per_class in ((pair.train, TRAIN_PER_CLASS), (pair.test, TEST_PER_CLASS))
        for name, array in _part(split, choose(split.labels, per_class, rng)).items()
    }
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **arrays)
    write_atomic(target, content.getvalue())


def _part(split: Dataset, indices: npt.NDArray[np.int64]) -> dict[str, npt.NDArray[np.uint8]]:
    return {"images": split.images[indices], "labels": split.labels[indices].astype(np.uint8)}


def main() -> None:
    """Write both bundled sets."""
    parser = argparse.ArgumentParser(description="Make the bundled sets from the full ones.")
    parser.add_argument("mnist", type=Path, help="folder with the IDX files of MNIST")
    parser.add_argument("fashion", type=Path, help="folder with the IDX files of Fashion-MNIST")
    folders = parser.parse_args()
    make(folders.mnist, RESOURCES / "data" / "mnist.npz")
    make(folders.fashion, RESOURCES / "data" / "fashion-mnist.npz")


if __name__ == "__main__":
    main()
