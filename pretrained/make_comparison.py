"""Makes the models of the Compare workspace: `python pretrained/make_comparison.py`.

Every regime of the lecture is trained in lockstep with the others on the bundled MNIST: the same
initial weights, the same batches, the same noise. So the window, which compares them on these very
images, goes on from where it ends here. Each is written with its history and a card.
"""

import argparse
import datetime
import platform
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch
from tqdm import trange

from latentlab.app.comparing import MODELS, architecture_for
from latentlab.core.checkpoint import save_checkpoint
from latentlab.core.history import history_beside, save_history
from latentlab.core.regime import PRESETS
from latentlab.data.bundled import load_bundled
from latentlab.data.dataset import Dataset
from latentlab.training.device import native_bfloat16
from latentlab.training.images import Images
from latentlab.training.lockstep import Lockstep
from latentlab.training.messages import Entrant, Figures, Member, Settings
from latentlab.training.recorder import Recorder
from latentlab.training.trainer import Trainer

_HERE = Path(__file__).resolve().parent
_DATA = "mnist"
_SETTINGS = Settings(batch_size=128)


def make(epochs: int) -> None:
    """Train, measure, and write every model, its history and its card beside this script."""
    pair = load_bundled(_DATA)
    images, test = Images(pair.train), Images(pair.test)
    entrants = [Entrant(n, PRESETS[name]) for n, name in enumerate(MODELS)]
    lockstep = Lockstep(images, architecture_for(pair.train), entrants, _SETTINGS)
    steps = epochs * -(-len(images) // _SETTINGS.batch_size)
    recorders = [Recorder(trainer, test, steps) for trainer in lockstep.trainers]
    started = time.perf_counter()
    for _ in trange(steps, unit="step"):
        lockstep.step()
        for recorder in recorders:
            recorder.look()
    minutes = (time.perf_counter() - started) / 60
    members = _looked_at(lockstep)
    for model, trainer, recorder, member in zip(
        MODELS.values(), lockstep.trainers, recorders, members, strict=True
    ):
        path = _HERE / f"{model}.safetensors"
        _write(trainer, member, pair.train, path)
        save_history(recorder.end(), history_beside(path))
        text = _card(model, member, steps, epochs, minutes)
        path.with_suffix(".md").write_text(text, encoding="utf-8")


def _looked_at(lockstep: Lockstep) -> Sequence[Member]:
    while not lockstep.exact:
        lockstep.look_around(running=True)
        lockstep.look_slice()
    return lockstep.snapshot(0, running=False, images_per_second=0.0).members


def _write(trainer: Trainer, member: Member, shown: Dataset, path: Path) -> None:
    checkpoint = trainer.checkpoint(member.cloud)
    data = {**checkpoint.data, "cloud_sha256": shown.sha256}
    shipped = replace(checkpoint, optimizer={}, progress={}, curves={}, data=data)
    save_checkpoint(shipped, path, half=True)


def _card(model: str, member: Member, steps: int, epochs: int, minutes: float) -> str:
    figures = member.figures
    assert figures is not None
    precision = "bfloat16" if native_bfloat16() else "float32"
    regime = member.regime
    rows = {
        "network": member.architecture.summary,
        "objective": f"{regime.weights.formula}, z = μ + {regime.noise:g}·σ·ε",
        "likelihood": "bernoulli, images binarised anew each epoch",
        "data": f"{_DATA}: the {figures.count:,} bundled training images",
        "training": f"{epochs} epochs, {steps:,} steps, batch {_SETTINGS.batch_size}, Adam, "
        f"learning rate {_SETTINGS.learning_rate:g}, seed {_SETTINGS.seed}, in lockstep with "
        f"{', '.join(name for name in MODELS.values() if name != model)}",
        "time": f"{minutes:.0f} min for all of them on {torch.get_num_threads()} thread(s), "
        f"{platform.machine()}, {precision}, torch {torch.__version__.split('+')[0]}",
        **_figure_rows(figures),
        "history": "of the posteriors of the 2,000 bundled test images, and of the weights, "
        f"rounded to a tenth of their row's root mean square: `{model}.history.xz`",
        "made by": f"`python pretrained/make_comparison.py --epochs {epochs}`, "
        f"{datetime.date.today()}",
    }
    table = "\n".join(f"| {key} | {value} |" for key, value in rows.items())
    about = f"The regime “{regime.name}” of the Compare workspace."
    return f"# {model}\n\n{about}\n\n| | |\n|---|---|\n{table}\n"


def _figure_rows(figures: Figures) -> dict[str, str]:
    rows = {
        "reconstruction": f"{figures.reconstruction:.2f} nats per image",
        "KL": f"{figures.kl:.3f} nats per image",
        "mean σ": f"{figures.mean_sigma:.4f}",
        "KL(q(z)‖p(z))": f"{figures.kl_aggregate:.3f} nats",
        "mutual information": f"{figures.mutual_information:.3f} nats",
        "holes": f"{100 * figures.holes:.1f} % of the prior's mass within 3σ",
        "active units": f"{figures.active_units}",
        "spread of decoded images": f"{figures.decoded_spread:.4f}",
    }
    return {
        name: f"{text.replace('inf', '∞')}, N = {figures.count:,}" for name, text in rows.items()
    }


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    make(options.epochs)


if __name__ == "__main__":
    main()
