"""`latentlab train`: train a model without a window."""

import argparse
import json
import math
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from tqdm import tqdm

from latentlab.commands.arguments import learning_rate, whole, widths
from latentlab.core.checkpoint import save_checkpoint
from latentlab.core.spec import MAX_DEPTH, MAX_LATENT_DIM, Architecture, Likelihood, LossWeights
from latentlab.core.vae import check_size
from latentlab.data.dataset import DataPair
from latentlab.data.open import open_data
from latentlab.errors import InputError
from latentlab.training.evaluation import encode_cloud, evaluate_terms, finish
from latentlab.training.images import Images
from latentlab.training.messages import Settings, Terms
from latentlab.training.threads import leave_a_core_free
from latentlab.training.trainer import DivergedError, Trainer

_MANY = 2**31
# Training stopped by itself; what is saved is the last that was good.
_DIVERGED = 1


def run_train(arguments: Sequence[str]) -> int:
    """Train and save; returns the exit code (1 if training diverged). Raises InputError."""
    options = _parser().parse_args(arguments)
    leave_a_core_free()
    pair = open_data(options.data)
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
    trainer = Trainer.from_scratch(
        architecture,
        Images(pair.train),
        weights,
        Likelihood(options.likelihood, options.variance),
        Settings(options.lr, options.batch_size, options.seed),
    )
    per_epoch = math.ceil(len(pair.train) / options.batch_size)
    steps = options.steps or options.epochs * per_epoch
    good = _train(trainer, steps, anneal=options.anneal)
    heldout = _save(trainer, pair, out)
    _report(trainer, heldout, out, as_json=options.json)
    return 0 if good else _DIVERGED


class _Interrupted:
    """True once Ctrl+C was pressed; a second press ends the program as usual."""

    def __init__(self) -> None:
        self._pressed = False
        self._before = signal.signal(signal.SIGINT, self._note)

    def _note(self, _signal: int, _frame: FrameType | None) -> None:
        self._pressed = True
        signal.signal(signal.SIGINT, self._before)

    def __bool__(self) -> bool:
        return self._pressed

    def restore(self) -> None:
        signal.signal(signal.SIGINT, self._before)


def _train(trainer: Trainer, steps: int, anneal: bool) -> bool:
    """Take `steps` steps, or fewer if interrupted; False if training diverged."""
    interrupted = _Interrupted()
    started = time.perf_counter()
    full = trainer.settings
    try:
        with tqdm(total=steps, unit="step", file=sys.stderr, mininterval=0.5) as bar:
            for step in range(steps):
                if interrupted:
                    print("latentlab: interrupted; saving what there is.", file=sys.stderr)
                    break
                if anneal:
                    rate = full.learning_rate * 0.5 * (1 + math.cos(math.pi * step / steps))
                    trainer.settings = Settings(rate, full.batch_size, full.seed)
                terms = trainer.step()
                bar.update()
                if step % 50 == 0:
                    bar.set_postfix_str(f"−ELBO {terms.negative_elbo:.2f} nats")
    except DivergedError as error:
        print(f"latentlab: {error}", file=sys.stderr)
        return False
    finally:
        interrupted.restore()
        trainer.settings = full
        trainer.seconds = time.perf_counter() - started
    return True


def _save(trainer: Trainer, pair: DataPair, out: Path) -> Terms:
    cloud = finish(
        encode_cloud(trainer.model, trainer.images, trainer.likelihood, trainer.step_count)
    )
    test = Images(pair.test)
    heldout = finish(evaluate_terms(trainer.model, test, trainer.likelihood)).mean()
    trainer.curves.add_heldout(trainer.step_count, heldout, trainer.weights)
    try:
        save_checkpoint(trainer.checkpoint(cloud), out)
    except OSError as error:
        reason = error.strerror or error
        raise InputError(f"--out {out} could not be written: {reason}.") from error
    return heldout


def _report(trainer: Trainer, heldout: Terms, out: Path, *, as_json: bool) -> None:
    if as_json:
        figures = {
            "elbo": -heldout.negative_elbo,
            "reconstruction": heldout.reconstruction,
            "kl": heldout.kl,
            "steps": trainer.step_count,
            "epochs": trainer.epoch,
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
    add("--data", required=True, metavar="NAME|PATH", help="mnist, fashion-mnist, or IDX folder")
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
        default="bernoulli", help="default bernoulli, on binarised images")  # fmt: skip
    add("--variance", type=float, default=0.1, metavar="σ²", help="of the gaussian; default 0.1")
    add("--beta", type=float, default=1.0, metavar="B", help="the KL term's factor; default 1")
    add("--no-kl", action="store_true", help="minimise the reconstruction term only")
    add("--no-reconstruction", action="store_true", help="minimise the KL term only")
    add("--batch-size", type=whole(1, _MANY), default=64, metavar="N", help="default 64")
    add("--lr", type=learning_rate, default=1e-3, metavar="RATE", help="Adam's; default 1e-3")
    add("--anneal", action="store_true", help="lower the learning rate to 0 along a cosine")
    add("--seed", type=whole(0, _MANY), default=0, metavar="S", help="default 0")
    add("--json", action="store_true", help="one JSON object on standard output at the end")
    return parser
