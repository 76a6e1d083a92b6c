"""What the command line says of another program's model, where its names and shapes do not."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

import numpy as np

from latentlab.commands.arguments import number
from latentlab.core.checkpoint import save_checkpoint
from latentlab.core.foreign import ForeignModel
from latentlab.core.foreign_guess import Known, best_reading, tried
from latentlab.core.foreign_reading import LastLayer, Reading, Scale, Spread
from latentlab.core.foreign_steps import told as steps_told
from latentlab.core.spec import Activation, LikelihoodName
from latentlab.data.dataset import Dataset
from latentlab.errors import InputError, not_written

# Images a reading is judged by.
_IMAGES = 64


def add_foreign_options(parser: argparse.ArgumentParser, spreads: Sequence[str]) -> None:
    """The options that `known` reads. spreads: choices of --spread."""
    group = parser.add_argument_group(
        "a plain state dict in safetensors",
        "What names and shapes do not tell. What is not given is as it reconstructs the first "
        f"{_IMAGES} images best, and is told.",
    )
    group.add_argument("--activation", choices=get_args(Activation))
    group.add_argument(
        "--leak", type=number(0, 1), metavar="SLOPE", help="of a leaky_relu below 0 (0.01, 0.2)"
    )
    group.add_argument(
        "--mu-head", type=int, choices=[1, 2], help="which of the encoder's two heads gives mu"
    )
    group.add_argument(
        "--spread",
        choices=spreads,
        help="what the other head gives (of a state dict "
        f"{', '.join(get_args(Spread))}: the last two are what softplus makes σ or σ² of)",
    )
    group.add_argument(
        "--scale",
        choices=get_args(Scale),
        help="the values it was trained on: unit, from 0 to 1; signed, from −1 to 1; own, of "
        "vectors, as they are in the file",
    )
    group.add_argument(
        "--output", choices=get_args(LastLayer),
        help="what the decoder's last layer gives: logits, whose sigmoid is the image; the image "
        "itself, on that scale; or what tanh makes the image of (signed)",
    )  # fmt: skip
    group.add_argument(
        "--likelihood", choices=get_args(LikelihoodName),
        help="p(x|z) (default: bernoulli for logits, gaussian for an image)",
    )  # fmt: skip
    group.add_argument(
        "--variance", type=number(1e-6, 1e6), metavar="σ²",
        help="the gaussian's (default: the mean squared error of those images)",
    )  # fmt: skip
    group.add_argument(
        "--save-as", type=Path, metavar="OUT.safetensors",
        help="also write it as a latentlab model, which opens in the window and can be trained on",
    )  # fmt: skip


def known(options: argparse.Namespace) -> Known:
    """What was said."""
    head = options.mu_head
    if options.spread not in (None, *get_args(Spread)):
        raise InputError(f"--spread of a state dict is one of {', '.join(get_args(Spread))}.")
    return Known(
        activation=options.activation,
        leak=options.leak,
        swapped=None if head is None else head == 2,
        spread=options.spread,
        scale=options.scale,
        output=options.output,
        likelihood=options.likelihood,
        variance=options.variance,
    )


def reading_for(model: ForeignModel, dataset: Dataset, said: Known) -> Reading:
    """The best reading that what was said allows. Raises InputError where the data do not fit."""
    few = dataset.at(np.arange(min(_IMAGES, len(dataset))))
    x = (few.images.reshape(len(few), -1) / 255).astype(np.float32)
    shape, units = dataset.image_shape, dataset.vectors
    reading = best_reading(model, x, shape, said, units)
    if tried(model, reading, x, shape, units).poor:
        print(
            f"latentlab: {model.path}, read as best it can be, reconstructs {dataset.name} no "
            "better than their mean does: it was trained on other data or has layers that its "
            "file does not tell, so do not trust these figures",
            file=sys.stderr,
        )
    return reading


def save_as(model: ForeignModel, reading: Reading, dataset: Dataset, path: Path) -> None:
    """Write `model`, so read, as one of ours. Raises InputError where that cannot be."""
    checkpoint = model.checkpoint(reading, dataset.image_shape, dataset.vectors)
    if path.exists():
        raise InputError(f"{path} exists: give --save-as a name that is free.")
    try:
        save_checkpoint(checkpoint, path)
    except OSError as error:
        raise InputError(not_written(path, error)) from error


def described(model: ForeignModel, reading: Reading) -> dict[str, object]:
    """The reading as JSON values."""
    mu, other = model.head_names[:: -1 if reading.swapped else 1]
    likelihood = reading.likelihood
    leak = {"leak": reading.leak} if reading.activation == "leaky_relu" else {}
    variance = {"variance": likelihood.variance} if likelihood.name == "gaussian" else {}
    return {
        "activation": reading.activation,
        **leak,
        "mu": mu,
        reading.spread: other,
        **_convolutions(model, reading),
        **({} if reading.scale == "unit" else {"scale": reading.scale}),
        "output": reading.output,
        "likelihood": likelihood.name,
        **variance,
    }


def _convolutions(model: ForeignModel, reading: Reading) -> dict[str, object]:
    """What is only asked of convolutions and batch norms."""
    steps = {"encoder": reading.down, "decoder": reading.up}
    found: dict[str, object] = {name: steps_told(of) for name, of in steps.items() if of}
    if reading.up and not reading.bent:
        found["before_decoder"] = "no activation"
    folded = sum(not norm.layered for norm in model.norms)
    if folded:
        found["batch_norms"] = f"{folded} folded into the layers"
    if folded < len(model.norms):
        found["layer_norms"] = len(model.norms) - folded
    return found


def told(figures: dict[str, object]) -> Iterator[str]:
    """The sentence about the reading, where the figures hold one."""
    reading = figures.get("reading")
    if isinstance(reading, dict):
        parts = ", ".join(f"{name} {value}" for name, value in reading.items())
        yield f"(read as {parts})"
