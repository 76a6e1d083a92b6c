"""What the command line says of two ONNX models, where they do not say it themselves."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

import numpy as np

from latentlab.core.foreign_guess import is_poor
from latentlab.data.dataset import Dataset
from latentlab.errors import InputError
from latentlab.training.onnx_vae import OnnxReading, OnnxSpread, OnnxVAE, open_onnx

# Images by which what is not said is guessed.
_IMAGES = 64


def add_onnx_options(parser: argparse.ArgumentParser) -> None:
    """The options that `onnx_reading` reads, beside those of a state dict."""
    group = parser.add_argument_group(
        "ONNX, in place of MODEL",
        "Run in limited processes of their own. --spread, --scale, --output, --likelihood and "
        "--variance are as of a state dict; what is not given is guessed, and told.",
    )
    group.add_argument("--encoder", type=Path, metavar="E.onnx", help="image → mu and logvar")
    group.add_argument("--decoder", type=Path, metavar="D.onnx", help="z → image or logits")
    group.add_argument("--mu-output", metavar="NAME", help="the encoder's output that is mu")
    group.add_argument(
        "--spread-output", metavar="NAME",
        help="the encoder's output that tells σ; the same as mu if that holds both",
    )  # fmt: skip
    group.add_argument(
        "--decoded-output", metavar="NAME", help="the decoder's (default: its first)"
    )


ONNX_SPREADS = get_args(OnnxSpread)


def onnx_reading(options: argparse.Namespace) -> OnnxReading:
    """What was said. Raises InputError for a spread that only state dicts have."""
    if options.spread not in (None, *ONNX_SPREADS):
        raise InputError(f"--spread of an ONNX model is one of {', '.join(ONNX_SPREADS)}.")
    return OnnxReading(
        mu=options.mu_output,
        spread_output=options.spread_output,
        spread=options.spread,
        decoded=options.decoded_output,
        output=options.output,
        likelihood=options.likelihood,
        variance=options.variance,
        scale=options.scale,
    )


@contextmanager
def opened_onnx(
    encoder: Path, decoder: Path, dataset: Dataset, reading: OnnxReading
) -> Iterator[OnnxVAE]:
    """The two as one model, until this is left. Raises InputError."""
    few = dataset.images[:_IMAGES].reshape(min(_IMAGES, len(dataset)), -1)
    x = (few / 255).astype(np.float32)
    model = open_onnx(encoder, decoder, dataset.image_shape, x, reading)
    try:
        if is_poor(model.judged(x)[1], x):
            print(
                f"latentlab: {encoder} and {decoder}, so read, reconstruct {dataset.name} no "
                "better than their mean does: they were trained on other data, or are not read as "
                "they were trained, so do not trust these figures",
                file=sys.stderr,
            )
        yield model
    finally:
        model.close()


def described_onnx(model: OnnxVAE) -> dict[str, object]:
    """How it is read, as JSON values."""
    reading, likelihood = model.reading, model.likelihood
    variance = {"variance": likelihood.variance} if likelihood.name == "gaussian" else {}
    return {
        "mu": reading.mu,
        str(reading.spread): reading.spread_output,
        "decoded": reading.decoded,
        **({} if reading.scale == "unit" else {"scale": reading.scale}),
        "output": reading.output,
        "likelihood": likelihood.name,
        **variance,
    }
