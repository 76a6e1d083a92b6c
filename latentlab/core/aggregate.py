"""The aggregate posterior q(z) = (1/N) Σ q(z|x_n) over a plane, in a few figures, in nats.

Posteriors may be as wide as the prior, or a thousandth of it and a hundred apart, which no grid
resolves. So log q is evaluated at points, exactly but for components more than 5σ away: points of
the posteriors themselves for its divergence, points of the prior for its holes. The points are
evenly spread and always the same, so equal posteriors have equal figures.

NumPy does it all, in blocks that stay in the cache: 10,000 posteriors take a core 40 to 70 ms when
they are narrow, 100 ms when they overlap.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from latentlab.errors import InputError

HOLE_RATIO = 0.1
HOLE_RADIUS = 3.0
ACTIVE_VARIANCE = 0.01

# Standard deviations along an axis beyond which a component is left out: all of them together
# then lack 1e-6 of their mass.
_REACH = 5.0

# Points for each figure: at least, at most, and between these as many as have so many components
# within reach, all points together.
_POINTS = (1 << 11, 1 << 14)
_PAIRS = 15_000_000

# Points that are evaluated together, and components at once: so many that their matrix product,
# of less than 2^18 multiplications, is left to one core. OpenBLAS gives larger ones to all cores,
# and beside a process that trains its threads wait for each other: they took six times as long.
_TILE = 128
_BLOCK = 320

# No σ is taken as less than this share of the largest |mu|: float32 tells positions hardly better
# apart, and z²/σ² is then small enough for float64 to hold what its terms cancel to.
_FINEST = 1e-6
_TINY = 1e-38

# R2, a sequence of evenly spread points in the unit square (Roberts 2018): 1/g and 1/g² with
# g³ = g + 1.
_R2 = (0.7548776662466927, 0.5698402909980532)

Floats = npt.NDArray[np.float64]
Floating = npt.NDArray[np.floating]


@dataclass(frozen=True)
class AggregateFigures:
    """What the posteriors of `n` images amount to; all in nats but holes, units and sigma.

    mean_kl: of each q(z|x) to the prior. It is the sum of the next two, so that the ELBO has three
    parts: −reconstruction − mutual_information − kl_aggregate (Hoffman & Johnson 2016, eq. 4).
    kl_aggregate: KL(q(z) ‖ p(z)), 0 or more; it falls with n, so compare at equal n.
    mutual_information: between an image's index and its z, 0 to log n.
    kl_per_dimension: mean_kl of each latent dimension alone; they sum to it, or to less where the
    dimensions are correlated under a posterior.
    holes: of the prior's mass within 3σ, the share where q(z)/p(z) < 0.1, 0 to 1.
    active_units: latent dimensions with Var_x[mu] > 0.01 (Burda et al. 2015, section 5.2).
    mean_sigma: over images and dimensions.
    """

    n: int
    mean_kl: float
    kl_aggregate: float
    mutual_information: float
    kl_per_dimension: tuple[float, float]
    holes: float
    active_units: int
    mean_sigma: float


def check_posteriors(mu: Floating, logvar: Floating) -> None:
    """Raises InputError unless they are (N, 2), N at least 1, finite, and so are the variances."""
    if mu.ndim != 2 or mu.shape[1] != 2 or not len(mu) or mu.shape != logvar.shape:
        raise InputError(
            f"Posteriors must be means and log variances of shape (N, 2), not {mu.shape} "
            f"and {logvar.shape}."
        )
    with np.errstate(over="ignore"):
        variance = np.exp(logvar, dtype=np.float32)
    if not all(np.isfinite(array).all() for array in (mu, logvar, variance)):
        raise InputError("The posteriors have means or variances that are not finite.")


def aggregate_figures(
    mu: Floating, logvar: Floating, correlation: Floating | None = None
) -> AggregateFigures:
    """The figures of N posteriors N(mu, diag e^logvar) against N(0, I); mu, logvar (N, 2).

    correlation: (N,), within ±1, of the two dimensions; None where it is 0 for all.
    mean_kl is exact. The mutual information is an estimate, and kl_aggregate is mean_kl less it,
    both kept within their bounds: their standard error is at most 0.004, against a grid and more
    points, and nil where the posteriors are all apart or all alike. That of holes is 0.002.
    Raises InputError as `check_posteriors` does.
    """
    check_posteriors(mu, logvar)
    mean, log_variance = mu.astype(np.float64), logvar.astype(np.float64)
    finest = max(_FINEST * float(np.abs(mean).max()), _TINY)
    resolved = np.maximum(log_variance, 2 * math.log(finest))
    count = _affordable(mean, resolved)
    first, second = np.maximum(_kl_to_prior(mean, log_variance).mean(axis=0), 0.0).tolist()
    mean_kl = first + second
    tilt = None if correlation is None else correlation.astype(np.float64)
    if tilt is not None:
        mean_kl -= float(_log_rest(tilt).mean())
    information = _mutual_information(mean, resolved, count, tilt)
    information = max(0.0, min(information, mean_kl, math.log(len(mean))))
    return AggregateFigures(
        n=len(mean),
        mean_kl=mean_kl,
        kl_aggregate=mean_kl - information,
        mutual_information=information,
        kl_per_dimension=(first, second),
        holes=_holes(mean, resolved, count, tilt),
        active_units=int((mean.var(axis=0) > ACTIVE_VARIANCE).sum()),
        mean_sigma=float(np.exp(0.5 * log_variance).mean()),
    )


def _kl_to_prior(mu: Floats, logvar: Floats) -> Floats:
    """(N, 2); Kingma & Welling 2014, appendix B, as in `objective`, which needs torch."""
    result: Floats = 0.5 * (np.exp(logvar) + mu**2 - 1 - logvar)
    return result


def _log_rest(tilt: Floats) -> Floats:
    """½ log(1 − ρ²), by which a correlation makes a Gaussian's log volume less; (N,)."""
    result: Floats = 0.5 * np.log1p(-(tilt**2))
    return result


