"""What is said of a network, from its figures alone."""

import math
from dataclasses import dataclass

from latentlab.core.regime import Regime
from latentlab.training.messages import Figures
from latentlab.ui.number_text import fixed, significant

# Nats: less than this is nothing, and more than that is far.
_NOTHING, _FAR = 0.1, 1.5
# Latent units, where the prior's σ is 1.
_NARROW = 0.05
# Steps: of weights that are hardly trained nothing can be said to have collapsed.
_EARLY = 100
# Of a pixel's range: images that differ by less look alike.
_ALIKE = 0.02


@dataclass(frozen=True, slots=True)
class Reading:
    """One figure, as a panel shows it."""

    name: str
    value: str
    tip: str


def objective(regime: Regime) -> str:
    """What is minimised, and how z comes of μ and σ where that is not as usual."""
    if regime.noise == 1:
        return regime.weights.formula
    z = "μ" if regime.noise == 0 else f"μ + {regime.noise:.3g}·σ·ε"
    return f"{regime.weights.formula}, z = {z}"


def readings(figures: Figures | None) -> list[Reading]:
    """Every figure with its name and what it is; dashes while there are none."""
    f = figures
    n = f"N = {f.count:,}" if f else "N"
    test = f is not None and f.split == "test"
    images = "test images" if test else "training images"
    reconstruction = f.reconstruction if f else None
    most = f"at most log N = {math.log(f.count):.2f}" if f else "at most log N"
    rows = (
        (
            "reconstruction",
            reconstruction is not None and fixed(reconstruction),
            f"−E_q[log p(x|z)], nats per image, mean over {n} {images}. Not kept of the past",
        ),
        ("KL", f and fixed(f.kl), f"KL(q(z|x)‖p(z)), nats per image, mean over {n} {images}"),
        (
            "mean σ",
            f and significant(f.mean_sigma),
            f"The posteriors' σ in latent units, mean over {n} images and both axes. "
            "0 for a plain autoencoder, whose codes are points",
        ),
        (
            "KL(q(z)‖p(z))",
            f and fixed(f.kl_aggregate),
            "How far the aggregate posterior q(z) = (1/N) Σₙ q(z|xₙ) is from the prior, in nats, "
            f"{n}. It falls with N: compare at equal N",
        ),
        (
            "I(x; z)",
            f and fixed(f.mutual_information),
            f"Mutual information of image and z, in nats: KL less KL(q(z)‖p(z)), {n}, {most}. "
            "What z tells of which image it came from (Hoffman & Johnson 2016)",
        ),
        (
            "holes",
            f and f"{100 * f.holes:.0f} %",
            "Of the prior's mass within 3σ, the share where q(z) is less than a tenth of p(z): "
            f"there a sample of the prior meets no image, {n}",
        ),
        (
            "active units",
            f and f"{f.active_units} of 2",
            f"Latent dimensions whose mean μ varies over images by more than 0.01 (variance), {n} "
            "(Burda et al. 2016)",
        ),
        (
            "N",
            f and f"{f.count:,}{' test' if test else ''}",
            f"The {images} that every figure here is computed from",
        ),
    )
    return [Reading(name, value or "–", tip) for name, value, tip in rows]


def seen(figures: Figures | None) -> str:
    """What the figures show, in a sentence."""
    if figures is None:
        return "Its figures are being computed."
    if figures.kl < _NOTHING and figures.mutual_information < _NOTHING:
        return _collapsed(figures) if figures.step >= _EARLY else _hardly_trained(figures)
    if math.isinf(figures.kl) or figures.kl_aggregate > _FAR:
        return _apart(figures)
    away, known = fixed(figures.kl_aggregate, 1), fixed(figures.mutual_information, 1)
    if figures.mutual_information > 1:
        return (
            f"Near the prior ({away} nats) and informative: z still tells {known} nats about x, "
            "and the prior can be sampled."
        )
    return f"Near the prior ({away} nats), but z tells only {known} nats about x."


def _hardly_trained(f: Figures) -> str:
    when = f"it is only at step {f.step:,}" if f.step else "no step has been taken yet"
    return f"The posteriors lie on the prior, and z knows nothing of x: {when}."


def _collapsed(f: Figures) -> str:
    if f.decoded_spread is None:
        return "Collapsed onto the prior, knowing nothing of x."
    if f.decoded_spread < _ALIKE:
        return (
            "Collapsed onto the prior, knowing nothing of x: every z decodes to the same image, "
            "the mean of all."
        )
    return (
        "Collapsed onto the prior, which it matches perfectly, knowing nothing of x. "
        "Matching the prior alone is not enough."
    )


def _apart(f: Figures) -> str:
    holes = f"{100 * f.holes:.0f} % of the prior"
    if math.isinf(f.kl) and not f.step:
        return "Codes are points, where the first weights put them: no step has been taken yet."
    if math.isinf(f.kl):
        return (
            "Codes are points, with nothing between them that the decoder has ever seen: "
            f"{holes} is holes."
        )
    away = f"{fixed(f.kl_aggregate, 1)} nats from the prior"
    if f.mean_sigma < _NARROW:
        return (
            f"σ narrows (mean {significant(f.mean_sigma, 2)}) and the cloud drifts, {away}: "
            f"{holes} is holes, so its samples are no images."
        )
    return f"It tells images apart, but q(z) is {away}: {holes} is holes, where samples are bad."
