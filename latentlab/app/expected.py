"""The terms of the ELBO of images as the window tells them, one by one: not one draw, but E_q."""

from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor

from latentlab.core.forces import still_noise
from latentlab.core.objective import gauss_hermite, kl_to_prior, log_likelihood, reparameterise
from latentlab.core.spec import Likelihood
from latentlab.core.vae import Coder

QUADRATURE_POINTS = 8  # along an axis
_QUADRATURE_DIMS = 2  # at most; over more axes it would take too many
_SAMPLES = 256


@dataclass(frozen=True, eq=False)
class Expected:
    """mu, logvar: (N, K) of q(z|x). reconstruction: E_q[−log p(x|z)]; kl: KL(q(z|x)‖p(z)); (N,) in
    nats.
    """

    mu: Tensor
    logvar: Tensor
    reconstruction: Tensor
    kl: Tensor


def expected(model: Coder, likelihood: Likelihood, x: Tensor) -> Expected:
    """Of images x (N, D).

    The expectation over q(z|x) is Gauss-Hermite quadrature, or the mean over always the same
    samples where K > 2, so it does not flicker, and is the same whatever stands beside an image.
    """
    with torch.inference_mode():
        mu, logvar = model.encode(x)
        eps, masses = _noise_for(mu.shape[1])
        z = reparameterise(mu[:, None], logvar[:, None], eps)
        output = model.decode(z.flatten(0, 1)).reshape(len(x), len(eps), -1)
        logs = log_likelihood(likelihood, output, x[:, None])
        return Expected(mu, logvar, -(masses * logs).sum(-1), kl_to_prior(mu, logvar))


def samples_of(latent_dim: int) -> int | None:
    """Over how many samples of ε the mean is; None where it is a quadrature."""
    return None if latent_dim <= _QUADRATURE_DIMS else len(_noise_for(latent_dim)[0])


def nodes_of(latent_dim: int) -> int:
    """At how many z each image is decoded."""
    return len(_noise_for(latent_dim)[0])


@cache
def _noise_for(latent_dim: int) -> tuple[Tensor, Tensor]:
    """Nodes (S, K) and weights (S,) for E over ε ~ N(0, I)."""
    if latent_dim <= _QUADRATURE_DIMS:
        return gauss_hermite(QUADRATURE_POINTS, latent_dim)
    count = max(_SAMPLES, 2 * latent_dim)
    return still_noise(count, latent_dim)[:, 0], torch.full((count,), 1 / count)