def _affordable(mu: Floats, logvar: Floats) -> int:
    """How many points to take: fewer where each is within reach of many components.

    Little is lost: posteriors that overlap so much make a smooth q.
    """
    some = mu[np.linspace(0, len(mu) - 1, 32).astype(np.intp), None]
    met = (np.abs(some - mu) <= _REACH * np.exp(0.5 * logvar)).all(axis=2).sum() / len(some)
    return int(np.clip(_PAIRS / met, *_POINTS))


def _mutual_information(mu: Floats, logvar: Floats, count: int, tilt: Floats | None) -> float:
    """E[log q(z|x_n) − log q(z)] over `count` points z ~ q(z|x_n), n evenly over all images.

    It has no variance where all posteriors are apart (each point's ratio is N) or all alike (1).
    Between these, log q(z|x_n) − log p(z) varies with it, and has a mean that is known: it is a
    control variate (Owen 2013, section 8.9). With a slope of 1 what is left is the mean of
    log q(z) − log p(z), which hardly varies where q is near the prior.
    """
    order = np.concatenate(_tiles(mu))  # neighbours get different points of the sequence
    image = order[np.arange(count) * len(mu) // count]
    eps = _normal_points(count)
    own = -0.5 * (eps**2 + logvar[image]).sum(axis=1) - math.log(2 * math.pi)
    known = _kl_to_prior(mu, logvar).sum(axis=1)
    if tilt is not None:
        own, known = own - _log_rest(tilt)[image], known - _log_rest(tilt)
        rest = np.exp(_log_rest(tilt))[image]  # eps, from here on, as far as it is standardised
        eps = np.stack([eps[:, 0], tilt[image] * eps[:, 0] + rest * eps[:, 1]], axis=1)
    z = mu[image] + np.exp(0.5 * logvar[image]) * eps
    excess = -_log_ratio(z, own, mu, logvar, tilt)
    control = own - _log_prior(z)
    error = control.mean() - known.mean()
    spread = control - control.mean()
    # Sums and not dot products, which OpenBLAS would give to all cores.
    variance = max(float((spread**2).sum()), _TINY)
    slope = float((spread * excess).sum()) / variance
    return float(excess.mean()) - slope * float(error)


def _holes(mu: Floats, logvar: Floats, count: int, tilt: Floats | None) -> float:
    """Prior mass within 3σ where q(z)/p(z) < 0.1, as a share of the prior's mass there."""
    z = _normal_points(count, within=HOLE_RADIUS)
    ratio = _log_ratio(z, _log_prior(z), mu, logvar, tilt)
    return float((ratio < math.log(HOLE_RATIO)).mean())


def _normal_points(count: int, within: float = math.inf) -> Floats:
    """(count, 2) points spread as N(0, I) is within that radius."""
    u, v = (0.5 + np.outer(_R2, np.arange(count))) % 1
    radius = np.sqrt(-2 * np.log1p(u * math.expm1(-0.5 * within**2)))
    points: Floats = radius * np.stack([np.cos(2 * np.pi * v), np.sin(2 * np.pi * v)])
    return points.T


def _log_prior(z: Floats) -> Floats:
    result: Floats = -0.5 * (z**2).sum(axis=1) - math.log(2 * math.pi)
    return result


def _log_ratio(
    z: Floats, reference: Floats, mu: Floats, logvar: Floats, tilt: Floats | None = None
) -> Floats:
    """log q(z) − reference at each of the points z (M, 2): (M,), −∞ where no component reaches.

    reference: (M,), near enough for their ratio to be a float32.
    """
    # log N(z; mu, σ) = −½ z²/σ² + z·mu/σ² − ½ mu²/σ² − log 2πσ₁σ₂ is a matrix product.
    precision = np.exp(-logvar)
    constant = -0.5 * (precision * mu**2 + logvar).sum(axis=1) - math.log(2 * math.pi)
    of_points = np.column_stack([z**2, z, np.ones(len(z)), -reference])
    of_components = np.vstack([-0.5 * precision.T, (precision * mu).T, constant, np.ones(len(mu))])
    if tilt is not None:
        of_points = np.column_stack([of_points, z[:, 0] * z[:, 1]])
        of_components = _tilted_components(mu, logvar, tilt)
    reach = _REACH * np.exp(0.5 * logvar)
    (left, bottom), (right, top) = (mu - reach).T.copy(), (mu + reach).T.copy()
    total = np.zeros(len(z))
    for tile in _tiles(z):
        (x0, y0), (x1, y1) = z[tile].min(axis=0), z[tile].max(axis=0)
        near = np.flatnonzero((left <= x1) & (right >= x0) & (bottom <= y1) & (top >= y0))
        points = of_points[tile]
        for start in range(0, len(near), _BLOCK):
            block = of_components[:, near[start : start + _BLOCK]]
            with np.errstate(over="ignore"):  # 0 and ∞ are as good
                exponent = (points @ block).astype(np.float32)
                total[tile] += np.exp(exponent, out=exponent).sum(axis=1)
    with np.errstate(divide="ignore"):
        ratio: Floats = np.log(total) - math.log(len(mu))
    return ratio


def _tilted_components(mu: Floats, logvar: Floats, tilt: Floats) -> Floats:
    """As those along axes, with the factor of z₁·z₂ besides: (7, N)."""
    apart = 1 / (1 - tilt**2)
    precision = np.exp(-logvar) * apart[:, None]
    mixed = -tilt * np.exp(-0.5 * logvar.sum(axis=1)) * apart
    linear = precision * mu + mixed[:, None] * mu[:, ::-1]
    constant = -0.5 * ((linear * mu).sum(axis=1) + logvar.sum(axis=1)) - _log_rest(tilt)
    found: Floats = np.vstack(
        [
            -0.5 * precision.T,
            linear.T,
            constant - math.log(2 * math.pi),
            np.ones(len(mu)),
            -mixed,
        ]
    )
    return found


def _tiles(z: Floats) -> list[npt.NDArray[np.intp]]:
    """Indices of the points (M, 2), nearby ones together, about `_TILE` in each array."""
    side = max(1, round(math.sqrt(len(z) / _TILE)))
    strips = np.array_split(np.argsort(z[:, 0], kind="stable"), side)
    sorted_strips = (strip[np.argsort(z[strip, 1], kind="stable")] for strip in strips)
    return [tile for strip in sorted_strips for tile in np.array_split(strip, side)]
