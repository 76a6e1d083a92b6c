"""Page 11: the three regimes of the lecture, as they were trained. No torch until asked."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from latentlab.app.state import Point
from latentlab.core.history import History, history_beside, load_history
from latentlab.core.spec import Likelihood
from latentlab.paths import find_model

if TYPE_CHECKING:
    from torch import Tensor

    from latentlab.app.lesson_model import LessonModel
    from latentlab.core.vae import Coder

REGIMES = ("compare-reconstruction", "compare-kl", "compare-both")
"""Shipped, and trained in lockstep; in the order of the lecture."""

Floats = npt.NDArray[np.float32]
Picture = npt.NDArray[np.uint8]

_SEED = 11
_PRIOR = 3.0
_TAIL = 0.002  # of the means at a moment, at either end of an axis


@dataclass(frozen=True, eq=False)
class Course:
    """How one network was trained, at M moments, on N test images.

    steps: (M,). mu, logvar: (M, N, 2). low, high: (M, 2), between which nearly all means are,
    and the prior's 3σ ring. kl: (M,) mean KL(q(z|x) ‖ p(z)), nats per image; sigma:
    (M,) the posteriors' mean σ, over images and axes. labels: (N,).
    """

    asked: "AskCourse"
    steps: npt.NDArray[np.int64]
    mu: Floats
    logvar: Floats
    kl: npt.NDArray[np.float64]
    sigma: npt.NDArray[np.float64]
    low: npt.NDArray[np.float64]
    high: npt.NDArray[np.float64]
    labels: npt.NDArray[np.int64]
    class_names: tuple[str, ...]


@dataclass(frozen=True)
class AskCourse:
    """The shipped history of a network."""

    network: str

    def answer(self, model: "LessonModel") -> Course:
        """Takes half a second the first time. Raises InputError for a damaged file."""
        past = _history(self.network)
        held_out = model.shipped(self.network).held_out
        mu, s = past.mu.astype(np.float64), past.logvar.astype(np.float64)
        low, high = np.quantile(past.mu, (_TAIL, 1 - _TAIL), axis=1)
        return Course(
            asked=self,
            steps=past.steps,
            mu=past.mu,
            logvar=past.logvar,
            kl=0.5 * (np.exp(s) + mu**2 - 1 - s).sum(axis=2).mean(axis=1),
            sigma=np.exp(0.5 * s).mean(axis=(1, 2)),
            low=np.minimum(low, -_PRIOR),
            high=np.maximum(high, _PRIOR),
            labels=held_out.labels[: mu.shape[1]],
            class_names=held_out.class_names,
        )


@dataclass(frozen=True)
class Reconstruction:
    """−E_q[log p(x|z)], nats per image, over `n` images, each with one ε; error: its standard
    error.
    """

    nats: float
    error: float
    n: int


@dataclass(frozen=True, eq=False)
class Moment:
    """What a network made of images by its weights of step `weights_step`.

    x, decoded, at_z: (H, W), the held-out image, decoder(μ) and decoder(z). samples: (S, H, W), of
    the prior's z. reconstruction: of all held-out images.
    """

    asked: "AskMoment"
    weights_step: int
    x: Picture
    decoded: Picture
    at_z: Picture
    samples: Picture
    reconstruction: Reconstruction


@dataclass(frozen=True)
class AskMoment:
    """The pictures and the reconstruction at `step`, by the nearest earlier weights that are kept.

    image: a held-out image. samples: z of the prior.
    """

    network: str
    step: int
    image: int
    z: Point
    samples: tuple[Point, ...]

    def answer(self, model: "LessonModel") -> Moment:
        """Takes a few milliseconds, and a tenth of a second where weights are new."""
        import torch  # noqa: PLC0415

        from latentlab.app.pictures import decoded, pictures, pixels  # noqa: PLC0415
        from latentlab.core.vae import vae_from_parameters  # noqa: PLC0415

        shipped, past = model.shipped(self.network), _history(self.network)
        if self.step >= past.steps[-1]:
            step, vae = int(past.steps[-1]), shipped.vae  # not rounded, as in the history
        else:
            step, parameters = past.parameters_before(self.step)
            vae = vae_from_parameters(past.architecture, parameters)
        grey = shipped.held_out.images
        if (self.network, step) not in _MEASURED:
            x = pixels(shipped.likelihood, grey)
            _MEASURED[self.network, step] = _measured(vae, shipped.likelihood, x)
        x = pixels(shipped.likelihood, grey[self.image : self.image + 1])
        with torch.inference_mode():
            mu = vae.encode(x)[0].numpy()
        z = np.concatenate([mu, np.array((self.z, *self.samples), np.float32)])
        images = decoded(vae, shipped.likelihood, z)
        shown = (255 * x).to(torch.uint8).reshape(1, *shipped.held_out.image_shape)
        return Moment(
            asked=self,
            weights_step=step,
            x=pictures(shown.numpy())[0],
            decoded=images[0],
            at_z=images[1],
            samples=images[2:],
            reconstruction=_MEASURED[self.network, step],
        )


# Of the shipped networks at the steps of which weights are kept: what they are never changes.
_MEASURED: dict[tuple[str, int], Reconstruction] = {}


def _measured(vae: "Coder", likelihood: Likelihood, x: "Tensor") -> Reconstruction:
    import torch  # noqa: PLC0415

    from latentlab.core.objective import log_likelihood, reparameterise  # noqa: PLC0415

    eps = torch.randn(len(x), 2, generator=torch.Generator().manual_seed(_SEED))
    with torch.inference_mode():
        z = reparameterise(*vae.encode(x), eps)
        terms = -log_likelihood(likelihood, vae.decode(z), x).double()
    error = float(terms.std()) / math.sqrt(len(x))
    return Reconstruction(float(terms.mean()), error, len(x))


@lru_cache(maxsize=len(REGIMES))
def _history(name: str) -> History:
    """20 MB each."""
    return load_history(history_beside(find_model(name)))
