"""Makes the shipped models: `python pretrained/make.py NAME --data IDX_FOLDER`.

Each is trained on the full training set of IDX_FOLDER, and written with a card that states its
data, seed, time and measured ELBO. The stored posteriors are those of the bundled images.
"""

import argparse
import datetime
import math
import platform
import time
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from latentlab.core.checkpoint import save_checkpoint
from latentlab.core.spec import Architecture, Likelihood, LossWeights
from latentlab.core.vae import count_parameters
from latentlab.data.bundled import load_bundled
from latentlab.data.open import open_data
from latentlab.training.evaluation import PerImageTerms, encode_cloud, evaluate_terms, finish
from latentlab.training.images import Images
from latentlab.training.messages import Settings
from latentlab.training.trainer import Trainer

_HERE = Path(__file__).resolve().parent
_HELDOUT_SAMPLES = 16


@dataclass(frozen=True)
class Recipe:
    """How one model is made. The learning rate falls to 0 along a cosine."""

    data: str
    architecture: Architecture
    epochs: int
    batch_size: int
    learning_rate: float
    purpose: str


RECIPES = {
    "mnist-2d-live": Recipe(
        "mnist", Architecture(hidden=(400,)), 60, 128, 1e-3,
        "Small enough to train live in front of a class; the app opens on it.",
    ),
    "mnist-2d": Recipe(
        "mnist", Architecture(hidden=(512, 256)), 120, 128, 1e-3,
        "The stronger model of handwritten digits.",
    ),
    "fashion-mnist-2d": Recipe(
        "fashion-mnist", Architecture(hidden=(512, 256)), 100, 128, 1e-3,
        "The stronger model of clothes.",
    ),
}  # fmt: skip


def make(name: str, folder: str, seed: int, epochs: int | None) -> None:
    """Train, measure, and write NAME.safetensors and NAME.md beside this script."""
    recipe = RECIPES[name]
    pair = open_data(folder)
    settings = Settings(recipe.learning_rate, recipe.batch_size, seed)
    trainer = Trainer.from_scratch(
        recipe.architecture, Images(pair.train), LossWeights(), Likelihood(), settings
    )
    heldout = Images(pair.test)
    count = epochs or recipe.epochs
    steps = count * math.ceil(len(pair.train) / recipe.batch_size)
    started = time.perf_counter()
    for step in range(steps):
        rate = recipe.learning_rate * 0.5 * (1 + math.cos(math.pi * step / steps))
        trainer.settings = replace(settings, learning_rate=rate)
        trainer.step()
        if trainer.at_epoch_end():
            terms = finish(evaluate_terms(trainer.model, heldout, trainer.likelihood)).mean()
            trainer.curves.add_heldout(trainer.step_count, terms, trainer.weights)
            print(
                f"epoch {trainer.epoch:.0f}: held-out −ELBO {terms.negative_elbo:.2f}", flush=True
            )
    trainer.seconds = time.perf_counter() - started
    trainer.settings = settings
    look = evaluate_terms(trainer.model, heldout, trainer.likelihood, _HELDOUT_SAMPLES)
    _write(name, recipe, trainer, finish(look))


def _write(name: str, recipe: Recipe, trainer: Trainer, heldout: PerImageTerms) -> None:
    shown = load_bundled(recipe.data).train
    look = encode_cloud(trainer.model, Images(shown), trainer.likelihood, trainer.step_count)
    checkpoint = trainer.checkpoint(finish(look))
    data = {**checkpoint.data, "name": recipe.data, "cloud_sha256": shown.sha256}
    # Without Adam's moments the file is a third of the size; training goes on from zero moments.
    save_checkpoint(replace(checkpoint, optimizer={}, data=data), _HERE / f"{name}.safetensors")
    (_HERE / f"{name}.md").write_text(_card(name, recipe, trainer, heldout), encoding="utf-8")


def _card(name: str, recipe: Recipe, trainer: Trainer, heldout: PerImageTerms) -> str:
    licence = load_bundled(recipe.data).train.licence
    mean = heldout.mean()
    negative_elbo = heldout.reconstruction.astype("float64") + heldout.kl
    error = negative_elbo.std(ddof=1) / math.sqrt(len(negative_elbo))
    return f"""# {name}

{recipe.purpose}

| | |
|---|---|
| network | {recipe.architecture.summary}, {recipe.architecture.activation}, {count_parameters(recipe.architecture):,} parameters |
| likelihood | Bernoulli; training images binarised anew each epoch |
| data | {recipe.data}: all {len(trainer.images):,} training images, {licence} |
| training | {trainer.epoch:.0f} epochs, {trainer.step_count:,} steps, batch {recipe.batch_size}, Adam, learning rate {recipe.learning_rate:g} falling to 0 along a cosine, seed {trainer.settings.seed} |
| time | {trainer.seconds:.0f} s on {torch.get_num_threads()} thread(s), {platform.machine()}, torch {torch.__version__.split("+")[0]} |
| held-out ELBO | **{-mean.negative_elbo:.2f} ± {error:.2f} nats per image** (reconstruction {mean.reconstruction:.2f} + KL {mean.kl:.2f} = −ELBO), n = {len(negative_elbo):,}, {_HELDOUT_SAMPLES} draws of z an image, images binarised once |
| posteriors stored | of the bundled {recipe.data} training images |
| made by | `python pretrained/make.py {name} --data FOLDER --seed {trainer.settings.seed}`, {datetime.date.today()} |
"""  # noqa: E501


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=sorted(RECIPES))
    parser.add_argument("--data", required=True, metavar="FOLDER", help="the full set's IDX files")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, help="other than the recipe's")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    make(options.name, options.data, options.seed, options.epochs)


if __name__ == "__main__":
    main()
