"""Pictures that are too many for memory: brought to their form once, into a file of a cache."""

import contextlib
import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import platformdirs

from latentlab.data.form import Form
from latentlab.data.image_list import ImageList
from latentlab.data.picture import Pixels
from latentlab.data.stored import Numbers, StoredImages, stored_images
from latentlab.errors import InputError, not_written
from latentlab.system import write_atomic

FOLDER_VARIABLE = "LATENTLAB_CACHE"
_SPARE = 256 << 20  # bytes of the disk that are left to others

Skipped = dict[int, str]


@dataclass(frozen=True)
class Cached:
    """images: of the files with the numbers `kept` (M,) in the listing, in their order.

    skipped: a sentence for each of the others.
    """

    images: StoredImages
    kept: Numbers
    skipped: list[str]


def cache_folder() -> Path:
    """Where pictures are kept in their forms: the user's cache, or where LATENTLAB_CACHE says."""
    given = os.environ.get(FOLDER_VARIABLE)
    return Path(given) if given else platformdirs.user_cache_path("latentlab", False) / "pictures"


def cached(
    listing: ImageList, form: Form, read_all: Callable[[Callable[[Pixels], object]], Skipped]
) -> Cached:
    """The pictures of `listing` in `form`, from the cache; read and put there where they are not.

    Files of other names, sizes or times than those that were read make it be read anew; what was
    there of the same folder in the same form is deleted then. read_all: calls what it is given
    with each image (C, H, W), and returns a sentence for each file that cannot be read, by its
    number. Raises InputError where there is no room, and what `read_all` raises.
    """
    folder, (place, content) = cache_folder(), _keys(listing, form)
    images, about = (folder / f"{place}-{content}.{end}" for end in ("images", "json"))
    found = _find(images, about, len(listing.files), form)
    if found is not None:
        return found
    try:
        folder.mkdir(parents=True, exist_ok=True)
        needed = len(listing.files) * int(np.prod(form.shape))
        free = shutil.disk_usage(folder).free
        if needed + _SPARE > free:
            raise InputError(
                f"The pictures of {listing.folder} need {needed / 2**30:.1f} GiB in {folder}, but "
                f"there are {free / 2**30:.1f} free; make room there, or name another folder in "
                f"{FOLDER_VARIABLE}."
            )
        for old in folder.glob(f"{place}-*"):
            old.unlink()
        # The images come last: where they are, all is there.
        with _written(images) as file:
            skipped = read_all(lambda image: file.write(image.data))
            write_atomic(about, json.dumps(list(skipped.items())).encode())
        found = _find(images, about, len(listing.files), form)
    except OSError as error:
        raise InputError(not_written(images, error)) from error
    if found is None:
        raise InputError(f"{images} was changed while it was written; open the folder again.")
    return found


@contextlib.contextmanager
def _written(path: Path) -> Iterator[IO[bytes]]:
    """A file that is at `path` only once all of it is written and on the disk."""
    beside = path.with_name(f"{path.stem}.{secrets.token_hex(4)}.part")
    try:
        with beside.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


def _find(images: Path, about: Path, count: int, form: Form) -> Cached | None:
    """What is in the cache, if it is whole."""
    try:
        skipped = {int(number): str(text) for number, text in json.loads(about.read_bytes())}
        kept = np.setdiff1d(np.arange(count), list(skipped))
        return Cached(stored_images(images, 0, len(kept), form.shape), kept, list(skipped.values()))
    except (OSError, InputError, ValueError, TypeError):
        return None


def _keys(listing: ImageList, form: Form) -> tuple[str, str]:
    """Which folder and form it is of, and of which files: their names, sizes and times."""
    place = hashlib.sha256(
        f"{listing.folder.resolve()}\0{form.text}".encode(errors="surrogateescape")
    )
    content = hashlib.sha256()
    for file in listing.files:
        try:
            found = os.stat(file.path)  # noqa: PTH116  (1,000,000)
            seen = f"{file.path}\0{found.st_size}\0{found.st_mtime_ns}\n"
        except OSError:
            seen = f"{file.path}\0\n"
        content.update(seen.encode(errors="surrogateescape"))
    return place.hexdigest()[:16], content.hexdigest()[:32]
