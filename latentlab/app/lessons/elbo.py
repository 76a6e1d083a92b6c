"""The derivation of the ELBO in numbers: each term of it for one image, in a way of its own."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from latentlab.app.infer_view import Field, Normal
from latentlab.app.lessons.exact import Exact, exact
from latentlab.app.pictures import Picture
from latentlab.core.cells import log_prior
from latentlab.core.gaussian import POINTS, elbo, kl_to_posterior
from latentlab.core.objective import gauss_hermite

if TYPE_CHECKING:
    from latentlab.app.lesson_model import LessonModel


@dataclass(frozen=True, eq=False)
class Terms:
    """Of one image, all in nats, and what it looks like.

    log_evidence: log p(x), by cells. to_posterior: KL(q ‖ p(z|x)), on a lattice around q, with a
    normalising constant of its own. in_one: E_q[log q(z|x) − log p(x|z) − log p(z)] by
    Gauss–Hermite quadrature of the whole, without log p(x). log_q, log_prior: E_q[log q(z|x)] and
    E_q[log p(z)], closed forms. log_likelihood: E_q[log p(x|z)] by Gauss–Hermite quadrature.
    to_prior: KL(q ‖ p(z)), a closed form. problem: empty, or why log p(x) is not sure.

    image, decoded: x and x̂ at q's mean. log_density: log p(z|x) on a lattice.
    """

    index: int
    class_name: str
    image: Picture
    decoded: Picture
    q: Normal
    log_density: Field
    log_evidence: float
    to_posterior: float
    in_one: float
    log_q: float
    log_likelihood: float
    log_prior: float
    to_prior: float
    problem: str

    @property
    def elbo(self) -> float:
        """E_q[log p(x|z)] − KL(q ‖ p(z))."""
        return self.log_likelihood - self.to_prior

    @property
    def residual(self) -> float:
        """log p(x) less (ELBO + KL(q ‖ p(z|x))): what the three quadratures disagree by."""
        return self.log_evidence - (self.elbo + self.to_posterior)

    @property
    def loss(self) -> float:
        """What is minimised: −ELBO."""
        return -self.elbo


@dataclass(frozen=True)
class TermsQuestion:
    """The terms of the image `step` after the selected one."""

    step: int

    def answer(self, model: "LessonModel") -> Terms:
        """Raises InputError unless the model has 2 latent dimensions."""
        return terms_of(exact(model, self.step))


def terms_of(one: Exact) -> Terms:
    """All of it."""
    q, evidence, decoder = one.q, one.evidence, one.decoder
    bound = elbo(decoder, one.x, q)
    return Terms(
        one.index,
        one.class_name,
        one.image,
        one.decoded,
        one.normal,
        one.log_posterior(),
        evidence.log_evidence,
        kl_to_posterior(decoder, one.x, q, evidence),
        _in_one(one),
        -0.5 * float(np.log(2 * math.pi * math.e * q.sigma**2).sum()),
        bound.log_likelihood,
        -0.5 * float((math.log(2 * math.pi) + q.mean**2 + q.sigma**2).sum()),
        bound.kl,
        evidence.problem,
    )


def _in_one(one: Exact) -> float:
    q = one.q
    # Other nodes than those of the ELBO, so that the two are not one sum written twice.
    eps, weights = gauss_hermite(POINTS + 4, len(q.mean), torch.float64)
    z = q.mean + eps.numpy() * q.sigma
    joint = one.decoder.log_likelihood(one.x, z)[0] + log_prior(z)
    return float(weights.numpy() @ (q.log_density(z) - joint))
