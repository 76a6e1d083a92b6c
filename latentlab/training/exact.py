"""log p(x) of a set of images by quadrature, with the gap to the ELBO split in two."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch

from latentlab.core.coarse import Grid
from latentlab.core.evidence import TOLERANCE, integrating
from latentlab.core.exponential import Decoder
from latentlab.core.gap import split_gap
from latentlab.core.gaussian import Gaussian
from latentlab.core.spec import Likelihood
from latentlab.core.vae import VAE
from latentlab.training.evaluation import PerImageTerms, encode_cloud, finish
from latentlab.training.images import Images
from latentlab.training.messages import FloatArray, IntArray

# Integrated together at most.
_TOGETHER = 500

T = TypeVar("T")


@dataclass(frozen=True)
class ExactTerms:
    """Of each image in nats, (N,): log_evidence = ELBO + amortisation_gap + approximation_gap.

    terms: of the ELBO, by quadrature. unconverged: of how many images log p(x) is not sure to be
    within the tolerance.
    """

    terms: PerImageTerms
    log_evidence: FloatArray
    amortisation_gap: FloatArray
    approximation_gap: FloatArray
    unconverged: int


def exact_terms(
    model: VAE, images: Images, likelihood: Likelihood, tolerance: float = TOLERANCE
) -> Generator[int, None, ExactTerms]:
    """Integrate over the latent space for every image: yields, a slice at a time, how many are
    done, returns the terms.

    Neighbours are integrated together, since they look at the same cells. Raises InputError for
    more than 2 latent dimensions, ValueError unless the tolerance is positive.
    """
    decoder = Decoder(model.decode, likelihood, model.architecture.latent_dim)
    grid = Grid(decoder)
    cloud = finish(encode_cloud(model, images, likelihood, step=0))
    mu, sigma = cloud.mu.astype(np.float64), np.exp(0.5 * cloud.logvar.astype(np.float64))
    found = np.empty((5, len(images)))
    done = unconverged = 0
    for rows in _neighbourhoods(mu, np.arange(len(images))):
        x = images.evaluation_batch(torch.as_tensor(rows), likelihood)
        search = integrating(grid, x, mu[rows], sigma[rows], tolerance, whole=False)
        evidences = yield from _still(done, search)
        for place, (row, evidence) in enumerate(zip(rows, evidences, strict=True)):
            q = Gaussian.diagonal(mu[row], sigma[row])
            gap = split_gap(decoder, x[place : place + 1], q, evidence)
            gaps = gap.amortisation, gap.approximation
            found[:, row] = -gap.elbo.log_likelihood, gap.elbo.kl, gap.log_evidence, *gaps
            unconverged += not evidence.converged
            done += 1
            yield done
    reconstruction, kl, log_evidence, amortisation, approximation = found
    terms = PerImageTerms(reconstruction.astype(np.float32), kl.astype(np.float32))
    return ExactTerms(terms, log_evidence, amortisation, approximation, unconverged)


def _neighbourhoods(mu: FloatArray, rows: IntArray) -> Iterator[IntArray]:
    """`rows` of mu (N, K) in lots of neighbours: halved along the longer side till they are few."""
    if len(rows) <= _TOGETHER:
        yield rows
        return
    order = rows[np.argsort(mu[rows, np.ptp(mu[rows], axis=0).argmax()])]
    for half in np.array_split(order, 2):
        yield from _neighbourhoods(mu, half)


def _still(done: int, look: Generator[None, None, T]) -> Generator[int, None, T]:
    """The result of `look`; yields `done` after each of its slices."""
    while True:
        try:
            next(look)
        except StopIteration as end:
            result: T = end.value
            return result
        yield done
