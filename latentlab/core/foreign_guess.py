"""Which reading of another program's VAE reconstructs images best."""

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np
import numpy.typing as npt
import torch

from latentlab.core.foreign import ForeignModel
from latentlab.core.foreign_reading import IMPOSSIBLE, LastLayer, Reading, Scale, Spread, Units
from latentlab.core.foreign_steps import Steps
from latentlab.core.objective import kl_to_prior, log_likelihood, mean_image, reparameterise
from latentlab.core.spec import Activation, Likelihood, LikelihoodName
from latentlab.core.vae import VAE, vae_from_parameters
from latentlab.errors import InputError

# Draws of ε an image, always the same.
_SAMPLES = 8
_SEED = 20_233

# Images by which the steps of convolutions are first told.
_FEW = 16

# Times the least squared error: readings as near are told apart by their ELBO.
_NEAR = 1.1

# Nats an axis, up to so many axes, that what a head's name says of it may cost: whoever named it
# trained it, and perhaps with another likelihood.
_NAMED, _MOST_NAMED = 0.5, 10

# Nats between readings of which the commonest is taken: a leaky_relu of slope 0.01 is all but a
# relu, and e^s and softplus(s) are alike for narrow posteriors.
_AS_GOOD = 0.25

_TWO = ("relu", "tanh")

# Images of which the mean is one to compare with, at least; and times its error that is as good.
_ENOUGH, _NO_BETTER = 8, 1.1

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
    output: LastLayer | None = None
    likelihood: LikelihoodName | None = None
    variance: float | None = None
    scale: Scale | None = None

    @property
    def nothing(self) -> bool:
        """Whether all is to be guessed."""
        return self == Known()


@dataclass(frozen=True)
class Trial:
    """What a reading makes of images x (N, D), 0 to 1.

    images: (N, D), x̂ at z = mu. squared_error: mean over pixels of (x̂ − x)². elbo: nats per image,
    a mean of 8 draws of ε; x as it is, not binarised. poor: see `is_poor`.
    """

    reading: Reading
    images: npt.NDArray[np.float32]
    squared_error: float
    elbo: float
    poor: bool


def is_poor(squared_error: float, x: npt.NDArray[np.float32]) -> bool:
    """Whether x̂ as far from images x (N, D) tell no more of each than the mean of all does: the
    model was most likely made for other data, or is not what it is read as. Of few images that
    cannot be said."""
    return len(x) >= _ENOUGH and not squared_error <= _NO_BETTER * float(x.var(axis=0).mean())


def tried(
    model: ForeignModel,
    reading: Reading,
    x: npt.NDArray[np.float32],
    image_shape: tuple[int, int, int],
    units: Units | None = None,
) -> Trial:
    """Reconstruct `x` by one reading. units: of vectors, their own. Raises InputError where images
    of that shape do not fit."""
    return _Sample(model, x, image_shape, units).tried(reading)


def best_reading(
    model: ForeignModel,
    x: npt.NDArray[np.float32],
    image_shape: tuple[int, int, int],
    known: Known | None = None,
    units: Units | None = None,
) -> Reading:
    """Of the readings that `known` allows the one whose x̂ at z = mu is nearest to `x`.

    Of some that are about as near, and of what the other head may give, the one with the highest
    ELBO. Of those that are all but equal the commonest is taken, or what the head's name says. The
    likelihood cannot be told: Bernoulli where the decoder gives logits of images, else the
    Gaussian; its σ² is the mean squared error. units: of vectors, their own. Raises InputError
    where images of that shape do not fit, or `known` allows none.
    """
    known = known or Known()
    sample = _Sample(model, x, image_shape, units)
    name = known.likelihood or ("bernoulli" if units is None else "gaussian")
    start = replace(model.likely, likelihood=Likelihood(name))
    values = list(_values(known, sample.scales))
    if not values:
        raise InputError("--scale and --output do not go together, or with this model and data.")
    few = replace(sample, x=x[:_FEW])
    steps = model.steps(image_shape)
    first = [reading for scale, output in _plainest(values) for reading in
             _stepping(replace(start, scale=scale, output=output), steps)]  # fmt: skip
    best = few.nearest(first)
    # By two activations the scale is told, and then all the rest with that one.
    both = [r for r in _readings(model, best.reading, known, values) if r.activation in _TWO]
    best = sample.nearest(both) if both else best
    values = [(scale, output) for scale, output in values if scale == best.reading.scale]
    best = sample.nearest(_readings(model, best.reading, known, values))
    best = sample.nearest(_stepping(best.reading, steps))
    logits = best.reading.output == "logits" and units is None
    name = known.likelihood or ("bernoulli" if logits else "gaussian")
    variance = known.variance
    if variance is None:
        error = best.squared_error if np.isfinite(best.squared_error) else 0.1
        variance = min(max(float(f"{error:.2g}"), 1e-6), 1e6)
    likelihood = Likelihood(name, variance if name == "gaussian" else Likelihood().variance)
    reading = replace(best.reading, likelihood=likelihood)
    allowed = (known.spread,) if known.spread else _SPREADS
    spreads = [replace(reading, spread=spread) for spread in allowed]
    return sample.highest(spreads, _named(model.head_names[not reading.swapped])).reading


