"""The ELBO and the importance-weighted bound on log p(x), from many draws of z an image."""

import math
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from latentlab.core.objective import kl_to_prior, log_likelihood, reparameterise
from latentlab.core.spec import Likelihood
from latentlab.core.vae import Coder
from latentlab.training.evaluation import PerImageTerms
from latentlab.training.images import Images
from latentlab.training.messages import FloatArray

# Decodes at once, and the pixels in them.
_DECODES = 4_000
_PIXELS = 1 << 24
_SEED = 20_232


@dataclass(frozen=True)
class Bounds:
    """Of each image, nats: the ELBO's terms, and `iwae`, (N,), between the ELBO and log p(x)."""

    terms: PerImageTerms
    iwae: FloatArray


def sampled_bounds(
    model: Coder, images: Images, likelihood: Likelihood, samples: int
) -> Generator[int, None, Bounds]:
    """Both bounds from the same `samples` draws of z an image, always the same draws.

    IWAE-k is log (1/k) Σ_i p(x|z_i) p(z_i) / q(z_i|x) with z_i from q(z|x) and k = `samples` (Burda
    et al. 2016, eq. 8). The ELBO's KL is in closed form. Yields, a slice at a time, how many images
    are done; returns the bounds.
    """
    generator = torch.Generator().manual_seed(_SEED)
    decodes = max(1, min(_DECODES, _PIXELS // model.architecture.pixels))
    draws = min(samples, decodes)
    size = max(1, decodes // draws)
    parts = []
    for start in range(0, len(images), size):
        x = images.evaluation_batch(slice(start, start + size), likelihood).to(model.device)
        with torch.inference_mode():
            mu, logvar = model.encode(x)
            reconstruction = torch.zeros(len(x), device=model.device)
            total = torch.full_like(reconstruction, -math.inf)
        for done in range(0, samples, draws):
            shape = (min(draws, samples - done), *mu.shape)
            eps = torch.randn(shape, generator=generator).to(model.device)
            with torch.inference_mode():
                z = reparameterise(mu, logvar, eps)
                output = model.decode(z.flatten(0, 1)).reshape(*shape[:2], -1)
                logs = log_likelihood(likelihood, output, x)
                weights = logs + _log_ratio(z, eps, logvar)
                reconstruction = reconstruction - logs.sum(0) / samples
                total = torch.logaddexp(total, weights.logsumexp(0))
            yield start
        parts.append((reconstruction, kl_to_prior(mu, logvar), total - math.log(samples)))
    columns = (torch.cat(column).cpu().numpy() for column in zip(*parts, strict=True))
    reconstructions, kls, iwae = columns
    return Bounds(PerImageTerms(reconstructions, kls), iwae.astype(np.float64))


def _log_ratio(z: Tensor, eps: Tensor, logvar: Tensor) -> Tensor:
    """log p(z) / q(z|x) at z = μ + σ·ε; the constants ½ log 2π cancel."""
    return 0.5 * (eps.square() + logvar - z.square()).sum(-1)
