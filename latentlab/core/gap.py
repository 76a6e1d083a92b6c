"""Every nat between the ELBO and log p(x), of one image."""

from dataclasses import dataclass

from torch import Tensor

from latentlab.core.best_gaussian import best_gaussian
from latentlab.core.evidence import Evidence
from latentlab.core.exponential import Decoder
from latentlab.core.gaussian import Elbo, elbo, kl_to_posterior
from latentlab.core.normal import Gaussian
from latentlab.core.true_posterior import TruePosterior

# Of its two sides each has an error of its own; their difference is to stay within this, in nats.
RESIDUAL = 2e-3


@dataclass(frozen=True)
class GapSplit:
    """log p(x) − ELBO in two parts, nats (Cremer et al. 2018, section 3).

    best: the diagonal Gaussian of the highest ELBO that was found, `best_elbo`.
    """

    log_evidence: float
    elbo: Elbo
    best: Gaussian
    best_elbo: Elbo

    @property
    def approximation(self) -> float:
        """log p(x) less the best Gaussian's ELBO: what no encoder can mend."""
        return self.log_evidence - self.best_elbo.value

    @property
    def amortisation(self) -> float:
        """What the best Gaussian's ELBO is above the encoder's; 0 or more."""
        return self.best_elbo.value - self.elbo.value


@dataclass(frozen=True)
class Identity:
    """log p(x) = ELBO + KL(q(z|x) ‖ p(z|x)), with three quadratures of their own; in nats."""

    log_evidence: float
    elbo: float
    kl_to_posterior: float

    @property
    def residual(self) -> float:
        """The left side less the right one."""
        return self.log_evidence - (self.elbo + self.kl_to_posterior)

    @property
    def holds(self) -> bool:
        """Whether both sides agree within `RESIDUAL`."""
        return abs(self.residual) < RESIDUAL


def split_gap(decoder: Decoder, x: Tensor, q: Gaussian, evidence: Evidence) -> GapSplit:
    """The gap of x (1, D) with q as its q(z|x). The best Gaussian is looked for from q and from
    each mode of the posterior."""
    of_q = elbo(decoder, x, q)
    best, value = _best(decoder, x, q, evidence, full=False)
    if value.value < of_q.value:
        best, value = q, of_q
    return GapSplit(evidence.log_evidence, of_q, best, value)


def best_full(
    decoder: Decoder, x: Tensor, split: GapSplit, evidence: Evidence
) -> tuple[Gaussian, Elbo]:
    """The best Gaussian of any covariance, and its ELBO; no worse than the best diagonal one."""
    best, value = _best(decoder, x, split.best, evidence, full=True)
    return (best, value) if value.value >= split.best_elbo.value else (split.best, split.best_elbo)


def check_identity(decoder: Decoder, x: Tensor, q: Gaussian, evidence: Evidence) -> Identity:
    """Both sides of the identity for x (1, D) with q as its q(z|x)."""
    divergence = kl_to_posterior(decoder, x, q, evidence)
    return Identity(evidence.log_evidence, elbo(decoder, x, q).value, divergence)


def _best(
    decoder: Decoder, x: Tensor, q: Gaussian, evidence: Evidence, *, full: bool
) -> tuple[Gaussian, Elbo]:
    modes = TruePosterior(evidence).modes
    starts = [q, *(Gaussian.diagonal(mode.z, mode.sigma) for mode in modes)]
    best = best_gaussian(evidence, starts, full=full)
    return best, elbo(decoder, x, best)
