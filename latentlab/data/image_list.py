"""Which pictures a folder holds, and of which class each is."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from latentlab.data.dataset import Split
from latentlab.data.picture import SUFFIXES
from latentlab.data.reading import Reading
from latentlab.errors import InputError

UNLABELLED = "unlabelled"
MAX_FILES = 1_000_000
MAX_CLASSES = 256
_SPLITS: dict[str, Split] = {"train": "train", "test": "test"}


@dataclass(frozen=True, slots=True)
class ImageFile:
    """A file that should be a picture; its class's name; its split, where folders say one."""

    path: Path
    class_name: str
    split: Split | None


@dataclass(frozen=True, slots=True)
class ImageList:
    """files: in the order of their paths. class_names: sorted; a label is an index into them."""

    folder: Path
    files: tuple[ImageFile, ...]
    class_names: tuple[str, ...]


def list_images(folder: Path, reading: Reading | None = None) -> ImageList:
    """The pictures in `folder` and below, by their names' endings; hidden ones are left out.

    A subfolder is a class, with all that is in it; what lies in `folder` itself is "unlabelled".
    Where the only subfolders are train and test they are the splits, and the classes are theirs.
    Links to folders are not followed. Raises InputError for too many, and Cancelled; OSError where
    `folder` itself cannot be read.
    """
    found: list[tuple[str, ...]] = []
    for parts in _walk(folder, ()):
        found.append(parts)
        if len(found) > MAX_FILES:
            raise InputError(
                f"{folder} holds more than {MAX_FILES:,} pictures; open a part of them."
            )
        if reading is not None and len(found) % 256 == 0:
            reading.at(0, len(found))
    found.sort()
    split = {parts[0] for parts in found} == set(_SPLITS) and all(len(p) > 1 for p in found)
    files = tuple(_file(folder, parts, split) for parts in found)
    names = tuple(sorted({file.class_name for file in files}))
    if len(names) > MAX_CLASSES:
        raise InputError(
            f"{folder} has {len(names)} subfolders with pictures; up to {MAX_CLASSES} classes can "
            "be opened, so open a part of them or put them into fewer."
        )
    return ImageList(folder, files, names)


def holds_images(folder: Path) -> bool:
    """Whether `list_images` would find any. Raises OSError where `folder` cannot be read."""
    return next(_walk(folder, ()), None) is not None


def _file(folder: Path, parts: tuple[str, ...], split: bool) -> ImageFile:
    below = parts[1:] if split else parts
    name = below[0] if len(below) > 1 else UNLABELLED
    return ImageFile(folder.joinpath(*parts), name, _SPLITS[parts[0]] if split else None)


def _walk(folder: Path, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            parts = (*above, entry.name)
            if entry.is_dir(follow_symlinks=False):
                try:
                    yield from _walk(Path(entry.path), parts)
                except PermissionError:
                    continue  # as if there were nothing in it, which is all that one can see
            elif os.path.splitext(entry.name)[1].lower() in SUFFIXES:  # noqa: PTH122  (1,000,000)
                yield parts
