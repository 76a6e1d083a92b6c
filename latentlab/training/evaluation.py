"""Looking at all images with one copy of the weights, in slices that fit between two steps."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import TypeVar

import torch

from latentlab.core.objective import kl_to_prior, log_likelihood, reparameterise
from latentlab.core.spec import Likelihood
from latentlab.core.vae import Coder
from latentlab.training.cloud import Cloud
from latentlab.training.images import Images
from latentlab.training.messages import Float32Array, Terms

# Of a slice: images, and pixels, so that it takes neither long nor much memory.
_SLICE_IMAGES = 500
_SLICE_PIXELS = 1 << 24
_EVALUATION_SEED = 20_231

T = TypeVar("T")


def finish(look: Generator[object, None, T]) -> T:
    """Do all slices of a look, and return its result."""
    while True:
        try:
            next(look)
        except StopIteration as end:
            result: T = end.value
            return result


def _slices(count: int, model: Coder) -> Iterator[slice]:
    size = max(1, min(_SLICE_IMAGES, _SLICE_PIXELS // model.architecture.pixels))
    return (slice(start, start + size) for start in range(0, count, size))


def encode_cloud(
    model: Coder, images: Images, likelihood: Likelihood, step: int
) -> Generator[None, None, Cloud]:
    """Encode all images: yields after each slice, returns the posteriors."""
    device = model.device
    parts = []
    for rows in _slices(len(images), model):
        x = images.evaluation_batch(rows, likelihood).to(device)
        with torch.inference_mode():
            parts.append(model.encode(x))
        yield
    mu, logvar = (torch.cat(column).cpu().numpy() for column in zip(*parts, strict=True))
    return Cloud(step, mu, logvar)


def evaluate_terms(
    model: Coder, images: Images, likelihood: Likelihood, samples: int = 1
) -> Generator[None, None, "PerImageTerms"]:
    """−E_q[log p(x|z)] and KL of each image: yields after each slice, returns the terms.

    The expectation is a Monte-Carlo mean over `samples` draws of ε, always the same draws, so that
    two evaluations differ by the weights alone.
    """
    terms, _, _ = yield from look_closely(model, images, likelihood, samples)
    return terms


def look_closely(
    model: Coder, images: Images, likelihood: Likelihood, samples: int = 1, noise: float = 1.0
) -> Generator[None, None, "tuple[PerImageTerms, Float32Array, Float32Array]"]:
    """As `evaluate_terms`, and mu and logvar, (N, K), with it. noise: what ε is multiplied by."""
    generator = torch.Generator().manual_seed(_EVALUATION_SEED)
    device = model.device
    parts = []
    for rows in _slices(len(images), model):
        x = images.evaluation_batch(rows, likelihood).to(device)
        with torch.inference_mode():
            mu, logvar = model.encode(x)
            reconstruction = torch.zeros(len(x), device=device)
            for _ in range(samples):
                eps = torch.randn(mu.shape, generator=generator).to(device)
                output = model.decode(reparameterise(mu, logvar, noise * eps))
                reconstruction -= log_likelihood(likelihood, output, x) / samples
            parts.append((reconstruction, kl_to_prior(mu, logvar), mu, logvar))
        yield
    columns = (torch.cat(column).cpu().numpy() for column in zip(*parts, strict=True))
    reconstructions, kls, mus, logvars = columns
    return PerImageTerms(reconstructions, kls), mus, logvars


@dataclass(frozen=True)
class PerImageTerms:
    """Nats, (N,) each."""

    reconstruction: Float32Array
    kl: Float32Array

    def mean(self) -> Terms:
        """Means over the images."""
        return Terms(
            float(self.reconstruction.mean(dtype="float64")), float(self.kl.mean(dtype="float64"))
        )
