"""From what a user names to images."""

from pathlib import Path

from latentlab.data.bundled import BUNDLED, load_bundled
from latentlab.data.dataset import DataPair
from latentlab.data.idx import holds_idx, open_idx
from latentlab.data.remote import REMOTE, is_here, open_remote
from latentlab.data.shapes import SHAPES, load_shapes
from latentlab.errors import InputError

NAMES: tuple[str, ...] = (*BUNDLED, SHAPES)
"""Data that need no file of the user's."""


def names_here() -> tuple[str, ...]:
    """`NAMES`, and the sets that were downloaded."""
    return (*NAMES, *(name for name, remote in REMOTE.items() if is_here(remote)))


def load_named(name: str) -> DataPair:
    """The set of one of `NAMES`. Raises InputError for another, and for a damaged installation."""
    return load_shapes() if name == SHAPES else load_bundled(name)


def open_data(name_or_path: str) -> DataPair:
    """The set of that name, else the IDX files in the folder of that path.

    A name always means that set; a folder called the same is reached as "./mnist".
    Raises InputError naming what was given and what is wrong with it.
    """
    if name_or_path in NAMES:
        return load_named(name_or_path)
    if name_or_path in REMOTE:
        return open_remote(REMOTE[name_or_path])
    choices = f"give a folder with IDX files or the name of a set ({', '.join(NAMES)})"
    if not name_or_path.strip():
        raise InputError(f"The name of the data is empty; {choices}.")
    folder = Path(name_or_path)
    try:
        folder.stat()
        if not folder.is_dir():
            raise InputError(f"{name_or_path} is a file, not a folder; {choices}.")
        found = holds_idx(folder)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InputError(f"{name_or_path} does not exist; {choices}.") from error
    except OSError as error:
        raise InputError(f"{name_or_path} cannot be read ({error.strerror}); {choices}.") from error
    except ValueError as error:
        raise InputError(f"{name_or_path!r} is not a path ({error}); {choices}.") from error
    if not found:
        raise InputError(
            f"{name_or_path} holds no IDX files such as train-images-idx3-ubyte.gz; {choices}."
        )
    return open_idx(folder)
