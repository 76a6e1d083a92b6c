"""From what a user names to images."""

from pathlib import Path

from latentlab.data.arrays import open_arrays
from latentlab.data.csv_file import open_csv
from latentlab.data.dataset import DataPair
from latentlab.data.form import Form, parted
from latentlab.data.idx import holds_idx, is_idx, open_idx
from latentlab.data.image_folder import open_image_folder
from latentlab.data.image_list import holds_images
from latentlab.data.named import NAMES, is_data_file, is_name, load_named
from latentlab.data.reading import Reading
from latentlab.data.remote import REMOTE, open_remote
from latentlab.data.sample import LIMITS, Limits
from latentlab.data.vectors import parted_kind
from latentlab.errors import InputError


def open_data(
    name_or_path: str, reading: Reading | None = None, limits: Limits = LIMITS
) -> DataPair:
    """The set of that name, else the IDX files or the pictures in the folder of that path, or the
    IDX files of which that path is one.

    A file of that path may be a .npy, .npz or .csv of images or of vectors; "signals.csv::vector"
    and "digits.csv::image" say which, where it could be either.

    A name always means that set; a folder called the same is reached as "./mnist".
    A folder of pictures may be followed by the form they are brought to: "photos::32-rgb-crop".
    limits: beyond which images stay in their file, and how many of them are shown then.
    Raises InputError naming what was given and what is wrong with it, and Cancelled.
    """
    if name_or_path in NAMES:
        return load_named(name_or_path)
    if name_or_path in REMOTE:
        return open_remote(REMOTE[name_or_path])
    if is_data_file(name_or_path):
        file, kind = parted_kind(name_or_path)
        path = Path(file)
        if path.suffix.lower() == ".csv":
            return open_csv(path, reading, kind)
        return open_arrays(path, kind, reading, limits)
    folder, form, idx = _find(name_or_path)
    if idx:
        return open_idx(folder, reading, limits)
    return open_image_folder(folder, form, reading, limits)


def pictures_without_form(name_or_path: str) -> Path | None:
    """The folder, if `name_or_path` is one of pictures and does not say in which form.

    Raises InputError as `open_data` does where it is no data at all.
    """
    if is_name(name_or_path) or is_data_file(name_or_path):
        return None
    folder, form, idx = _find(name_or_path)
    return None if idx or form is not None else folder


def _find(name_or_path: str) -> tuple[Path, Form | None, bool]:
    """The folder, the form that is said, and whether it holds IDX files (else pictures)."""
    choices = (
        "give a folder with IDX files or pictures, a .npy, .npz or .csv file, or the name of a set "
        f"({', '.join(NAMES)})"
    )
    if not name_or_path.strip():
        raise InputError(f"The name of the data is empty; {choices}.")
    try:
        # A folder may be called like one with a form.
        whole = Path(name_or_path)
        name, form = (name_or_path, None) if whole.is_dir() else parted(name_or_path)
        folder = Path(name)
        folder.stat()
        if is_idx(folder):  # one of the set's files stands for all
            folder = folder.parent
        if not folder.is_dir():
            raise InputError(f"{name_or_path} is a file, not a folder; {choices}.")
        idx = form is None and holds_idx(folder)
        if not idx and not holds_images(folder):
            raise InputError(
                f"{name_or_path} holds no IDX files such as train-images-idx3-ubyte.gz, nor "
                f"pictures such as cats/1.png; {choices}."
            )
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InputError(f"{name_or_path} does not exist; {choices}.") from error
    except OSError as error:
        raise InputError(f"{name_or_path} cannot be read ({error.strerror}); {choices}.") from error
    except ValueError as error:
        raise InputError(f"{name_or_path!r} is not a path ({error}); {choices}.") from error
    return folder, form, idx
