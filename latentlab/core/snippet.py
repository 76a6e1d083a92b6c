"""A decoder as a few lines of Python that need torch and safetensors alone."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import save

from latentlab.core.checkpoint import Checkpoint
from latentlab.core.plain import decoder_text
from latentlab.core.spec import Likelihood
from latentlab.core.vae import IMAGE_MARGIN
from latentlab.system import write_atomic

Point = Sequence[float]

_RESIDUAL = '''
class Residual(nn.Module):
    """x + f(x)."""

    def __init__(self, body):
        super().__init__()
        self.body = body

    def forward(self, x):
        return x + self.body(x)

'''

# Loaiza-Ganem & Cunningham 2019, eq. 8, as in `objective.mean_image`.
_CONTINUOUS = '''
def mean_image(logits):
    """The continuous Bernoulli's mean, whose formula is 0/0 at a logit of 0."""
    small = logits.abs() < 0.1
    safe = torch.where(small, torch.ones_like(logits), logits)
    exact = torch.sigmoid(safe) / torch.tanh(safe / 2) - 1 / safe
    return torch.where(small, 0.5 + logits / 12 - logits**3 / 720, exact)

'''

WEIGHTS_SUFFIX = ".weights.safetensors"


def decoding_snippet(
    checkpoint: Checkpoint, title: str, weights: str, z: Sequence[Point], prefix: str = "decoder."
) -> str:
    """Python that decodes z, each of K numbers, with the weights of a safetensors file.

    title: the model's name. weights: a Python expression for the file's path. prefix: of the
    decoder's tensors there. At its end `images` is (len(z), channels, height, width), 0 to 1.
    """
    architecture, likelihood = checkpoint.architecture, checkpoint.likelihood
    decoder = decoder_text(architecture)
    mean = "torch.sigmoid"
    classes = _RESIDUAL if "Residual(" in decoder else ""
    if likelihood.name == "continuous_bernoulli":
        mean, classes = "mean_image", classes + _CONTINUOUS
    logits = "decoder(z)"
    if architecture.output == "image":
        logits = f"torch.logit(decoder(z), eps={IMAGE_MARGIN})"
    points = ", ".join(f"[{', '.join(map(_number, point))}]" for point in z)
    path = "from pathlib import Path\n\n" if "Path(" in weights else ""
    about = f"{title}, {architecture.summary}, {_called(likelihood)}"
    return f"""\
# {_one_line(about)}. Needs torch and safetensors.
{path}import torch
from safetensors.torch import load_file
from torch import nn

{classes}
decoder = {decoder}
tensors = load_file({weights})
start = {prefix!r}
decoder.load_state_dict(
    {{n.removeprefix(start): t.float() for n, t in tensors.items() if n.startswith(start)}}
)
z = torch.tensor([{points}])
with torch.no_grad():
    images = {mean}({logits}).reshape(-1, {", ".join(map(str, architecture.image_shape))})
"""


def checkpoint_snippet(checkpoint: Checkpoint, title: str, file: Path, z: Sequence[Point]) -> str:
    """The same with the weights of `file`, where this checkpoint is saved."""
    return decoding_snippet(checkpoint, title, repr(str(file)), z, "parameters.decoder.")


def write_python(
    checkpoint: Checkpoint, title: str, target: Path, z: Sequence[Point] | None = None
) -> Path:
    """Write the snippet to `target` and, beside it, the weights it reads; returns their path.

    The weights are float32, by the names of the network: encoder.* and decoder.*. z: by default
    the origin. The weights come first: a snippet that is there can run. Raises OSError.
    """
    beside = target.with_name(target.stem + WEIGHTS_SUFFIX)
    arrays = {n: np.asarray(a, np.float32, order="C") for n, a in checkpoint.parameters.items()}
    write_atomic(beside, save(arrays, metadata={"format": "pt"}))
    where = f"Path(__file__).with_name({beside.name!r})"
    points = z if z is not None else [[0.0] * checkpoint.architecture.latent_dim]
    write_atomic(target, decoding_snippet(checkpoint, title, where, points).encode())
    return beside


def _called(likelihood: Likelihood) -> str:
    name = likelihood.name.replace("_", " ")
    return f"{name} with σ² = {likelihood.variance:g}" if name == "gaussian" else name


def _one_line(text: str) -> str:
    """A title is a file's name, and may hold what would end the comment and begin a statement."""
    return "".join(c if c.isprintable() else " " for c in text)


def _number(value: float) -> str:
    """With a point always: torch makes integers of 0 and 2, which no layer takes."""
    return repr(float(f"{value:.9g}"))
