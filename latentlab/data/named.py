"""What a name of data means, told without reading them. Imports little: a window paints from it."""

from pathlib import Path

from latentlab.data.bundled import BUNDLED, load_bundled
from latentlab.data.dataset import DataPair
from latentlab.data.remote import REMOTE, is_here
from latentlab.data.shapes import SHAPES, load_shapes
from latentlab.data.vectors import parted_kind

SUFFIXES = frozenset({".npy", ".npz", ".csv"})
NAMES: tuple[str, ...] = (*BUNDLED, SHAPES)
"""Data that need no file of the user's."""


def names_here() -> tuple[str, ...]:
    """`NAMES`, and the sets that were downloaded."""
    return (*NAMES, *(name for name, remote in REMOTE.items() if is_here(remote)))


def load_named(name: str) -> DataPair:
    """The set of one of `NAMES`. Raises InputError for another, and for a damaged installation."""
    return load_shapes() if name == SHAPES else load_bundled(name)


def is_name(name_or_path: str) -> bool:
    """Whether it always means a set of ours, whatever files there are."""
    return name_or_path in NAMES or name_or_path in REMOTE


def is_data_file(name_or_path: str) -> bool:
    """Whether there is a file whose ending says that it holds rows of numbers: npy, npz, csv."""
    path = Path(parted_kind(name_or_path)[0])
    try:
        return path.suffix.lower() in SUFFIXES and path.is_file()
    except (OSError, ValueError):
        return False  # to find it will say why
