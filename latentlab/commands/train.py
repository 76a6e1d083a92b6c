"""`latentlab train`: train a model without a window."""

import argparse
import json
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from latentlab.commands.arguments import (
    DATA_HELP,
    add_form_arguments,
    amount,
    data_name,
    learning_rate,
    tell_pictures,
    tell_sample,
    whole,
    widths,
)
from latentlab.commands.loop import Loop, autosave_of
from latentlab.core.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from latentlab.core.spec import (
    MAX_DEPTH,
    MAX_LATENT_DIM,
    Architecture,
    Likelihood,
    LikelihoodName,
    LossWeights,
)
from latentlab.core.vae import check_size
from latentlab.data.dataset import DataPair
from latentlab.data.open import open_data
from latentlab.errors import InputError, not_written
from latentlab.fitting import misfit
from latentlab.training.device import reason, usable
from latentlab.training.evaluation import encode_cloud, evaluate_terms, finish
from latentlab.training.images import Images
from latentlab.training.messages import DeviceName, Precision, Settings, Terms
from latentlab.training.plan import Plan, Schedule
from latentlab.training.threads import leave_a_core_free
from latentlab.training.trainer import Trainer

_MANY = 2**31
# Training stopped by itself; what is saved is the last that was good.
_DIVERGED = 1


def run_train(arguments: Sequence[str]) -> int:
    """Train and save; returns the exit code (1 if training diverged). Raises InputError."""
    options = _parser().parse_args(arguments)
    leave_a_core_free()
    name = data_name(options.data, options)
    pair = open_data(name)
    if name != options.data or pair.skipped:
        tell_pictures(name, pair)
    tell_sample(pair.train)
    tell_sample(pair.test)
    out: Path = options.out
    # Now, and not after an hour of training.
    if not out.parent.is_dir() or out.is_dir() or not os.access(out.parent, os.W_OK):
        raise InputError(
            f"--out {out} cannot be written: give a file in a folder that exists and is yours."
        )
    weights = LossWeights(
        reconstruction_on=not options.no_reconstruction, kl_on=not options.no_kl, beta=options.beta
    )
    if weights.nothing:
        raise InputError("--no-kl and --no-reconstruction leave nothing to minimise: drop one.")
    plan = _plan(options)
    architecture = Architecture(
        image_shape=pair.train.image_shape,
        latent_dim=options.latent_dim,
        kind=options.network,
        hidden=options.hidden,
        residual_blocks=options.residual_blocks,
    )
    try:
        check_size(architecture)
    except InputError as error:
        widths_given = ",".join(str(width) for width in options.hidden)
        size = "×".join(str(n) for n in pair.train.image_shape[1:])
        raise InputError(
            f"--hidden {widths_given} is too large for images of {size}: {error}."
        ) from error
    settings = Settings(
        options.lr,
        options.batch_size,
        options.seed,
        options.weight_decay,
        options.precision,
        options.device,
    )
    _check_device(settings.device)
    usual: LikelihoodName = "bernoulli" if pair.train.vectors is None else "gaussian"
    likelihood = Likelihood(options.likelihood or usual, options.variance)
    of = (Images(pair.train), weights, likelihood, settings)
    autosave = autosave_of(out)
    if options.resume:
        checkpoint = _autosaved(autosave, architecture)
        trainer = Trainer.from_checkpoint(checkpoint, *of)
        _check_plan(autosave, checkpoint, trainer, plan)
    else:
        trainer = Trainer.from_scratch(architecture, *of)
        if plan is not None:
            trainer.begin(plan)
    steps = options.steps or options.epochs * math.ceil(pair.train.total / options.batch_size)
    loop = Loop(trainer, trainer.course.steps if trainer.course else steps, autosave)
    good = loop.run()
    heldout = _save(trainer, pair, out)
    loop.discard_autosave()
    _report(trainer, heldout, out, as_json=options.json)
    return 0 if good else _DIVERGED


def _plan(options: argparse.Namespace) -> Plan | None:
    """The plan that the options describe; None where training goes on as it begins."""
    steady = options.schedule == "constant" and not options.kl_warm_up
    if steady and not options.average and not options.patience:
        return None
    if options.epochs is None:
        raise InputError(
            "--schedule, --kl-warm-up, --average and --patience need --epochs, not --steps."
        )
    try:
        return Plan(
            epochs=options.epochs,
            schedule=options.schedule,
            kl_warm_up=options.kl_warm_up,
            averaging=options.average,
            patience=options.patience,
        )
    except InputError as error:
        raise InputError(f"This run cannot be planned: {error}.") from error


def _check_device(name: DeviceName) -> None:
    try:
        usable(name)
    except (RuntimeError, AssertionError) as error:
        why = reason(error)
        raise InputError(f"--device {name} cannot be used here ({why}): try cpu.") from error


def _autosaved(path: Path, architecture: Architecture) -> Checkpoint:
    if not path.exists():
        raise InputError(f"--resume finds no {path}: there is nothing to go on from.")
    checkpoint = load_checkpoint(path)
    takes, has = checkpoint.architecture.image_shape, architecture.image_shape
    if takes != has:
        raise InputError(
            f"{misfit(str(path), takes, '--data', has)}: give the data that the run was begun with."
        )
    if checkpoint.architecture != architecture:
        raise InputError(
            f"{path} is of a network {checkpoint.architecture.summary}, but these options make "
            f"{architecture.summary}: give the options that the run was begun with."
        )
    return checkpoint


