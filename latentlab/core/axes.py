"""What each latent axis is used for, from the posteriors of many images."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from latentlab.core.aggregate import ACTIVE_VARIANCE

Floating = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class AxisFigures:
    """Of each of the K axes, (K,).

    kl: mean over images of KL(q(z_k|x) ‖ N(0, 1)), nats. active: whether Var_x[mu_k] > 0.01 (Burda
    et al. 2015, section 5.2); an axis that is not has collapsed onto the prior. mean, sigma: of the
    aggregate posterior q(z_k), a mixture of normals, in latent units.
    """

    kl: tuple[float, ...]
    active: tuple[bool, ...]
    mean: tuple[float, ...]
    sigma: tuple[float, ...]

    @property
    def order(self) -> tuple[int, ...]:
        """The axes by their KL, the largest first; of equal ones the first first."""
        return tuple(sorted(range(len(self.kl)), key=lambda axis: -self.kl[axis]))


def axis_figures(mu: Floating, logvar: Floating) -> AxisFigures | None:
    """Of the posteriors N(mu, diag e^logvar), (N, K); None where none is finite."""
    finite = np.isfinite(mu).all(axis=1) & np.isfinite(logvar).all(axis=1)
    if not finite.any():
        return None
    means, logs = mu[finite].astype(np.float64), logvar[finite].astype(np.float64)
    with np.errstate(over="ignore"):
        variance = np.exp(logs)
        kl = 0.5 * (variance + means**2 - 1 - logs).mean(axis=0)
        spread = means.var(axis=0)
        sigma = np.sqrt(spread + variance.mean(axis=0))
    return AxisFigures(
        tuple(np.maximum(kl, 0.0).tolist()),
        tuple((spread > ACTIVE_VARIANCE).tolist()),
        tuple(means.mean(axis=0).tolist()),
        tuple(sigma.tolist()),
    )
