"""`latentlab evaluate`: a model's ELBO on a split, as one JSON object."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar, get_args

import numpy as np
from tqdm import tqdm

from latentlab.commands.arguments import (
    DATA_HELP,
    add_form_arguments,
    data_name,
    tell_sample,
    whole,
)
from latentlab.commands.foreign_options import (
    add_foreign_options,
    described,
    known,
    reading_for,
    save_as,
    told,
)
from latentlab.commands.onnx_options import (
    ONNX_SPREADS,
    add_onnx_options,
    described_onnx,
    onnx_reading,
    opened_onnx,
)
from latentlab.core.checkpoint import is_foreign, load_checkpoint
from latentlab.core.evidence import TOLERANCE
from latentlab.core.foreign import load_foreign
from latentlab.core.foreign_guess import Known
from latentlab.core.foreign_reading import Reading, Spread
from latentlab.core.vae import vae_from_parameters
from latentlab.data.dataset import Dataset
from latentlab.data.open import open_data
from latentlab.errors import InputError
from latentlab.fitting import misfit
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
    options.data = data_name(options.data, options)
    figures = _onnx_figures(options) if options.encoder or options.decoder else _own(options)
    if options.json:
        print(json.dumps(figures))
    else:
        print(*_sentences(figures), sep="\n")
    return 0


def _own(options: argparse.Namespace) -> dict[str, object]:
    if options.model is None:
        raise InputError("Nothing to evaluate: give MODEL, or --encoder and --decoder.")
    if options.mu_output or options.spread_output or options.decoded_output:
        raise InputError("--mu-output, --spread-output and --decoded-output are for ONNX models.")
    return evaluate(
        options.model, options.data, options.split,
        samples=options.samples, exact=options.exact, limit=options.limit, said=known(options),
        out=options.save_as,
    )  # fmt: skip


def _onnx_figures(options: argparse.Namespace) -> dict[str, object]:
    if options.model or not (options.encoder and options.decoder):
        raise InputError("ONNX models come in two: give --encoder and --decoder, and no MODEL.")
    if (
        options.activation
        or options.leak
        or options.mu_head
        or options.save_as
        or (options.scale == "own" or options.output == "tanh")
    ):
        raise InputError(
            "--activation, --leak, --mu-head, --save-as, --scale own and --output tanh are for "
            "state dicts: leave them out."
        )
    dataset = _dataset(options.data, options.split, options.limit)
    with opened_onnx(options.encoder, options.decoder, dataset, onnx_reading(options)) as model:
        opened = model, Images(dataset), model.likelihood
        figures = _figures(
            lambda: opened, str(options.encoder), samples=options.samples, exact=options.exact,
            processes=1,
        )  # fmt: skip
        return {**figures, "reading": described_onnx(model)}


def evaluate(
    model_name: str,
    data_name: str,
    split: str,
    *,
    samples: int = 1,
    exact: bool = False,
    limit: int | None = None,
    said: Known | None = None,
    out: Path | None = None,
) -> dict[str, object]:
    """The ELBO's parts in nats per image, means over the split, weights 1 always.

    `elbo_se` is the standard error of the mean over images. With more than one sample also `iwae`,
    the importance-weighted bound on log p(x) with as many, and `iwae_se`. exact: also log p(x)
    itself, its standard error, of how many images it did not converge, and the two parts of its gap
    to the ELBO, which then is by quadrature, too. limit: of the first so many images alone. said:
    of another program's model, how to read it; `reading` then says how it was read. out: where
    that is then written as a model of ours. Raises InputError.
    """
    dataset = _dataset(data_name, split, limit)
    reading = _reading(model_name, data_name, dataset, said or Known())
    foreign = load_foreign(find_model(model_name)) if reading else None
    if out is not None:
        if foreign is None or reading is None:
            raise InputError(f"{model_name} is a latentlab model: leave --save-as out.")
        save_as(foreign, reading, dataset, out)
    opened = partial(_opened, model_name, data_name, split, limit, reading)
    processes = min(os.cpu_count() or 1, _MOST_PROCESSES)
    figures = _figures(opened, model_name, samples=samples, exact=exact, processes=processes)
    if foreign is None or reading is None:
        return figures
    return {**figures, "reading": described(foreign, reading)}


def _figures(
    opened: Callable[[], Opened], model_name: str, *, samples: int, exact: bool, processes: int
) -> dict[str, object]:
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
        look = exact_terms(opened, processes=processes)
        integrals = _watched(look, len(images))
        terms, more = integrals.terms, _exact_figures(integrals)
    if samples > 1:
        bounds = _watched(sampled_bounds(model, images, likelihood, samples), len(images))
        terms = terms or bounds.terms
        more |= {
            "iwae": float(bounds.iwae.mean()),
            "iwae_se": _standard_error(bounds.iwae),
            "samples": samples,
        }
    terms = terms or finish(evaluate_terms(model, images, likelihood))
    if likelihood.name == "gaussian":
        more["variance"] = likelihood.variance
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


def _dataset(data_name: str, split: str, limit: int | None) -> Dataset:
    pair = open_data(data_name)
    dataset = pair.train if split == "train" else pair.test
    tell_sample(dataset)
    return dataset if limit is None else dataset.at(np.arange(min(limit, len(dataset))))


def _reading(model_name: str, data_name: str, dataset: Dataset, said: Known) -> Reading | None:
    """How to read another program's model; None for one of ours."""
    path = find_model(model_name)
    if not is_foreign(path):
        if said.nothing:
            return None
        raise InputError(
            f"{model_name} is a latentlab model, which says itself how it is to be read: leave "
            "--activation, --likelihood and the other options of a plain state dict out."
        )
    foreign = load_foreign(path)
    foreign.check_fit(dataset.image_shape, data_name)
    return reading_for(foreign, dataset, said)


def _opened(
    model_name: str, data_name: str, split: str, limit: int | None, reading: Reading | None
) -> Opened:
    path = find_model(model_name)
    dataset = _dataset(data_name, split, limit)
    if reading is None:
        checkpoint = load_checkpoint(path)
    else:
        checkpoint = load_foreign(path).checkpoint(reading, dataset.image_shape, dataset.vectors)
    takes = checkpoint.architecture.image_shape
    if dataset.image_shape != takes:
        raise InputError(
            f"{misfit(model_name, takes, data_name, dataset.image_shape)}: choose data of that "
            "shape."
        )
    try:
        model = vae_from_parameters(checkpoint.architecture, checkpoint.parameters)
    except InputError as error:
        raise InputError(f"{path} cannot be used: {error}; use another copy.") from error
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
        f"n = {figures['n']}, {figures['likelihood']}{_variance(figures)}, "
        f"K = {figures['latent_dim']}"
    )
    yield from told(figures)
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


def _variance(figures: dict[str, object]) -> str:
    return f" with σ² = {figures['variance']:g}" if "variance" in figures else ""


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
        epilog="examples:\n  latentlab evaluate mnist-2d-live --data mnist --json\n"
        "  latentlab evaluate --encoder E.onnx --decoder D.onnx --likelihood bernoulli "
        "--data mnist",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "model", nargs="?", metavar="MODEL", help="a .safetensors file or a shipped name"
    )
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
    add_foreign_options(parser, spreads=tuple(dict.fromkeys((*get_args(Spread), *ONNX_SPREADS))))
    add_onnx_options(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    return parser
