"""Makes the shipped models: `python pretrained/make.py NAME --data IDX_FOLDER`.

Each is trained on the training set of IDX_FOLDER by a plan that keeps the weights that are best on
images held back from it, and written with a card that states its data, seed, time and measured
figures. The test set is looked at once, at the end. The stored posteriors are those of the bundled
images. A run that was killed goes on from `NAME.autosave.safetensors` when it is started again,
unless it is one of those that are recorded: these begin anew.
"""

import argparse
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from card import card

from latentlab.commands.loop import Loop, autosave_of
from latentlab.core.checkpoint import load_checkpoint, save_checkpoint
from latentlab.core.history import history_beside, save_history
from latentlab.core.spec import LIVE_ARCHITECTURE, Architecture, Likelihood, LossWeights
from latentlab.core.vae import VAE, parameters_of, vae_from_parameters
from latentlab.data.bundled import load_bundled
from latentlab.data.dataset import Dataset
from latentlab.data.open import open_data
from latentlab.training.bound import sampled_bounds
from latentlab.training.evaluation import encode_cloud, finish
from latentlab.training.exact import exact_terms
from latentlab.training.images import Images
from latentlab.training.messages import Settings
from latentlab.training.plan import Plan
from latentlab.training.recorder import Recorder
from latentlab.training.trainer import Trainer

_HERE = Path(__file__).resolve().parent
_SAMPLES = 500


@dataclass(frozen=True)
class Recipe:
    """How one model is made."""

    data: str
    architecture: Architecture
    plan: Plan
    settings: Settings
    purpose: str
    likelihood: Likelihood = field(default_factory=Likelihood)
    recorded: bool = False


_STRONG = Architecture(hidden=(512,), residual_blocks=1, decoder_blocks=4, normalised=True)
_STRONG_SETTINGS = Settings(learning_rate=2e-3, batch_size=256, weight_decay=0.1)

RECIPES = {
    "mnist-2d-live": Recipe(
        "mnist", LIVE_ARCHITECTURE, Plan(60, "cosine", averaging=False), Settings(batch_size=128),
        "Small enough to train live in front of a class; the app opens on it.", recorded=True,
    ),
    "mnist-2d": Recipe(
        "mnist", _STRONG, Plan(160), _STRONG_SETTINGS,
        "The stronger model of handwritten digits.",
    ),
    "fashion-mnist-2d": Recipe(
        "fashion-mnist", _STRONG, Plan(100), _STRONG_SETTINGS,
        "The stronger model of clothes.", Likelihood("continuous_bernoulli"),
    ),
}  # fmt: skip


def make(name: str, folder: str, seed: int) -> None:
    """Train, measure, and write NAME.safetensors and NAME.md beside this script."""
    recipe = RECIPES[name]
    pair = open_data(folder)
    train = Images(replace(pair.train, name=recipe.data))
    out = _HERE / f"{name}.safetensors"
    run = (train, LossWeights(), recipe.likelihood, replace(recipe.settings, seed=seed))
    if autosave_of(out).exists() and not recipe.recorded:
        trainer = Trainer.from_checkpoint(load_checkpoint(autosave_of(out)), *run)
    else:
        trainer = Trainer.from_scratch(recipe.architecture, *run)
        trainer.begin(recipe.plan)
    if trainer.course is None:
        raise SystemExit(f"{autosave_of(out)} is of a run without a plan; delete it")
    steps = trainer.course.steps
    shown = load_bundled(recipe.data)
    recorder = Recorder(trainer, Images(shown.test), steps) if recipe.recorded else None
    loop = Loop(trainer, steps, autosave_of(out), recorder)
    loop.run()
    if loop.best is None or loop.interrupted:
        raise SystemExit(f"{name} was not trained to its end")
    recorded = _write_history(recorder, out) if recorder is not None else ""
    model = _write(recipe, trainer, shown.train, out)
    test = Images(pair.test)
    exact = finish(exact_terms(lambda: (model, test, recipe.likelihood)))
    bounds = finish(sampled_bounds(model, test, recipe.likelihood, _SAMPLES))
    text = card(
        recipe.purpose, trainer, recipe.plan, loop.best,
        exact=exact, sampled=(bounds.iwae, _SAMPLES), name=name, history=recorded,
    )  # fmt: skip
    out.with_suffix(".md").write_text(text, encoding="utf-8")
    loop.discard_autosave()


def _write(recipe: Recipe, trainer: Trainer, shown: Dataset, out: Path) -> VAE:
    """Ship the weights in half precision, and return the network that is shipped."""
    parameters = parameters_of(trainer.model)
    halved = {name: a.astype("float16").astype("float32") for name, a in parameters.items()}
    model = vae_from_parameters(recipe.architecture, halved)
    cloud = finish(encode_cloud(model, Images(shown), trainer.likelihood, trainer.weights_step))
    checkpoint = trainer.checkpoint(cloud)
    data = {**checkpoint.data, "cloud_sha256": shown.sha256}
    # Without moments and random numbers the file is a fraction of the size; training goes on from
    # zero moments.
    shipped = replace(checkpoint, optimizer={}, progress={}, data=data)
    save_checkpoint(shipped, out, half=True)
    return model


def _write_history(recorder: Recorder, out: Path) -> str:
    """Ship how the run went, and say what is kept of it."""
    history, path = recorder.end(), history_beside(out)
    save_history(history, path)
    moments, images, _ = history.mu.shape
    return (
        f"of the posteriors of the {images:,} bundled test images at {moments} moments, and of the "
        f"weights at {len(history.weight_steps)}, large matrices rounded to steps of a tenth of "
        f"their row's root mean square: `{path.name}`, "
        f"{path.stat().st_size / 1e6:.1f} MB"
    )


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=sorted(RECIPES))
    parser.add_argument("--data", required=True, metavar="FOLDER", help="the full set's IDX files")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    make(options.name, options.data, options.seed)


if __name__ == "__main__":
    main()
