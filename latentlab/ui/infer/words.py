"""What is said of a true posterior, from its figures alone."""

from collections.abc import Sequence

from latentlab.app.infer_view import Account, Inferred, ModeView
from latentlab.core.section import Section
from latentlab.ui.infer.ledger import Ledger
from latentlab.ui.number_text import fixed, significant

_CLEAR = 0.05  # of the mass, that a mode worth a sentence has


def mode_words(own: str, modes: Sequence[ModeView], of: str = "p(z|x)") -> str:
    """Whether the image could have been something else; `of`: whose mass the modes share."""
    if not modes:
        return ""
    place = other_mode(own, modes)
    if place is None and any(mode.neighbours for mode in modes):
        where = "" if of == "p(z|x)" else f" on {of}"
        return f"All{where} that explains this {own} well lies among images of its class."
    if place is None:
        return ""
    other = modes[place]
    name = other.neighbours
    could = f"This {own} could have been {_article(name)} {name}"
    if other.share is None:
        return f"{could}."
    return f"{could}: {100 * other.share:.0f} % of {of} lies where the encoder puts those."


def drawn_words(modes: Sequence[ModeView], of: str = "p(z|x)") -> str:
    """What a drawing could be; `of`: whose mass the modes share."""
    shares: dict[str, float] = {}
    for mode in modes:
        if mode.neighbours and (mode.share is None or mode.share >= _CLEAR):
            shares[mode.neighbours] = shares.get(mode.neighbours, 0.0) + (mode.share or 0.0)
    if not shares:
        return ""
    known = modes[0].share is not None
    names = sorted(shares, key=lambda name: -shares[name])
    could = [f"{_article(name)} {name}" for name in names]
    parts = [f"{100 * shares[name]:.0f} %" if known else "" for name in names]
    if len(names) == 1:
        held = f": {parts[0]} of {of} lies where the encoder puts those" if known else ""
        return f"Your drawing looks like {could[0]}{held}."
    if known:
        parts[0] += f" of {of}"
        could = [f"{one} ({part})" for one, part in zip(could, parts, strict=True)]
    return f"Your drawing could be {', '.join(could[:-1])} or {could[-1]}."


def other_mode(own: str, modes: Sequence[ModeView]) -> int | None:
    """Which mode lies among images of a class other than `own`, the heaviest of them, if any."""
    heavy = [
        place
        for place, mode in enumerate(modes)
        if mode.neighbours not in ("", own) and (mode.share is None or mode.share >= _CLEAR)
    ]
    # Where the shares are not known, the highest, which is the first.
    return max(heavy, key=lambda place: modes[place].share or 0.0, default=None)


def why_off(section: Section) -> str:
    """Why there is no true posterior where K > 2, and what there is instead."""
    first, second = section.names
    return (
        f"In {section.latent_dim} latent dimensions there are too many cells to sum over, so "
        "log p(x) and its account are off: bounds by sampling take their place. The plane is a "
        f"slice through μ: p({first}, {second} | x, the other coordinates at μ), which is exact."
    )


def quality(inferred: Inferred) -> str:
    """Whether it is a preview or exact."""
    where = "slice, " if inferred.section.part else ""
    if not inferred.exact:
        return f"{where}preview"
    return f"{where}not converged" if inferred.problem else f"{where}exact"


def quality_tip(inferred: Inferred) -> str:
    """What that means."""
    if not inferred.exact:
        return (
            "Summed over a coarse grid that is decoded once for each version of the weights, of "
            "which 8 cells are halved, and 8 of those again; narrow peaks may fall between them. "
            "log p(x) is given with about what it may be off by, which is what the last halving "
            "changed, and 0.1 nats at least. While it trains, it is of what is in view alone. The "
            "ELBO is by 6 × 6 nodes in place of 20 × 20"
        )
    if inferred.problem:
        return f"{_sum(inferred)} could not be integrated to 0.001 nats: {inferred.problem}"
    return (
        f"Cells are halved where the mass is until {_sum(inferred)} moves by less than 0.001 nats: "
        f"{inferred.seconds:.2f} s"
    )


def full_words(shown: Ledger) -> str:
    """What the best Gaussian of any covariance leaves of the approximation gap."""
    if shown.full is None or shown.approximation is None:
        return ""
    less = fixed(shown.approximation - shown.full)
    return f"With any covariance: KL {fixed(shown.full)}, {less} less than diagonal"


def _sum(inferred: Inferred) -> str:
    """What the cells add up to."""
    return "the slice's log p(x | other coordinates)" if inferred.section.part else "log p(x)"


def check_words(account: Account) -> tuple[str, bool]:
    """Both sides of log p(x) = ELBO + KL(q‖p(z|x)), and whether they agree."""
    if account.kl_to_posterior is None or account.residual is None:
        before = _preview_words(account) if account.best_elbo is None else ""
        return f"{before}Check: follows with the exact value", True
    left = fixed(account.log_evidence, 4)
    right = fixed(account.elbo + account.kl_to_posterior, 4)
    residual = significant(account.residual, 2)
    verdict = "✓" if account.holds else "✗ they differ"
    return (
        f"Check: log p(x) {left}, ELBO + KL(q‖p(z|x)) {right}, residual {residual} {verdict}",
        account.holds,
    )


def _preview_words(account: Account) -> str:
    if account.error is None:
        return "log p(x) is of what is in view alone. "
    return f"log p(x) is off by up to about {fixed(account.error, 1)} nats. "


def _article(name: str) -> str:
    return "an" if name[:1].lower() in "aeiou8" else "a"
