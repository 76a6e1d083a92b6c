"""Values on the command line, checked where they are read, with an error that says the range."""

import argparse
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace

from latentlab.data.dataset import DataPair, Dataset
from latentlab.data.form import SIDE_RANGE, Form, with_form
from latentlab.errors import InputError

DATA_HELP = (
    "mnist, fashion-mnist, shapes, a downloaded set (latentlab data), a folder of IDX files or of "
    "pictures, or a .npy, .npz or .csv, of vectors with ::vector behind it"
)


def whole(low: int, high: int) -> Callable[[str], int]:
    """A reader of whole numbers from `low` to `high`."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {low} to {high}")
        return value

    return read


def learning_rate(text: str) -> float:
    """A number above 0 and at most 1."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0 and at most 1")
    return value


def number(low: float, high: float) -> Callable[[str], float]:
    """A reader of numbers from `low` to `high`."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from {low:g} to {high:g}")
        return value

    return read


def amount(text: str) -> float:
    """A number from 0 to 100,000."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 100_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 100000")
    return value


def widths(text: str) -> tuple[int, ...]:
    """Layer widths such as "512,256"."""
    try:
        return tuple(int(width) for width in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not widths such as 512,256") from None


def add_form_arguments(parser: argparse.ArgumentParser) -> None:
    """The choices for a folder of pictures."""
    group = parser.add_argument_group(
        "a folder of pictures", "Its subfolders are classes; every picture is brought to one form."
    )
    group.add_argument(
        "--image-size", type=whole(*SIDE_RANGE), metavar="PIXELS",
        help="height and width, from 8 to 128; default: their own if they all are square, of one "
        "size and of at most 64, else 32",
    )  # fmt: skip
    group.add_argument(
        "--colour", choices=["grey", "rgb"], help="default: rgb if some of them have colours"
    )
    group.add_argument(
        "--crop", action="store_true",
        help="keep the square in the middle; else the whole is fitted in, on its border's colour",
    )  # fmt: skip
    group.add_argument("--invert", action="store_true", help="black becomes white")


def says_form(options: argparse.Namespace) -> bool:
    """Whether any of these choices is made."""
    return bool(
        options.image_size is not None or options.colour or options.crop or options.invert
    )  # fmt: skip


def data_name(data: str, options: argparse.Namespace) -> str:
    """`data` with the form that the options, or its pictures, say, if it is a folder of pictures.

    Raises InputError where options are given that say nothing about `data`.
    """
    # Late: a window that opens no folder does without.
    from latentlab.data.image_folder import suited  # noqa: PLC0415
    from latentlab.data.image_list import list_images  # noqa: PLC0415
    from latentlab.data.open import pictures_without_form  # noqa: PLC0415

    size, colour = options.image_size, options.colour
    folder = pictures_without_form(data)
    if folder is None:
        if says_form(options):
            raise InputError(
                f"{data} is no folder of pictures, or says their form itself: leave out "
                "--image-size, --colour, --crop and --invert."
            )
        return data
    form = suited(list_images(folder)) if size is None or colour is None else Form()
    form = replace(
        form,
        side=size or form.side,
        rgb=form.rgb if colour is None else colour == "rgb",
        fit="crop" if options.crop else "fit",
        inverted=options.invert,
    )
    return with_form(data, form)


def tell_pictures(name: str, pair: DataPair) -> None:
    """Say on stderr what of a folder of pictures was read, and which files were not."""
    shape = "×".join(str(n) for n in pair.train.image_shape)
    print(
        f"latentlab: {name}: {pair.train.total:,} training and {pair.test.total:,} test images of "
        f"{shape}, {len(pair.train.class_names)} classes, files skipped: {pair.skipped_count:,}",
        file=sys.stderr,
    )
    tell_skipped(pair.skipped)


def tell_sample(dataset: Dataset) -> None:
    """Say on stderr which images of a set that is larger than memory are looked at."""
    if dataset.drawn is not None:
        kind = "training" if dataset.split == "train" else "test"
        print(
            f"latentlab: {dataset.name} stays in its file: figures are of a sample of "
            f"{dataset.counted} {kind} images",
            file=sys.stderr,
        )


def tell_skipped(sentences: Sequence[str]) -> None:
    """List the files that were skipped on stderr."""
    for sentence in sentences:
        print(f"latentlab: skipped: {sentence}", file=sys.stderr)
