"""What a shipped model's card says: data, seed, time, figures, and the command that made it."""

import datetime
import math
import platform

import torch

from latentlab.core.vae import count_parameters
from latentlab.data.bundled import load_bundled
from latentlab.training.course import Best
from latentlab.training.device import native_bfloat16
from latentlab.training.exact import ExactTerms
from latentlab.training.messages import FloatArray
from latentlab.training.plan import Plan, held_back
from latentlab.training.trainer import Trainer

_SCHEDULES = {
    "constant": "a constant rate of",
    "cosine": "a cosine down from",
    "one-cycle": "one cycle up to",
}


def card(
    purpose: str,
    trainer: Trainer,
    plan: Plan,
    best: Best,
    *,
    exact: ExactTerms,
    sampled: tuple[FloatArray, int],
    name: str,
    history: str = "",
) -> str:
    """Markdown. `trainer` has the weights of `best`.

    exact: of the test images. sampled: their importance-weighted bounds, and from how many samples.
    history: what it holds.
    """
    iwae, samples = sampled
    settings, likelihood = trainer.settings, trainer.likelihood
    architecture, images = trainer.model.architecture, trainer.images
    data, held = images.dataset.name, held_back(len(images))
    mean = exact.terms.mean()
    elbo = _figure(-(exact.terms.reconstruction.astype("float64") + exact.terms.kl))
    binarised = likelihood.binarises
    precision = "bfloat16" if native_bfloat16() else "float32"
    rows = {
        "network": f"{architecture.summary}, {architecture.activation}, "
        f"{count_parameters(architecture):,} parameters, kept in half precision",
        "likelihood": likelihood.name.replace("_", " ")
        + (", images binarised anew each epoch" if binarised else ", grey images"),
        "data": f"{data}: {len(images) - held:,} training images, "
        f"{load_bundled(data).train.licence}; {held:,} more held back to choose the weights by",
        "training": f"{plan.epochs} epochs, batch {settings.batch_size}, AdamW with weight decay "
        f"{settings.weight_decay:g}, learning rate: {_SCHEDULES[plan.schedule]} "
        f"{settings.learning_rate:g}, {'moving average of the weights, ' * plan.averaging}"
        f"best of epoch {best.epoch:.0f} kept, seed {settings.seed}",
        "time": f"{trainer.seconds / 60:.0f} min on {torch.get_num_threads()} thread(s) of a busy "
        f"{platform.machine()} machine, {precision}, torch {torch.__version__.split('+')[0]}",
        "ELBO": f"**{elbo} nats per image** (reconstruction {_signed(mean.reconstruction)} + "
        f"KL {mean.kl:.2f} = −ELBO) on all {len(iwae):,} test images"
        + (", binarised once with a fixed seed" if binarised else ""),
        "log p(x)": f"**{_figure(exact.log_evidence)} nats per image**, by quadrature, on the same "
        f"images; at least {_figure(iwae)} by {samples} importance-weighted samples",
        "gap": f"amortisation {exact.amortisation_gap.mean():.2f} + approximation "
        f"{exact.approximation_gap.mean():.2f} = log p(x) − ELBO, nats per image",
        "measured by": f"`latentlab evaluate {name} --data FOLDER --exact --samples {samples}`",
        "posteriors stored": f"of the bundled {data} training images",
        **({"history": history} if history else {}),
        "made by": f"`python pretrained/make.py {name} --data FOLDER --seed {settings.seed}`, "
        f"{datetime.date.today()}",
    }
    table = "\n".join(f"| {key} | {value} |" for key, value in rows.items())
    return f"# {name}\n\n{purpose}\n\n| | |\n|---|---|\n{table}\n"


def _figure(values: FloatArray) -> str:
    """Their mean and its standard error, with a minus sign that is one."""
    error = values.std(ddof=1) / math.sqrt(len(values))
    return f"{_signed(values.mean())} ± {error:.2f}"


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
