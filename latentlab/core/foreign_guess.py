"""Which reading of another program's VAE reconstructs images best."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np
import numpy.typing as npt
import torch

from latentlab.core.foreign import ForeignModel, Reading, Spread
from latentlab.core.objective import kl_to_prior, log_likelihood, mean_image, reparameterise
from latentlab.core.spec import Activation, Likelihood, LikelihoodName, Output
from latentlab.core.vae import VAE, vae_from_parameters

# Draws of ε an image, always the same.
_SAMPLES = 8
_SEED = 20_233

# Of squared errors: a leaky_relu of slope 0.01 is a relu but for so much.
_AS_NEAR = 1.005

# Nats. e^s and softplus(s) are the same for narrow posteriors; the first of such is taken.
_AS_GOOD = 0.1

_SPREADS: tuple[Spread, ...] = get_args(Spread)

# The commonest first: of readings that do equally well the first is taken.
_ACTIVATIONS: tuple[tuple[Activation, float], ...] = (
    ("relu", 0.01),
    ("leaky_relu", 0.2),
    ("leaky_relu", 0.01),
    ("tanh", 0.01),
    ("elu", 0.01),
    ("sigmoid", 0.01),
    ("silu", 0.01),
    ("gelu", 0.01),
    ("softplus", 0.01),
)


@dataclass(frozen=True)
class Known:
    """What the user says of a model; None is to be guessed. Fields as a Reading's."""

    activation: Activation | None = None
    leak: float | None = None
    swapped: bool | None = None
    spread: Spread | None = None
    output: Output | None = None
    likelihood: LikelihoodName | None = None
    variance: float | None = None

    @property
    def nothing(self) -> bool:
        """Whether all is to be guessed."""
        return self == Known()


@dataclass(frozen=True)
class Trial:
    """What a reading makes of images x (N, D), 0 to 1.

    images: (N, D), x̂ at z = mu. squared_error: mean over pixels of (x̂ − x)². elbo: nats per image,
    a mean of 8 draws of ε; x as it is, not binarised.
    """

    reading: Reading
    images: npt.NDArray[np.float32]
    squared_error: float
    elbo: float


def tried(
    model: ForeignModel,
    reading: Reading,
    x: npt.NDArray[np.float32],
    image_shape: tuple[int, int, int],
) -> Trial:
    """Reconstruct `x` by one reading. Raises InputError where images of that shape do not fit."""
    found = model.checkpoint(reading, image_shape)
    vae = vae_from_parameters(found.architecture, found.parameters)
    pixels = torch.from_numpy(x)
    with torch.inference_mode():
        mu, logvar = vae.encode(pixels)
        images = mean_image(reading.likelihood, vae.decode(mu))
        error = (images - pixels).square().mean()
        elbo = _elbo(vae, reading.likelihood, pixels, mu, logvar)
    return Trial(reading, images.numpy(), float(error), elbo)


def best_reading(
    model: ForeignModel,
    x: npt.NDArray[np.float32],
    image_shape: tuple[int, int, int],
    known: Known | None = None,
) -> Reading:
    """Of the readings that `known` allows the one whose x̂ at z = mu is nearest to `x`.

    Of what the other head may give, the one with the highest ELBO. Of those that are all but
    equal the commonest is taken. The likelihood cannot be told: Bernoulli where the decoder gives
    logits, else the Gaussian; its σ² is the mean squared error. Raises InputError where images of
    that shape do not fit.
    """
    known = known or Known()
    readings = dict.fromkeys(_readings(model.likely, known))
    attempts = [tried(model, reading, x, image_shape) for reading in readings]
    least = min(map(_error, attempts))
    best = next(trial for trial in attempts if _error(trial) <= _AS_NEAR * least)
    name = known.likelihood or ("gaussian" if best.reading.output == "image" else "bernoulli")
    variance = known.variance
    if variance is None:
        error = best.squared_error if np.isfinite(best.squared_error) else 0.1
        variance = min(max(float(f"{error:.2g}"), 1e-6), 1e6)
    likelihood = Likelihood(name, variance if name == "gaussian" else Likelihood().variance)
    reading = replace(best.reading, likelihood=likelihood)
    allowed = (known.spread,) if known.spread else _SPREADS
    spreads = [replace(reading, spread=spread) for spread in allowed]
    trials = [tried(model, of, x, image_shape) for of in spreads]
    highest = max(map(_evidence, trials))
    return next(t.reading for t in trials if _evidence(t) >= highest - _AS_GOOD)


def _error(trial: Trial) -> float:
    return trial.squared_error if np.isfinite(trial.squared_error) else np.inf


def _evidence(trial: Trial) -> float:
    return trial.elbo if np.isfinite(trial.elbo) else -np.inf


def _readings(likely: Reading, known: Known) -> Iterator[Reading]:
    """The likeliest first."""
    start = replace(likely, likelihood=Likelihood(known.likelihood or "bernoulli"))
    outputs: tuple[Output, ...] = (known.output,) if known.output else ("logits", "image")
    heads = (likely.swapped, not likely.swapped) if known.swapped is None else (known.swapped,)
    for swapped in heads:
        for activation, leak in _ACTIVATIONS:
            if known.activation not in (None, activation):
                continue
            slope = leak if known.leak is None or activation != "leaky_relu" else known.leak
            for output in outputs:
                yield replace(
                    start, swapped=swapped, activation=activation, leak=slope, output=output
                )


def _elbo(
    vae: VAE, likelihood: Likelihood, x: torch.Tensor, mu: torch.Tensor, logvar: torch.Tensor
) -> float:
    generator = torch.Generator().manual_seed(_SEED)
    eps = torch.randn((_SAMPLES, *mu.shape), generator=generator)
    output = vae.decode(reparameterise(mu, logvar, eps).flatten(0, 1)).reshape(_SAMPLES, *x.shape)
    return float((log_likelihood(likelihood, output, x).mean(0) - kl_to_prior(mu, logvar)).mean())
