"""What names and shapes of a state dict cannot tell."""

from dataclasses import dataclass, field
from typing import Literal, Protocol, get_args

import numpy as np
import numpy.typing as npt

from latentlab.core.foreign_steps import Steps
from latentlab.core.spec import Activation, Likelihood, LogvarHead
from latentlab.errors import InputError

Spread = Literal["logvar", "log_sigma", "sigma", "softplus", "softplus_variance"]
Scale = Literal["unit", "signed", "own"]
LastLayer = Literal["logits", "image", "tanh"]

# What our encoder makes of each; log σ becomes log σ² in the weights.
LOGVAR_HEADS: dict[Spread, LogvarHead] = {
    "logvar": "free",
    "log_sigma": "free",
    "sigma": "sigma",
    "softplus": "softplus",
    "softplus_variance": "softplus_variance",
}

# tanh gives −1 to 1, a sigmoid 0 to 1, and neither the data's own units.
IMPOSSIBLE: frozenset[tuple[Scale, LastLayer]] = frozenset(
    {("unit", "tanh"), ("own", "tanh"), ("own", "logits")}
)


class Units(Protocol):
    """What 0 and 1 stand for in the data's own units, of each of D values."""

    @property
    def low(self) -> npt.NDArray[np.float64]:
        """(D,), what 0 is."""

    @property
    def span(self) -> npt.NDArray[np.float64]:
        """(D,), what 1 is above that."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a state dict is read.

    swapped: whether mu is the second of the two heads. spread: whether the other head gives log σ²,
    log σ or σ (whose sign means nothing), or what softplus makes σ or σ² of. scale: whether the
    model's values are 0 to 1, −1 to 1, or in the data's own units. output: whether the decoder's
    last layer gives logits (whose sigmoid is the image, 0 to 1), the image itself on that scale, or
    what tanh makes the image of, −1 to 1. leak: the slope of a leaky_relu below 0. norm_after:
    whether norms come after the activations, where names do not tell. down, up: the steps of a
    convolutional model's encoder and decoder; None: the plainest that fit. bent: whether an
    activation follows the last dense layer of its decoder.
    """

    activation: Activation = "relu"
    leak: float = 0.01
    swapped: bool = False
    spread: Spread = "logvar"
    output: LastLayer = "logits"
    likelihood: Likelihood = field(default_factory=Likelihood)
    norm_after: bool = False
    down: Steps | None = None
    up: Steps | None = None
    bent: bool = True
    scale: Scale = "unit"

    def __post_init__(self) -> None:
        for name, known in (("spread", Spread), ("scale", Scale), ("output", LastLayer)):
            if getattr(self, name) not in get_args(known):
                raise InputError(f"{name} must be one of {', '.join(get_args(known))}")
        if (self.scale, self.output) in IMPOSSIBLE:
            raise InputError(f"output cannot be {self.output} where scale is {self.scale}")
