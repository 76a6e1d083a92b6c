"""The sets that come with latentlab. Where they are from: resources/data/README.md."""

import zipfile
import zlib
from dataclasses import dataclass

import numpy as np

from latentlab.data.dataset import DataPair, Dataset, Split
from latentlab.errors import InputError
from latentlab.paths import RESOURCES


@dataclass(frozen=True)
class _Origin:
    class_names: tuple[str, ...]
    source: str
    licence: str


_ORIGINS = {
    "mnist": _Origin(
        tuple("0123456789"),
        "MNIST: Yann LeCun, Corinna Cortes, Christopher J. C. Burges; balanced subset",
        "CC BY-SA 3.0",
    ),
    "fashion-mnist": _Origin(
        (
            "T-shirt",
            "Trouser",
            "Pullover",
            "Dress",
            "Coat",
            "Sandal",
            "Shirt",
            "Sneaker",
            "Bag",
            "Ankle boot",
        ),
        "Fashion-MNIST: Zalando Research; balanced subset, split our own",
        "MIT",
    ),
}

BUNDLED: tuple[str, ...] = tuple(_ORIGINS)


def class_names(name: str) -> tuple[str, ...]:
    """The classes of the set of this name in `BUNDLED`, in the order of their labels."""
    return _ORIGINS[name].class_names


def load_bundled(name: str) -> DataPair:
    """The bundled set `name`: 10,000 training and 2,000 test images, (N, 1, 28, 28).

    Always the same images in the same order, as many of each class. Raises InputError for a name
    that is not in `BUNDLED`, and when the installed file is missing or damaged.
    """
    if name not in _ORIGINS:
        raise InputError(f"{name} is not a bundled set; choose {' or '.join(BUNDLED)}.")
    path = RESOURCES / "data" / f"{name}.npz"
    try:
        # Opened here, because np.load leaves a damaged file open.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return DataPair(_split(arrays, name, "train"), _split(arrays, name, "test"))
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise InputError(
            f"{path} is missing or damaged ({error}); install latentlab again."
        ) from error


def _split(arrays: "np.lib.npyio.NpzFile", name: str, split: Split) -> Dataset:
    origin = _ORIGINS[name]
    return Dataset(
        name=name,
        split=split,
        images=arrays[f"{split}_images"],
        labels=arrays[f"{split}_labels"].astype(np.int64),
        class_names=origin.class_names,
        source=origin.source,
        licence=origin.licence,
    )
