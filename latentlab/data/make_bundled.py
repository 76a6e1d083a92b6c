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
NO_CLASS = -1


def choose(
    labels: npt.NDArray[np.int64], per_class: int, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Shuffled indices, `per_class` of each class. Raises ValueError if a class has fewer."""
    chosen = [
        rng.choice(np.flatnonzero(labels == c), per_class, replace=False) for c in range(CLASSES)
    ]
    return rng.permutation(np.concatenate(chosen)).astype(np.int64)


def unseen(test: Dataset, train: Dataset) -> npt.NDArray[np.bool_]:
    """Which images of `test` are nowhere in `train`: (N,) booleans."""
    seen = {image.tobytes() for image in train.images}
    return np.array([image.tobytes() not in seen for image in test.images])


def make(folder: Path, target: Path) -> None:
    """Write the balanced subset of the set in `folder` to `target`, a compressed .npz.

    Fashion-MNIST holds some images twice; those of them that the full training file has too would
    not be held out from any model, so they are not chosen for `test`.
    """
    pair = open_idx(folder)
    rng = np.random.default_rng(SEED)
    train = choose(pair.train.labels, TRAIN_PER_CLASS, rng)
    test_labels = np.where(unseen(pair.test, pair.train), pair.test.labels, NO_CLASS)
    test = choose(test_labels, TEST_PER_CLASS, rng)
    arrays = {
        f"{split.split}_{name}": array
        for split, indices in ((pair.train, train), (pair.test, test))
        for name, array in _part(split, indices).items()
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
