"""What runs in lockstep differ by, and the regimes of the lecture."""

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from latentlab.core.spec import Likelihood, LossWeights
from latentlab.errors import InputError

MAX_NOISE = 10.0
# A point, as far as float32 can tell, and still a number.
LEAST_LOGVAR = -28.0


@dataclass(frozen=True, slots=True)
class Regime:
    """What is minimised, and `noise`: what ε is multiplied by in z = μ + σ·ε, 0 to MAX_NOISE.

    Without noise it is a plain autoencoder: z is μ, and σ plays no part. Raises InputError.
    """

    weights: LossWeights = field(default_factory=LossWeights)
    likelihood: Likelihood = field(default_factory=Likelihood)
    noise: float = 1.0

    def __post_init__(self) -> None:
        number = isinstance(self.noise, int | float) and not isinstance(self.noise, bool)
        if not (number and 0 <= self.noise <= MAX_NOISE):
            raise InputError(f"noise must be a number from 0 to {MAX_NOISE:g}")

    @property
    def name(self) -> str:
        """That of the preset it is, whatever its likelihood; else its objective."""
        for name, preset in PRESETS.items():
            if (self.weights, self.noise) == (preset.weights, preset.noise):
                return name
        noise = "" if self.noise == 1 else f", {self.noise:.3g}·ε"
        return f"{self.weights.formula}{noise}"

    def logvar_of_z(self, logvar: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """log σ² of z where the encoder says `logvar`: the noise is part of it. Any shape."""
        spread = 2 * math.log(self.noise) if self.noise > 0 else -math.inf
        whole: npt.NDArray[np.float32] = logvar + np.float32(spread)
        return whole.clip(min=np.float32(LEAST_LOGVAR))

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "weights": self.weights.to_json(),
            "likelihood": self.likelihood.to_json(),
            "noise": self.noise,
        }

    @classmethod
    def from_json(cls, value: object) -> "Regime":
        """From JSON values. Raises InputError naming the field."""
        if not isinstance(value, dict) or set(value) != {"weights", "likelihood", "noise"}:
            raise InputError("a regime must be an object with weights, likelihood and noise")
        return cls(
            LossWeights.from_json(value["weights"]),
            Likelihood.from_json(value["likelihood"]),
            value["noise"],
        )


PRESETS = {
    "reconstruction only": Regime(LossWeights(kl_on=False)),
    "KL only": Regime(LossWeights(reconstruction_on=False)),
    "both": Regime(),
    "β = 100": Regime(LossWeights(beta=100.0)),
    "autoencoder": Regime(LossWeights(kl_on=False), noise=0.0),
}
