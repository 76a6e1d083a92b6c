"""Shipped networks as the figures look at them: codes of images, decodes of z. Imports torch."""

import math
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import torch

from latentlab.app.comparing import MODELS
from latentlab.app.lesson_model import LessonModel
from latentlab.app.pictures import Picture, decoded, pixels
from latentlab.core.aggregate_density import lowest_usual
from latentlab.core.objective import log_likelihood
from latentlab.core.regime import PRESETS, Regime
from latentlab.core.vae import Coder
from latentlab.data.dataset import Split

Floats = npt.NDArray[np.float32]

_CODES: "WeakKeyDictionary[Coder, dict[Split, Codes]]" = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class Codes:
    """Of N images, (N, 2) each: mean and log σ² of the z that the decoder was given in training.

    logvar is LEAST_LOGVAR for a plain autoencoder, which adds no noise: its codes are points.
    """

    mu: Floats
    logvar: Floats

    @cached_property
    def edge(self) -> float:
        """log q(z), nats, that 1 % of q's own draws are below: see `lowest_usual`."""
        return lowest_usual(self.mu, self.logvar)


def regime_of(name: str) -> Regime:
    """What the shipped network `name` minimised."""
    return next(PRESETS[preset] for preset, model in MODELS.items() if model == name)


def codes(model: LessonModel, name: str, split: Split) -> Codes:
    """The codes of all images of a split of the shipped network `name`; computed once."""
    shipped = model.shipped(name)
    known = _CODES.setdefault(shipped.vae, {})
    if split not in known:
        dataset = shipped.train if split == "train" else shipped.held_out
        with torch.inference_mode():
            mu, logvar = shipped.vae.encode(pixels(shipped.likelihood, dataset.images))
        known[split] = Codes(mu.numpy(), regime_of(name).logvar_of_z(logvar.numpy()))
    return known[split]


def kl_to_prior(of: Codes, regime: Regime) -> npt.NDArray[np.float64]:
    """KL(q(z|x) ‖ N(0, I)) of each, nats: (N,) (Kingma & Welling 2014, appendix B); ∞ for points.

    ½ Σ_k (e^{s_k} + μ_k² − 1 − s_k) with s = log σ².
    """
    if regime.noise == 0:
        return np.full(len(of.mu), math.inf)
    mu, s = of.mu.astype(np.float64), of.logvar.astype(np.float64)
    result: npt.NDArray[np.float64] = 0.5 * (np.exp(s) + mu**2 - 1 - s).sum(axis=-1)
    return result


def decodes(model: LessonModel, name: str, z: npt.ArrayLike) -> Picture:
    """The mean images at z (M, 2) of the shipped network `name`: (M, H, W), 0 to 255."""
    shipped = model.shipped(name)
    return decoded(shipped.vae, shipped.likelihood, np.asarray(z, np.float32))


def reconstruction(model: LessonModel, name: str, index: int, z: npt.ArrayLike) -> float:
    """−log p(x|z) in nats, x the held-out image `index` as the network is given it; z (2,)."""
    shipped = model.shipped(name)
    x = pixels(shipped.likelihood, shipped.held_out.images[index : index + 1])
    with torch.inference_mode():
        output = shipped.vae.decode(torch.tensor(np.asarray(z, np.float32)[None]))
        return -float(log_likelihood(shipped.likelihood, output, x))
