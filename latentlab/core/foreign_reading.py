"""What names and shapes of a state dict cannot tell."""

from dataclasses import dataclass, field
from typing import Literal, get_args

from latentlab.core.foreign_steps import Steps
from latentlab.core.spec import Activation, Likelihood, LogvarHead, Output
from latentlab.errors import InputError

Spread = Literal["logvar", "log_sigma", "sigma", "softplus", "softplus_variance"]

# What our encoder makes of each; log σ becomes log σ² in the weights.
LOGVAR_HEADS: dict[Spread, LogvarHead] = {
    "logvar": "free",
    "log_sigma": "free",
    "sigma": "sigma",
    "softplus": "softplus",
    "softplus_variance": "softplus_variance",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """How a state dict is read.

    swapped: whether mu is the second of the two heads. spread: whether the other head gives log σ²,
    log σ or σ (whose sign means nothing), or what softplus makes σ or σ² of. output: whether the
    decoder's last layer gives logits (its image is their sigmoid), or the image itself. leak: the
    slope of a leaky_relu below 0. norm_after: whether batch norms come after the activations, where
    names do not tell. down, up: the steps of a convolutional model's encoder and decoder; None: the
    plainest that fit. bent: whether an activation follows the last dense layer of its decoder.
    """

    activation: Activation = "relu"
    leak: float = 0.01
    swapped: bool = False
    spread: Spread = "logvar"
    output: Output = "logits"
    likelihood: Likelihood = field(default_factory=Likelihood)
    norm_after: bool = False
    down: Steps | None = None
    up: Steps | None = None
    bent: bool = True

    def __post_init__(self) -> None:
        if self.spread not in get_args(Spread):
            raise InputError(f"spread must be one of {', '.join(get_args(Spread))}")
