"""`latentlab evaluate`: a model's ELBO on a split, as one JSON object."""

import argparse
import json
import sys
from collections.abc import Generator, Sequence

import numpy as np
from tqdm import tqdm

from latentlab.commands.arguments import whole
from latentlab.core.checkpoint import load_checkpoint
from latentlab.core.vae import vae_from_parameters
from latentlab.data.open import open_data
from latentlab.errors import InputError
from latentlab.paths import find_model
from latentlab.training.bound import Bounds, sampled_bounds
from latentlab.training.evaluation import evaluate_terms, finish
from latentlab.training.images import Images
from latentlab.training.messages import FloatArray
from latentlab.training.threads import leave_a_core_free


def run_evaluate(arguments: Sequence[str]) -> int:
    """Print the figures of a model; returns the exit code. Raises InputError."""
    options = _parser().parse_args(arguments)
    leave_a_core_free()
    figures = evaluate(options.model, options.data, options.split, options.samples)
    if options.json:
        print(json.dumps(figures))
    else:
        print(
            f"ELBO {figures['elbo']:.3f} ± {figures['elbo_se']:.3f} nats per image "
            f"(reconstruction {figures['reconstruction']:.3f} + KL {figures['kl']:.3f} = −ELBO), "
            f"n = {figures['n']}, {figures['likelihood']}, K = {figures['latent_dim']}"
        )
        if "iwae" in figures:
            print(
                f"log p(x) ≥ {figures['iwae']:.3f} ± {figures['iwae_se']:.3f} nats per image, by "
                f"{figures['samples']} importance-weighted samples"
            )
    return 0


def evaluate(model_name: str, data_name: str, split: str, samples: int) -> dict[str, object]:
    """The ELBO's parts in nats per image, means over the split, weights 1 always.

    `elbo_se` is the standard error of the mean over images. With more than one sample also `iwae`,
    the importance-weighted bound on log p(x) with as many, and `iwae_se`. Raises InputError.
    """
    path = find_model(model_name)
    checkpoint = load_checkpoint(path)
    pair = open_data(data_name)
    dataset = pair.train if split == "train" else pair.test
    if dataset.image_shape != checkpoint.architecture.image_shape:
        raise InputError(
            f"{data_name} has images of shape {dataset.image_shape}, but {model_name} takes "
            f"{checkpoint.architecture.image_shape}: choose data of that shape."
        )
    try:
        model = vae_from_parameters(checkpoint.architecture, checkpoint.parameters)
    except InputError as error:
        raise InputError(f"{path} cannot be used: {error}.") from error
    likelihood = checkpoint.likelihood
    images, iwae = Images(dataset), {}
    if samples == 1:
        terms = finish(evaluate_terms(model, images, likelihood))
    else:
        bounds = _watched(sampled_bounds(model, images, likelihood, samples), len(dataset))
        terms = bounds.terms
        iwae = {
            "iwae": float(bounds.iwae.mean()),
            "iwae_se": _standard_error(bounds.iwae),
            "samples": samples,
        }
    negative_elbo = (terms.reconstruction + terms.kl).astype(np.float64)
    mean = terms.mean()
    return {
        "elbo": -mean.negative_elbo,
        "reconstruction": mean.reconstruction,
        "kl": mean.kl,
        "elbo_se": _standard_error(negative_elbo),
        "n": len(negative_elbo),
        "likelihood": likelihood.name,
        "latent_dim": checkpoint.architecture.latent_dim,
        **iwae,
    }


def _watched(look: Generator[int, None, Bounds], count: int) -> Bounds:
    """The result of `look`; where a terminal watches, with a bar, since it may take minutes."""
    with tqdm(total=count, unit="image", file=sys.stderr, delay=2, disable=None) as bar:
        while True:
            try:
                bar.update(next(look) - bar.n)
            except StopIteration as end:
                bounds: Bounds = end.value
                return bounds


def _standard_error(values: FloatArray) -> float:
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="latentlab evaluate",
        description="Measure a model's ELBO, in nats per image, with weights 1 always.",
        epilog="example:\n  latentlab evaluate mnist-2d-live --data mnist --json",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("model", metavar="MODEL", help="a .safetensors file or a shipped name")
    parser.add_argument(
        "--data", required=True, metavar="NAME|PATH", help="mnist, fashion-mnist, or IDX folder"
    )
    parser.add_argument("--split", choices=["train", "test"], default="test")
    parser.add_argument(
        "--samples", type=whole(1, 1000), default=1, metavar="S",
        help="draws of z per image (1 to 1000, default 1); with more than 1, also the "
        "importance-weighted bound on log p(x)",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    return parser
