"""`latentlab evaluate`: a model's ELBO on a split, as one JSON object."""

import argparse
import json
import os
import sys
from collections.abc import Generator, Iterator, Sequence
from functools import partial
from typing import TypeVar

import numpy as np
from tqdm import tqdm

from latentlab.commands.arguments import DATA_HELP, add_form_arguments, data_name, whole
from latentlab.core.checkpoint import load_checkpoint
from latentlab.core.evidence import TOLERANCE
from latentlab.core.vae import vae_from_parameters
from latentlab.data.open import open_data
from latentlab.errors import InputError
from latentlab.paths import find_model
from latentlab.training.bound import sampled_bounds
from latentlab.training.evaluation import PerImageTerms, evaluate_terms, finish
from latentlab.training.exact import ExactTerms, Opened, exact_terms
from latentlab.training.images import Images
from latentlab.training.messages import FloatArray
from latentlab.training.threads import leave_a_core_free

T = TypeVar("T")

# Each takes some 400 MB.
_MOST_PROCESSES = 8


def run_evaluate(arguments: Sequence[str]) -> int:
    """Print the figures of a model; returns the exit code. Raises InputError."""
    options = _parser().parse_args(arguments)
    leave_a_core_free()
    figures = evaluate(
        options.model, data_name(options.data, options), options.split,
        samples=options.samples, exact=options.exact, limit=options.limit,
    )  # fmt: skip
    if options.json:
        print(json.dumps(figures))
    else:
        print(*_sentences(figures), sep="\n")
    return 0


def evaluate(
    model_name: str,
    data_name: str,
    split: str,
    *,
    samples: int = 1,
    exact: bool = False,
    limit: int | None = None,
) -> dict[str, object]:
    """The ELBO's parts in nats per image, means over the split, weights 1 always.

    `elbo_se` is the standard error of the mean over images. With more than one sample also `iwae`,
    the importance-weighted bound on log p(x) with as many, and `iwae_se`. exact: also log p(x)
    itself, its standard error, of how many images it did not converge, and the two parts of its gap
    to the ELBO, which then is by quadrature, too. limit: of the first so many images alone. Raises
    InputError.
    """
    opened = partial(_opened, model_name, data_name, split, limit)
    model, images, likelihood = opened()
    latent_dim = model.architecture.latent_dim
    if exact and latent_dim > 2:
        raise InputError(
            f"--exact integrates over at most 2 latent dimensions, and {model_name} has "
            f"{latent_dim}: --samples 500 gives a bound instead."
        )
    terms: PerImageTerms | None = None
    more: dict[str, object] = {}
    if exact:
        processes = min(os.cpu_count() or 1, _MOST_PROCESSES)
        look = exact_terms(opened, processes=processes)
        found = _watched(look, len(images))
        terms, more = found.terms, _exact_figures(found)
    if samples > 1:
        bounds = _watched(sampled_bounds(model, images, likelihood, samples), len(images))
        terms = terms or bounds.terms
        more |= {
            "iwae": float(bounds.iwae.mean()),
            "iwae_se": _standard_error(bounds.iwae),
            "samples": samples,
        }
    terms = terms or finish(evaluate_terms(model, images, likelihood))
    negative_elbo = (terms.reconstruction + terms.kl).astype(np.float64)
    mean = terms.mean()
    return {
        "elbo": -mean.negative_elbo,
        "reconstruction": mean.reconstruction,
        "kl": mean.kl,
        "elbo_se": _standard_error(negative_elbo),
        "n": len(negative_elbo),
        "likelihood": likelihood.name,
        "latent_dim": latent_dim,
        **more,
    }


def _opened(model_name: str, data_name: str, split: str, limit: int | None) -> Opened:
    path = find_model(model_name)
    checkpoint = load_checkpoint(path)
    pair = open_data(data_name)
    dataset = pair.train if split == "train" else pair.test
    if limit is not None:
        dataset = dataset.at(np.arange(min(limit, len(dataset))))
    if dataset.image_shape != checkpoint.architecture.image_shape:
        raise InputError(
            f"{data_name} has images of shape {dataset.image_shape}, but {model_name} takes "
            f"{checkpoint.architecture.image_shape}: choose data of that shape."
        )
    try:
        model = vae_from_parameters(checkpoint.architecture, checkpoint.parameters)
    except InputError as error:
        raise InputError(f"{path} cannot be used: {error}.") from error
    return model, Images(dataset), checkpoint.likelihood


def _exact_figures(found: ExactTerms) -> dict[str, object]:
    return {
        "exact": float(found.log_evidence.mean()),
        "exact_se": _standard_error(found.log_evidence),
        "amortisation_gap": float(found.amortisation_gap.mean()),
        "approximation_gap": float(found.approximation_gap.mean()),
        "unconverged": found.unconverged,
    }


def _sentences(figures: dict[str, object]) -> Iterator[str]:
    yield (
        f"ELBO {figures['elbo']:.3f} ± {figures['elbo_se']:.3f} nats per image "
        f"(reconstruction {figures['reconstruction']:.3f} + KL {figures['kl']:.3f} = −ELBO), "
        f"n = {figures['n']}, {figures['likelihood']}, K = {figures['latent_dim']}"
    )
    if "iwae" in figures:
        yield (
            f"log p(x) ≥ {figures['iwae']:.3f} ± {figures['iwae_se']:.3f} nats per image, by "
            f"{figures['samples']} importance-weighted samples"
        )
    if "exact" in figures:
        yield (
            f"log p(x) = {figures['exact']:.3f} ± {figures['exact_se']:.3f} nats per image: "
            f"ELBO + amortisation gap {figures['amortisation_gap']:.3f} + approximation gap "
            f"{figures['approximation_gap']:.3f}"
        )
        if figures["unconverged"]:
            yield (
                f"(log p(x) of {figures['unconverged']} of these images may be off by more than "
                f"{TOLERANCE} nats)"
            )


def _watched(look: Generator[int, None, T], count: int) -> T:
    """The result of `look`; where a terminal watches, with a bar, since it may take minutes."""
    with tqdm(total=count, unit="image", file=sys.stderr, delay=2, disable=None) as bar:
        while True:
            try:
                bar.update(next(look) - bar.n)
            except StopIteration as end:
                result: T = end.value
                return result


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
    parser.add_argument("--data", required=True, metavar="NAME|PATH", help=DATA_HELP)
    add_form_arguments(parser)
    parser.add_argument("--split", choices=["train", "test"], default="test")
    parser.add_argument(
        "--samples", type=whole(1, 1000), default=1, metavar="S",
        help="draws of z per image (1 to 1000, default 1); with more than 1, also the "
        "importance-weighted bound on log p(x)",
    )  # fmt: skip
    parser.add_argument(
        "--exact", action="store_true",
        help="also log p(x) itself, integrated over one or two latent dimensions, and the gap to "
        "the ELBO in two parts; about a tenth of a second per image",
    )  # fmt: skip
    parser.add_argument(
        "--limit", type=whole(1, 10**9), metavar="N", help="of the first N images alone"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    return parser