def _check_plan(path: Path, checkpoint: Checkpoint, trainer: Trainer, plan: Plan | None) -> None:
    """Refuse to leave the plan of a run that goes on, or to begin another in its midst."""
    if trainer.course is None and "course" in checkpoint.training:
        raise InputError(
            f"The long run of {path} cannot go on with these images: give the options that it was "
            "begun with."
        )
    if plan != (trainer.course.plan if trainer.course else None):
        raise InputError(
            f"{path} is of a run with another plan: give the options that the run was begun with."
        )


def _save(trainer: Trainer, pair: DataPair, out: Path) -> Terms:
    cloud = finish(
        encode_cloud(trainer.model, trainer.images, trainer.likelihood, trainer.weights_step)
    )
    test = Images(pair.test)
    heldout = finish(evaluate_terms(trainer.model, test, trainer.likelihood)).mean()
    trainer.curves.add_heldout(trainer.step_count, heldout, trainer.weights)
    try:
        save_checkpoint(trainer.checkpoint(cloud), out)
    except OSError as error:
        raise InputError(not_written(out, error)) from error
    return heldout


def _report(trainer: Trainer, heldout: Terms, out: Path, *, as_json: bool) -> None:
    if as_json:
        figures = {
            "elbo": -heldout.negative_elbo,
            "reconstruction": heldout.reconstruction,
            "kl": heldout.kl,
            "steps": trainer.step_count,
            "epochs": trainer.epochs,
            "seconds": trainer.seconds,
            "out": str(out),
        }
        print(json.dumps(figures))
        return
    print(
        f"{out}: {trainer.step_count} steps in {trainer.seconds:.0f} s, "
        f"held-out ELBO {-heldout.negative_elbo:.2f} nats per image"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="latentlab train",
        description="Train a VAE and save it as one .safetensors file. Ctrl+C saves what there is.",
        epilog="example:\n  latentlab train --data mnist --epochs 5 --out my-model.safetensors",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--data", required=True, metavar="NAME|PATH", help=DATA_HELP)
    add_form_arguments(parser)
    add("--out", type=Path, required=True, metavar="MODEL.safetensors")
    length = parser.add_mutually_exclusive_group(required=True)
    length.add_argument("--epochs", type=whole(1, _MANY), metavar="N")
    length.add_argument("--steps", type=whole(1, _MANY), metavar="N")
    add("--latent-dim", type=whole(1, MAX_LATENT_DIM), default=2, metavar="K", help="default 2")
    add("--network", choices=["mlp", "conv"], default="mlp")
    add("--hidden", type=widths, default=(512, 256), metavar="A,B,...",
        help="encoder widths (conv: channels) from the image on; default 512,256")  # fmt: skip
    add(
        "--residual-blocks",
        type=whole(0, MAX_DEPTH),
        default=0,
        metavar="N",
        help="after each dense layer",
    )
    add("--likelihood", choices=["bernoulli", "gaussian", "continuous_bernoulli"],
        help="default bernoulli, on binarised images; gaussian for vectors")  # fmt: skip
    add("--variance", type=float, default=0.1, metavar="σ²", help="of the gaussian; default 0.1")
    add("--beta", type=float, default=1.0, metavar="B", help="the KL term's factor; default 1")
    add("--no-kl", action="store_true", help="minimise the reconstruction term only")
    add("--no-reconstruction", action="store_true", help="minimise the KL term only")
    add("--batch-size", type=whole(1, _MANY), default=64, metavar="N", help="default 64")
    add("--lr", type=learning_rate, default=1e-3, metavar="RATE", help="Adam's; default 1e-3")
    add("--weight-decay", type=amount, default=0.0, metavar="W", help="AdamW's; default 0")
    add("--precision", choices=get_args(Precision), default="auto",
        help="auto (the default): bfloat16 where the device computes in it")  # fmt: skip
    add("--device", choices=get_args(DeviceName), default="cpu", help="default cpu")
    plan = parser.add_argument_group(
        "a long run", "With any of these some training images are held back from the steps, and "
        "the weights that are best on them are kept."
    )  # fmt: skip
    plan.add_argument(
        "--schedule", choices=get_args(Schedule), default="constant",
        help="of the learning rate; default constant",
    )  # fmt: skip
    plan.add_argument(
        "--kl-warm-up", type=amount, default=0.0, metavar="E",
        help="epochs in which the KL term grows to its weight; default 0",
    )  # fmt: skip
    plan.add_argument("--average", action="store_true", help="keep a moving average of the weights")
    plan.add_argument(
        "--patience", type=whole(0, _MANY), default=0, metavar="E",
        help="end after so many epochs without anything better; default 0, never",
    )  # fmt: skip
    add("--resume", action="store_true",
        help="go on from the autosave of a run with these options that was stopped")  # fmt: skip
    add("--seed", type=whole(0, _MANY), default=0, metavar="S", help="default 0")
    add("--json", action="store_true", help="one JSON object on standard output at the end")
    return parser