@dataclass(frozen=True)
class _Sample:
    """Images x (N, D), 0 to 1, by which readings of a model are judged."""

    model: ForeignModel
    x: npt.NDArray[np.float32]
    image_shape: tuple[int, int, int]
    units: Units | None

    @property
    def scales(self) -> tuple[Scale, ...]:
        own = self.units is not None and not self.model.channels
        return ("unit", "own", "signed") if own else ("unit", "signed")

    def tried(self, reading: Reading, *, elbo: bool = True) -> Trial:
        """elbo: whether that is wanted, too; it is nan otherwise."""
        found = self.model.checkpoint(reading, self.image_shape, self.units)
        vae = vae_from_parameters(found.architecture, found.parameters)
        pixels = torch.from_numpy(self.x)
        with torch.inference_mode():
            mu, logvar = vae.encode(pixels)
            images = mean_image(reading.likelihood, vae.decode(mu))
            error = (images - pixels).square().mean()
            nats = _elbo(vae, reading.likelihood, pixels, mu, logvar) if elbo else np.nan
        return Trial(reading, images.numpy(), float(error), nats, is_poor(float(error), self.x))

    def nearest(self, readings: Iterable[Reading]) -> Trial:
        """Of those whose x̂ is about as near as the nearest's, the one with the highest ELBO."""
        different = dict.fromkeys(readings)
        trials = [self.tried(reading, elbo=False) for reading in different]
        nearest = min(trials, key=_error)
        kind = nearest.reading.scale, nearest.reading.output
        near = [
            trial.reading
            for trial in trials
            if _error(trial) <= _NEAR * _error(nearest)
            and (trial.reading.scale, trial.reading.output) == kind
        ]
        return nearest if len(near) == 1 else self.highest(near)

    def highest(self, readings: Iterable[Reading], named: Spread | None = None) -> Trial:
        """The first of those whose ELBO is all but the highest, or the one of the spread that is
        `named`, if its is not far lower."""
        trials = [self.tried(reading) for reading in readings]
        highest = max(map(_evidence, trials))
        least = highest - _NAMED * min(self.model.latent_dim, _MOST_NAMED)
        for trial in trials:
            if trial.reading.spread == named and _evidence(trial) >= least:
                return trial
        return next(trial for trial in trials if _evidence(trial) >= highest - _AS_GOOD)


def _error(trial: Trial) -> float:
    return trial.squared_error if np.isfinite(trial.squared_error) else np.inf


def _evidence(trial: Trial) -> float:
    return trial.elbo if np.isfinite(trial.elbo) else -np.inf


def _named(head: str) -> Spread | None:
    """What a head's name says that it gives."""
    name = head.lower().rpartition(".")[2]
    if re.search("var|sq", name):
        return "logvar"
    return "log_sigma" if re.search("(log|ln).*(sig|std|scale)", name) else None


def _values(known: Known, scales: tuple[Scale, ...]) -> Iterator[tuple[Scale, LastLayer]]:
    """In what a model may take and give values, the commonest first."""
    for scale in scales if known.scale is None else (known.scale,):
        outputs: tuple[LastLayer, ...] = get_args(LastLayer)
        for output in outputs if known.output is None else (known.output,):
            if scale in scales and (scale, output) not in IMPOSSIBLE:
                yield scale, output


def _plainest(values: list[tuple[Scale, LastLayer]]) -> list[tuple[Scale, LastLayer]]:
    """One for each scale: of them the steps of convolutions are first told."""
    usual = {scale: (scale, output) for scale, output in values}
    return [*{**usual, **{s: (s, o) for s, o in values if (s, o) == ("unit", "logits")}}.values()]


def _stepping(start: Reading, steps: tuple[list[Steps], list[Steps]]) -> Iterator[Reading]:
    """The plainest first; `start` alone where there are no convolutions."""
    downs, ups = (list[Steps | None](found) or [None] for found in steps)
    for down, up in itertools.product(downs, ups):
        yield replace(start, down=down, up=up)


def _readings(
    model: ForeignModel, start: Reading, known: Known, values: list[tuple[Scale, LastLayer]]
) -> Iterator[Reading]:
    """With these steps, the likeliest first."""
    heads = (start.swapped, not start.swapped) if known.swapped is None else (known.swapped,)
    bends = (True, False) if model.channels else (True,)
    for swapped, after, bent in itertools.product(heads, model.norm_places, bends):
        for activation, leak in _ACTIVATIONS:
            if known.activation not in (None, activation):
                continue
            slope = leak if known.leak is None or activation != "leaky_relu" else known.leak
            for scale, output in values:
                yield replace(
                    start, swapped=swapped, activation=activation, leak=slope, scale=scale,
                    output=output, norm_after=after, bent=bent,
                )  # fmt: skip


def _elbo(
    vae: VAE, likelihood: Likelihood, x: torch.Tensor, mu: torch.Tensor, logvar: torch.Tensor
) -> float:
    generator = torch.Generator().manual_seed(_SEED)
    eps = torch.randn((_SAMPLES, *mu.shape), generator=generator)
    output = vae.decode(reparameterise(mu, logvar, eps).flatten(0, 1)).reshape(_SAMPLES, *x.shape)
    return float((log_likelihood(likelihood, output, x).mean(0) - kl_to_prior(mu, logvar)).mean())
