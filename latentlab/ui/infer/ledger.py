"""The account of log p(x) as it is printed: every piece rounded so that they add up as shown."""

from dataclasses import dataclass

from latentlab.app.infer_view import Account

_CENTS = 100
_EXACT = 0.001  # nats, of an exact account


@dataclass(frozen=True, slots=True)
class Ledger:
    """Pieces in nats, of two decimals each, whose sums are right to the last digit shown.

    amortisation, approximation: None in a preview, which knows only the `gap` that both are. full:
    what the best Gaussian of any covariance leaves of the approximation gap.
    """

    log_likelihood: float
    minus_kl: float
    elbo: float
    gap: float
    amortisation: float | None
    approximation: float | None
    full: float | None
    log_evidence: float


def ledger(account: Account) -> Ledger:
    """Round an account: what rounding leaves over goes to the larger parts."""
    likelihood, kl = _cents(account.log_likelihood), _cents(account.kl)
    evidence = _cents(account.log_evidence)
    elbo = likelihood - kl
    if account.log_evidence - account.log_likelihood + account.kl > -_EXACT:
        evidence = max(evidence, elbo)  # a gap that is none must not be printed as −0.01
    gap = evidence - elbo
    amortisation = approximation = full = None
    if account.best_elbo is not None:
        # A gap is never negative; rounding may make it so.
        rest = max(_cents(account.log_evidence - account.best_elbo), 0)
        approximation = min(rest, max(gap, 0)) / _CENTS
        amortisation = (gap - min(rest, max(gap, 0))) / _CENTS
        if account.full_elbo is not None:
            left = max(_cents(account.log_evidence - account.full_elbo), 0) / _CENTS
            full = min(left, approximation)
    return Ledger(
        likelihood / _CENTS,
        -kl / _CENTS,
        elbo / _CENTS,
        gap / _CENTS,
        amortisation,
        approximation,
        full,
        evidence / _CENTS,
    )


def _cents(nats: float) -> int:
    return round(nats * _CENTS)
