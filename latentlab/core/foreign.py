"""Another program's VAE in a safetensors file: a plain state dict, recognised.

PyTorch's examples/vae (fc1, fc21, fc22, fc3, fc4) and its like: layers from the image to two heads
of K values, or to one of 2K, and layers from K values back to the image; dense ones, towards the
image also convolutions, with batch or layer norms or without. What names and shapes do not tell is
a `Reading`.

Imports no torch; nothing is read from the file before its header says that it is such a model.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from latentlab.core.checkpoint import Checkpoint, read_tensors, shown
from latentlab.core.foreign_build import Building
from latentlab.core.foreign_norms import COUNTER, scale_and_shift
from latentlab.core.foreign_reading import Reading, Units
from latentlab.core.foreign_roles import Roles, looks_like_spread, recognise
from latentlab.core.foreign_steps import Steps, steps_down, steps_up
from latentlab.core.layers import Shape
from latentlab.core.spec import LossWeights
from latentlab.errors import InputError
from latentlab.fitting import of_images, values_misfit

ImageShape = tuple[int, int, int]

# Sides of images that tutorials have, to say which would fit.
_SIDES = (28, 32, 64, 96, 128, 224, 256)


@dataclass(frozen=True, kw_only=True)
class ForeignModel(Roles):
    """A state dict, and which of its layers is what. tensors: float32, by the file's names."""

    path: Path
    tensors: Mapping[str, npt.NDArray[np.float32]]

    @property
    def head_names(self) -> tuple[str, str]:
        """How a person is asked which of the heads is mu."""
        if len(self.heads) == 1:
            return f"{self.heads[0]}, first half", f"{self.heads[0]}, second half"
        first, second = self.heads
        return first, second

    @property
    def likely(self) -> Reading:
        """The reading that names suggest, before any image was seen."""
        return Reading(swapped=looks_like_spread(self.head_names[0]))

    @property
    def norm_places(self) -> tuple[bool, ...]:
        """What Reading.norm_after can be; one value where names tell, or nothing is there to."""
        unsure = {norm.layer for norm in self.norms if norm.after is None and norm.layer}
        # After an activation there, each pixel would have a scale of its own, and no layer has.
        unflat = self.decoder[-len(self.transposed) - 1] if self.channels else None
        return (False, True) if unsure and unflat not in unsure else (False,)

    def steps(self, image_shape: ImageShape) -> tuple[list[Steps], list[Steps]]:
        """What Reading.down and Reading.up can be, the plainest first; empty lists where the model
        has no convolutions, or images of that shape do not fit."""
        return _steps(self, image_shape)

    def check_fit(self, image_shape: ImageShape, data: str = "the data") -> None:
        """Raises InputError where images of that shape, of the set `data`, do not fit."""
        if not self.channels:
            if math.prod(image_shape) != self.pixels:
                raise values_misfit(str(self.path), self.pixels, data, image_shape)
        elif not all(self.steps(image_shape)):
            fitting = [n for n in _SIDES if all(self.steps((self.channels, n, n)))]
            sides = " or ".join(of_images((self.channels, n, n)) for n in fitting)
            such = f", such as {sides}" if sides else ""
            raise InputError(
                f"{self.path} takes images of {self.channels} channels{such}, but {data} has "
                f"{of_images(image_shape)}, which no strides and paddings fit: choose data of "
                "another size."
            )

    def checkpoint(
        self, reading: Reading, image_shape: ImageShape, units: Units | None = None
    ) -> Checkpoint:
        """A model of ours that computes the same, of values from 0 to 1. units: the data's, where
        they are vectors. Raises InputError where images do not fit."""
        self.check_fit(image_shape)
        building = Building(self, self.tensors, reading, image_shape, units=units)
        if self.channels:
            downs, ups = self.steps(image_shape)
            building = Building(
                self, self.tensors, reading, image_shape,
                reading.down or downs[0], reading.up or ups[0], _unflat(self, image_shape), units,
            )  # fmt: skip
        try:
            architecture, parameters = building.network()
        except InputError as error:
            raise InputError(f"{self.path} cannot be used: {error}; use another copy.") from error
        return Checkpoint(architecture, reading.likelihood, LossWeights(), parameters)


def load_foreign(path: Path) -> ForeignModel:
    """Read a state dict. Raises InputError that says what is in it where it is not recognised."""
    found: list[Roles] = []

    def check(shapes: Mapping[str, Shape]) -> None:
        try:
            found.append(recognise(shapes))
        except InputError as error:
            raise InputError(
                f"{path} is not a latentlab model, nor a state dict of a VAE of dense layers or "
                f"convolutions: {error}; export it to ONNX instead."
            ) from error

    _, tensors = read_tensors(path, check)
    arrays = {}
    for name, array in tensors.items():
        if name.rpartition(".")[2] == COUNTER:
            continue
        if not np.issubdtype(array.dtype, np.floating):
            raise InputError(
                f"{path} cannot be used: tensor {shown(name)} has type {array.dtype}, not a float; "
                "use another copy."
            )
        with np.errstate(over="ignore"):  # what becomes infinite is refused
            arrays[name] = array.astype(np.float32)
        if not np.isfinite(arrays[name]).all():
            raise InputError(
                f"{path} cannot be used: tensor {shown(name)} holds values that are not finite; "
                "use an earlier copy."
            )
    try:
        for norm in found[0].norms:
            if not norm.layered:
                scale_and_shift(norm, arrays)
    except InputError as error:
        raise InputError(f"{path} cannot be used: {error}; use an earlier copy.") from error
    return ForeignModel(**vars(found[0]), path=path, tensors=arrays)


def _kernels(model: ForeignModel, names: tuple[str, ...]) -> list[int]:
    weights = (model.tensors[f"{name}.weight"] for name in names)
    return [weight.shape[2] for weight in weights if weight.ndim == 4]


def _steps(model: ForeignModel, image_shape: ImageShape) -> tuple[list[Steps], list[Steps]]:
    channels, *side = image_shape
    if not model.channels or channels != model.channels:
        return [], []
    down = _kernels(model, model.encoder)
    last, first = model.encoder[len(down) - 1], (*model.encoder, *model.heads)[len(down)]
    flat = model.tensors[f"{first}.weight"].shape[1] // len(model.tensors[f"{last}.weight"])
    up, kinds = _kernels(model, model.decoder), tuple(model.transposed.values())
    return (
        steps_down(tuple(down), tuple(side), flat),
        steps_up(tuple(up), kinds, _unflat(model, image_shape), tuple(side)),
    )


def _unflat(model: ForeignModel, image_shape: ImageShape) -> Shape:
    """The (height, width) at which the decoder's convolutions begin: of the image's proportions, as
    nearly as its values allow."""
    first = next(iter(model.transposed))
    weight = model.tensors[f"{first}.weight"]
    dense = model.decoder[len(model.decoder) - len(model.transposed) - 1]
    channels = weight.shape[0 if model.transposed[first][0] else 1]
    values = len(model.tensors[f"{dense}.weight"]) // channels
    _, height, width = image_shape
    pairs = [(n, values // n) for n in range(1, min(values, height) + 1) if values % n == 0]
    return min(pairs, key=lambda pair: abs(pair[0] * width - pair[1] * height))
