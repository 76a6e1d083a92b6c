"""log p(x) of a set of images by quadrature, with the gap to the ELBO split in two."""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from latentlab.core.coarse import Grid
from latentlab.core.evidence import integrate
from latentlab.core.exponential import Decoder
from latentlab.core.gap import split_gap
from latentlab.core.normal import Gaussian
from latentlab.core.spec import Likelihood
from latentlab.core.vae import Coder
from latentlab.training.evaluation import PerImageTerms, encode_cloud, finish
from latentlab.training.images import Images
from latentlab.training.messages import Float32Array, FloatArray, IntArray
from latentlab.training.workers import shared_out

# Images integrated together, at most.
_TOGETHER = 250

Opened = tuple[Coder, Images, Likelihood]


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
    opened: Callable[[], Opened], *, processes: int = 1
) -> Generator[int, None, ExactTerms]:
    """Integrate over the latent space for every image: yields how many are done, returns the terms.

    opened: gives what is to be measured; called once here and once in each process, to which it is
    pickled if there are several. Raises InputError for more than 2 latent dimensions.
    """
    begin = partial(_Integration, opened)
    # Neighbours are integrated together, since they look at the same cells.
    lots = list(_neighbourhoods(begin().means()))
    parts: list[tuple[FloatArray, int]] = []
    done = 0
    for rows, part in zip(lots, shared_out(begin, lots, processes), strict=True):
        parts.append(part)
        done += len(rows)
        yield done
    found = np.empty((5, done))
    found[:, np.concatenate(lots)] = np.concatenate([values for values, _ in parts], axis=1)
    reconstruction, kl, log_evidence, amortisation, approximation = found
    terms = PerImageTerms(reconstruction.astype(np.float32), kl.astype(np.float32))
    unconverged = sum(failed for _, failed in parts)
    return ExactTerms(terms, log_evidence, amortisation, approximation, unconverged)


class _Integration:
    """What one process integrates with."""

    def __init__(self, opened: Callable[[], Opened]) -> None:
        self._model, self._images, self._likelihood = opened()
        latent_dim = self._model.architecture.latent_dim
        self._grid = Grid(Decoder(self._model.decode, self._likelihood, latent_dim))

    def means(self) -> Float32Array:
        """mu of all images, (N, K)."""
        return finish(encode_cloud(self._model, self._images, self._likelihood, step=0)).mu

    def __call__(self, rows: IntArray) -> tuple[FloatArray, int]:
        """Of each of these images −E_q[log p(x|z)], KL, log p(x) and both gaps, (5, R); and how
        many did not converge."""
        x = self._images.evaluation_batch(torch.as_tensor(rows), self._likelihood)
        with torch.inference_mode():
            mu, logvar = (value.double().numpy() for value in self._model.encode(x))
        sigma = np.exp(0.5 * logvar)
        evidences = integrate(self._grid, x, mu, sigma, whole=False)
        found = np.empty((5, len(rows)))
        for row, evidence in enumerate(evidences):
            q = Gaussian.diagonal(mu[row], sigma[row])
            gap = split_gap(self._grid.decoder, x[row : row + 1], q, evidence)
            gaps = gap.amortisation, gap.approximation
            found[:, row] = -gap.elbo.log_likelihood, gap.elbo.kl, gap.log_evidence, *gaps
        return found, sum(not evidence.converged for evidence in evidences)


def _neighbourhoods(mu: Float32Array) -> Iterator[IntArray]:
    """The rows of mu (N, K) in lots of neighbours, halved along the longer side until small."""

    def halved(rows: IntArray) -> Iterator[IntArray]:
        if len(rows) <= _TOGETHER:
            yield rows
            return
        order = rows[np.argsort(mu[rows, np.ptp(mu[rows], axis=0).argmax()])]
        for half in np.array_split(order, 2):
            yield from halved(half)

    return halved(np.arange(len(mu)))
