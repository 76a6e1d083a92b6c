"""Another program's state dict, on its way to becoming a model of ours."""

import itertools
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from latentlab.core.checkpoint import save_checkpoint
from latentlab.core.foreign import ForeignModel, load_foreign
from latentlab.core.foreign_reading import Reading, Units
from latentlab.data.bundled import BUNDLED, load_bundled
from latentlab.data.dataset import DataPair
from latentlab.errors import InputError, not_written

if TYPE_CHECKING:
    from latentlab.core.foreign_guess import Trial

# Images a reading is judged by, and those shown.
_IMAGES = 64
SHOWN = 8


@dataclass(frozen=True)
class Offer:
    """A state dict, images that fit it, x (N, D), 0 to 1, and what a reading makes of them.

    units: of vectors, their own.
    """

    model: ForeignModel
    data: str
    image_shape: tuple[int, int, int]
    x: npt.NDArray[np.float32]
    trial: "Trial"
    units: Units | None


def offer(path: Path, present: DataPair | None) -> Offer:
    """Read it as it reconstructs images best, those present or else of a bundled set.

    Raises InputError where it is not recognised or no images fit.
    """
    from latentlab.core.foreign_guess import best_reading, tried  # noqa: PLC0415  (torch)

    model = load_foreign(path)
    pair = _fitting(model, present)
    train = pair.train
    few = train.images[:_IMAGES].reshape(min(_IMAGES, len(train)), -1)
    x = (few / 255).astype(np.float32)
    shape, units = train.image_shape, train.vectors
    trial = tried(model, best_reading(model, x, shape, units=units), x, shape, units)
    return Offer(model, pair.name, shape, x, trial, units)


def read_otherwise(of: Offer, reading: Reading) -> Offer:
    """The same with another reading."""
    from latentlab.core.foreign_guess import tried  # noqa: PLC0415  (torch)

    return replace(of, trial=tried(of.model, reading, of.x, of.image_shape, of.units))


def shown_pictures(of: Offer) -> npt.NDArray[np.uint8]:
    """Images above their reconstructions, uint8 (2H, nW) or (2H, nW, 3)."""
    return side_by_side(of.image_shape, of.x, of.trial.images)


def side_by_side(
    image_shape: tuple[int, int, int], *rows_of_images: npt.NDArray[np.float32]
) -> npt.NDArray[np.uint8]:
    """The first few of each row's images (N, D), 0 to 1, rows above each other: uint8."""
    rows = []
    for values in rows_of_images:
        few = np.nan_to_num(values[:SHOWN]).clip(0, 1).reshape(-1, *image_shape)
        grey = np.rint(255 * few).astype(np.uint8).transpose(0, 2, 3, 1)
        rows.append(np.concatenate(grey, axis=1))
    picture = np.concatenate(rows)
    return np.ascontiguousarray(picture if picture.shape[2] == 3 else picture[:, :, 0])


def save_offer(of: Offer, reading: Reading, path: Path) -> Path:
    """Write it, so read, as a model of ours. Raises InputError, and then `path` is as it was."""
    try:
        save_checkpoint(of.model.checkpoint(reading, of.image_shape, of.units), path)
    except OSError as error:
        raise InputError(not_written(path, error)) from error
    return path


def _fitting(model: ForeignModel, present: DataPair | None) -> DataPair:
    """The first pair that fits. Raises InputError, of the first of all, where none does."""
    refusals = []
    for pair in itertools.chain([present] if present else [], map(load_bundled, BUNDLED)):
        try:
            model.check_fit(pair.train.image_shape, pair.name)
        except InputError as error:
            refusals.append(error)
        else:
            return pair
    raise refusals[0]
