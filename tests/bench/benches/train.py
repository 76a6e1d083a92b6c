"""Images a second in training, ours without a window against the loop of a PyTorch tutorial.

The network of mnist-2d-live on the bundled MNIST, batch 128, one thread, float32; ratio_bf16 is
ours in bfloat16 against the same loop. loss_gap_nats: ELBO of the 2,000 held-out images after equal
steps from the same weights, ours minus the loop's. There the loop's batches are binarised anew as
ours always are; where it is timed they are not, as in no tutorial.
"""

import itertools
import time
from collections.abc import Iterator

import torch

from latentlab.core.spec import LIVE_ARCHITECTURE, Likelihood, LossWeights
from latentlab.core.vae import VAE, new_vae
from latentlab.data.bundled import load_bundled
from latentlab.data.dataset import Dataset
from latentlab.training.device import native_bfloat16
from latentlab.training.evaluation import evaluate_terms, finish
from latentlab.training.images import Images
from latentlab.training.messages import Precision, Settings
from latentlab.training.trainer import Trainer
from tests.bench.reference import reference_steps, with_torchs_layers
from tests.bench.result import Figure, Options, Result, at_least

BATCH, RATE = 128, 1e-3
_LIKELIHOOD = Likelihood("bernoulli")


def run(options: Options) -> Result:
    seconds, rounds, steps, seeds = (0.3, 1, 20, 1) if options.quick else (2.0, 5, 790, 5)
    torch.set_num_threads(1)
    pair = load_bundled("mnist")
    images = Images(pair.train)
    precisions: list[Precision] = ["float32"]
    if native_bfloat16():
        precisions.append("bfloat16")

    _, loop = _reference(pair.train, 0, binarise=False)
    trainers = {precision: _steps(_trainer(images, 0, precision)) for precision in precisions}
    speeds: dict[str, list[float]] = {name: [] for name in ("reference", *precisions)}
    for _ in range(rounds):
        speeds["reference"].append(_speed(loop, seconds))
        for precision, training in trainers.items():
            speeds[precision].append(_speed(training, seconds))

    gaps: dict[str, list[float]] = {precision: [] for precision in precisions}
    heldout = Images(pair.test)
    for seed in range(seeds):
        model, training = _reference(pair.train, seed, binarise=True)
        _take(training, steps)
        reference = _elbo(model, heldout)
        for precision in precisions:
            trainer = _trainer(images, seed, precision)
            _take(_steps(trainer), steps)
            gaps[precision].append(_elbo(trainer.model, heldout) - reference)

    return Result(
        [
            Figure("ours_img_s", speeds["float32"]),
            Figure("reference_img_s", speeds["reference"]),
            Figure("ratio", _ratios(speeds, "float32"), at_least(2)),
            Figure(
                "ratio_bf16",
                _ratios(speeds, "bfloat16"),
                at_least(3),
                "" if native_bfloat16() else "this processor has no bfloat16 of its own",
            ),
            Figure("loss_gap_nats", gaps["float32"], at_least(-1.5)),
            Figure("loss_gap_bf16_nats", gaps.get("bfloat16", []), at_least(-1.5)),
        ],
        {
            "network": LIVE_ARCHITECTURE.summary,
            "batch": BATCH,
            "rounds": rounds,
            "seconds each": seconds,
            "steps before the ELBO": steps,
            "seeds": seeds,
        },
    )


def _ratios(speeds: dict[str, list[float]], ours: str) -> list[float]:
    pairs = zip(speeds.get(ours, []), speeds["reference"], strict=False)
    return [one / other for one, other in pairs]


def _reference(dataset: Dataset, seed: int, *, binarise: bool) -> tuple[VAE, Iterator[int]]:
    torch.manual_seed(seed)
    model = with_torchs_layers(new_vae(LIVE_ARCHITECTURE, torch.Generator().manual_seed(seed)))
    return model, reference_steps(model, dataset, BATCH, RATE, binarise=binarise)


def _trainer(images: Images, seed: int, precision: Precision) -> Trainer:
    settings = Settings(learning_rate=RATE, batch_size=BATCH, seed=seed, precision=precision)
    return Trainer.from_scratch(LIVE_ARCHITECTURE, images, LossWeights(), _LIKELIHOOD, settings)


def _steps(trainer: Trainer) -> Iterator[int]:
    """Train for ever; after each step, the number of its images."""
    while True:
        before = trainer.images_seen
        trainer.step()
        yield trainer.images_seen - before


def _speed(training: Iterator[int], seconds: float) -> float:
    """Images a second over so long, after one step."""
    next(training)
    seen, start = 0, time.perf_counter()
    while time.perf_counter() < start + seconds:
        seen += next(training)
    return seen / (time.perf_counter() - start)


def _take(training: Iterator[int], steps: int) -> None:
    for _ in itertools.islice(training, steps):
        pass


def _elbo(model: VAE, heldout: Images) -> float:
    """Nats an image, always of the same binarised images and with the same draws of z."""
    terms = finish(evaluate_terms(model, heldout, _LIKELIHOOD, samples=16))
    return -terms.mean().negative_elbo
