"""Which reading of another program's VAE reconstructs images best."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np
import numpy.typing as npt
import torch

from latentlab.core.foreign import ForeignModel
from latentlab.core.foreign_reading import Reading, Spread
from latentlab.core.foreign_steps import Steps
from latentlab.core.objective import kl_to_prior, log_likelihood, mean_image, reparameterise
from latentlab.core.spec import Activation, Likelihood, LikelihoodName, Output
from latentlab.core.vae import VAE, vae_from_parameters

# Draws of ε an image, always the same.
_SAMPLES = 8
_SEED = 20_233

# Images by which the steps of convolutions are first told.
_FEW = 16

# Times the least squared error: readings as near are told apart by their ELBO.
_NEAR = 1.1

# Nats between readings of which the commonest is taken: a leaky_relu of slope 0.01 is all but a
# relu, and e^s and softplus(s) are alike for narrow posteriors.
_AS_GOOD = 0.25

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
    return _tried(model, reading, x, image_shape, elbo=True)


def _tried(
    model: ForeignModel,
    reading: Reading,
    x: npt.NDArray[np.float32],
    image_shape: tuple[int, int, int],
    elbo: bool,
) -> Trial:
    """elbo: whether that is wanted, too; it is nan otherwise."""
    found = model.checkpoint(reading, image_shape)
    vae = vae_from_parameters(found.architecture, found.parameters)
    pixels = torch.from_numpy(x)
    with torch.inference_mode():
        mu, logvar = vae.encode(pixels)
        images = mean_image(reading.likelihood, vae.decode(mu))
        error = (images - pixels).square().mean()
        nats = _elbo(vae, reading.likelihood, pixels, mu, logvar) if elbo else np.nan
    return Trial(reading, images.numpy(), float(error), nats)


def best_reading(
    model: ForeignModel,
    x: npt.NDArray[np.float32],
    image_shape: tuple[int, int, int],
    known: Known | None = None,
) -> Reading:
    """Of the readings that `known` allows the one whose x̂ at z = mu is nearest to `x`.

    Of some that are about as near, and of what the other head may give, the one with the highest
    ELBO. Of those that are all but equal the commonest is taken. The likelihood cannot be told:
    Bernoulli where the decoder gives logits, else the Gaussian; its σ² is the mean squared error.
    Raises InputError where images of that shape do not fit.
    """
    known = known or Known()
    start = replace(model.likely, likelihood=Likelihood(known.likelihood or "bernoulli"))
    steps = model.steps(image_shape)
    best = _nearest(model, _stepping(start, steps), x[:_FEW], image_shape)
    best = _nearest(model, _readings(model, best.reading, known), x, image_shape)
    best = _nearest(model, _stepping(best.reading, steps), x, image_shape)
    name = known.likelihood or ("gaussian" if best.reading.output == "image" else "bernoulli")
    variance = known.variance
    if variance is None:
        error = best.squared_error if np.isfinite(best.squared_error) else 0.1
        variance = min(max(float(f"{error:.2g}"), 1e-6), 1e6)
    likelihood = Likelihood(name, variance if name == "gaussian" else Likelihood().variance)
    reading = replace(best.reading, likelihood=likelihood)
    allowed = (known.spread,) if known.spread else _SPREADS
    spreads = [replace(reading, spread=spread) for spread in allowed]
    return _highest(model, spreads, x, image_shape).reading


def _error(trial: Trial) -> float:
    return trial.squared_error if np.isfinite(trial.squared_error) else np.inf


def _evidence(trial: Trial) -> float:
    return trial.elbo if np.isfinite(trial.elbo) else -np.inf


def _nearest(
    model: ForeignModel,
    readings: Iterable[Reading],
    x: npt.NDArray[np.float32],
    image_shape: tuple[int, int, int],
) -> Trial:
    """Of those whose x̂ is about as near as the nearest's, the one with the highest ELBO."""
    different = dict.fromkeys(readings)
    trials = [_tried(model, reading, x, image_shape, elbo=False) for reading in different]
    nearest = min(trials, key=_error)
    near = [
        trial.reading
        for trial in trials
        if _error(trial) <= _NEAR * _error(nearest)
        and trial.reading.output == nearest.reading.output
    ]
    return nearest if len(near) == 1 else _highest(model, near, x, image_shape)


def _highest(
    model: ForeignModel,
    readings: Iterable[Reading],
    x: npt.NDArray[np.float32],
    image_shape: tuple[int, int, int],
) -> Trial:
    """The first of those whose ELBO is all but the highest."""
    trials = [tried(model, reading, x, image_shape) for reading in readings]
    highest = max(map(_evidence, trials))
    return next(trial for trial in trials if _evidence(trial) >= highest - _AS_GOOD)


def _stepping(start: Reading, steps: tuple[list[Steps], list[Steps]]) -> Iterator[Reading]:
    """The plainest first; `start` alone where there are no convolutions."""
    downs, ups = (list[Steps | None](found) or [None] for found in steps)
    for down, up in itertools.product(downs, ups):
        yield replace(start, down=down, up=up)


def _readings(model: ForeignModel, start: Reading, known: Known) -> Iterator[Reading]:
    """With these steps, the likeliest first."""
    outputs: tuple[Output, ...] = (known.output,) if known.output else ("logits", "image")
    heads = (start.swapped, not start.swapped) if known.swapped is None else (known.swapped,)
    bends = (True, False) if model.channels else (True,)
    for swapped, after, bent in itertools.product(heads, model.norm_places, bends):
        for activation, leak in _ACTIVATIONS:
            if known.activation not in (None, activation):
                continue
            slope = leak if known.leak is None or activation != "leaky_relu" else known.leak
            for output in outputs:
                yield replace(
                    start, swapped=swapped, activation=activation, leak=slope, output=output,
                    norm_after=after, bent=bent,
                )  # fmt: skip


def _elbo(
    vae: VAE, likelihood: Likelihood, x: torch.Tensor, mu: torch.Tensor, logvar: torch.Tensor
) -> float:
    generator = torch.Generator().manual_seed(_SEED)
    eps = torch.randn((_SAMPLES, *mu.shape), generator=generator)
    output = vae.decode(reparameterise(mu, logvar, eps).flatten(0, 1)).reshape(_SAMPLES, *x.shape)
    return float((log_likelihood(likelihood, output, x).mean(0) - kl_to_prior(mu, logvar)).mean())
